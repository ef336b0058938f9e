"""Gradient-boosted trees over feature rows (LightGBM).

How many trees there are is chosen on the validation part; then as many are trained again on all labels known when the
test part begins. The first trees score what comes before, so that the validation part is measured honestly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import lightgbm
import numpy as np
from numpy.typing import NDArray

from gnn.split import Split

Floats = NDArray[np.float64]
Table = NDArray[np.float32]
I64 = NDArray[np.int64]
#: Chosen columns of some rows of a table, put together when asked: all rows at once may not fit.
Cells = Callable[[I64], Table]

PARAMETERS: dict[str, object] = {
    "objective": "binary",
    "metric": "average_precision",
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.25,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "max_bin": 127,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}
MOST_ROUNDS = 800
PATIENCE = 50
FEWEST_ROUNDS = 100
MOST_HONEST = 150_000
ROWS_AT_ONCE = 100_000
THREADS = 2


@dataclass(frozen=True, slots=True)
class Boosted:
    """Fitted boosters over the columns `columns` of a feature table.

    `booster` knows all labels there were at `since` (epoch ms) and is the one to serve with; rows before `since` are
    scored by `earlier`, which knows those of the training part.
    """

    booster: lightgbm.Booster
    columns: tuple[int, ...]
    earlier: lightgbm.Booster
    since: int

    def raw(self, features: Table, ts: I64) -> Floats:
        """Log odds of fraud, float64[n], for rows of the whole table and their times."""
        return self.scored(lambda rows: cells_of(features, rows, self.columns), ts)

    def scored(self, cells: Cells, ts: I64) -> Floats:
        """Log odds of fraud, float64[n], for the rows at times `ts` whose columns `cells` gives."""
        return scored_in_turn((self.earlier, self.booster), self.since, cells, ts)


def scored_in_turn(boosters: tuple[lightgbm.Booster, lightgbm.Booster], since: int, cells: Cells, ts: I64) -> Floats:
    """Log odds of rows before `since` by the first booster, of the others by the second; float64[n]."""
    found = np.empty(len(ts))
    for booster, chosen in zip(boosters, (np.flatnonzero(ts < since), np.flatnonzero(ts >= since)), strict=True):
        found[chosen] = scored_by(booster, cells, chosen)
    return found


def scored_by(booster: lightgbm.Booster, cells: Cells, rows: I64) -> Floats:
    """Log odds of some rows, float64[len(rows)], a bounded number of them in memory at once."""
    found = np.empty(len(rows))
    for begin in range(0, len(rows), ROWS_AT_ONCE):
        some = slice(begin, begin + ROWS_AT_ONCE)
        found[some] = booster.predict(cells(rows[some]), raw_score=True, num_threads=THREADS)
    return found


def fit_boosted(
    cells: Cells,
    label: NDArray[np.int8],
    split: Split,
    *,
    ts: I64,
    columns: Sequence[int],
    names: Sequence[str],
    seed: int,
) -> Boosted:
    """Fit on the training part, stopping where the validation part says so, then on all labels known at the test part.

    Of honest training rows about `MOST_HONEST` are used at most, drawn by `seed`; of fraudulent ones all. `names` are
    those of the columns that `cells` gives, `columns` where they come from, `ts` the rows' times. The test part is not
    looked at.
    """

    def data(rows: I64, reference: lightgbm.Dataset | None = None) -> lightgbm.Dataset:
        return lightgbm.Dataset(cells(rows), label[rows], feature_name=list(names), reference=reference)

    parameters = PARAMETERS | {"seed": seed, "num_threads": THREADS}
    share = honest_share(label, split.train, MOST_HONEST)
    train = data(thinned(split.train, label, share, seed))
    stop = lightgbm.early_stopping(PATIENCE, verbose=False)
    valid = data(split.valid, train)
    earlier = lightgbm.train(parameters, train, MOST_ROUNDS, valid_sets=[valid], callbacks=[stop])
    rounds = max(FEWEST_ROUNDS, earlier.best_iteration)
    booster = lightgbm.train(parameters, data(thinned(split.refit, label, share, seed)), rounds)
    return Boosted(booster, tuple(columns), earlier, int(ts[split.test[0]]))


def cells_of(table: Table, rows: I64, columns: Sequence[int]) -> Table:
    """Some rows and columns of a table."""
    found: Table = table[np.ix_(rows, np.asarray(columns, dtype=np.int64))]
    return found


def honest_share(label: NDArray[np.int8], rows: I64, most: int) -> float:
    """The share of honest rows to learn from so that about `most` among `rows` are left.

    Models of other rows of the same stream thin theirs by the same share: their log odds then mean the same.
    """
    return min(1.0, most / max(1, int((label[rows] == 0).sum())))


def thinned(rows: I64, label: NDArray[np.int8], share: float, seed: int) -> I64:
    """All fraudulent rows among `rows` and about that share of the honest ones, in order."""
    if share >= 1.0:
        return rows
    kept: I64 = rows[(label[rows] == 1) | (np.random.default_rng(seed).random(len(rows)) < share)]
    return kept
