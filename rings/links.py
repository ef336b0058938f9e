"""Rings in bare link lists: who is linked directly, and who behaves alike; hubs and services join nobody.

A list may say no more than who dealt with whom; then rings are components of links between its accounts. Where it
also says when accounts began, with which outsiders and how they deal, likeness joins what has no link and sets apart
who only happens to be linked (`rings.likeness`, `rings.growth`). This is a wide pass, not an incremental one: it runs
when the list has grown by `GROWTH` or when asked to settle.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numba import njit

from graph.events import BEGAN, OUTSIDE, Movement, MovementKind
from graph.evidence import RingKind
from graph.window.records import Edge
from graph.window.window import MOVEMENT_CODES
from rings.findings import Finding
from rings.growth import Bools, Grown, grow
from rings.likeness import I64, Accounts, alike_pairs
from rings.profiles import Profiles

LINK_CODE = MOVEMENT_CODES[MovementKind.LINK]
#: An account with more distinct neighbours than this is a hub.
HUB_DEGREE = 100
GROWTH = 0.25


@njit(cache=True)
def components(a: I64, b: I64, count: int) -> I64:
    """Smallest node of each node's component, int64[count], over the links `a[i] - b[i]`."""
    parent = np.arange(count)
    for i in range(len(a)):
        x, y = a[i], b[i]
        while parent[x] != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        while parent[y] != y:
            parent[y] = parent[parent[y]]
            y = parent[y]
        if x < y:
            parent[y] = x
        else:
            parent[x] = y
    for x in range(count):
        parent[x] = parent[parent[x]]
    return parent


@dataclass(slots=True)
class BareLinks:
    """Links between accounts as they arrive, what the list says of each account, and the rings they make."""

    profiles: Profiles = field(default_factory=Profiles)
    pairs: dict[tuple[int, int], Edge] = field(default_factory=dict)  # smallest (ts, event id) of each unordered pair
    services: set[str] = field(default_factory=set)
    found: dict[str, Finding] = field(default_factory=dict)
    seen_at_last_pass: int = 0
    changed: bool = False

    @property
    def size(self) -> int:
        """How many facts the list has given: linked pairs, dealings with outsiders, starts."""
        return len(self.pairs) + len(self.profiles)

    def note(self, event: Movement) -> None:
        """Take in a movement; only bare links count."""
        if event.kind is not MovementKind.LINK or event.source == event.target:
            return
        said = dict(event.attributes)
        key = (event.ts, event.event_id)
        self.changed = True
        if BEGAN in said:
            self.profiles.start(event.source, key, said[BEGAN])
            return
        one, two = self.profiles.number(event.source), self.profiles.number(event.target)
        outside = said.get(OUTSIDE, "")
        for end, account, other, far in (("source", one, two, "target"), ("target", two, one, "source")):
            if end not in outside:
                outsider = {"outsider": other} if far in outside else {}
                self.profiles.deal(account, event.channel, outgoing=end == "source", **outsider)
        if not outside:
            pair = (one, two) if one < two else (two, one)
            known = self.pairs.get(pair)
            if known is None or key < (known.ts, known.event_id):
                self.pairs[pair] = Edge(event.event_id, event.ts, event.source, event.target, 0, LINK_CODE)

    def leave_out(self, account: str) -> None:
        """Treat `account` as a known service."""
        self.services.add(account)
        self.changed |= account in self.profiles.numbers

    def take_changed(self, *, settle: bool) -> list[tuple[str, Finding | None]]:
        """(name, finding or None) of what differs from the last pass; nothing until a pass is due."""
        seen = self.size
        due = settle or seen >= (1 + GROWTH) * self.seen_at_last_pass + 1
        if not (self.changed and due) or not seen:
            return []
        self.changed = False
        self.seen_at_last_pass = seen
        found = self._pass()
        changed: list[tuple[str, Finding | None]] = [(name, None) for name in sorted(self.found) if name not in found]
        changed.extend((name, found[name]) for name in sorted(found) if self.found.get(name) != found[name])
        self.found = found
        return changed

    def _pass(self) -> dict[str, Finding]:
        rank, rows = self.profiles.ranks()
        accounts = self.profiles.accounts(rank, rows, self.services)
        pairs = rank[np.array(list(self.pairs), dtype=np.int64).reshape(-1, 2)]
        left_out = np.bincount(pairs.ravel(), minlength=len(rows)) > HUB_DEGREE
        left_out[[rank[number] for number in self._listed_accounts()]] = True
        kept = np.flatnonzero(~left_out[pairs].any(axis=1))
        known: Bools = np.isfinite(accounts.began) & ~left_out
        linked = (pairs[kept, 0].copy(), pairs[kept, 1].copy())
        grown = grow(linked, alike_pairs(accounts, linked, left_out), known)
        return self._findings(grown, accounts, rows, pairs, kept)

    def _listed_accounts(self) -> list[int]:
        numbers = (self.profiles.numbers.get(name) for name in self.services)
        return [number for number in numbers if number is not None and number in self.profiles.population]

    def _findings(self, grown: Grown, accounts: Accounts, rows: list[int], pairs: I64, kept: I64) -> dict[str, Finding]:
        """What each ring shows: its direct links, and the accounts that began and behave alike."""
        names = list(self.profiles.numbers)
        edges = list(self.pairs.values())
        members: dict[int, list[int]] = {}
        for row in np.flatnonzero(grown.ring >= 0).tolist():
            members.setdefault(int(grown.ring[row]), []).append(row)
        links: dict[int, list[Edge]] = {}
        inside = grown.ring[pairs[kept, 0]]
        for index in kept[(inside >= 0) & (inside == grown.ring[pairs[kept, 1]])].tolist():
            links.setdefault(int(grown.ring[pairs[index, 0]]), []).append(edges[index])
        found: dict[str, Finding] = {}
        for ring, inner in members.items():
            sure = {names[rows[row]] for row in inner if grown.sure[row]}
            everybody = {names[rows[row]] for row in inner}
            starts = sorted(
                (*self.profiles.began[rows[row]][:2], names[rows[row]])
                for row in inner
                if np.isfinite(accounts.began[row])
            )
            for finding in _shown(everybody, sure, links.get(ring, []), starts):
                found[finding.name] = finding
        return found


def _shown(everybody: set[str], sure: set[str], links: list[Edge], starts: list[tuple[int, str, str]]) -> list[Finding]:
    """The findings of one ring. `sure` accounts are core; a ring without any grows from its first account alone."""
    links.sort(key=lambda edge: (edge.ts, edge.event_id))
    found = []
    if links and (sure or not starts):
        ends = {edge.source for edge in links} | {edge.target for edge in links}
        core = ends & sure if starts else ends
        found.append(
            Finding(
                name=f"{RingKind.LINKED}:{links[0].event_id}",
                key=(links[0].ts, links[0].event_id),
                kind=RingKind.LINKED,
                core=frozenset(core),
                others=frozenset(ends - core),
                edges=tuple(links),
            )
        )
    if starts:
        core = sure or {starts[0][2]}
        first = (
            next(start for start in starts if start[2] in core) if core & {start[2] for start in starts} else starts[0]
        )
        found.append(
            Finding(
                name=f"{RingKind.ALIKE}:{first[1]}",
                key=first[:2],
                kind=RingKind.ALIKE,
                core=frozenset(core),
                others=frozenset(everybody - core),
                edges=() if found else tuple(links),
                events=tuple(event_id for _, event_id, _ in starts),
            )
        )
    return found
