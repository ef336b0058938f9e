"""Money patterns that contain the newest edge: bounded searches that say when they were cut.

Every search looks at a movement T of a batch and only at movements before T in canonical order; each module answers
one question: `cycles`, `paths` (layered chains), `fans`, `layers` (bipartite, stack) and `bets`. Known services
(SERVICE list) never take part.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
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


class Budgets(NamedTuple):
    """How far each search goes."""

    fans: Budget
    scatters: Budget
    layers: Budget
    cycles: Budget
    chains: Budget


def find_patterns(
    cols: Columns, nodes: Nodes, seqs: I64, features: NDArray[np.float64], *, first: int, lookback: int = LOOKBACK
) -> tuple[list[Found], NDArray[np.int8]]:
    """Patterns that the movements `seqs` (with their feature rows) complete, and int8[len(seqs)] of CUT_* bits.

    No search looks further back than `lookback` ms.
    """
    gates = features.take(GATE_COLUMNS, axis=1)  # in rows whatever their number: one compiled version serves all
    budgets = Budgets(*(_within(budget, lookback) for budget in (FANS, SCATTERS, LAYERS, CYCLES, CHAINS)))
    room = np.array([2, 2, 2, 2, CYCLES.results, 2]) * len(seqs) + 16
    while True:
        cut = np.zeros(len(seqs), dtype=np.int8)
        ends = np.cumsum(room)
        table = empty_table(int(ends[-1]))
        counts = search_all(cols, nodes, seqs, gates, first, lookback, budgets, table, ends, cut)
        if min(counts) >= 0:
            break
        room *= 4
    if not any(counts):
        return [], cut
    starts = (ends - room).tolist()
    found = [
        hit for start, count in zip(starts, counts, strict=True) for hit in _written(seqs, table, start, start + count)
    ]
    return found, cut


@njit(cache=True)
def search_all(
    cols: Columns,
    nodes: Nodes,
    seqs: I64,
    gates: NDArray[np.float64],
    first: int,
    lookback: int,
    budgets: Budgets,
    table: HitTable,
    ends: I64,
    cut: NDArray[np.int8],
) -> tuple[int, int, int, int, int, int]:
    """Run every search, the k-th into its part of `table` before `ends[k]`; return how many patterns each wrote, -1
    where room ran out.

    One call: handing over the tables costs as much as searching for one movement.
    """
    closed = np.zeros(len(seqs), dtype=np.bool_)
    fans, scatters, layers, cycles, chains = budgets
    return (
        find_bets(cols, seqs, first, lookback, _part(table, 0, ends[0]), cut),
        find_fans(cols, nodes, seqs, gates, first, fans, _part(table, ends[0], ends[1]), cut),
        find_scatter_gathers(cols, nodes, seqs, gates, first, scatters, _part(table, ends[1], ends[2]), cut),
        find_layers(cols, nodes, seqs, gates, first, layers, _part(table, ends[2], ends[3]), cut),
        find_cycles(cols, nodes, seqs, gates, first, cycles, _part(table, ends[3], ends[4]), cut, closed),
        find_chains(cols, nodes, seqs, gates, first, chains, _part(table, ends[4], ends[5]), cut, closed),
    )


@njit(cache=True)
def _part(table: HitTable, start: int, end: int) -> HitTable:
    return HitTable(table.owner[start:end], table.kind[start:end], table.size[start:end], table.edges[start:end])


def _within(budget: Budget, lookback: int) -> Budget:
    return budget._replace(span=min(budget.span, lookback))


def _written(seqs: I64, table: HitTable, start: int, end: int) -> list[Found]:
    """The patterns that one search wrote, in the order of their movements."""
    owner, kind, size, edges = (part[start:end] for part in table)
    order = np.argsort(owner, kind="stable")
    rows = zip(seqs[owner[order]].tolist(), kind[order].tolist(), size[order].tolist(), order.tolist(), strict=True)
    return [(seq, shape, tuple(edges[row, :length].tolist())) for seq, shape, length, row in rows]
