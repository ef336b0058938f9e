"""Rings kept up to date: findings come and go, and only rings near them are worked out anew.

A ring is a connected component of findings. Two findings are joined when they share a core account, or when core
accounts of theirs share a personal thing (a device or identifier of few users; an address only between accounts that
are run from shared devices). The state is a pure function of the
findings and uses seen, so any order and any batches give the same rings; `tests/rings` proves it against a
from-scratch computation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from graph.events import GovernanceChanged
from graph.evidence import Ring, RingChanges, RingKind, Standing
from rings.findings import Finding
from rings.identity import named_after, ring_id_of
from rings.links import BareLinks
from rings.means import SharedMeans
from rings.operators import OperatorTies
from rings.parts import Part, parts_of
from rings.ring import build_ring
from rings.verdicts import Verdicts

#: Findings one ring may hold before further growth is cut and said.
MAX_FINDINGS = 5_000
#: A ring needs this many members to be one.
MIN_MEMBERS = 3
#: Findings that add up to less are a shape, not a ring.
MIN_SCORE = 50.0


class RingEngine:
    """Current rings. `replace` feeds pattern findings of a movement, the trackers feed the rest; `changes` collects."""

    def __init__(self, *, listed: Callable[[str], bool], least: float = MIN_SCORE) -> None:
        """`least` is the score from which on a shape is a ring; look-alikes are collected with a lower one."""
        self.means = SharedMeans()
        self.operators = OperatorTies()
        self.links = BareLinks()
        self.verdicts = Verdicts()
        self._listed = listed
        self._least = least
        self._findings: dict[str, Finding] = {}
        self._of_owner: dict[str, tuple[str, ...]] = {}
        self._by_core: dict[str, set[str]] = {}
        self._by_other: dict[str, set[str]] = {}
        self._public: set[str] = set()
        self._ring_of: dict[str, str] = {}
        self._members_of: dict[str, set[str]] = {}  # ring id -> finding names
        self._rings: dict[str, Ring] = {}
        self._dirty: set[str] = set()  # findings to place
        self._torn: set[str] = set()  # rings that lost a finding

    # --- feeding --------------------------------------------------------------------------------------------------

    def replace(self, owner: str, findings: Sequence[Finding]) -> None:
        """Set the pattern findings of the movement `owner`; those it had before are withdrawn."""
        old = self._of_owner.pop(owner, ())
        kept = {finding.name for finding in findings}
        for name in old:
            if name not in kept:
                self._withdraw(name)
        for finding in findings:
            self._put(finding)
        if findings:
            self._of_owner[owner] = tuple(sorted(kept))

    def note_listed(self, account: str) -> None:
        """An account was put on a list: rings it is at the core of are weighed anew."""
        self._dirty.update(self._by_core.get(account, ()))

    def judge(self, event: GovernanceChanged) -> set[str]:
        """People decided something: rings of the accounts that it is about, which are returned, are worked out anew."""
        accounts = self.verdicts.apply(event)
        for account in accounts:
            self._dirty.update(self._by_core.get(account, ()))
            self._dirty.update(self._by_other.get(account, ()))
        return accounts

    def note(self, finding: Finding) -> None:
        """Take a finding that neither a movement nor a tracker owns: it stands until `drop`."""
        self._put(finding)

    def drop(self, name: str) -> None:
        """Let a finding of `note` stand no more."""
        self._withdraw(name)

    def leave_out(self, account: str) -> None:
        """`account` has too many counterparties: it joins nothing, and patterns around it mean nothing."""
        self._public.add(account)
        for name in sorted(self._by_core.get(account, ())):
            self._withdraw(name)
        self._dirty.update(self._by_other.get(account, ()))

    def _put(self, finding: Finding) -> None:
        old = self._findings.get(finding.name)
        if old == finding or not finding.core.isdisjoint(self._public):
            return
        if old is not None:
            self._withdraw(finding.name)
        self._findings[finding.name] = finding
        for account in finding.core:
            self._by_core.setdefault(account, set()).add(finding.name)
        for account in finding.others:
            self._by_other.setdefault(account, set()).add(finding.name)
        self._dirty.add(finding.name)

    def _withdraw(self, name: str) -> None:
        finding = self._findings.pop(name, None)
        if finding is None:
            return
        for accounts, index in ((finding.core, self._by_core), (finding.others, self._by_other)):
            for account in accounts:
                index[account].discard(name)
                if not index[account]:
                    del index[account]
        self._dirty.discard(name)
        ring_id = self._ring_of.pop(name, None)
        if ring_id is not None:
            self._members_of[ring_id].discard(name)
            self._torn.add(ring_id)

    # --- collecting -----------------------------------------------------------------------------------------------

    def rings(self) -> list[Ring]:
        """All current rings, by id; call after `changes`."""
        return [self._rings[ring_id] for ring_id in sorted(self._rings)]

    def ring(self, ring_id: str) -> Ring | None:
        """The current ring of this id, as of the last `changes`."""
        return self._rings.get(ring_id)

    def survivors(self, ring_ids: Iterable[str]) -> dict[str, str | None]:
        """For ids that are no current ring: the ring that the account they are named after joins now, or None."""
        asked = list(ring_ids)
        named = named_after(self._by_core) if asked else {}
        return {ring_id: self.holder([named[ring_id]]) if ring_id in named else None for ring_id in asked}

    def holder(self, accounts: Iterable[str]) -> str | None:
        """The ring at whose core most of `accounts` are now, the smallest id where equal; None where in none."""
        held = Counter(ring_id for account in accounts for ring_id in self._rings_around(account))
        return min(held, key=lambda ring_id: (-held[ring_id], ring_id), default=None)

    def _rings_around(self, account: str) -> set[str]:
        return {self._ring_of[name] for name in self._by_core.get(account, ()) if name in self._ring_of}

    def changes(self, *, settle: bool) -> RingChanges:
        """Bring the rings up to date and return what became different since the last call.

        Wide passes (bare link lists) wait until they are due unless `settle`.
        """
        for means in self.means.take_dirty():
            farm = self.means.farm(means)
            self._set(f"shared_means:{means[0]}:{means[1]}", farm)
        for name, finding in (*self.operators.take_changed(), *self.links.take_changed(settle=settle)):
            self._set(name, finding)
        for account in self.means.changed:
            self._dirty.update(self._by_core.get(account, ()))
            self._dirty.update(self._by_other.get(account, ()))
        self.means.changed.clear()

        pool = set(self._dirty)
        for name in self._dirty:
            if name in self._ring_of:
                self._torn.add(self._ring_of[name])
        for ring_id in self._torn:
            pool |= self._members_of.get(ring_id, set())
        self._dirty.clear()
        before = set(self._torn)
        self._torn.clear()

        changed: list[Ring] = []
        placed: set[str] = set()
        for name in sorted(pool, key=lambda name: self._findings[name].key):
            if name in placed:
                continue
            component = self._component(name)
            placed |= component
            for member in component:
                old = self._ring_of.get(member)
                if old is not None:
                    before.add(old)
                self._unplace(member)
            for part, ring in self._parted(component):
                self._ring_of.update(dict.fromkeys(part.findings, ring.ring_id))
                self._members_of[ring.ring_id] = part.findings
                if self._rings.get(ring.ring_id) != ring:
                    self._rings[ring.ring_id] = ring
                    changed.append(ring)
        gone: list[tuple[str, str | None]] = []
        for ring_id in sorted(before):
            if not self._members_of.get(ring_id):
                self._members_of.pop(ring_id, None)
                old_ring = self._rings.pop(ring_id, None)
                if old_ring is not None:
                    gone.append((ring_id, self.holder(member.account for member in old_ring.members)))
        return RingChanges(changed=tuple(sorted(changed, key=lambda ring: ring.ring_id)), gone=tuple(gone))

    def _set(self, name: str, finding: Finding | None) -> None:
        if finding is None:
            self._withdraw(name)
        else:
            self._put(finding)

    def _unplace(self, name: str) -> None:
        old = self._ring_of.pop(name, None)
        if old is not None and old in self._members_of:
            self._members_of[old].discard(name)

    def _component(self, start: str) -> set[str]:
        """Names of the findings joined to `start`, by what they share or because people said so."""
        component = {start}
        accounts: set[str] = set()
        frontier = list(self._findings[start].core)
        while frontier:
            account = frontier.pop()
            if account in accounts:
                continue
            accounts.add(account)
            for name in self._by_core.get(account, ()):
                if name not in component:
                    component.add(name)
                    frontier.extend(self._findings[name].core - accounts)
            frontier.extend(other for other in self._joined(account) if other not in accounts)
        return component

    def _joined(self, account: str) -> Iterator[str]:
        """Core accounts that `account` is joined to other than by a finding."""
        for thing, others in self.means.personal(account):
            for other in others:
                if other in self._by_core and (thing[0] != "Ip" or (self._farmed(account) and self._farmed(other))):
                    yield other
        for other in self.verdicts.joined(account):
            if other in self._by_core:
                yield other

    def _farmed(self, account: str) -> bool:
        """Whether the account is run from a shared device; only then a common address joins it to others."""
        return any(self._findings[name].kind is RingKind.SHARED_MEANS for name in self._by_core.get(account, ()))

    def _parted(self, component: set[str]) -> Iterator[tuple[Part, Ring]]:
        """The rings of a component: one, or several where people put a wall through it."""
        core = frozenset().union(*(self._findings[name].core for name in component))
        reach = frozenset().union(core, *(self._findings[name].others for name in component))
        walls = self.verdicts.walls(reach)
        if walls:
            parts = parts_of(component, self._findings, walls, joined=self._joined)
        else:
            parts = [Part(component, set(core))]
        for part in parts:
            ring = self._ring(part)
            if ring is not None:
                yield part, ring

    def _ring(self, part: Part) -> Ring | None:
        findings = sorted((self._findings[name] for name in part.findings), key=lambda one: (one.key, one.name))
        cut = len(findings) > MAX_FINDINGS
        everyone = frozenset().union(*(finding.core | finding.others for finding in findings[:MAX_FINDINGS]))
        members = everyone - self._public - part.out
        pinned = self.verdicts.pinned(part.accounts)
        if len(members) < MIN_MEMBERS and findings[0].kind is not RingKind.OPPOSITE_BETS and pinned is None:
            return None
        if not members:
            return None
        ring = build_ring(
            pinned or ring_id_of(findings, among=part.accounts, taken=self.verdicts.is_pin),
            findings[:MAX_FINDINGS],
            members,
            public=everyone & self._public,
            means=self.means,
            listed=self._listed,
            truncated=("findings",) if cut else (),
        )
        ring = replace(ring, standing=self.verdicts.standing(ring))
        kept = pinned is not None or ring.standing.state is Standing.CONFIRMED
        return ring if kept or ring.score >= self._least else None
