"""The models that a backtest trains side by side, weakest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gnn.boosted import Boosted, cells_of, fit_boosted
from gnn.dataset import COLUMNS, WINDOW_COLUMNS, Rated
from gnn.split import Split
from graph.window.features import GROUPS

Floats = NDArray[np.float64]


class Fitted(Protocol):
    """A trained model. Guarantee: the raw score of a row depends on that row and earlier ones alone."""

    def raw(self, rated: Rated) -> Floats:
        """Raw scores (higher is more suspicious) of every row, float64[n]."""
        ...


class Candidate(Protocol):
    """A way to train a model.

    Guarantees: labels outside `split.train` and `split.valid` are never read; equal seeds give equal models.
    """

    @property
    def name(self) -> str: ...

    def fit(self, rated: Rated, split: Split, seed: int) -> Fitted: ...


@dataclass(frozen=True)
class Trees:
    """Boosted trees over some columns."""

    name: str
    columns: tuple[int, ...]

    def fit(self, rated: Rated, split: Split, seed: int) -> Fitted:
        boosted = fit_boosted(
            lambda rows: cells_of(rated.features, rows, self.columns),
            rated.label,
            split,
            ts=rated.ts,
            columns=self.columns,
            names=[COLUMNS[column] for column in self.columns],
            seed=seed,
        )
        return FittedTrees(boosted)


@dataclass(frozen=True)
class FittedTrees:
    boosted: Boosted

    def raw(self, rated: Rated) -> Floats:
        return self.boosted.raw(rated.features, rated.ts)


#: What a payment says of itself.
RAW_FIELDS = ("amount", "round_digits", "round_hundred", "self_transfer")
#: What counters over the two accounts say.
COUNTED = ("Amount, velocity, ages and lists", "Own history", "The two accounts with each other")


def columns_of(names: Sequence[str]) -> tuple[int, ...]:
    """Places of named columns."""
    return tuple(COLUMNS.index(name) for name in names)


#: Clocks and cuts: they tell how long a stream has run, not what an account does.
LEFT_OUT = frozenset({"account_age_days", "target_age_days", "truncated"})

RAW = Trees("raw fields", columns_of(RAW_FIELDS))
COUNTERS = Trees("causal counters", columns_of([f.name for group in COUNTED for f in GROUPS[group]]))
BOOSTED = Trees("boosted features", columns_of([name for name in COLUMNS if name not in LEFT_OUT]))
#: The same over what the window says alone.
WINDOW_BOOSTED = Trees(BOOSTED.name, tuple(column for column in BOOSTED.columns if column < len(WINDOW_COLUMNS)))


def candidates() -> tuple[Candidate, ...]:
    """All models, weakest first. Those that stand on others train and score them once. Loads torch."""
    from gnn.hybrid import standing_on

    return (RAW, COUNTERS, *standing_on(BOOSTED, BOOSTED.columns))
