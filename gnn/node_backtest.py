"""How well models tell fraudulent accounts of a static graph: trees, network and their mean, chosen on validation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import lightgbm
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from gnn.node_columns import NodeColumns
from gnn.node_network import NodeCourse, network_scores
from gnn.nodes import NodeGraph, NodeSplit

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

TREES: dict[str, object] = {
    "objective": "binary",
    "metric": "auc",
    "learning_rate": 0.02,
    "num_leaves": 15,
    "min_data_in_leaf": 20,
    "feature_fraction": 0.15,
    "bagging_fraction": 0.6,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "max_bin": 127,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 2,
    "verbose": -1,
}
MOST_ROUNDS = 2_500
PATIENCE = 150
SEEDS = 3  # boosted models whose log odds are averaged
NETWORKS = 2


@dataclass(frozen=True, slots=True)
class NodeTried:
    """One model: log odds of all accounts; areas under its curve, and average precision on the test accounts."""

    name: str
    raw: F64
    valid_auc: float
    test_auc: float
    test_ap: float


def try_nodes(
    graph: NodeGraph,
    columns: NodeColumns,
    split: NodeSplit,
    *,
    seed: int,
    course: NodeCourse | None = None,
    told: Callable[[str], None] | None = None,
) -> tuple[NodeTried, ...]:
    """Train on one split: plain columns, neighbours' columns, the network, and last the mean of those that
    are best together on the validation accounts. Labels of the test accounts only go into the test figures.
    """
    label = graph.label.copy()
    label[split.test] = 0
    seen = NodeGraph(graph.features, label, graph.links)
    table = columns.with_known(label, split.train)
    makers: tuple[tuple[str, Callable[[], F64]], ...] = (
        ("own features", lambda: _trees(seen, seen.features, split, seed)),
        ("trees over neighbours", lambda: _trees(seen, table, split, seed)),
        (
            "random trees over neighbours",
            lambda: _trees(seen, table, split, seed, extra_trees=True, learning_rate=0.03),
        ),
        ("network", lambda: _networks(seen, columns.table, split, seed, course)),
    )
    found = []
    for name, make in makers:
        if told is not None:
            told(name)
        found.append((name, make()))
    found.append(("together", together([raw for _, raw in found[1:]], seen, split)))
    return tuple(_measured(graph, split, name, raw) for name, raw in found)


def together(scores: list[F64], graph: NodeGraph, split: NodeSplit) -> F64:
    """The mean of the set of `scores` (log odds) that ranks the validation accounts best; of equals the smallest."""
    best, chosen = -1.0, scores[0]
    for size in range(1, len(scores) + 1):
        for some in combinations(scores, size):
            mean: F64 = np.mean(some, axis=0)
            quality = float(roc_auc_score(graph.label[split.valid], mean[split.valid]))
            if quality > best:
                best, chosen = quality, mean
    return chosen


def _trees(graph: NodeGraph, table: F32, split: NodeSplit, seed: int, **other: object) -> F64:
    """Mean log odds of SEEDS boosted models, each stopped where the validation accounts say so."""
    raw = np.zeros(len(graph))
    for number in range(SEEDS):
        parameters = TREES | {"seed": SEEDS * seed + number} | other
        train = lightgbm.Dataset(table[split.train], graph.label[split.train])
        valid = lightgbm.Dataset(table[split.valid], graph.label[split.valid], reference=train)
        stop = lightgbm.early_stopping(PATIENCE, verbose=False)
        booster = lightgbm.train(parameters, train, MOST_ROUNDS, valid_sets=[valid], callbacks=[stop])
        raw += np.asarray(booster.predict(table, raw_score=True, num_threads=2)) / SEEDS
    return raw


def _networks(graph: NodeGraph, table: F32, split: NodeSplit, seed: int, course: NodeCourse | None) -> F64:
    """Mean log odds of NETWORKS networks."""
    numbers = range(NETWORKS * seed, NETWORKS * (seed + 1))
    scores: F64 = np.mean(
        [network_scores(graph, table, split, seed=number, course=course) for number in numbers], axis=0
    )
    return scores


def _measured(graph: NodeGraph, split: NodeSplit, name: str, raw: F64) -> NodeTried:
    def auc(rows: NDArray[np.int64]) -> float:
        return float(roc_auc_score(graph.label[rows], raw[rows]))

    precision = float(average_precision_score(graph.label[split.test], raw[split.test]))
    return NodeTried(name, raw, auc(split.valid), auc(split.test), precision)
