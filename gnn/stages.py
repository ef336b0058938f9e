"""First stages: models whose scores a second stage learns from, trained so that no training row betrays its label.

The second stage would believe a first one too much if training rows carried scores of a model that saw their labels.
So the training period is cut into blocks of time, each scored by a model of the other blocks, the validation period by
the model of all blocks, and the test period by a model of all labels that were known when it began.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from gnn.dataset import Rated
from gnn.split import Split

if TYPE_CHECKING:
    from gnn.candidates import Candidate, Fitted

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
M = TypeVar("M")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Blocks(Generic[M]):
    """`models[k]` saw no label from `begins[k] <= ts < begins[k + 1]` (epoch ms).

    `models[-1]` scores all that comes after the validation period: it is the one to serve with.
    """

    begins: I64
    models: tuple[M, ...]

    def scored(self, ts: I64, how: Callable[[M, I64], F64]) -> F64:
        """`how(model, rows)` of all rows, each by the model that is to score it; float64[n] or float64[n, width]."""
        which = np.searchsorted(self.begins, ts, side="right") - 1
        which[which < 0] = len(self.models) - 1
        whole: F64 | None = None
        for number, model in enumerate(self.models):
            rows = np.flatnonzero(which == number)
            if not len(rows):
                continue
            found = how(model, rows)
            if whole is None:
                whole = np.empty((len(ts), *found.shape[1:]))
            whole[rows] = found
        return np.empty(0) if whole is None else whole


def fit_blocks(rated: Rated, split: Split, blocks: int, fit: Callable[[I64], M]) -> Blocks[M]:
    """Train a model without each of `blocks` blocks of the training period, one on all training rows, one on `refit`.

    A block that holds all fraudulent (or all honest) training rows is scored by the model of all rows: there is none
    without it.
    """
    ts = rated.ts
    edges = split.train[np.linspace(0, len(split.train), blocks + 1).astype(np.int64)[1:-1]]
    begins = np.unique(np.concatenate((ts[:1], ts[edges], ts[split.valid[:1]])))
    whole = fit(split.train)
    models = []
    for low, high in pairwise(begins.tolist()):
        times = ts[split.train]
        rest = split.train[(times < low) | (times >= high)]
        models.append(fit(rest) if 0 < rated.label[rest].sum() < len(rest) else whole)
    return Blocks(np.append(begins, ts[split.test[0]]), (*models, whole, fit(split.refit)))


class LastAnswer(Generic[T]):
    """The last answer about a stream: those who stand on a stage ask it for the same stream one after the other."""

    def __init__(self) -> None:
        self._held: tuple[object, object, T] | None = None

    def of(self, rated: Rated, find: Callable[[], T]) -> T:
        """The answer about `rated`, found again only when its features or edges are others."""
        held = self._held
        if held is None or held[0] is not rated.features or held[1] is not rated.edges:
            held = (rated.features, rated.edges, find())
            self._held = held
        return held[2]


class Once:
    """A candidate that keeps its last model, so that those who stand on it do not train it again."""

    def __init__(self, candidate: Candidate) -> None:
        self._candidate = candidate
        self._held: tuple[Rated, Split, int, Fitted] | None = None

    @property
    def name(self) -> str:
        """The candidate's own name."""
        return self._candidate.name

    def fit(self, rated: Rated, split: Split, seed: int) -> Fitted:
        """As the candidate's; trained again when features, edges, labels, split or seed are others."""
        held = self._held
        if held is None or not _same(held[0], rated, held[1], split) or held[2] != seed:
            held = (rated, split, seed, self._candidate.fit(rated, split, seed))
            self._held = held
        return held[3]


def _same(before: Rated, now: Rated, split_before: Split, split_now: Split) -> bool:
    return (
        before.features is now.features
        and before.edges is now.edges
        and np.array_equal(before.label, now.label)
        and np.array_equal(split_before.train, split_now.train)
        and np.array_equal(split_before.valid, split_now.valid)
    )
