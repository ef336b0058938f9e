"""Models that stand on others: trees over propagated scores, the network, and the hybrid that validation chose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING

import lightgbm
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from gnn.boosted import PARAMETERS, THREADS, Boosted, fit_boosted, thinned
from gnn.dataset import COLUMNS, Rated
from gnn.network import RingNetwork
from gnn.network_inputs import Columns, Scale, columns_by_end, fit_scale, stream_of
from gnn.network_training import Course, score, train_network
from gnn.propagation import PROPAGATED, propagate
from gnn.split import Split
from gnn.stages import Blocks, LastAnswer, Once, fit_blocks

if TYPE_CHECKING:
    from gnn.candidates import Candidate, Fitted

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

FIRST_ROUNDS = 200
TREE_BLOCKS = 5
NETWORK_BLOCKS = 3
#: What the network says of a movement and its ends, and of the movements around it.
HEARD: tuple[str, ...] = (
    *("network_movement", "network_source", "network_target"),
    *(f"network_{name}" for name in PROPAGATED),
)


@dataclass(frozen=True)
class FirstTrees:
    """Boosted trees over some columns, out of fold on the training period: what gets propagated."""

    columns: tuple[int, ...]
    name: str = "first stage"

    def fit(self, rated: Rated, split: Split, seed: int) -> FittedFirstTrees:
        """Train with a fixed number of rounds; validation rows are not used."""
        table = rated.features[:, self.columns]

        def fitted(rows: NDArray[np.int64]) -> lightgbm.Booster:
            chosen = thinned(rows, rated.label, seed)
            parameters = PARAMETERS | {"seed": seed, "num_threads": THREADS}
            return lightgbm.train(parameters, lightgbm.Dataset(table[chosen], rated.label[chosen]), FIRST_ROUNDS)

        return FittedFirstTrees(fit_blocks(rated, split, TREE_BLOCKS, fitted), self.columns)


@dataclass(frozen=True)
class FittedFirstTrees:
    """Log odds of the first stage, each movement by the model that did not learn from it."""

    blocks: Blocks[lightgbm.Booster]
    columns: tuple[int, ...]
    last: LastAnswer[F64] = field(default_factory=LastAnswer, compare=False)

    def raw(self, rated: Rated) -> F64:
        """Log odds, float64[n]."""
        return self.last.of(rated, lambda: self._raw(rated))

    def _raw(self, rated: Rated) -> F64:
        table = rated.features[:, self.columns]

        def scores(booster: lightgbm.Booster, rows: NDArray[np.int64]) -> F64:
            return np.asarray(booster.predict(table[rows], raw_score=True, num_threads=THREADS), dtype=np.float64)

        return self.blocks.scored(rated.ts, scores)


@dataclass(frozen=True)
class Network:
    """The network over temporal neighbourhoods, out of fold on the training period."""

    columns: Columns
    course: Course = field(default_factory=Course)
    name: str = "network"

    def fit(self, rated: Rated, split: Split, seed: int) -> FittedNetwork:
        """Train with early stopping on the validation part."""
        scale = fit_scale(rated.features[split.train])
        stream = stream_of(rated, self.columns, scale)
        blocks = fit_blocks(
            rated,
            split,
            NETWORK_BLOCKS,
            lambda rows: train_network(stream, rated.label, rows, split.valid, seed=seed, course=self.course),
        )
        return FittedNetwork(blocks, self.columns, scale)


@dataclass(frozen=True)
class FittedNetwork:
    """Scores of the network, each movement by the weights that did not learn from it."""

    blocks: Blocks[RingNetwork]
    columns: Columns
    scale: Scale
    last: LastAnswer[F64] = field(default_factory=LastAnswer, compare=False)

    def raw(self, rated: Rated) -> F64:
        """Log odds of the movement, float64[n]."""
        return self.heard(rated)[:, 0]

    def heard(self, rated: Rated) -> F64:
        """Log odds of the movement, its source and its target, float64[n, 3]."""
        return self.last.of(rated, lambda: self._heard(rated))

    def _heard(self, rated: Rated) -> F64:
        stream = stream_of(rated, self.columns, self.scale)
        return self.blocks.scored(rated.ts, lambda network, rows: score(network, stream, rows))


@dataclass(frozen=True)
class Stacked:
    """Boosted trees over features, propagated scores and, with a network, the columns HEARD."""

    name: str
    columns: tuple[int, ...]
    first: Candidate
    network: Candidate | None = None
    names: tuple[str, ...] = COLUMNS

    def fit(self, rated: Rated, split: Split, seed: int) -> FittedStack:
        """Train the stages below if they are not trained yet, then the trees."""
        first = self.first.fit(rated, split, seed)
        network = None if self.network is None else self.network.fit(rated, split, seed)
        if network is not None and not isinstance(network, FittedNetwork):
            raise TypeError(f"{self.name} needs a network below it")
        table = _table(rated, self.columns, first, network)
        names = (*(self.names[column] for column in self.columns), *PROPAGATED, *HEARD)[: table.shape[1]]
        trees = fit_boosted(table, rated.label, split, columns=range(table.shape[1]), seed=seed, names=names)
        return FittedStack(trees, self.columns, first, network)


@dataclass(frozen=True)
class FittedStack:
    """Trees over what the stages below say."""

    trees: Boosted
    columns: tuple[int, ...]
    first: Fitted
    network: FittedNetwork | None
    last: LastAnswer[F64] = field(default_factory=LastAnswer, compare=False)

    def raw(self, rated: Rated) -> F64:
        """Log odds, float64[n]."""
        return self.last.of(rated, lambda: self.trees.raw(_table(rated, self.columns, self.first, self.network)))


def _table(rated: Rated, columns: Sequence[int], first: Fitted, network: FittedNetwork | None) -> F32:
    parts = [rated.features[:, columns], propagate(rated, first.raw(rated))]
    if network is not None:
        heard = network.heard(rated)
        parts += [heard.astype(np.float32), propagate(rated, heard[:, 0])]
    return np.hstack(parts)


@dataclass(frozen=True)
class Hybrid:
    """The mean of log odds of some of its members: of those that are best together on the validation part.

    The plain trees alone are among what is tried, so it is never below them there.
    """

    members: tuple[Candidate, ...]
    name: str = "hybrid"

    def fit(self, rated: Rated, split: Split, seed: int) -> FittedHybrid:
        """Train the members if they are not trained yet, then choose; of equals the first and smallest set."""
        fitted = [(member.name, member.fit(rated, split, seed)) for member in self.members]
        scores = np.array([model.raw(rated)[split.valid] for _, model in fitted])
        label = rated.label[split.valid]
        best = -1.0
        chosen: tuple[int, ...] = (0,)
        for size in range(1, len(fitted) + 1):
            for some in combinations(range(len(fitted)), size):
                found = scores[list(some)].mean(axis=0)
                quality = float(average_precision_score(label, found)) if label.any() else 0.0
                if quality > best:
                    best, chosen = quality, some
        return FittedHybrid(tuple(fitted[place] for place in chosen))


@dataclass(frozen=True)
class FittedHybrid:
    """The mean of the log odds of `parts`: name and model of each."""

    parts: tuple[tuple[str, Fitted], ...]

    def raw(self, rated: Rated) -> F64:
        """Log odds, float64[n]."""
        whole = np.zeros(len(rated))
        for _, fitted in self.parts:
            whole += fitted.raw(rated) / len(self.parts)
        return whole


def standing_on(
    boosted: Candidate,
    columns: tuple[int, ...],
    *,
    names: tuple[str, ...] = COLUMNS,
    course: Course | None = None,
    once: Callable[[Candidate], Candidate] = Once,
) -> tuple[Candidate, ...]:
    """Boosted trees over `columns` and the candidates that stand on them, weakest first; each is trained once.

    `once` makes a candidate that keeps its model for those who stand on it.
    """
    held = once(boosted)
    first = once(FirstTrees(columns))
    left_out = frozenset(names) - {names[column] for column in columns}
    network = once(Network(columns_by_end(names, left_out), course or Course()))
    propagated = once(Stacked("propagated scores", columns, first, names=names))
    stacked = once(Stacked("trees over the network", columns, first, network, names=names))
    return held, propagated, network, stacked, Hybrid((held, propagated, network, stacked))
