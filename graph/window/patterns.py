"""Money patterns that contain the newest edge: bounded searches, backwards in time, that say when they were cut.

Every search looks at a movement T of a batch and only at movements before T in canonical order: `graph.window.fans`,
`graph.window.paths` and `graph.window.bets` each answer one question. Known services (SERVICE list) never take part.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from graph.window.bets import find_bets
from graph.window.columns import I64, Columns, Nodes
from graph.window.fans import find_fans
from graph.window.hits import HitTable, empty_table
from graph.window.paths import find_paths

#: A pattern found: the movement that completes it, its kind (`graph.window.hits`), and the seqs of its movements.
Found = tuple[int, int, tuple[int, ...]]


def find_patterns(
    cols: Columns, nodes: Nodes, seqs: I64, features: NDArray[np.float64], *, first: int
) -> tuple[list[Found], NDArray[np.int8]]:
    """Patterns that the movements `seqs` (with their feature rows) complete, and int8[len(seqs)]: 1 where cut."""
    cut = np.zeros(len(seqs), dtype=np.int8)
    found = _search(seqs, lambda table: find_bets(cols, seqs, first, table))
    found += _search(seqs, lambda table: find_fans(cols, nodes, seqs, features, first, table))
    found += _search(seqs, lambda table: find_paths(cols, nodes, seqs, features, first, table, cut))
    return found, cut


def _search(seqs: I64, kernel: Callable[[HitTable], int]) -> list[Found]:
    """Run `kernel` with more and more room until it does not run out."""
    room = len(seqs) // 8 + 16
    while True:
        table = empty_table(room)
        count = kernel(table)
        if count >= 0:
            break
        room *= 4
    return [
        (int(seqs[table.owner[h]]), int(table.kind[h]), tuple(table.edges[h, : table.size[h]].tolist()))
        for h in range(count)
    ]
