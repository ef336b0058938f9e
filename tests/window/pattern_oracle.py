"""Cycles, scatter-gathers, bipartites and stacks found the plain way: whole lists, sets and fractions, no budgets."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from graph.events import Event, Movement, MovementKind
from graph.window.hits import HIT_BIPARTITE, HIT_STACK
from graph.window.kernels import DAY
from tests.window.oracle import _services as services_at
from tests.window.oracle import key

KEPT, GAINED = 0.15, 0.02
CYCLE_DAYS, SHAPE_DAYS = 10, 3
MAX_HOPS = 8
MIN_PARALLEL = 4
MIN_SIDE = 3
Link = tuple[str, str]


def transfers_before(events: Sequence[Event], tx: Movement, *, days: int) -> list[Movement]:
    """Transfers in the `days` before `tx`, newest first."""
    past = [
        event
        for event in events
        if isinstance(event, Movement)
        and event.kind not in (MovementKind.BET, MovementKind.LINK)
        and key(event) < key(tx)
        and tx.ts - event.ts <= days * DAY
    ]
    return sorted(past, key=key, reverse=True)


def completes_nothing(events: Sequence[Event], tx: Movement) -> bool:
    """Whether `tx` is no money between two accounts that are no services."""
    ends = {tx.source, tx.target}
    unpaid = tx.kind in (MovementKind.BET, MovementKind.LINK) or not tx.amount_cents
    return unpaid or len(ends) == 1 or bool(ends & services_at(events, tx.ts))


def leads_on(older: Movement, newer: Movement) -> bool:
    return older.amount_cents * (1.0 - KEPT) <= newer.amount_cents <= older.amount_cents * (1.0 + GAINED)


def cycles(events: Sequence[Event], tx: Movement) -> set[tuple[str, ...]]:
    """The accounts of every cycle that `tx` closes, in the order in which they pay, its target first."""
    if completes_nothing(events, tx):
        return set()
    services = services_at(events, tx.ts)
    past = transfers_before(events, tx, days=CYCLE_DAYS)
    found: set[tuple[str, ...]] = set()

    def follow(path: list[Movement]) -> None:
        last = path[-1]
        if last.target == tx.source:
            if len(path) > 1 and leads_on(last, tx):
                found.add((*(move.source for move in path), tx.source))
            return
        if len(path) == MAX_HOPS - 1:
            return
        seen = {move.source for move in path} | {last.target}
        for move in past:
            if (
                move.source == last.target
                and key(last) < key(move)
                and leads_on(last, move)
                and move.target not in seen | services
            ):
                follow([*path, move])

    for move in past:
        if move.source == tx.target and move.target not in services | {tx.target}:
            follow([move])
    return found


def scatter_gather(events: Sequence[Event], tx: Movement) -> set[str] | None:
    """Ids of the movements of the scatter-gather that `tx` completes, or None."""
    if completes_nothing(events, tx):
        return None
    services = services_at(events, tx.ts)
    past = transfers_before(events, tx, days=SHAPE_DAYS)
    gather: dict[str, Movement] = {tx.source: tx}
    for move in past:
        if move.target == tx.target and move.source not in services | {tx.target}:
            gather.setdefault(move.source, move)
    reached: dict[str, dict[str, Movement]] = {}  # by origin: newest payment to each intermediary
    order: list[str] = []
    for middle, passed in gather.items():
        for move in past:
            if (
                move.target == middle
                and key(move) < key(passed)
                and move.source not in services | {tx.target, middle}
                and 0.5 * move.amount_cents <= passed.amount_cents
                and passed.amount_cents * 100 <= move.amount_cents * 102
            ):
                if middle == tx.source and move.source not in order:
                    order.append(move.source)
                reached.setdefault(move.source, {}).setdefault(middle, move)
    best = max(order, key=lambda origin: (len(reached[origin]), -order.index(origin)), default=None)
    if best is None or len(reached[best]) < MIN_PARALLEL:
        return None
    return {move.event_id for middle, move in reached[best].items() for move in (move, gather[middle])}


def layers(events: Sequence[Event], tx: Movement) -> tuple[int, set[Link]] | None:
    """The bipartite or stack that `tx` completes: its kind and who pays whom in it; or None."""
    if completes_nothing(events, tx):
        return None
    services = services_at(events, tx.ts)
    past = [move for move in transfers_before(events, tx, days=SHAPE_DAYS) if move.source != move.target]
    if any((move.source, move.target) == (tx.source, tx.target) for move in past):
        return None
    payees = {m.target for m in past if m.source == tx.source} - services - {tx.target}
    payers = {m.source for m in past if m.target == tx.target} - services - {tx.source}
    moves = [*past, tx]
    links = {(m.source, m.target) for m in moves}
    groups = dense(links, payers - payees, payees - payers, tx)
    if groups is None:
        return None
    left, right = groups
    inside = sum(m.amount_cents for m in moves if m.source in left and m.target in right)
    sent = sum(m.amount_cents for m in moves if m.source in left)
    received = sum(m.amount_cents for m in moves if m.target in right)
    if 2 * inside < sent or 2 * inside < received:
        return None
    below = {(a, b) for a, b in links if a in left and b in right}
    newest = {m: max(key(move) for move in moves if move.source == m and move.target in right) for m in left}
    fed = [
        move
        for move in past
        if move.target in left and key(move) < newest[move.target] and move.source not in left | right | services
    ]
    upper = layer_above({(m.source, m.target) for m in fed}, left)
    into = sum(move.amount_cents for move in fed if move.source in upper)
    if not upper or not 0.5 * into <= inside <= 1.1 * into:
        return HIT_BIPARTITE, below
    return HIT_STACK, below | {(m.source, m.target) for m in fed if m.source in upper}


def dense(links: set[Link], payers: set[str], payees: set[str], tx: Movement) -> tuple[set[str], set[str]] | None:
    """Both groups after those with the smallest share of links are left out again and again."""
    while True:
        left, right = payers | {tx.source}, payees | {tx.target}
        if len(left) < MIN_SIDE or len(right) < MIN_SIDE:
            return None
        share = {a: Fraction(sum((a, b) in links for b in right), len(right)) for a in left}
        share |= {b: Fraction(sum((a, b) in links for a in left), len(left)) for b in right}
        least = min(share[name] for name in payers | payees)
        total = Fraction(sum((a, b) in links for a in left for b in right), len(left) * len(right))
        if total >= Fraction(80, 100) and least >= Fraction(60, 100):
            return left, right
        payers = {a for a in payers if share[a] > least}
        payees = {b for b in payees if share[b] > least}


def layer_above(links: set[Link], middle: set[str]) -> set[str]:
    """Those who pay enough of the middle, the most of them that are dense together."""
    degree = {a: sum((a, m) in links for m in middle) for a, _ in links}
    for need in range(1, len(middle) + 1):
        chosen = {a for a, count in degree.items() if count >= need}
        paid = {m: sum((a, m) in links for a in chosen) for m in middle}
        if (
            len(chosen) >= MIN_SIDE
            and 100 * need >= 60 * len(middle)
            and 100 * sum(paid.values()) >= 80 * len(chosen) * len(middle)
            and all(100 * count >= 60 * len(chosen) for count in paid.values())
        ):
            return chosen
    return set()
