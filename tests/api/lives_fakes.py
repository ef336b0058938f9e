"""Lives of rings in memory, behind the Protocol of `api.ring_lives`: decisions set how a ring stands, no more."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Protocol

from graph.errors import RejectedRecord
from graph.evidence import Ring, RingStanding, Standing
from graph.lineage import LineageGraph, RingVersion, Tie
from graph.verdicts import Act, Verdict
from ledger.paging import Page
from ledger.records import RingVerdict
from rings.diff import RingDiff, diff_of
from tests.api.story import NOW


class HasRings(Protocol):
    """A world with rings by id."""

    known_rings: dict[str, Ring]


@dataclass
class FakeLives:
    """Versions and ties as a test puts them; verdicts as they were given."""

    world: HasRings
    history: dict[str, list[RingVersion]] = field(default_factory=dict)
    ties: list[Tie] = field(default_factory=list)
    said: list[RingVerdict] = field(default_factory=list)

    def confirm(self, ring_id: str, *, by: str, reason: str) -> Ring:
        return self._say(Act.CONFIRM, Standing.CONFIRMED, ring_id, by, reason)

    def dismiss(self, ring_id: str, *, by: str, reason: str) -> Ring:
        return self._say(Act.DISMISS, Standing.PROPOSED, ring_id, by, reason)

    def approve(self, ring_id: str, *, by: str, reason: str = "") -> Ring:
        return self._say(Act.APPROVE, Standing.DISMISSED, ring_id, by, reason)

    def pin(self, ring_id: str, *, by: str, reason: str) -> Ring:
        return self._say(Act.PIN, Standing.OPEN, ring_id, by, reason)

    def remove_members(self, ring_id: str, accounts: Collection[str], *, by: str, reason: str) -> Ring | None:
        ring = self._found(ring_id)
        self._keep(replace(ring, members=tuple(one for one in ring.members if one.account not in accounts)))
        return self._say(Act.REMOVE, Standing.OPEN, ring_id, by, reason)

    def split(self, ring_id: str, accounts: Collection[str], *, by: str, reason: str) -> Ring | None:
        return self.remove_members(ring_id, accounts, by=by, reason=reason)

    def merge(self, ring_id: str, other_id: str, *, by: str, reason: str) -> Ring:
        self._found(other_id)
        return self._say(Act.MERGE, Standing.OPEN, ring_id, by, reason)

    def undo(self, event_id: str, *, by: str, reason: str) -> Ring | None:
        assert by
        assert reason.isprintable()
        found = next((one for one in self.said if one.event_id == event_id), None)
        if found is None:
            raise RejectedRecord("unknown_verdict", field="verdict", value=event_id, cure="list the ring's verdicts")
        ring = replace(self._found(found.verdict.ring), standing=RingStanding())
        self._keep(ring)
        return ring

    def verdicts(self, ring_id: str | None = None, *, after: str | None = None, limit: int) -> Page[RingVerdict]:
        assert after is None
        return Page(tuple([one for one in self.said if ring_id in (None, one.verdict.ring)][::-1][:limit]), None)

    def versions(self, ring_id: str, *, limit: int = 200) -> list[RingVersion]:
        return self.history.get(ring_id, [])[-limit:]

    def ring_at(
        self, ring_id: str, *, position: int | None = None, ts: int | None = None, known: int | None = None
    ) -> RingVersion | None:
        assert known is None
        found = [
            one
            for one in self.history.get(ring_id, [])
            if (position is None or one.position <= position) and (ts is None or one.ts <= ts)
        ]
        return found[-1] if found else None

    def diff(self, before: Ring | None, after: Ring | None) -> RingDiff:
        return diff_of(before, after)

    def lineage(self, ring_id: str, *, limit: int = 500) -> LineageGraph:
        ties = tuple(tie for tie in self.ties if ring_id in (tie.source, tie.target))[:limit]
        return LineageGraph((ring_id,), ties, (), truncated=False)

    def _say(self, act: Act, state: Standing, ring_id: str, by: str, reason: str) -> Ring:
        ring = self._found(ring_id)
        name = f"governance:{len(self.said)}"
        self.said.append(RingVerdict(name, Verdict(act, ring_id, ("a",)), NOW, by, reason))
        standing = RingStanding(state, by, "", NOW, reason, name, pinned=act is Act.PIN)
        ring = replace(ring, standing=standing)
        self._keep(ring)
        return ring

    def _keep(self, ring: Ring) -> None:
        self.world.known_rings[ring.ring_id] = ring

    def _found(self, ring_id: str) -> Ring:
        if ring_id not in self.world.known_rings:
            raise RejectedRecord("unknown_ring", field="ring", value=ring_id, cure="list the rings")
        return self.world.known_rings[ring_id]
