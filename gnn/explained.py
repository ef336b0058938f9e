"""Why models of a backtest said what they said about some rows: parts of the plain trees, links of the network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gnn.backtest import Backtest
from gnn.candidates import FittedTrees
from gnn.dataset import COLUMNS, Rated
from gnn.forest import read_forest
from gnn.hybrid import FittedNetwork
from gnn.link_attribution import link_parts
from gnn.neighbours import movements_of
from gnn.network_inputs import stream_of
from gnn.reasons import REASONS, grouped

I64 = NDArray[np.int64]

MOST_LINKS = 5


@dataclass(frozen=True, slots=True)
class Carrier:
    """A link of the row's source (`end` 0) or target (1) that raised the network's log odds by `part`: the rated
    movements of its pair before the row, newest last."""

    tx_ids: tuple[str, ...]
    end: int
    part: float


@dataclass(frozen=True, slots=True)
class Explained:
    """One row: log odds by reason of the plain trees (those that are not 0), and the links that carried the network."""

    tx_id: str
    reasons: dict[str, float]
    links: tuple[Carrier, ...]


def explained(backtest: Backtest, rated: Rated, rows: I64) -> list[Explained]:
    """Explain `rows`; without a network among the models there are no links, without plain trees no reasons."""
    fitted = [tried.fitted for tried in backtest.tried]
    trees = next((one for one in reversed(fitted) if isinstance(one, FittedTrees)), None)
    network = next((one for one in fitted if isinstance(one, FittedNetwork)), None)
    reasons: list[dict[str, float]] = [{} for _ in rows] if trees is None else _reasons(trees, rated, rows)
    links: list[Sequence[Carrier]] = [() for _ in rows] if network is None else _links(network, rated, rows)
    return [
        Explained(rated.tx_ids[row], said, tuple(carriers))
        for row, said, carriers in zip(rows.tolist(), reasons, links, strict=True)
    ]


def _reasons(trees: FittedTrees, rated: Rated, rows: I64) -> list[dict[str, float]]:
    boosted = trees.boosted
    names = [COLUMNS[column] for column in boosted.columns]
    told = grouped(read_forest(boosted.booster.model_to_string(), width=len(names)), names)
    parts = told.parts(rated.features[rows][:, boosted.columns])
    return [{code: part for code, part in zip(REASONS, row, strict=True) if part} for row in parts.tolist()]


def _links(network: FittedNetwork, rated: Rated, rows: I64) -> list[Sequence[Carrier]]:
    stream = stream_of(rated, network.columns, network.scale)
    of_edge = dict(zip(rated.edge.tolist(), rated.tx_ids, strict=True))
    found: list[Sequence[Carrier]] = []
    for row in rows.tolist():
        parts = link_parts(network.blocks.models[-1], stream, row)
        carriers = []
        for link in np.argsort(-parts.part, kind="stable")[:MOST_LINKS].tolist():
            if parts.part[link] > 0:
                pair = movements_of(stream.history, int(parts.edge[link])).tolist()
                tx_ids = tuple(of_edge[edge] for edge in pair if edge in of_edge)
                carriers.append(Carrier(tx_ids, int(parts.end[link]), float(parts.part[link])))
        found.append(carriers)
    return found
