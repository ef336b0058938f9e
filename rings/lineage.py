"""Versions and lineage of rings, worked out step by step from what the rings were at the last step and what they are.

The same steps over the same rings give the same versions, so a rebuild ends with the same history. What went where is
told by the accounts: a ring that is gone went into the rings that hold its accounts now.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from heapq import heappop, heappush

from graph.evidence import Evidence, Ring, RingChanges
from graph.lineage import Change, LineageStep, RingVersion, Tie, TieKind

#: A ring in which nothing moved for so long is closed: as long as the window looks back, and some (ms).
CLOSE_AFTER_MS = 45 * 86_400_000
#: New evidence told with a version.
MOST_REASONS = 3
#: Accounts that must go from one living ring to another to be told.
LEAST_MOVED = 2

Pair = tuple[Ring | None, Ring | None]


class Told:
    """What someone was told of rings, and which may be others since."""

    def __init__(self) -> None:
        self.rings: dict[str, Ring] = {}
        self._touched: set[str] = set()

    def note(self, changes: RingChanges) -> None:
        """Something became of these rings."""
        self._touched.update(ring.ring_id for ring in changes.changed)
        self._touched.update(ring_id for ring_id, _ in changes.gone)

    def take(self, current: Callable[[str], Ring | None]) -> dict[str, Pair]:
        """(before, now) of the rings that differ from what was told, by id; from then on they are told."""
        differ: dict[str, Pair] = {}
        for ring_id in sorted(self._touched):
            before, now = self.rings.get(ring_id), current(ring_id)
            if before == now:
                continue
            differ[ring_id] = (before, now)
            if now is None:
                del self.rings[ring_id]
            else:
                self.rings[ring_id] = now
        self._touched.clear()
        return differ


class Lineage:
    """The history of all rings so far. `note` what changed, `step` where the log says so."""

    def __init__(self) -> None:
        self.told = Told()
        self.numbers: dict[str, int] = {}  # newest version of every ring that ever was
        self.closed: set[str] = set()
        self._ends: list[tuple[int, str]] = []  # when an open ring last moved, soonest first

    def note(self, changes: RingChanges) -> None:
        """The engine changed these rings."""
        self.told.note(changes)

    def restore(self, rings: Iterable[Ring], numbers: dict[str, int], closed: set[str]) -> None:
        """Take back what a checkpoint kept."""
        self.told.rings = {ring.ring_id: ring for ring in rings}
        self.numbers, self.closed = numbers, closed
        for ring in self.told.rings.values():
            if ring.ring_id not in closed:
                self._wait_for_end(ring)

    def step(
        self,
        position: int,
        *,
        ts: int,
        learned_at: int,
        current: Callable[[str], Ring | None],
        verdicts: Mapping[str, str],
    ) -> LineageStep:
        """Versions of the rings that differ from the last step, and of those that ended by age at time `ts`.

        `current` gives the ring of an id now, `verdicts` the newest verdict's event of each account judged since.
        """
        differ = self.told.take(current)
        ties = _ties(differ, position=position, ts=ts)
        changes = _changes(differ, ties, self.numbers)
        for ring_id, (before, now) in differ.items():
            if now is None:
                self.closed.discard(ring_id)
                continue
            if ring_id in self.closed and before is not None and now.last_ts > before.last_ts:
                self.closed.discard(ring_id)
                changes[ring_id].append(Change.REVIVED)
            if before is None or now.last_ts != before.last_ts:
                self._wait_for_end(now)
        for ring_id in self._ended(ts):
            self.closed.add(ring_id)
            changes.setdefault(ring_id, []).append(Change.CLOSED)
        versions = []
        for ring_id in sorted(changes):
            before, ring = differ.get(ring_id) or (None, self.told.rings[ring_id])
            self.numbers[ring_id] = number = self.numbers.get(ring_id, 0) + 1
            because = _because(before, ring, verdicts) if ring_id in differ else (_ended_because(ring, ts),)
            versions.append(
                RingVersion(
                    ring_id=ring_id,
                    version=number,
                    position=position,
                    ts=ts,
                    learned_at=learned_at,
                    changes=tuple(changes[ring_id]),
                    because=because,
                    closed=ring_id in self.closed,
                    ring=ring,
                )
            )
        return LineageStep(position, tuple(versions), tuple(ties))

    def _wait_for_end(self, ring: Ring) -> None:
        if any(link.kind == "SENT" for link in ring.links):  # without movements nothing says when it was last active
            heappush(self._ends, (ring.last_ts, ring.ring_id))

    def _ended(self, ts: int) -> list[str]:
        found = []
        while self._ends and self._ends[0][0] < ts - CLOSE_AFTER_MS:
            last_ts, ring_id = heappop(self._ends)
            ring = self.told.rings.get(ring_id)
            if ring is not None and ring.last_ts == last_ts and ring_id not in self.closed and not ring.standing.pinned:
                found.append(ring_id)
        return sorted(set(found))


def _members(ring: Ring | None) -> set[str]:
    return set() if ring is None else {member.account for member in ring.members}


def _ties(differ: Mapping[str, Pair], *, position: int, ts: int) -> list[Tie]:
    """What went from which ring into which, by the accounts of rings that differ."""
    old = {ring_id: _members(before) for ring_id, (before, _) in differ.items()}
    new = {ring_id: _members(now) for ring_id, (_, now) in differ.items()}
    holders: dict[str, list[str]] = defaultdict(list)
    for ring_id in sorted(new):
        for account in new[ring_id]:
            holders[account].append(ring_id)
    found: list[tuple[str, str, int]] = []
    for source in sorted(old):
        shared: dict[str, int] = defaultdict(int)
        gained: dict[str, int] = defaultdict(int)
        for account in old[source] - new[source]:
            for target in holders.get(account, ()):
                shared[target] += 1
                gained[target] += account not in old[target]
        for target in sorted(shared):
            went = shared[target] if not new[source] else gained[target]
            # accounts that were in both rings before went nowhere, unless they are most of what is gone
            if gained[target] or (not new[source] and 2 * went >= len(old[source])):
                found.append((source, target, went))
    into: dict[str, int] = defaultdict(int)
    out_of: dict[str, int] = defaultdict(int)
    for source, target, _ in found:
        into[target] += not new[source]
        out_of[source] += 1
    ties = []
    for source, target, count in found:
        sizes = len(old[source]), len(old[target])
        gone, born = not new[source], not old[target]
        if gone and not born:
            kind = TieKind.MERGED if 2 * sizes[0] >= sizes[1] else TieKind.ABSORBED
        elif gone:
            kind = TieKind.MERGED if into[target] > 1 else TieKind.SPLIT if out_of[source] > 1 else TieKind.RENAMED
        elif born and 2 * count >= len(new[target]):
            kind = TieKind.SPLIT
        elif count >= LEAST_MOVED:
            kind = TieKind.MOVED
        else:
            continue
        ties.append(Tie(kind, source, target, position, ts, count, sizes[0], len(new[target])))
    return ties


def _changes(differ: Mapping[str, Pair], ties: Sequence[Tie], numbers: Mapping[str, int]) -> dict[str, list[Change]]:
    """What became of each ring that differs."""
    outgoing: dict[str, list[Tie]] = defaultdict(list)
    incoming: dict[str, list[Tie]] = defaultdict(list)
    for tie in ties:
        outgoing[tie.source].append(tie)
        incoming[tie.target].append(tie)
    found: dict[str, list[Change]] = {}
    for ring_id, (before, now) in differ.items():
        if now is None:
            ways = len(outgoing[ring_id])
            found[ring_id] = [Change.DISSOLVED if not ways else Change.WENT_INTO if ways == 1 else Change.CAME_APART]
            continue
        changes = [] if before is not None else [Change.REVIVED if numbers.get(ring_id) else Change.BORN]
        if any(tie.kind in (TieKind.MERGED, TieKind.ABSORBED) for tie in incoming[ring_id]):
            changes.append(Change.TOOK_IN)
        if any(tie.kind in (TieKind.SPLIT, TieKind.MOVED) for tie in outgoing[ring_id]):
            changes.append(Change.GAVE_OFF)
        if before is not None:
            old, new = _members(before), _members(now)
            changes += [Change.GREW] * bool(new - old) + [Change.SHRANK] * bool(old - new)
            changes += [Change.JUDGED] * (before.standing != now.standing)
        found[ring_id] = changes or [Change.ALTERED]
    return found


def _because(before: Ring | None, now: Ring | None, verdicts: Mapping[str, str]) -> tuple[Evidence, ...]:
    """What proves the change: a verdict, new evidence, new movements, or what was lost."""
    accounts = sorted(_members(before) | _members(now))
    judged = sorted({verdicts[account] for account in accounts if account in verdicts}) if verdicts else []
    found = [Evidence("lineage_verdict", (("count", len(judged)),), tuple(judged), len(judged))] if judged else []
    known = set() if before is None else {(one.code, one.event_ids, one.params) for one in before.evidence}
    if now is not None:
        found += [one for one in now.evidence if (one.code, one.event_ids, one.params) not in known]
        if not found and before is not None:
            found += [
                signal.evidence for signal in now.contributions if signal not in before.contributions and signal.points
            ]
    if not found and before is not None:
        kept = set() if now is None else {(one.code, one.event_ids, one.params) for one in now.evidence}
        found += [
            Evidence("lineage_lost", (("reason", one.code),), one.event_ids, one.total_events, one.nodes)
            for one in before.evidence
            if (one.code, one.event_ids, one.params) not in kept
        ]
    if not found and before is not None and now is not None:
        new = sorted({event for link in now.links for event in link.event_ids} - _events(before))
        found.append(Evidence("lineage_movements", (("count", len(new)),), tuple(new[:50]), len(new)))
    return tuple(found[:MOST_REASONS])


def _events(ring: Ring) -> set[str]:
    return {event for link in ring.links for event in link.event_ids}


def _ended_because(ring: Ring | None, ts: int) -> Evidence:
    assert ring is not None
    quiet = (ts - ring.last_ts) / 86_400_000
    return Evidence("lineage_quiet", (("days", round(quiet, 1)), ("ts", ring.last_ts)))
