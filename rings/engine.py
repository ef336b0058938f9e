"""Rings kept up to date: findings come and go, and only rings near them are worked out anew.

A ring is a connected component of findings. Two findings are joined when they share a core account, or when core
accounts of theirs share a personal thing (a device or identifier of few users; an address only between accounts that
are run from shared devices). The state is a pure function of the
findings and uses seen, so any order and any batches give the same rings; `tests/rings` proves it against a
from-scratch computation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b

from graph.evidence import Ring, RingChanges, RingKind
from rings.findings import Finding, Key
from rings.links import BareLinks
from rings.means import SharedMeans
from rings.operators import OperatorTies
from rings.ring import build_ring

#: Findings one ring may hold before further growth is cut and said.
MAX_FINDINGS = 5_000
#: A ring needs this many members to be one.
MIN_MEMBERS = 3
#: Findings that add up to less are a shape, not a ring.
MIN_SCORE = 50.0


def ring_id_of(founding: Key) -> str:
    """Stable id of the ring founded by the event `founding`."""
    return "R-" + blake2b(founding[1].encode(), digest_size=6, person=b"tarrafa-ring").hexdigest()


class RingEngine:
    """Current rings. `replace` feeds pattern findings of a movement, the trackers feed the rest; `changes` collects."""

    def __init__(self, *, listed: Callable[[str], bool], least: float = MIN_SCORE) -> None:
        """`least` is the score from which on a shape is a ring; look-alikes are collected with a lower one."""
        self.means = SharedMeans()
        self.operators = OperatorTies()
        self.links = BareLinks()
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

    def survivors(self, ring_ids: Iterable[str]) -> dict[str, str | None]:
        """For ids that are no current ring: the ring that now holds the finding they come from, or None."""
        holder = {ring_id_of(self._findings[name].key): ring_id for name, ring_id in self._ring_of.items()}
        return {ring_id: holder.get(ring_id) for ring_id in ring_ids}

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

        founders = {ring_id: self._founder(ring_id) for ring_id in before}
        changed: list[Ring] = []
        placed: set[str] = set()
        for name in sorted(pool, key=lambda name: self._findings[name].key):
            if name in placed:
                continue
            component = self._component(name)
            placed |= component
            for member in component:
                old = self._ring_of.get(member)
                if old is not None and old not in before:
                    before.add(old)
                    founders[old] = self._founder(old)
            ring = self._ring(component)
            if ring is None:
                for member in component:
                    self._unplace(member)
                continue
            for member in component:
                self._unplace(member)
                self._ring_of[member] = ring.ring_id
            self._members_of[ring.ring_id] = set(component)
            if self._rings.get(ring.ring_id) != ring:
                self._rings[ring.ring_id] = ring
                changed.append(ring)
        gone: list[tuple[str, str | None]] = []
        for ring_id in sorted(before):
            if not self._members_of.get(ring_id):
                self._members_of.pop(ring_id, None)
                if self._rings.pop(ring_id, None) is not None:
                    founder = founders[ring_id]
                    gone.append((ring_id, self._ring_of.get(founder) if founder is not None else None))
        return RingChanges(changed=tuple(sorted(changed, key=lambda ring: ring.ring_id)), gone=tuple(gone))

    def _set(self, name: str, finding: Finding | None) -> None:
        if finding is None:
            self._withdraw(name)
        else:
            self._put(finding)

    def _founder(self, ring_id: str) -> str | None:
        names = self._members_of.get(ring_id)
        return min(names, key=lambda name: self._findings[name].key) if names else None

    def _unplace(self, name: str) -> None:
        old = self._ring_of.pop(name, None)
        if old is not None and old in self._members_of:
            self._members_of[old].discard(name)

    def _component(self, start: str) -> set[str]:
        """Names of the findings joined to `start`."""
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
            for thing, others in self.means.personal(account):
                frontier.extend(
                    other
                    for other in others
                    if other in self._by_core
                    and other not in accounts
                    and (thing[0] != "Ip" or (self._farmed(account) and self._farmed(other)))
                )
        return component

    def _farmed(self, account: str) -> bool:
        """Whether the account is run from a shared device; only then a common address joins it to others."""
        return any(self._findings[name].kind is RingKind.SHARED_MEANS for name in self._by_core.get(account, ()))

    def _ring(self, names: Iterable[str]) -> Ring | None:
        findings = sorted((self._findings[name] for name in names), key=lambda finding: (finding.key, finding.name))
        cut = len(findings) > MAX_FINDINGS
        everyone = frozenset().union(*(finding.core | finding.others for finding in findings[:MAX_FINDINGS]))
        members = everyone - self._public
        if len(members) < MIN_MEMBERS and findings[0].kind is not RingKind.OPPOSITE_BETS:
            return None
        ring = build_ring(
            ring_id_of(findings[0].key),
            findings[:MAX_FINDINGS],
            members,
            public=everyone & self._public,
            means=self.means,
            listed=self._listed,
            truncated=("findings",) if cut else (),
        )
        return ring if ring.score >= self._least else None
