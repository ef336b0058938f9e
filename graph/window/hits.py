"""What a completed pattern is called, how it is written down, which movements can be part of one, what was cut."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph.window.columns import I64, KIND_BET, KIND_LINK
from graph.window.compiled import kernel

(
    HIT_FAN_IN,
    HIT_FAN_OUT,
    HIT_GATHER_SCATTER,
    HIT_CYCLE,
    HIT_LAYERED,
    HIT_SCATTER_GATHER,
    HIT_OPPOSITE,
    HIT_BIPARTITE,
    HIT_STACK,
) = range(9)

#: Features that say cheaply that a movement completes nothing; columns of the `gates` that the searches get.
GATES = (
    "seconds_since_in",
    "pair_count_30d",
    "in_sum_72h",
    "out_sum_72h",
    "distinct_sources_72h",
    "distinct_targets_72h",
    "target_distinct_sources_72h",
)
SINCE_IN, PAIR, IN_SUM, OUT_SUM, SOURCES, TARGETS, T_SOURCES = range(len(GATES))

#: Movements one hit may consist of; more are not written down.
MAX_EDGES = 64

# Bits of `Answers.cut`: the search that met a budget, or an account of which only the newest movements were followed.
CUT_CYCLE, CUT_CHAIN, CUT_FAN, CUT_SCATTER, CUT_LAYERS, CUT_BETS, CUT_HUB = (1 << bit for bit in range(7))
CUT_NAMES: tuple[tuple[int, str], ...] = (
    (CUT_CYCLE, "cycle_search"),
    (CUT_CHAIN, "layered_search"),
    (CUT_FAN, "fan_search"),
    (CUT_SCATTER, "scatter_gather_search"),
    (CUT_LAYERS, "bipartite_search"),
    (CUT_BETS, "opposite_bets_search"),
    (CUT_HUB, "hub_discounted"),
)


class Budget(NamedTuple):
    """How far one search may go; each search keeps its default beside its code."""

    hops: int  # movements of a path, T included
    span: int  # ms before T
    steps: int  # incidences looked at for one T
    walk: int  # incidences of one account looked at in one expansion; beyond that it is a hub
    width: int  # movements of one account followed in one expansion; beyond that it is a hub
    results: int  # patterns of one kind written for one T


class HitTable(NamedTuple):
    """Room for hits: hit h belongs to `seqs[owner[h]]`, is of `kind[h]` and consists of `edges[h, :size[h]]`."""

    owner: I64
    kind: I64
    size: I64
    edges: NDArray[np.int64]  # int64[room, MAX_EDGES + 1]


def empty_table(room: int) -> HitTable:
    """A table for `room` hits."""
    owner, kind, size = (np.empty(room, dtype=np.int64) for _ in range(3))
    return HitTable(owner, kind, size, np.empty((room, MAX_EDGES + 1), dtype=np.int64))


def cut_names(cut: int) -> tuple[str, ...]:
    """The searches that the bits `cut` of an answer name."""
    return tuple(name for bit, name in CUT_NAMES if cut & bit)


@kernel
def is_transfer(kind: int) -> bool:
    """Whether a movement of `kind` passes money on: neither a bare link nor a bet."""
    return kind < KIND_LINK and kind != KIND_BET
