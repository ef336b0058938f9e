"""The compiled forest is LightGBM's own answer, bit for bit, and refuses texts that would lead it astray."""

from __future__ import annotations

import lightgbm
import numpy as np
import pytest

from gnn.forest import ForestUnreadable, read_forest, stacked

PARAMETERS = {"objective": "binary", "num_leaves": 15, "min_data_in_leaf": 5, "verbose": -1, "num_threads": 1}


def rows_with_gaps(rows: int, seed: int = 0) -> np.ndarray:
    """Numbers of many sizes with zeros, missing values and infinities among them."""
    rng = np.random.default_rng(seed)
    table = (rng.normal(size=(rows, 12)) * 10.0 ** rng.integers(-40, 9, 12)).astype(np.float32)
    table[rng.random(table.shape) < 0.2] = np.nan
    table[rng.random(table.shape) < 0.2] = 0.0
    table[rng.random(table.shape) < 0.01] = np.inf
    return table


def booster(**more: object) -> lightgbm.Booster:
    table = rows_with_gaps(2_000)
    label = (np.nan_to_num(table[:, 3]) > 0).astype(int) ^ (np.random.default_rng(1).random(2_000) < 0.1)
    return lightgbm.train(PARAMETERS | more, lightgbm.Dataset(table, label), 60)


@pytest.mark.parametrize("more", [{}, {"zero_as_missing": True}, {"use_missing": False}, {"num_leaves": 2}])
def test_the_forest_answers_as_the_booster_does_bit_for_bit(more: dict[str, object]) -> None:
    trained, table = booster(**more), rows_with_gaps(500, seed=7)
    forest = read_forest(trained.model_to_string(), width=12)
    expected = np.asarray(trained.predict(table, raw_score=True, num_threads=1))
    assert forest.raw(table).tobytes() == expected.tobytes()
    assert len({*expected.tolist()}) > 1
    for row in range(20):  # whatever else is in the batch
        assert forest.raw(table[row : row + 1]).tobytes() == expected[row : row + 1].tobytes()


def test_a_tree_of_one_leaf_is_a_constant() -> None:
    table = rows_with_gaps(100)
    trained = lightgbm.train(PARAMETERS | {"min_data_in_leaf": 99}, lightgbm.Dataset(table, np.arange(100) % 2), 3)
    expected = np.asarray(trained.predict(table, raw_score=True, num_threads=1))
    assert read_forest(trained.model_to_string(), width=12).raw(table).tobytes() == expected.tobytes()


def test_each_row_is_scored_by_the_forest_that_is_named_for_it() -> None:
    table = rows_with_gaps(40)
    forests = [
        read_forest(booster(seed=seed, bagging_fraction=0.5, bagging_freq=1).model_to_string(), width=12)
        for seed in (1, 2)
    ]
    which = np.arange(40) % 2
    found = stacked(forests, which, table)
    assert found.tolist() == [float(forests[number].raw(table[row : row + 1])[0]) for row, number in enumerate(which)]
    assert forests[0].raw(table).tolist() != forests[1].raw(table).tolist()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("end of trees", ""),
        ("left_child=", "left_child=0 "),
        ("left_child=", "left_child=9999 "),
        ("num_leaves=", "num_leaves=1"),
    ],
)
def test_a_text_that_was_changed_is_refused_in_words(before: str, after: str) -> None:
    text = booster().model_to_string()
    assert before in text
    with pytest.raises(ForestUnreadable, match="cannot be read"):
        read_forest(text.replace(before, after, 1), width=12)


def test_a_forest_over_more_columns_than_there_are_is_refused() -> None:
    with pytest.raises(ForestUnreadable, match="column beyond 2"):
        read_forest(booster().model_to_string(), width=2)
