"""The block, watch and allow lists as they stood under every version, and what they say about a movement.

Values are found by hash: exact ids, every parent of a domain, one look-up per prefix length for addresses. Each entry
is in force from the version that added it to the one that removed or replaced it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from ipaddress import ip_network
from typing import Final

from graph.events import GovernanceChanged, ListKind
from graph.identity import skeleton_of
from graph.listings import ADD, PART, PERSONAL, Change, EntryKind, changes_of
from graph.window.records import Parties
from scoring.governance import SHIPPED, Versions
from scoring.list_entries import ip_number

STILL: Final = 1 << 62  # the version at which an entry ends that stands today
KNOWN_DOMAINS = 200_000  # parents and skeletons kept
KNOWN_ADDRESSES = 200_000

#: Accounts that stand for the holder of an identifier (see docs/adr/0009).
_HOLDERS = ("key:", "customer:")
_WIDTH = {4: 32, 6: 128}


@dataclass(slots=True, eq=False)
class Entry:
    """An entry in force for marks `since` <= mark < `until`; who added it, when and in which event."""

    change: Change
    author: str
    added_ts: int
    event_id: str
    since: int
    until: int = STILL

    def holds(self, mark: int, ts: int) -> bool:
        """Whether it judges a movement of that mark and time."""
        expires = self.change.expires_ts
        return self.since <= mark < self.until and (expires is None or ts < expires)


@dataclass(frozen=True, slots=True)
class Match:
    """An entry that a movement meets: in which of its fields, and as a look-alike where not `exact`."""

    entry: Entry
    field: str
    exact: bool = True


_Table = dict[str, tuple[Entry, ...]]
_Networks = dict[tuple[int, int], dict[int, tuple[Entry, ...]]]  # (IP version, prefix length) -> network number


class Lists:
    """Everything that was ever listed. A `Part`; one owner applies, the same asks."""

    name = PART

    def __init__(self) -> None:
        self._exact: dict[str, _Table] = {field: {} for field in ("account", "device", "operator", "identifier")}
        self._domains: _Table = {}
        self._skeletons: _Table = {}
        self._networks: _Networks = {}
        self._addresses: dict[str, tuple[Entry, ...]] = {}
        self._digests: Versions[int] = Versions(0)

    # --- changing ---------------------------------------------------------------------------------------------------

    def check(self, content: str) -> None:
        """Raise `ConfigurationError` when `content` is not a list of changes in canonical form."""
        changes_of(content)

    def apply(self, event: GovernanceChanged, version: int) -> None:
        """Add and remove what the event says, in its order; removing what does not stand changes nothing."""
        digest = self._digests.at(version)
        for change in changes_of(event.content):
            standing = self.standing(change)
            if standing is not None:
                standing.until = version
                digest -= _digest(standing.change)
            if change.action == ADD:
                self._add(Entry(change, event.author, event.ts, event.event_id, version))
                digest += _digest(change)
        self._addresses.clear()
        self._digests.add(version, digest)

    def version_at(self, mark: int) -> str:
        """Return the name of what stood under `mark`: equal for equal entries, however they came there."""
        digest = self._digests.at(mark)
        return f"{digest % (1 << 64):016x}" if digest else SHIPPED

    def standing(self, change: Change) -> Entry | None:
        """Return the entry that stands today for the list, kind and value of `change`."""
        for entry in self._found(change):
            held = entry.change
            if entry.until == STILL and (held.list, held.kind, held.value) == (change.list, change.kind, change.value):
                return entry
        return None

    def _found(self, change: Change) -> tuple[Entry, ...]:
        if change.kind is EntryKind.DOMAIN:
            return self._domains.get(change.value, ())
        if change.kind is EntryKind.IP:
            version, length, number = _network(change.value)
            return self._networks.get((version, length), {}).get(number, ())
        return self._exact[_field(change.kind)].get(change.value, ())

    def _add(self, entry: Entry) -> None:
        change = entry.change
        if change.kind is EntryKind.DOMAIN:
            _put(self._domains, change.value, entry)
            if change.list is not ListKind.ALLOW:  # a site that looks like an allowed one is not that one
                _put(self._skeletons, skeleton_of(change.value), entry)
        elif change.kind is EntryKind.IP:
            version, length, number = _network(change.value)
            _put(self._networks.setdefault((version, length), {}), number, entry)
        else:
            _put(self._exact[_field(change.kind)], change.value, entry)
            if change.kind in PERSONAL:
                for account in (*(prefix + change.value for prefix in _HOLDERS), *filter(None, (change.also,))):
                    _put(self._exact["account"], account, entry)

    # --- asking -----------------------------------------------------------------------------------------------------

    @property
    def empty(self) -> bool:
        """Whether nothing was ever listed."""
        return not (any(self._exact.values()) or self._domains or self._networks)

    def matches(self, parties: Parties, marks: Sequence[int], times: Sequence[int]) -> dict[int, list[Match]]:
        """Return by row the entries in force for its mark and time (epoch ms), each once, exact ones first.

        Rows that no entry names are left out.
        """
        found: dict[int, dict[Entry, Match]] = {}
        for row, match in self._named(parties):
            if match.entry.holds(marks[row], times[row]):
                known = found.setdefault(row, {})
                if match.exact or match.entry not in known:
                    known[match.entry] = match
        return {row: sorted(known.values(), key=_order) for row, known in found.items()}

    def _named(self, parties: Parties) -> Iterator[tuple[int, Match]]:
        """Rows and the entries of any version that name them."""
        exact = self._exact
        for field, column, table in (
            ("source", parties.sources, exact["account"]),
            ("target", parties.targets, exact["account"]),
            ("device", parties.devices, exact["device"]),
            ("operator", parties.operators, exact["operator"]),
        ):
            if table:
                for row, name in enumerate(column):
                    if name in table:
                        yield from ((row, Match(entry, field)) for entry in table[name])
        for row, identifiers in enumerate(parties.identifiers):
            for identifier in identifiers:
                yield from ((row, Match(entry, "identifier")) for entry in exact["identifier"].get(identifier, ()))
        if self._networks:
            for row, ip in enumerate(parties.ips):
                if ip is not None:
                    yield from ((row, Match(entry, "ip")) for entry in self._of_address(ip))
        if self._domains:
            for row, domain in enumerate(parties.domains):
                if domain is not None:
                    entries, alike = self._of_domain(domain)
                    yield from ((row, Match(entry, "domain")) for entry in entries)
                    yield from ((row, Match(entry, "domain", exact=False)) for entry in alike)

    def _of_domain(self, name: str) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
        """Entries of the name and its parents, and of names that look like one of them."""
        parents, skeletons = _parents(name)
        exact = tuple(entry for parent in parents for entry in self._domains.get(parent, ()))
        alike = tuple(entry for skeleton in skeletons for entry in self._skeletons.get(skeleton, ()))
        return exact, alike

    def _of_address(self, ip: str) -> tuple[Entry, ...]:
        known = self._addresses.get(ip)
        if known is None:
            if len(self._addresses) >= KNOWN_ADDRESSES:
                self._addresses.clear()
            known = self._addresses[ip] = tuple(self._containing(ip))
        return known

    def _containing(self, ip: str) -> Iterator[Entry]:
        try:
            number = ip_number(ip)
        except ValueError:  # a source that names no address
            return
        version = 6 if ":" in ip else 4
        for (of_version, length), networks in self._networks.items():
            if of_version == version:
                yield from networks.get(number >> (_WIDTH[version] - length), ())


def _order(match: Match) -> tuple[bool, str, str]:
    return not match.exact, match.field, match.entry.change.entry_id


def _put(table: dict[str, tuple[Entry, ...]] | dict[int, tuple[Entry, ...]], key: str | int, entry: Entry) -> None:
    table[key] = (*table.get(key, ()), entry)  # type: ignore[index, arg-type]  # key and table are of one kind


def _field(kind: EntryKind) -> str:
    return "identifier" if kind in PERSONAL else str(kind)


def _network(value: str) -> tuple[int, int, int]:
    """IP version, prefix length, and the number that the prefixes of all its addresses have."""
    if "/" not in value:
        return (6 if ":" in value else 4), _WIDTH[6 if ":" in value else 4], ip_number(value)
    network = ip_network(value)
    length = network.prefixlen
    return network.version, length, int(network.network_address) >> (_WIDTH[network.version] - length)


@lru_cache(maxsize=KNOWN_DOMAINS)
def _parents(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The name and its parents of at least two labels, and their skeletons."""
    labels = name.split(".")
    parents = tuple(".".join(labels[first:]) for first in range(max(1, len(labels) - 1)))
    return parents, tuple(skeleton_of(parent) for parent in parents)


def _digest(change: Change) -> int:
    text = f"{change.entry_id}\0{change.reason}\0{change.expires_ts}"
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")
