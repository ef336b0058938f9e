"""Parts of columns add up to the answer, and are LightGBM's own and those of the definition."""

from __future__ import annotations

from itertools import combinations
from math import factorial

import lightgbm
import numpy as np
import pytest

from gnn.forest import Forest, ForestUnreadable, read_forest
from gnn.tree_parts import column_parts, paths_of


def trained(seed: int, *, rounds: int, leaves: int, width: int = 6) -> tuple[lightgbm.Booster, np.ndarray]:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(400, width)).astype(np.float32)
    rows[rng.random(rows.shape) < 0.1] = np.nan
    rows[:, 1] = rng.integers(0, 3, 400)
    label = (np.nan_to_num(rows[:, 0]) * np.nan_to_num(rows[:, 2]) + rows[:, 1] > 1.2).astype(int)
    parameters = {"objective": "binary", "num_leaves": leaves, "min_data_in_leaf": 5, "verbose": -1, "num_threads": 1}
    return lightgbm.train(parameters | {"seed": seed}, lightgbm.Dataset(rows, label), rounds), rows[:50]


def shapley(forest: Forest, counts: dict[int, float], row: np.ndarray) -> list[float]:
    """By the definition, over all subsets: an unknown column goes both ways, as training rows did."""

    def answer(node: int, known: frozenset[int]) -> float:
        if node < 0:
            return float(forest.leaf[~node])
        left, right = int(forest.left[node]), int(forest.right[node])
        feature = int(forest.feature[node])
        if feature in known:
            value, decision = float(row[feature]), int(forest.decision[node])
            goes_left = bool(decision & 2) if np.isnan(value) else value <= forest.threshold[node]
            return answer(left if goes_left else right, known)
        return (answer(left, known) * counts[left] + answer(right, known) * counts[right]) / counts[node]

    columns = range(len(row))
    found = []
    for column in columns:
        others = [other for other in columns if other != column]
        total = 0.0
        for size in range(len(columns)):
            weight = factorial(size) * factorial(len(columns) - 1 - size) / factorial(len(columns))
            for some in combinations(others, size):
                known = frozenset(some)
                total += weight * (answer(0, known | {column}) - answer(0, known))
        found.append(total)
    return found


@pytest.mark.parametrize(("seed", "rounds", "leaves"), [(1, 30, 15), (2, 5, 31), (3, 60, 4), (4, 3, 2)])
def test_parts_are_those_of_lightgbm_and_add_up(seed: int, rounds: int, leaves: int) -> None:
    booster, rows = trained(seed, rounds=rounds, leaves=leaves)
    text = booster.model_to_string()
    forest = read_forest(text, width=rows.shape[1])
    paths = paths_of(forest)
    parts = column_parts(forest, paths, rows)
    theirs = np.asarray(booster.predict(rows, pred_contrib=True))
    assert parts == pytest.approx(theirs[:, :-1], abs=1e-9)
    assert np.full(len(rows), paths.base) == pytest.approx(theirs[:, -1], abs=1e-9)
    assert paths.base + parts.sum(axis=1) == pytest.approx(forest.raw(rows), abs=1e-9)


def test_parts_of_a_tree_are_shapley_values_over_all_subsets() -> None:
    booster, rows = trained(5, rounds=1, leaves=8, width=4)
    text = booster.model_to_string()
    forest = read_forest(text, width=4)
    fields = dict(line.split("=", 1) for line in text.split("\nTree=0")[1].splitlines() if "=" in line)
    counts = {node: float(count) for node, count in enumerate(fields["internal_count"].split())}
    counts |= {~leaf: float(count) for leaf, count in enumerate(fields["leaf_count"].split())}
    parts = column_parts(forest, paths_of(forest), rows)
    for row in range(10):
        assert parts[row] == pytest.approx(shapley(forest, counts, rows[row]), abs=1e-9)


def test_a_text_whose_counts_are_cut_off_is_refused() -> None:
    booster, rows = trained(1, rounds=2, leaves=8)
    lines = booster.model_to_string().splitlines()
    spoiled = "\n".join("leaf_count=3" if line.startswith("leaf_count") else line for line in lines)
    with pytest.raises(ForestUnreadable, match="counts"):
        read_forest(spoiled, width=rows.shape[1])
