"""Money patterns that contain the newest edge: bounded searches that say when they were cut.

Every search looks at a movement T of a batch and only at movements before T in canonical order; each module answers
one question: `cycles`, `paths` (layered chains), `fans`, `layers` (bipartite, stack) and `bets`. Known services
(SERVICE list) never take part.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from graph.window.bets import find_bets
from graph.window.columns import I64, Columns, Nodes
from graph.window.cycles import CYCLES, find_cycles
from graph.window.fans import FANS, find_fans
from graph.window.features import FEATURE_INDEX
from graph.window.hits import GATES, Budget, HitTable, empty_table
from graph.window.kernels import LOOKBACK
from graph.window.layers import LAYERS, find_layers
from graph.window.paths import CHAINS, find_chains
from graph.window.scatter import SCATTERS, find_scatter_gathers

GATE_COLUMNS = [FEATURE_INDEX[name] for name in GATES]

#: A pattern found: the movement that completes it, its kind (`graph.window.hits`), and the seqs of its movements.
Found = tuple[int, int, tuple[int, ...]]


def find_patterns(
    cols: Columns, nodes: Nodes, seqs: I64, features: NDArray[np.float64], *, first: int, lookback: int = LOOKBACK
) -> tuple[list[Found], NDArray[np.int8]]:
    """Patterns that the movements `seqs` (with their feature rows) complete, and int8[len(seqs)] of CUT_* bits.

    No search looks further back than `lookback` ms.
    """
    cut = np.zeros(len(seqs), dtype=np.int8)
    closed = np.zeros(len(seqs), dtype=np.bool_)
    gates = features.take(GATE_COLUMNS, axis=1)  # in rows whatever their number: one compiled version serves all
    fans, scatters, layers, cycles, chains = (
        _within(budget, lookback) for budget in (FANS, SCATTERS, LAYERS, CYCLES, CHAINS)
    )
    found = _search(seqs, lambda table: find_bets(cols, seqs, first, lookback, table, cut))
    found += _search(seqs, lambda table: find_fans(cols, nodes, seqs, gates, first, fans, table, cut))
    found += _search(seqs, lambda table: find_scatter_gathers(cols, nodes, seqs, gates, first, scatters, table, cut))
    found += _search(seqs, lambda table: find_layers(cols, nodes, seqs, gates, first, layers, table, cut))
    found += _search(
        seqs,
        lambda table: find_cycles(cols, nodes, seqs, gates, first, cycles, table, cut, closed),
        results=cycles.results,
    )
    found += _search(seqs, lambda table: find_chains(cols, nodes, seqs, gates, first, chains, table, cut, closed))
    return found, cut


def _within(budget: Budget, lookback: int) -> Budget:
    return budget._replace(span=min(budget.span, lookback))


def _search(seqs: I64, kernel: Callable[[HitTable], int], *, results: int = 2) -> list[Found]:
    """Run `kernel` with room for `results` of every movement, and with more where that runs out."""
    room = results * len(seqs) + 16
    while True:
        table = empty_table(room)
        count = kernel(table)
        if count >= 0:
            break
        room *= 4
    order = np.argsort(table.owner[:count], kind="stable").tolist()
    return [
        (int(seqs[table.owner[h]]), int(table.kind[h]), tuple(table.edges[h, : table.size[h]].tolist())) for h in order
    ]
