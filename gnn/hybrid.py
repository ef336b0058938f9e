"""Models that stand on others: trees over earlier stages, the network, and the hybrid that validation chose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING

import lightgbm
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from gnn.accounts import AccountTrees, FittedAccounts, owners_of
from gnn.boosted import PARAMETERS, THREADS, Boosted, Cells, cells_of, fit_boosted, honest_share, scored_by, thinned
from gnn.company import COMPANY, company_kept
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
MOST_HONEST_FIRST = 60_000
TREE_BLOCKS = 5
NETWORK_BLOCKS = 3
SCALED_ROWS = 100_000  # training rows that the size of features is taken from, about
#: What the network says of a movement and its ends, and of the movements around it.
HEARD: tuple[str, ...] = (
    *("network_movement", "network_source", "network_target"),
    *(f"network_{name}" for name in PROPAGATED),
)


@dataclass(frozen=True)
class Accounts:
    """The stage over accounts, and the company they keep."""

    columns: Columns
    name: str = "accounts"

    def fit(self, rated: Rated, split: Split, seed: int) -> FittedCompany:
        """Train the trees over ends of movements."""
        return FittedCompany(AccountTrees(self.columns).fit(rated, split, seed))


@dataclass(frozen=True)
class FittedCompany:
    """Columns COMPANY of movements."""

    accounts: FittedAccounts
    last: LastAnswer[F32] = field(default_factory=LastAnswer, compare=False)

    def raw(self, rated: Rated) -> F64:
        """Log odds of the less suspicious end, float64[n]."""
        less: F64 = self.accounts.ends(rated).min(axis=1)
        return less

    def table(self, rated: Rated) -> F32:
        """Columns COMPANY, float32[n, len(COMPANY)]."""
        return self.last.of(rated, lambda: self._table(rated))

    def _table(self, rated: Rated) -> F32:
        owners = owners_of(rated)
        return company_kept(owners[:, 0].copy(), owners[:, 1].copy(), rated.ts, self.accounts.ends(rated))


@dataclass(frozen=True)
class FirstTrees:
    """Boosted trees over some columns and COMPANY, out of fold on the training period: what gets propagated."""

    columns: tuple[int, ...]
    accounts: Candidate | None = None
    name: str = "first stage"

    def fit(self, rated: Rated, split: Split, seed: int) -> FittedFirstTrees:
        """Train with a fixed number of rounds; validation rows are not used."""
        accounts = _fitted_company(self.accounts, rated, split, seed)
        cells = _cells(rated, self.columns, _company_said(rated, accounts))

        share = honest_share(rated.label, split.train, MOST_HONEST_FIRST)

        def fitted(rows: NDArray[np.int64]) -> lightgbm.Booster:
            chosen = thinned(rows, rated.label, share, seed)
            parameters = PARAMETERS | {"seed": seed, "num_threads": THREADS}
            return lightgbm.train(parameters, lightgbm.Dataset(cells(chosen), rated.label[chosen]), FIRST_ROUNDS)

        return FittedFirstTrees(fit_blocks(rated, split, TREE_BLOCKS, fitted), self.columns, accounts)


@dataclass(frozen=True)
class FittedFirstTrees:
    """Log odds of the first stage, each movement by the model that did not learn from it."""

    blocks: Blocks[lightgbm.Booster]
    columns: tuple[int, ...]
    accounts: FittedCompany | None
    last: LastAnswer[F64] = field(default_factory=LastAnswer, compare=False)

    def raw(self, rated: Rated) -> F64:
        """Log odds, float64[n]."""
        return self.last.of(rated, lambda: self._raw(rated))

    def _raw(self, rated: Rated) -> F64:
        cells = _cells(rated, self.columns, _company_said(rated, self.accounts))
        return self.blocks.scored(rated.ts, lambda booster, rows: scored_by(booster, cells, rows))


def _fitted_company(accounts: Candidate | None, rated: Rated, split: Split, seed: int) -> FittedCompany | None:
    return None if accounts is None else company_of(accounts.fit(rated, split, seed))


def _company_said(rated: Rated, accounts: FittedCompany | None) -> list[F32]:
    return [] if accounts is None else [accounts.table(rated)]


def company_of(fitted: Fitted) -> FittedCompany:
    """The stage over accounts as what it is."""
    if not isinstance(fitted, FittedCompany):
        raise TypeError("the stage over accounts is another model")
    return fitted


@dataclass(frozen=True)
class Network:
    """The network over temporal neighbourhoods, out of fold on the training period."""

    columns: Columns
    course: Course = field(default_factory=Course)
    name: str = "network"

    def fit(self, rated: Rated, split: Split, seed: int) -> FittedNetwork:
        """Train with early stopping on the validation part."""
        scale = fit_scale(rated.features[split.train[:: 1 + len(split.train) // SCALED_ROWS]])
        stream = stream_of(rated, self.columns, scale)
        known = len(split.refit)

        def fitted(rows: NDArray[np.int64]) -> RingNetwork:
            # the network of all known labels has learnt from the validation part: nothing is left to watch
            watched = split.valid if len(rows) < known else rows[:0]
            return train_network(stream, rated.label, rows, watched, seed=seed, course=self.course)

        blocks = fit_blocks(rated, split, NETWORK_BLOCKS, fitted)
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
    accounts: Candidate | None
    first: Candidate
    network: Candidate | None = None
    names: tuple[str, ...] = COLUMNS

    def fit(self, rated: Rated, split: Split, seed: int) -> FittedStack:
        """Train the stages below if they are not trained yet, then the trees."""
        accounts = _fitted_company(self.accounts, rated, split, seed)
        first = self.first.fit(rated, split, seed)
        network = None if self.network is None else self.network.fit(rated, split, seed)
        if network is not None and not isinstance(network, FittedNetwork):
            raise TypeError(f"{self.name} needs a network below it")
        of_company = () if accounts is None else COMPANY
        of_network = () if network is None else HEARD
        names = (*(self.names[column] for column in self.columns), *of_company, *PROPAGATED, *of_network)
        trees = fit_boosted(
            _cells(rated, self.columns, _said(rated, accounts, first, network)),
            rated.label,
            split,
            ts=rated.ts,
            columns=range(len(names)),
            names=names,
            seed=seed,
        )
        return FittedStack(trees, self.columns, accounts, first, network)


@dataclass(frozen=True)
class FittedStack:
    """Trees over what the stages below say."""

    trees: Boosted
    columns: tuple[int, ...]
    accounts: FittedCompany | None
    first: Fitted
    network: FittedNetwork | None
    last: LastAnswer[F64] = field(default_factory=LastAnswer, compare=False)

    def raw(self, rated: Rated) -> F64:
        """Log odds, float64[n]."""
        return self.last.of(rated, lambda: self._raw(rated))

    def _raw(self, rated: Rated) -> F64:
        said = _said(rated, self.accounts, self.first, self.network)
        return self.trees.scored(_cells(rated, self.columns, said), rated.ts)


def _said(rated: Rated, accounts: FittedCompany | None, first: Fitted, network: FittedNetwork | None) -> list[F32]:
    """What the stages below say of every movement: COMPANY and HEARD where there are such stages, and PROPAGATED."""
    parts = [*_company_said(rated, accounts), propagate(rated, first.raw(rated))]
    if network is not None:
        heard = network.heard(rated)
        parts += [heard.astype(np.float32), propagate(rated, heard[:, 0])]
    return parts


def _cells(rated: Rated, columns: Sequence[int], said: Sequence[F32]) -> Cells:
    """Columns of the feature table, then those of stages."""
    return lambda rows: np.hstack((cells_of(rated.features, rows, columns), *(part[rows] for part in said)))


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
    left_out = frozenset(names) - {names[column] for column in columns}
    by_end = columns_by_end(names, left_out)
    held = once(boosted)
    accounts = once(Accounts(by_end))
    first = once(FirstTrees(columns, accounts))
    network = once(Network(by_end, course or Course()))
    propagated = once(Stacked("propagated scores", columns, accounts, first, names=names))
    stacked = once(Stacked("trees over the network", columns, accounts, first, network, names=names))
    return held, propagated, network, stacked, Hybrid((held, propagated, network, stacked))
