"""Follow the money: which later movements a sum went on with, or which earlier ones it came from, by a named rule.

What an account pays out is funded by what it received before, and by what nobody saw come in. The rule says how:
*fifo* spends the oldest money first, *pro_rata* (the haircut) spends all the money held in equal shares, *poison* takes
everything that an account pays out after the sum arrived. Funding is worked out per account from its own movements, so
a trace reads no more accounts than it reaches. Amounts are integer cents and, but for poison, add up exactly: what is
traced ends at exits.

Sources: Möser, Böhme, Breuker, "Towards risk scoring of Bitcoin transactions" (2014) for poison and haircut; *Re
Hallett's Estate* / *Clayton's Case* (1816) for first in, first out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from heapq import heappop, heappush

from graph.events import tie_of


class Rule(StrEnum):
    """How money paid out is attributed to money received."""

    FIFO = "fifo"
    PRO_RATA = "pro_rata"
    POISON = "poison"


class Way(StrEnum):
    """Along the money or against it."""

    FORWARD = "forward"
    BACK = "back"


class ExitKind(StrEnum):
    """Why a trace goes no further."""

    RETURNED = "returned"  # back at the account that the trace is about
    KEPT = "kept"  # still in the account at the end of the range
    UNSEEN = "unseen"  # back: the account had it from before, nobody saw it come
    HUB = "hub"  # the account moves too much money to say whose is whose
    CASH = "cash"  # taken out of the payment system
    HOPS = "hops"  # the limit of hops was reached
    BUDGET = "budget"  # the limit of movements was reached


@dataclass(frozen=True, slots=True)
class Move:
    """A movement of money. `cash` when it leaves the payment system."""

    event_id: str
    ts: int
    source: str
    target: str
    cents: int
    cash: bool = False

    @property
    def key(self) -> tuple[int, int]:
        """Canonical order."""
        return self.ts, tie_of(self.event_id)


@dataclass(frozen=True, slots=True)
class FlowStep:
    """A movement that carried `traced_cents` of the sum, `hop` movements from where the trace began (0)."""

    move: Move
    traced_cents: int
    hop: int
    via: tuple[str, ...]  # event ids of the movements before it on the trace, largest share first


@dataclass(frozen=True, slots=True)
class FlowExit:
    """Where part of the sum leaves the trace."""

    account: str
    kind: ExitKind
    cents: int


@dataclass(frozen=True, slots=True)
class FlowTrace:
    """A trace: movements in the order of hops and time, exits by falling amount, and the budgets that cut it."""

    rule: Rule
    way: Way
    seed_cents: int
    steps: tuple[FlowStep, ...]
    exits: tuple[FlowExit, ...]
    truncated: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FlowBudget:
    """Limits: hops from the start, movements in the answer, and movements of an account above which it is a hub."""

    hops: int = 6
    movements: int = 2_000
    hub: int = 500


#: Funding of one account: for each movement out of it, the movements into it that paid for it and how many cents.
Funding = dict[str, list[tuple[Move, int]]]


def funding_of(account: str, moves: Sequence[Move], rule: Rule) -> Funding:
    """Which of `moves` into `account` paid for which out of it. What is not funded was there before.

    Poison funds every payment out with every receipt before it, each with the whole amount.
    """
    found: Funding = {}
    held: deque[list[int]] = deque()  # [index of the receipt, cents left]
    receipts: list[Move] = []
    for move in sorted(moves, key=lambda one: one.key):
        if move.source == move.target:
            continue
        if move.target == account:
            held.append([len(receipts), move.cents])
            receipts.append(move)
            continue
        if rule is Rule.POISON:
            found[move.event_id] = [(receipt, move.cents) for receipt in receipts]
        elif rule is Rule.FIFO:
            found[move.event_id] = [(receipts[index], cents) for index, cents in _oldest(held, move.cents)]
        else:
            found[move.event_id] = [(receipts[index], cents) for index, cents in _shares(held, move.cents)]
    return found


def _oldest(held: deque[list[int]], cents: int) -> list[tuple[int, int]]:
    taken = []
    while cents and held:
        part = min(cents, held[0][1])
        if part:
            taken.append((held[0][0], part))
        cents -= part
        held[0][1] -= part
        if not held[0][1]:
            held.popleft()
    return taken


def _shares(held: deque[list[int]], cents: int) -> list[tuple[int, int]]:
    """Equal shares of all that is held, in whole cents that add up (each cut falls where the running sum rounds)."""
    total = sum(left for _, left in held)
    spent = min(cents, total)
    taken, so_far, given = [], 0, 0
    for parcel in held:
        so_far += parcel[1]
        part = spent * so_far // total - given if total else 0
        given += part
        if part:
            taken.append((parcel[0], part))
            parcel[1] -= part
    while held and not held[0][1]:
        held.popleft()
    return taken


class _Trace:
    """The work of one trace; amounts flow from earlier movements to later ones, or back."""

    def __init__(
        self,
        moves_of: Callable[[str], Sequence[Move]],
        *,
        rule: Rule,
        way: Way,
        budget: FlowBudget,
        home: str | None,
    ) -> None:
        self._moves_of, self._rule, self._way, self._budget, self._home = moves_of, rule, way, budget, home
        self._funding: dict[str, tuple[Funding, dict[str, list[tuple[Move, int]]]] | None] = {}
        self._exits: dict[tuple[str, ExitKind], int] = {}
        self._cut: set[str] = set()

    def run(self, seeds: Sequence[tuple[Move, int]]) -> FlowTrace:
        forward = self._way is Way.FORWARD
        waiting: list[tuple[tuple[int, int], str]] = []
        traced: dict[str, int] = {}
        moves: dict[str, Move] = {}
        hops: dict[str, int] = {}
        via: dict[str, dict[str, int]] = {}

        def reach(move: Move, cents: int, hop: int, origin: str | None) -> None:
            if move.event_id not in traced:
                key = move.key
                heappush(waiting, (key if forward else (-key[0], -key[1]), move.event_id))
                traced[move.event_id], moves[move.event_id], hops[move.event_id] = 0, move, hop
                via[move.event_id] = {}
            if self._rule is Rule.POISON:
                traced[move.event_id] = move.cents
            else:
                traced[move.event_id] += cents
            hops[move.event_id] = min(hops[move.event_id], hop)
            if origin is not None:
                via[move.event_id][origin] = via[move.event_id].get(origin, 0) + cents

        for move, cents in seeds:
            reach(move, cents, 0, None)
        steps: list[FlowStep] = []
        while waiting:
            _, event_id = heappop(waiting)
            move, cents, hop = moves[event_id], traced[event_id], hops[event_id]
            ways = sorted(via[event_id], key=lambda origin: (-via[event_id][origin], origin))
            steps.append(FlowStep(move, cents, hop, tuple(ways)))
            end = move.target if forward else move.source
            stop = self._stop(move, hop, len(steps) + len(waiting))
            if stop is not None:
                self._leave(end, stop, cents)
                continue
            rest = cents
            for other, part in self._next(end, move, cents):
                rest -= part if self._rule is not Rule.POISON else 0
                reach(other, part, hop + 1, event_id)
            if self._rule is Rule.POISON:
                rest = 0 if self._next(end, move, cents) else cents
            if rest:
                self._leave(end, ExitKind.KEPT if forward else ExitKind.UNSEEN, rest)
        steps.sort(key=lambda step: (step.hop, step.move.key))
        exits = [FlowExit(account, kind, cents) for (account, kind), cents in self._exits.items()]
        exits.sort(key=lambda one: (-one.cents, one.account, one.kind))
        total = sum(cents for _, cents in seeds)
        return FlowTrace(self._rule, self._way, total, tuple(steps), tuple(exits), tuple(sorted(self._cut)))

    def _stop(self, move: Move, hop: int, reached: int) -> ExitKind | None:
        """Why the trace does not go beyond `move`, if so."""
        if self._way is Way.FORWARD and move.cash:
            return ExitKind.CASH
        end = move.target if self._way is Way.FORWARD else move.source
        if end == self._home:
            return ExitKind.RETURNED
        if self._known(end) is None:
            return ExitKind.HUB
        if hop >= self._budget.hops:
            if not self._next(end, move, move.cents):
                return None  # nothing lies beyond: it is where the money stays
            self._cut.add("max_hops")
            return ExitKind.HOPS
        if reached >= self._budget.movements:
            self._cut.add("max_movements")
            return ExitKind.BUDGET
        return None

    def _leave(self, account: str, kind: ExitKind, cents: int) -> None:
        self._exits[account, kind] = self._exits.get((account, kind), 0) + cents

    def _known(self, account: str) -> tuple[Funding, dict[str, list[tuple[Move, int]]]] | None:
        """(payments by what funded them, receipts by what they funded) of an account; None for a hub."""
        if account not in self._funding:
            moves = self._moves_of(account)
            if len(moves) > self._budget.hub:
                self._funding[account] = None
            else:
                funding = funding_of(account, moves, self._rule)
                by_id = {move.event_id: move for move in moves}
                spent: dict[str, list[tuple[Move, int]]] = {}
                for paid, parts in funding.items():
                    for receipt, cents in parts:
                        spent.setdefault(receipt.event_id, []).append((by_id[paid], cents))
                self._funding[account] = (funding, spent)
        return self._funding[account]

    def _next(self, account: str, move: Move, cents: int) -> list[tuple[Move, int]]:
        """Movements beyond `move` with the part of `cents` that each carries. Within a movement cents are alike."""
        known = self._known(account)
        assert known is not None
        parts = known[1 if self._way is Way.FORWARD else 0].get(move.event_id, [])
        if self._rule is Rule.POISON:
            return parts if self._way is Way.FORWARD else [(receipt, receipt.cents) for receipt, _ in parts]
        found, so_far, given = [], 0, 0
        for other, part in parts:
            so_far += part
            share = cents * so_far // move.cents - given
            given += share
            if share:
                found.append((other, share))
        return found


def trace_money(
    seeds: Sequence[tuple[Move, int]],
    moves_of: Callable[[str], Sequence[Move]],
    *,
    rule: Rule = Rule.FIFO,
    way: Way = Way.FORWARD,
    budget: FlowBudget | None = None,
    home: str | None = None,
) -> FlowTrace:
    """Follow `seeds` (movements, and how many cents of each are asked about) through `moves_of` (all movements of an
    account in the range; may stop above `budget.hub`). What comes back to `home`, the account whose movements the
    seeds are, is not followed again."""
    return _Trace(moves_of, rule=rule, way=way, budget=budget or FlowBudget(), home=home).run(seeds)
