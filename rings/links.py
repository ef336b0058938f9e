"""Rings in bare link lists (no time, no amount): components over links between accounts, hubs and services left out.

This is a wide pass, not an incremental one: it runs when the list has grown by `GROWTH` or when asked to settle.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from graph.events import MovementKind
from graph.evidence import RingKind
from graph.window.records import Edge
from graph.window.window import MOVEMENT_CODES
from rings.findings import Finding

LINK_CODE = MOVEMENT_CODES[MovementKind.LINK]
#: An account with more distinct neighbours than this is a hub.
HUB_DEGREE = 100
#: Smallest component that is a ring.
MIN_COMPONENT = 8
GROWTH = 0.25

I64 = NDArray[np.int64]


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


class BareLinks:
    """Links between accounts as they arrive, and the components they make."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._pairs: dict[tuple[int, int], Edge] = {}  # smallest (ts, event id) of each unordered pair
        self._services: set[str] = set()
        self._found: dict[str, Finding] = {}
        self._seen_at_last_pass = 0
        self._changed = False

    @property
    def size(self) -> int:
        """How many pairs of accounts are linked."""
        return len(self._pairs)

    def note(self, edge: Edge) -> None:
        """Take in a movement; only bare links between two accounts count."""
        if edge.kind != LINK_CODE or edge.source == edge.target:
            return
        one = self._numbers.setdefault(edge.source, len(self._numbers))
        two = self._numbers.setdefault(edge.target, len(self._numbers))
        pair = (one, two) if one < two else (two, one)
        known = self._pairs.get(pair)
        if known is None or (edge.ts, edge.event_id) < (known.ts, known.event_id):
            self._pairs[pair] = edge
            self._changed = True

    def leave_out(self, account: str) -> None:
        """Treat `account` as a known service."""
        self._services.add(account)
        self._changed = True

    def take_changed(self, *, settle: bool) -> list[tuple[str, Finding | None]]:
        """(name, finding or None) of components that differ from the last pass; nothing until a pass is due."""
        due = settle or len(self._pairs) >= (1 + GROWTH) * self._seen_at_last_pass + 1
        if not (self._changed and due) or not self._pairs:
            return []
        self._changed = False
        self._seen_at_last_pass = len(self._pairs)
        found = self._pass()
        changed: list[tuple[str, Finding | None]] = [(name, None) for name in sorted(self._found) if name not in found]
        changed.extend((name, found[name]) for name in sorted(found) if self._found.get(name) != found[name])
        self._found = found
        return changed

    def _pass(self) -> dict[str, Finding]:
        pairs = np.array(list(self._pairs), dtype=np.int64)
        count = len(self._numbers)
        left_out = np.bincount(pairs.ravel(), minlength=count) > HUB_DEGREE
        for account in self._services:
            if account in self._numbers:
                left_out[self._numbers[account]] = True
        kept = np.flatnonzero(~left_out[pairs].any(axis=1))
        root = components(pairs[kept, 0].copy(), pairs[kept, 1].copy(), count)
        sizes = np.bincount(root, minlength=count)
        edges = list(self._pairs.values())
        inside: dict[int, list[Edge]] = {}
        for index in kept[sizes[root[pairs[kept, 0]]] >= MIN_COMPONENT].tolist():
            inside.setdefault(int(root[pairs[index, 0]]), []).append(edges[index])
        found: dict[str, Finding] = {}
        for links in inside.values():
            links.sort(key=lambda edge: (edge.ts, edge.event_id))
            accounts = frozenset(edge.source for edge in links) | frozenset(edge.target for edge in links)
            name = f"{RingKind.LINKED}:{links[0].event_id}"
            found[name] = Finding(
                name=name,
                key=(links[0].ts, links[0].event_id),
                kind=RingKind.LINKED,
                core=accounts,
                edges=tuple(links),
            )
        return found
