"""First stage over accounts: does an end of a movement, as known at that moment, look like one that launders?

A movement between two such accounts is suspicious whatever its amount. Every end of every movement is a row of its own,
so both ends teach one model, and all that a launderer does teaches it, not only what its ring moved. No account is
scored by a model that learnt from it: accounts are dealt into folds, and each fold is scored by trees of the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import lightgbm
import numpy as np
from numpy.typing import NDArray

from gnn.boosted import PARAMETERS, THREADS, cells_of, honest_share, scored_in_turn, thinned
from gnn.dataset import Rated
from gnn.folds import FOLDS, fold_of
from gnn.network_inputs import Columns
from gnn.split import Split
from gnn.stages import LastAnswer

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I8 = NDArray[np.int8]
I32 = NDArray[np.int32]
I64 = NDArray[np.int64]

ROUNDS = 120
MOST_HONEST_ENDS = 100_000
ROWS_PER_LEAF = 100  # an account has many rows: a leaf should hold several accounts


@dataclass(frozen=True)
class AccountTrees:
    """Boosted trees over the columns of an end of a movement."""

    columns: Columns

    def fit(self, rated: Rated, split: Split, seed: int) -> FittedAccounts:
        """Train on the ends of training rows, and again on those of all rows whose label was known at the test part."""
        owners = owners_of(rated)
        since = int(rated.ts[split.test[0]])
        ends = owners[split.train].ravel().astype(np.int64)
        share = honest_share(guilty_accounts(rated, split.train), ends, MOST_HONEST_ENDS)
        earlier = self._fitted(rated, owners, split.train, share, seed)
        return FittedAccounts(self._fitted(rated, owners, split.refit, share, seed), earlier, since, self.columns)

    def _fitted(self, rated: Rated, owners: I32, rows: I64, share: float, seed: int) -> tuple[lightgbm.Booster, ...]:
        guilty, folds = guilty_accounts(rated, rows), folds_of(rated)
        found: list[lightgbm.Booster] = []
        if not self.columns.source:
            return ()
        for fold in range(FOLDS):
            cells, labels = [], []
            for side, columns in enumerate((self.columns.source, self.columns.target)):
                chosen = rows[folds[rows, side] != fold]
                label = guilty[owners[:, side]]
                chosen = thinned(chosen, label, share, seed)
                cells.append(cells_of(rated.features, chosen, columns))
                labels.append(label[chosen])
            data = lightgbm.Dataset(np.concatenate(cells), np.concatenate(labels))
            parameters = PARAMETERS | {"seed": seed, "num_threads": THREADS, "min_data_in_leaf": ROWS_PER_LEAF}
            found.append(lightgbm.train(parameters, data, ROUNDS))
        return tuple(found)


@dataclass(frozen=True)
class FittedAccounts:
    """`boosters[k]` learnt from no account of fold k; `earlier` likewise, and score what comes before `since`.

    There are none, and every end gets 0, where no column says anything of an end.
    """

    boosters: tuple[lightgbm.Booster, ...]
    earlier: tuple[lightgbm.Booster, ...]
    since: int
    columns: Columns
    last: LastAnswer[F64] = field(default_factory=LastAnswer, compare=False)

    def ends(self, rated: Rated) -> F64:
        """Log odds that the source and the target launder, as known at each movement; float64[n, 2]."""
        return self.last.of(rated, lambda: self._ends(rated))

    def _ends(self, rated: Rated) -> F64:
        folds, found = folds_of(rated), np.zeros((len(rated), 2))
        for side, columns in enumerate((self.columns.source, self.columns.target)):
            for fold, pair in enumerate(zip(self.earlier, self.boosters, strict=True)):
                rows = np.flatnonzero(folds[:, side] == fold)
                found[rows, side] = _scored(pair, self.since, rated, rows, columns)
        return found


def _scored(
    pair: tuple[lightgbm.Booster, lightgbm.Booster], since: int, rated: Rated, rows: I64, columns: Sequence[int]
) -> F64:
    return scored_in_turn(pair, since, lambda places: cells_of(rated.features, rows[places], columns), rated.ts[rows])


def folds_of(rated: Rated) -> I32:
    """The folds of source and target of every rated movement, int32[n, 2]."""
    owners = owners_of(rated)
    stands_for = rated.edges.account_hash
    return fold_of(owners.astype(np.int64) if stands_for is None else stands_for[owners])


def owners_of(rated: Rated) -> I32:
    """Source and target of every rated movement, int32[n, 2]."""
    return np.stack((rated.edges.source[rated.edge], rated.edges.target[rated.edge]), axis=1)


def guilty_accounts(rated: Rated, rows: I64) -> I8:
    """For every account: whether it is an end of a fraudulent movement among `rows`."""
    owners = owners_of(rated)
    guilty = np.zeros(int(max(rated.edges.source.max(), rated.edges.target.max())) + 1, dtype=np.int8)
    guilty[owners[rows[rated.label[rows] == 1]].ravel()] = 1
    return guilty
