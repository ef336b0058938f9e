"""What the sink knows of its store as parts of a checkpoint, and back."""

from __future__ import annotations

from array import array
from typing import Final

import msgspec
import numpy as np

from graph.checkpoint import Column, Frozen, array_of, column, record_of
from graph.store.delta import EVENT_NODES, FAMILIES, Extra, Family, Slots, new_slots
from graph.store.holdings import Holdings
from graph.store.kept import KeptMovements
from graph.store.statements import link_statement_name

_NODES: Final = {kind: f"node.{kind.value}" for kind in EVENT_NODES}
_LINKS: Final = {family: f"link.{link_statement_name(family.link, family.source)}" for family in FAMILIES}
_LINK_COLUMNS: Final = ("count", "cents", "first", "last")


class _Kept(msgspec.Struct, array_like=True):
    sent: tuple[dict[int, int], int, int, int]
    extras: list[dict[int, Extra]]  # by node kind, in their order
    known: list[int]  # nodes seen, by node kind


def freeze_holdings(slots: Slots, holdings: Holdings) -> Frozen:
    """Copy what is held."""
    parts: dict[str, Column | bytes] = {}
    for kind, name in _NODES.items():
        columns = holdings._nodes[kind]
        parts[f"{name}.names"] = msgspec.msgpack.encode(slots[kind].names)
        parts[f"{name}.first"] = _column(columns.first)
        parts[f"{name}.last"] = _column(columns.last)
    for family, name in _LINKS.items():
        links = holdings._links[family]
        parts[f"{name}.ends"] = column(np.fromiter(links.place, dtype=np.int64, count=len(links.place)))
        for field in _LINK_COLUMNS:
            parts[f"{name}.{field}"] = _column(getattr(links, field))
    kept = _Kept(
        sent=holdings.sent.state(),
        extras=[holdings._nodes[kind].extras for kind in EVENT_NODES],
        known=[holdings._nodes[kind].count for kind in EVENT_NODES],
    )
    parts["kept"] = msgspec.msgpack.encode(kept)
    return parts


def thaw_holdings(keep: int | None, frozen: Frozen) -> tuple[Slots, Holdings]:
    """Return what `freeze_holdings` copied; KeyError or msgspec errors when it is something else."""
    slots = new_slots()
    holdings = Holdings(slots, keep)
    kept = msgspec.msgpack.decode(record_of(frozen, "kept"), type=_Kept)
    holdings.sent = KeptMovements.restored(keep, kept.sent)
    for (kind, name), extras, known in zip(_NODES.items(), kept.extras, kept.known, strict=True):
        names = msgspec.msgpack.decode(record_of(frozen, f"{name}.names"), type=list[str])
        slots[kind].names = names
        slots[kind].slots = dict(zip(names, range(len(names)), strict=True))
        columns = holdings._nodes[kind]
        columns.first, columns.last = _array(frozen, f"{name}.first"), _array(frozen, f"{name}.last")
        columns.extras, columns.count = extras, known
    for family, name in _LINKS.items():
        _thaw_links(holdings, family, name, frozen)
    return slots, holdings


def _thaw_links(holdings: Holdings, family: Family, name: str, frozen: Frozen) -> None:
    links = holdings._links[family]
    ends = array_of(frozen, f"{name}.ends").tolist()
    links.place = dict(zip(ends, range(len(ends)), strict=True))
    for field in _LINK_COLUMNS:
        setattr(links, field, _array(frozen, f"{name}.{field}"))


def _column(values: array[int]) -> Column:
    return column(np.frombuffer(values, dtype=np.int64) if values else np.empty(0, dtype=np.int64))


def _array(frozen: Frozen, name: str) -> array[int]:
    return array("q", array_of(frozen, name).tobytes())
