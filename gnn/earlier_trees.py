"""Boosted trees over feature rows and what labels of earlier movements say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gnn.boosted import Boosted, fit_boosted
from gnn.dataset import COLUMNS, Rated
from gnn.earlier_labels import EarlierLabels
from gnn.split import Split


@dataclass(frozen=True)
class EarlierTrees:
    """Trees over some feature columns and over columns of known labels, which belong to one rated stream."""

    columns: tuple[int, ...]
    known: EarlierLabels
    name: str = "trees over earlier labels"

    def fit(self, rated: Rated, split: Split, seed: int) -> FittedEarlierTrees:
        """Train on the training part, stop where the validation part says so."""
        table = self.table(rated)
        names = (*(COLUMNS[column] for column in self.columns), *(f"known_{name}" for name in self.known.names))
        columns = range(table.shape[1])
        boosted = fit_boosted(
            lambda rows: table[rows], rated.label, split, ts=rated.ts, columns=columns, names=names, seed=seed
        )
        return FittedEarlierTrees(boosted, self)

    def table(self, rated: Rated) -> NDArray[np.float32]:
        """Feature columns, then those of known labels; float32[n, width]."""
        return np.hstack((rated.features[:, self.columns], self.known.table))


@dataclass(frozen=True)
class FittedEarlierTrees:
    """Fitted trees with the stream that they can score."""

    boosted: Boosted
    candidate: EarlierTrees

    def raw(self, rated: Rated) -> NDArray[np.float64]:
        """Log odds, float64[n], of the stream whose known labels it was given."""
        return self.boosted.raw(self.candidate.table(rated), rated.ts)
