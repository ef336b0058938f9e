"""How much the window holds and what memory that takes, for people and for limits."""

from __future__ import annotations

import sys

import numpy as np

from graph.window.records import Names
from graph.window.window import Window


def window_facts(window: Window) -> dict[str, int]:
    """Counts by name: events held, nodes ever seen, and bytes of arrays, of names and of event ids."""
    tables = {name: value for name, value in vars(window).items() if isinstance(value, Names)}
    return {
        "events": window.end - window.first,
        "dropped": window._bound.dropped,
        "nodes": sum(len(names.names) for names in tables.values()),
        "array_bytes": array_bytes(window),
        "name_bytes": sum(_name_bytes(names) for names in tables.values()),
        "id_bytes": _id_bytes(window),
    }


def array_bytes(window: Window) -> int:
    """Bytes of every array the window keeps."""
    total = 0
    for value in vars(window).values():
        arrays = value if isinstance(value, tuple) else (value,)
        total += sum(array.nbytes for array in arrays if isinstance(array, np.ndarray))
    return total


def _name_bytes(names: Names) -> int:
    """The two tables, and the strings at the size of the newest (asking each would take too long)."""
    each = sys.getsizeof(names.names[-1]) if names.names else 0
    return sys.getsizeof(names.of) + sys.getsizeof(names.names) + each * len(names.names)


def _id_bytes(window: Window) -> int:
    held = window.end - window.first
    each = sys.getsizeof(window.event_id(window.end - 1)) if held else 0
    return 8 * held + each * held
