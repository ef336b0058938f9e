"""What one store is known to hold: the absolute state of every node and aggregated link, in columns.

The sink compares a `Delta` with it to learn which rows are new to the store and what the known ones become; it is
changed only after the store committed. A node costs about 200 bytes with its id, a link about 170.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from graph.events import NodeKind
from graph.links import NODE_PROPERTIES
from graph.store.delta import EVENT_NODES, FAMILIES, Delta, Extra, Family, Row, Slots, merge_extra
from graph.store.kept import KeptMovements
from graph.store.statements import link_statement_name

ABSENT: Final = -1  # event times are after 2000, so no seen node has it
_EXTRA_NAMES: Final = {kind: tuple(name for name, _ in NODE_PROPERTIES[kind][2:]) for kind in EVENT_NODES}
_NODE_STEMS: Final = {kind: f"node_{kind.lower()}" for kind in EVENT_NODES}
_LINK_STEMS: Final = {family: link_statement_name(family.link, family.source) for family in FAMILIES}


@dataclass(frozen=True, slots=True)
class Write:
    """Rows for one statement; it must reach every one of them."""

    statement: str
    rows: list[Row]


class _NodeColumns:
    __slots__ = ("count", "extras", "first", "last")

    def __init__(self) -> None:
        self.first = array("q")
        self.last = array("q")
        self.extras: dict[int, Extra] = {}
        self.count = 0


class _LinkColumns:
    __slots__ = ("cents", "count", "first", "last", "place")

    def __init__(self) -> None:
        self.place: dict[int, int] = {}
        self.count = array("q")
        self.cents = array("q")
        self.first = array("q")
        self.last = array("q")


class Holdings:
    """The state of one store as far as the entries given to `apply` go."""

    def __init__(self, slots: Slots, keep: int | None = None) -> None:
        self._slots = slots
        self._nodes = {kind: _NodeColumns() for kind in EVENT_NODES}
        self._links = {family: _LinkColumns() for family in FAMILIES}
        self.sent = KeptMovements(keep)

    def writes(self, delta: Delta) -> list[Write]:
        """Return the rows that bring the store to this state plus `delta`: nodes first, then SENT, then links."""
        found: list[Write] = []
        for kind in EVENT_NODES:
            found += self._node_writes(kind, delta)
        since = self.sent.since_ms
        found.append(Write("sent_create", [row for ts, row in delta.sent if ts >= since]))
        for family in FAMILIES:
            found += self._link_writes(family, delta.links[family])
        return [write for write in found if write.rows]

    def apply(self, delta: Delta) -> None:
        """Count `delta` as held; call it only once the store has committed it."""
        for kind, nodes in delta.nodes.items():
            self._apply_nodes(self._nodes[kind], nodes, delta.extras[kind])
        for family, links in delta.links.items():
            self._apply_links(self._links[family], links)
        self.sent.add(ts for ts, _ in delta.sent)

    def totals(self) -> Mapping[str, int]:
        """Return how many nodes per label and links per type the store must hold."""
        totals: dict[str, int] = {str(kind): columns.count for kind, columns in self._nodes.items()}
        totals["SENT"] = self.sent.count
        for family, columns in self._links.items():
            totals[family.link.name] = totals.get(family.link.name, 0) + len(columns.place)
        return totals

    def _node_writes(self, kind: NodeKind, delta: Delta) -> list[Write]:
        columns, names, extra_names = (self._nodes[kind], self._slots[kind].names, _EXTRA_NAMES[kind])
        first_seen, last_seen, known_to = (columns.first, columns.last, len(columns.first))
        created: list[Row] = []
        updated: list[Row] = []
        for slot, (first, last) in delta.nodes[kind].items():
            rows = created
            changed = True
            if slot < known_to and first_seen[slot] != ABSENT:
                rows = updated
                held_first, held_last = first_seen[slot], last_seen[slot]
                changed = first < held_first or last > held_last
                first, last = min(first, held_first), max(last, held_last)
            row: Row = {"id": names[slot], "first_seen": first, "last_seen": last}
            if extra_names:
                extra: Extra = dict(columns.extras.get(slot, {}))
                changed |= merge_extra(extra, delta.extras[kind].get(slot, {}).items())
                for name in extra_names:
                    row[name] = extra.get(name)
            if changed:
                rows.append(row)
        stem = _NODE_STEMS[kind]
        return [Write(f"{stem}_create", created), Write(f"{stem}_update", updated)]

    def _link_writes(self, family: Family, links: Mapping[int, list[int]]) -> list[Write]:
        columns = self._links[family]
        places, counts, sums, firsts, lasts = (columns.place, columns.count, columns.cents, columns.first, columns.last)
        sources, targets = (self._slots[family.source].names, self._slots[family.target].names)
        created: list[Row] = []
        updated: list[Row] = []
        for key, (count, cents, first, last) in links.items():
            place = places.get(key)
            rows = created
            if place is not None:
                rows = updated
                count += counts[place]
                cents += sums[place]
                first = min(first, firsts[place])
                last = max(last, lasts[place])
            rows.append(
                {
                    "source": sources[key >> 32],
                    "target": targets[key & 0xFFFFFFFF],
                    "count": count,
                    "sum_cents": cents,
                    "first_seen": first,
                    "last_seen": last,
                }
            )
        stem = _LINK_STEMS[family]
        return [Write(f"{stem}_create", created), Write(f"{stem}_update", updated)]

    @staticmethod
    def _apply_nodes(columns: _NodeColumns, nodes: Mapping[int, list[int]], extras: Mapping[int, Extra]) -> None:
        if not nodes:
            return
        missing = max(nodes) + 1 - len(columns.first)
        if missing > 0:
            columns.first.extend([ABSENT] * missing)
            columns.last.extend([ABSENT] * missing)
        held_first, held_last = columns.first, columns.last
        for slot, (first, last) in nodes.items():
            held = held_first[slot]
            if held == ABSENT:
                columns.count += 1
                held_first[slot], held_last[slot] = first, last
                continue
            if first < held:
                held_first[slot] = first
            held_last[slot] = max(held_last[slot], last)
        for slot, extra in extras.items():
            merge_extra(columns.extras.setdefault(slot, {}), extra.items())

    @staticmethod
    def _apply_links(columns: _LinkColumns, links: Mapping[int, list[int]]) -> None:
        for key, (count, cents, first, last) in links.items():
            place = columns.place.get(key)
            if place is None:
                columns.place[key] = len(columns.count)
                columns.count.append(count)
                columns.cents.append(cents)
                columns.first.append(first)
                columns.last.append(last)
                continue
            columns.count[place] += count
            columns.cents[place] += cents
            columns.first[place] = min(columns.first[place], first)
            columns.last[place] = max(columns.last[place], last)
