"""What the network reads: scaled feature rows, what was last known of accounts, and sampled links as tensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numba import njit
from numpy.typing import NDArray
from torch import Tensor

from gnn.dataset import Rated
from gnn.neighbours import History, compressed, earlier, history_of, neighbourhoods

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I32 = NDArray[np.int32]
I64 = NDArray[np.int64]

DAY_MS = 86_400_000.0
FARTHEST = 5.0  # standard deviations; what lies beyond is cut
TARGET = "target_"
KNOWN_WIDTH = 2  # whether anything was known of the account, and how long ago


@dataclass(frozen=True, slots=True)
class Columns:
    """Places of feature columns by whom they describe: `source[i]` and `target[i]` say the same of the two ends."""

    source: tuple[int, ...]
    target: tuple[int, ...]
    row: tuple[int, ...]


def columns_by_end(names: Sequence[str], left_out: frozenset[str] = frozenset()) -> Columns:
    """Tell apart columns of the source, of the target (`target_` in the name) and of the movement itself."""
    place = {name: number for number, name in enumerate(names) if name not in left_out}
    pairs = [
        (place[name.replace(TARGET, "", 1)], number)
        for name, number in place.items()
        if name.replace(TARGET, "", 1) in place and TARGET in name
    ]
    of_ends = {number for pair in pairs for number in pair}
    return Columns(
        source=tuple(source for source, _ in pairs),
        target=tuple(target for _, target in pairs),
        row=tuple(number for number in place.values() if number not in of_ends),
    )


@dataclass(frozen=True, slots=True)
class Scale:
    """Brings features to a common size: signed log, then centred and divided as on the training rows, then cut."""

    centre: F32
    spread: F32

    def __call__(self, features: F32, rows: I64, columns: Sequence[int]) -> F32:
        """Scaled cells of some rows and columns, float32[len(rows), len(columns)]; what is missing becomes 0."""
        chosen = np.asarray(columns, dtype=np.int64)
        scaled = (_signed_log(features[np.ix_(rows, chosen)]) - self.centre[chosen]) / self.spread[chosen]
        cut: F32 = np.clip(np.nan_to_num(scaled, nan=0.0), -FARTHEST, FARTHEST).astype(np.float32)
        return cut


def fit_scale(features: F32) -> Scale:
    """Centre and spread of training rows; a constant or empty column is left at 0."""
    logs = _signed_log(features).astype(np.float64)
    there = np.isfinite(logs)
    rows = np.maximum(there.sum(axis=0), 1)
    centre = np.where(there, logs, 0.0).sum(axis=0) / rows
    spread = np.sqrt((np.where(there, logs - centre, 0.0) ** 2).sum(axis=0) / rows)
    return Scale(centre.astype(np.float32), np.where(spread > 1e-6, spread, 1.0).astype(np.float32))


def _signed_log(features: F32) -> F32:
    finite = np.where(np.isfinite(features), features, np.float32(np.nan))
    return np.asarray(np.sign(finite) * np.log1p(np.abs(finite)), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Batch:
    """B movements as tensors: `row` the movement itself, `ends` its two ends (2 B rows), the rest as in Neighbourhoods.

    `node1` goes on with what was known of each neighbour (scaled), whether anything was, and how long ago.
    """

    row: Tensor
    ends: Tensor
    receiver1: Tensor
    link1: Tensor
    node1: Tensor
    receiver2: Tensor
    link2: Tensor
    node2: Tensor


@dataclass(frozen=True, slots=True)
class Stream:
    """A rated stream made ready for drawing batches.

    What is known of an account at a movement is what its own newest rated movement strictly before said of it: the
    columns of the source if it paid then, of the target if it was paid. Nothing is known of an account without one.
    """

    history: History
    edge: I64
    ts: I64
    features: F32
    columns: Columns
    scale: Scale
    start: I64
    listed: I64

    @property
    def widths(self) -> tuple[int, int]:
        """Columns of the movement, and of one end."""
        return len(self.columns.row), len(self.columns.source)

    def batch(self, rows: I64, device: torch.device, **reach: int) -> Batch:
        """Neighbourhoods of the rated movements `rows`, sampled now; `reach` as `neighbourhoods` takes it."""
        found = neighbourhoods(self.history, self.edge[rows], **reach)
        newest = _newest_known(self.start, self.listed, found.account1, rows, found.receiver1)
        node1 = np.hstack((found.node1, self._known(newest, rows[found.receiver1 // 2])))
        own = (2 * rows[:, None] + np.arange(2)).ravel()
        ends = np.hstack((found.ends, self._ends(own)))
        row = self.scale(self.features, rows, self.columns.row)
        parts = (row, ends, found.receiver1, found.link1, node1, found.receiver2, found.link2, found.node2)
        return Batch(*(torch.from_numpy(part).to(device) for part in parts))

    def _ends(self, places: I64) -> F32:
        """Scaled columns of the ends at places `2 * row + end`."""
        found = np.empty((len(places), len(self.columns.source)), dtype=np.float32)
        for side, columns in enumerate((self.columns.source, self.columns.target)):
            chosen = np.flatnonzero(places % 2 == side)
            found[chosen] = self.scale(self.features, places[chosen] // 2, columns)
        return found

    def _known(self, newest: I64, rows: I64) -> F32:
        """Scaled columns of an end at its newest rated movement, and the two of KNOWN_WIDTH; zeros where -1."""
        there = newest >= 0
        place = np.maximum(newest, 0)
        days = (self.ts[rows] - self.ts[place // 2]) / DAY_MS
        extra = np.stack((there, np.where(there, np.log1p(np.maximum(days, 0.0)), 0.0)), axis=1)
        return np.hstack((np.where(there[:, None], self._ends(place), 0.0), extra)).astype(np.float32)


def stream_of(rated: Rated, columns: Columns, scale: Scale) -> Stream:
    """Index `rated` once; features are scaled when a batch is drawn, so that there is no second table of them."""
    owners = np.stack((rated.edges.source[rated.edge], rated.edges.target[rated.edge]), axis=1).ravel()
    accounts = int(max(rated.edges.source.max(), rated.edges.target.max())) + 1
    start, listed = compressed(owners, accounts)
    return Stream(history_of(rated.edges), rated.edge, rated.ts, rated.features, columns, scale, start, listed)


@njit(cache=True)
def _newest_known(start: I64, listed: I64, accounts: I32, rows: I64, receivers: I64) -> I64:
    """Per neighbour the place `2 * row + end` of its newest rated movement before the row that sees it, or -1."""
    newest = np.full(len(accounts), -1, np.int64)
    for i in range(len(accounts)):
        place = earlier(start, listed, accounts[i], 2 * rows[receivers[i] // 2])
        if place > start[accounts[i]]:
            newest[i] = listed[place - 1]
    return newest
