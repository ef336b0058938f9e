"""Gradient-boosted trees over feature rows (LightGBM)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import lightgbm
import numpy as np
from numpy.typing import NDArray

from gnn.dataset import COLUMNS
from gnn.split import Split

Floats = NDArray[np.float64]
Table = NDArray[np.float32]

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
MOST_HONEST = 150_000
THREADS = 2


@dataclass(frozen=True, slots=True)
class Boosted:
    """A fitted booster over the columns `columns` of a feature table."""

    booster: lightgbm.Booster
    columns: tuple[int, ...]

    def raw(self, features: Table) -> Floats:
        """Log odds of fraud, float64[n], for rows of the whole table."""
        found = self.booster.predict(features[:, self.columns], raw_score=True, num_threads=THREADS)
        return np.asarray(found, dtype=np.float64)


def fit_boosted(
    features: Table,
    label: NDArray[np.int8],
    split: Split,
    *,
    columns: Sequence[int],
    seed: int,
    names: Sequence[str] = COLUMNS,
) -> Boosted:
    """Fit on the training part, stopping where the validation part says so; the test part is not looked at.

    At most `MOST_HONEST` honest training rows are used, drawn by `seed`; every fraudulent one is. `names` are those of
    all columns of `features`.
    """
    chosen = np.asarray(columns)
    rows = thinned(split.train, label, seed)
    parameters = PARAMETERS | {"seed": seed, "num_threads": THREADS}
    chosen_names = [names[column] for column in columns]
    train = lightgbm.Dataset(features[rows][:, chosen], label[rows], feature_name=chosen_names)
    valid = lightgbm.Dataset(features[split.valid][:, chosen], label[split.valid], reference=train)
    stop = lightgbm.early_stopping(PATIENCE, verbose=False)
    booster = lightgbm.train(parameters, train, MOST_ROUNDS, valid_sets=[valid], callbacks=[stop])
    return Boosted(booster, tuple(columns))


def thinned(rows: NDArray[np.int64], label: NDArray[np.int8], seed: int) -> NDArray[np.int64]:
    """All fraudulent rows among `rows` and at most `MOST_HONEST` honest ones, in order."""
    honest = rows[label[rows] == 0]
    if len(honest) <= MOST_HONEST:
        return rows
    kept = np.random.default_rng(seed).choice(honest, MOST_HONEST, replace=False)
    return np.sort(np.concatenate((kept, rows[label[rows] == 1])))
