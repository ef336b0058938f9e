"""The window as parts of a checkpoint, and back: every attribute it has.

Arrays, tables of arrays and name tables are kept whatever they are called; what else the window holds is in `RECORDS`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from graph.checkpoint import Column, Frozen, Record, array_of, column, record_of
from graph.window.bound import Bound
from graph.window.columns import Columns, Nodes, Pairs, empty_columns, empty_nodes, empty_pairs
from graph.window.holdings import Holdings, empty_holdings
from graph.window.records import Context, Names, WindowSettings
from graph.window.window import Window

#: Types of the attributes that are no arrays and no names. `_contexts` numbers its keys in their order.
RECORDS: Final[dict[str, Any]] = {
    "_contexts": list[Context],
    "_event_ids": list[str],
    "_identifiers": dict[int, tuple[str, ...]],
    "first": int,
    "end": int,
    "_watermark": int,
    "_bound": Bound,
    "_hashed": int,
    "_hashed_identifiers": int,
    "_became_public": list[str],
    "_newest": tuple[int, int],
}
#: Given anew at each start; a checkpoint's `made_by` names them.
SETTINGS: Final = "settings"
SCRATCH: Final = "_scratch"  # holds nothing between two answers
_MAKERS: Final[dict[type, Callable[[int], Any]]] = {
    Columns: empty_columns,
    Nodes: empty_nodes,
    Pairs: empty_pairs,
    Holdings: empty_holdings,
}


def freeze_window(window: Window) -> Frozen:
    """Copy everything the window holds; TypeError for an attribute that nothing says how to keep."""
    parts: dict[str, Column | bytes | Record] = {}
    for name, value in vars(window).items():
        if name in (SETTINGS, SCRATCH):
            continue
        if isinstance(value, np.ndarray):
            parts[name] = column(value)
        elif type(value) in _MAKERS:
            parts.update((f"{name}.{key}", kept) for key, kept in _table_parts(value, written=window.end))
        elif isinstance(value, Names):
            parts[name] = Record(value.names.copy())
        elif name in RECORDS:
            kept = list(value) if name == "_contexts" else value
            parts[name] = Record(kept.copy() if isinstance(kept, list | dict) else kept)
        else:
            raise TypeError(f"window.{name}: say in graph.window.checkpoint how a checkpoint keeps it")
    return parts


def thaw_window(settings: WindowSettings, frozen: Frozen) -> Window:
    """Return the window that `freeze_window` copied; KeyError, ValueError or msgspec errors when parts do not fit."""
    window = Window(settings)
    for name, fresh in vars(window).items():
        if name in (SETTINGS, SCRATCH):
            continue
        if isinstance(fresh, np.ndarray):
            setattr(window, name, array_of(frozen, name))
        elif type(fresh) in _MAKERS:
            setattr(window, name, _table(fresh, name, frozen))
        elif isinstance(fresh, Names):
            names = msgspec.msgpack.decode(record_of(frozen, name), type=list[str])
            setattr(window, name, Names(_numbered(names), names))
        else:
            record = msgspec.msgpack.decode(record_of(frozen, name), type=RECORDS[name])
            setattr(window, name, _numbered(record) if name == "_contexts" else record)
    return window


def _table_parts(table: Any, *, written: int) -> list[tuple[str, Column]]:
    """The arrays of `table`; where several are fields of one record array, that array. Rows >= `written` are empty."""
    parts: dict[int, tuple[str, Column]] = {}
    for field, array in table._asdict().items():
        rows = _record_array(array)
        if rows is None:
            parts[id(array)] = (field, column(array))
        elif id(rows) not in parts:
            parts[id(rows)] = (field, Column(rows[: written + 1].copy(), len(rows)))
    return list(parts.values())


def _table(fresh: Any, name: str, frozen: Frozen) -> Any:
    """A table like `fresh`, laid out in memory like every other, filled with its parts."""
    first = next(part for key, part in frozen.items() if key.startswith(f"{name}.") and isinstance(part, Column))
    made = _MAKERS[type(fresh)](first.length)
    for field, array in made._asdict().items():
        rows = _record_array(array)
        if rows is None:
            array[:] = array_of(frozen, f"{name}.{field}")
        elif f"{name}.{field}" in frozen:
            rows[:] = array_of(frozen, f"{name}.{field}")
    return made


def _record_array(array: NDArray[Any]) -> NDArray[Any] | None:
    """The record array that `array` is a field of; None when it stands alone."""
    base = array.base
    return base if isinstance(base, np.ndarray) and base.dtype.names is not None else None


def _numbered(keys: list[Any]) -> dict[Any, int]:
    return dict(zip(keys, range(len(keys)), strict=True))
