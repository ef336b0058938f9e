"""Who uses what: accounts joined by devices and identifiers, with hubs known and named.

Counts only add up and firsts are minima, so the order of events does not matter. A thing used by more than `HUB`
accounts is a hub for good: its users are no longer kept, and it joins nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from graph.evidence import RingKind
from rings.findings import Finding, Key

#: More accounts than this on one thing: a kiosk, a campus, a carrier - it says nothing about its users.
HUB = 30
#: At most this many accounts on one thing make it personal: it joins findings of its users into one ring.
PERSONAL = {"Device": 15, "Identifier": 6, "Ip": 15}
#: Accounts with a device of their own that also act from one common device: a family shares its only phone, a farm
#: hands round an extra one. More users than PERSONAL make it a shop's terminal.
VISITORS = 3

Means = tuple[str, str]  # (label, id)


@dataclass(slots=True)
class SharedMeans:
    """Uses of devices and identifiers by accounts.

    `changed` collects accounts whose joins may differ since it was last emptied.
    """

    limit: int = HUB
    _users: dict[Means, dict[str, Key]] = field(default_factory=dict)
    _hubs: set[Means] = field(default_factory=set)
    _of: dict[str, dict[Means, int]] = field(default_factory=dict)
    _candidates: set[Means] = field(default_factory=set)
    _dirty: set[Means] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)

    def use(self, account: str, means: Means, key: Key) -> None:
        """Record that `account` used `means` in the event `key`."""
        mine = self._of.setdefault(account, {})
        mine[means] = mine.get(means, 0) + 1
        if means in self._hubs:
            if mine[means] == 1:
                self.changed.add(account)
        else:
            users = self._users.setdefault(means, {})
            first = users.get(account)
            if first is None:
                users[account] = key
                self._joined(means, users)
            elif key < first:
                users[account] = key
                self.changed.add(account)
        if not self._candidates.isdisjoint(mine):
            self._dirty.update(self._candidates.intersection(mine))

    def _joined(self, means: Means, users: dict[str, Key]) -> None:
        count = len(users)
        personal = PERSONAL[means[0]]
        if means[0] == "Device" and count in (VISITORS, personal + 1):  # it becomes, or stops being, a farm candidate
            (self._candidates.add if count == VISITORS else self._candidates.discard)(means)
            self._dirty.add(means)
        if count > HUB:
            self.changed.update(users)
            self._hubs.add(means)
            del self._users[means]
        if 2 <= count <= personal + 1:
            self.changed.update(users)

    def personal(self, account: str) -> list[tuple[Means, list[str]]]:
        """Things few accounts share that `account` uses, with their other users."""
        found = []
        for means in self._of.get(account, ()):
            users = self._users.get(means)
            if users is not None and 2 <= len(users) <= PERSONAL[means[0]]:
                found.append((means, sorted(users.keys() - {account})))
        return found

    def hubs(self, account: str) -> list[Means]:
        """Things `account` uses that too many share to mean anything."""
        return sorted(means for means in self._of.get(account, ()) if means in self._hubs)

    def take_dirty(self) -> list[Means]:
        """Devices whose farm finding may have changed since the last call."""
        dirty = sorted(self._dirty)
        self._dirty.clear()
        return dirty

    def farm(self, means: Means) -> Finding | None:
        """The finding of a device run as a farm now, or None."""
        users = self._users.get(means)
        if users is None or not VISITORS <= len(users) <= PERSONAL[means[0]]:
            return None
        visitors = 0
        for account in users:
            mine = self._of[account]
            visitors += any(thing != means and thing[0] == "Device" for thing in mine)
        if visitors < VISITORS:
            return None
        firsts = sorted(users.values())
        return Finding(
            name=f"{RingKind.SHARED_MEANS}:{means[0]}:{means[1]}",
            key=firsts[0],
            kind=RingKind.SHARED_MEANS,
            core=frozenset(users),
            means=(means,),
            events=tuple(event_id for _, event_id in firsts),
        )

    def first_uses(self, means: Means) -> list[tuple[str, Key]]:
        """(account, first event) of the users of `means`, or nothing for a hub."""
        return sorted(self._users.get(means, {}).items())
