"""What people decided about rings, and what follows from it: walls, joins, pins, and how a ring stands.

Verdicts count in log order; each is about accounts, so it holds for whatever ring they are in later. Nothing here looks
at a clock: the same verdicts and the same ring give the same answer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from graph.events import GovernanceChanged
from graph.evidence import Evidence, Ring, RingStanding, Standing
from graph.verdicts import Act, Verdict, verdict_of
from rings.parts import Wall

#: A ring that shares less of its accounts with the dismissed one (Jaccard) is not the same any more.
SAME_MEMBERS = 0.5
#: Nor is one through which this many times the money went.
MORE_MONEY = 2.0


@dataclass(slots=True)
class Held:
    """A verdict with its event, who approved it, and whether it still counts."""

    verdict: Verdict
    event: GovernanceChanged
    approver: str = ""
    undone: bool = False

    @property
    def counts(self) -> bool:
        """Whether it has an effect: not undone."""
        return not self.undone


class Verdicts:
    """All verdicts so far. `apply` in log order; the rest asks."""

    def __init__(self) -> None:
        self._held: dict[str, Held] = {}
        self._of_account: dict[str, list[str]] = {}  # account -> events, in log order
        self._walls: dict[str, Wall] = {}
        self._merges: dict[str, frozenset[str]] = {}
        self._pins: dict[str, Held] = {}  # by ring id
        self._stale = False

    def apply(self, event: GovernanceChanged) -> set[str]:
        """Take a verdict; return the accounts whose rings may be others now. One that points to nothing is empty."""
        verdict = verdict_of(event.content)
        if verdict.act in (Act.APPROVE, Act.UNDO):
            held = self._held.get(verdict.of)
            if held is None or (verdict.act is Act.APPROVE and held.event.author == event.author):
                return set()
            if verdict.act is Act.UNDO:
                held.undone = True
            else:
                held.approver = held.approver or event.author
            accounts = {*held.verdict.accounts, *held.verdict.others}
        else:
            self._held[event.event_id] = Held(verdict, event)
            accounts = {*verdict.accounts, *verdict.others}
            for account in accounts:
                self._of_account.setdefault(account, []).append(event.event_id)
        self._stale = True
        return accounts

    def _work_out(self) -> None:
        """Walls, merges and pins that count; a merge takes down the walls before it that it bridges."""
        if not self._stale:
            return
        self._stale = False
        self._walls.clear()
        self._merges.clear()
        self._pins.clear()
        for event_id, held in self._held.items():
            verdict = held.verdict
            if not held.counts:
                continue
            if verdict.act in (Act.REMOVE, Act.SPLIT):
                self._walls[event_id] = Wall(frozenset(verdict.others), frozenset(verdict.accounts))
            elif verdict.act is Act.MERGE:
                together = frozenset(verdict.accounts) | frozenset(verdict.others)
                self._merges[event_id] = together
                for name in [
                    name for name, wall in self._walls.items() if wall.stay & together and wall.leave & together
                ]:
                    del self._walls[name]
            elif verdict.act is Act.PIN:
                self._pins.setdefault(verdict.ring, held)

    # --- for finding ----------------------------------------------------------------------------------------------

    def walls(self, accounts: Collection[str]) -> list[Wall]:
        """Walls with some of `accounts` on both sides, in log order."""
        self._work_out()
        if not self._walls:
            return []
        return [
            wall
            for wall in self._walls.values()
            if not wall.stay.isdisjoint(accounts) and not wall.leave.isdisjoint(accounts)
        ]

    def joined(self, account: str) -> frozenset[str]:
        """Accounts that people said are in one ring with `account`."""
        self._work_out()
        if not self._merges:
            return frozenset()
        return frozenset().union(*(group for group in self._merges.values() if account in group))

    def pinned(self, accounts: Collection[str]) -> str | None:
        """The pinned ring id that belongs to a ring of these core accounts: most of the pin's are among them."""
        self._work_out()
        for ring_id, held in self._pins.items():
            pinned = held.verdict.accounts
            if 2 * sum(account in accounts for account in pinned) > len(pinned):
                return ring_id
        return None

    def is_pin(self, ring_id: str) -> bool:
        """Whether people gave this id to a ring for good."""
        self._work_out()
        return ring_id in self._pins

    # --- how a ring stands ----------------------------------------------------------------------------------------

    def standing(self, ring: Ring) -> RingStanding:
        """What people said about `ring`, the newest word on it last; open where they said nothing."""
        if not self._held:
            return RingStanding()
        members = {member.account for member in ring.members}
        shared: dict[str, int] = {}
        for account in members:
            for event_id in self._of_account.get(account, ()):
                shared[event_id] = shared.get(event_id, 0) + 1
        self._work_out()
        standing = RingStanding()
        shaping: list[str] = []
        for event_id, held in self._held.items():
            if event_id not in shared or not held.counts:
                continue
            verdict = held.verdict
            if verdict.act not in (Act.CONFIRM, Act.DISMISS):
                if verdict.act is not Act.PIN or verdict.ring == ring.ring_id:
                    shaping.append(event_id)
            elif verdict.ring == ring.ring_id or 2 * shared[event_id] >= len(verdict.accounts):
                standing = _said(held, ring, members)
        return replace(standing, pinned=ring.ring_id in self._pins, verdicts=tuple(shaping))

    def held(self, event_ids: Iterable[str]) -> list[Held]:
        """The verdicts of these events that are known."""
        return [self._held[event_id] for event_id in event_ids if event_id in self._held]


def _said(held: Held, ring: Ring, members: set[str]) -> RingStanding:
    verdict, event = held.verdict, held.event
    changed: tuple[Evidence, ...] = ()
    if verdict.act is Act.CONFIRM:
        state = Standing.CONFIRMED
    elif not held.approver:
        state = Standing.PROPOSED
    else:
        changed = what_changed(verdict, ring, members)
        state = Standing.REOPENED if changed else Standing.DISMISSED
    return RingStanding(
        state=state,
        author=event.author,
        approver=held.approver,
        at=event.ts,
        reason=event.reason,
        event_id=event.event_id,
        changed=changed,
    )


def what_changed(verdict: Verdict, ring: Ring, members: Collection[str]) -> tuple[Evidence, ...]:
    """In what `ring` is not the ring any more that `verdict` dismissed; empty while it is."""
    found: list[Evidence] = []
    before = set(verdict.accounts)
    new = sorted(set(members) - before)
    if len(before & set(members)) < SAME_MEMBERS * len(before | set(members)):
        nodes = tuple(("Account", account) for account in new)
        found.append(Evidence("changed_members", (("count", len(new)), ("accounts", len(members))), (), 0, nodes[:20]))
    for kind in ring.kinds:
        if kind not in verdict.kinds:
            found.append(Evidence("changed_shape", (("pattern", str(kind)),)))
    money = moved_cents(ring)
    if money > MORE_MONEY * verdict.money_cents and money:
        found.append(Evidence("changed_money", (("amount_cents", money), ("before_cents", verdict.money_cents))))
    return tuple(found)


def moved_cents(ring: Ring) -> int:
    """Sum of the ring's own movements."""
    return sum(link.sum_cents for link in ring.links if link.kind == "SENT")
