"""First stages: no training row is scored by a model that saw its label, and nothing is trained twice in vain."""

from __future__ import annotations

import numpy as np
import pytest

from gnn.dataset import Rated
from gnn.split import Split, split_by_time
from gnn.stages import LastAnswer, Once, fit_blocks
from tests.gnn.streams import DAY_MS, random_edges, rated_over


def stream(seed: int, rows: int = 200) -> tuple[Rated, Split]:
    rng = np.random.default_rng(seed)
    rated = rated_over(
        random_edges(seed, movements=rows), every=1, features=rng.normal(size=(rows, 3)), label=rng.random(rows) < 0.3
    )
    return rated, split_by_time(rated.ts, rated.known, (60, 20, 20), label_delay_ms=DAY_MS)


def saw_itself(model: frozenset[int], rows: np.ndarray) -> np.ndarray:
    return np.array([float(row in model) for row in rows.tolist()])


@pytest.mark.parametrize("blocks", [1, 2, 5])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_row_is_scored_by_a_model_that_learned_from_it(seed: int, blocks: int) -> None:
    rated, split = stream(seed)
    whole, known = frozenset(split.train.tolist()), frozenset(split.refit.tolist())
    fitted = fit_blocks(rated, split, blocks, lambda rows: frozenset(rows.tolist()))
    assert fitted.models[-2:] == (whole, known)
    assert whole < known
    assert not known & frozenset(split.test.tolist())
    if blocks > 1:
        assert not fitted.scored(rated.ts, saw_itself).any()
        sizes = fitted.scored(rated.ts, lambda model, rows: np.full(len(rows), float(len(model))))
        assert np.all(sizes[split.test] == len(known))
        assert np.all(sizes[split.valid] == len(whole))
        assert np.all(sizes[rated.ts < rated.ts[split.valid[0]]] < len(whole))


def test_a_stage_is_trained_again_only_when_something_it_learns_from_is_other() -> None:
    rated, split = stream(4)
    trained: list[int] = []

    class Constant:
        name = "constant"

        def fit(self, rated: Rated, split: Split, seed: int) -> Constant:
            assert len(split.train) < len(rated)
            trained.append(seed)
            return self

        def raw(self, rated: Rated) -> np.ndarray:
            return np.zeros(len(rated))

    once = Once(Constant())
    once.fit(rated, split, 1)
    once.fit(rated, split, 1)
    assert trained == [1]
    once.fit(rated, split, 2)
    rated.label[split.train[0]] ^= 1
    other = rated_over(rated.edges, every=1, features=rated.features, label=rated.label)
    once.fit(other, split, 2)
    assert trained == [1, 2, 2]


def test_the_last_answer_is_not_given_about_another_stream() -> None:
    last: LastAnswer[int] = LastAnswer()
    rated, _ = stream(5)
    other, _ = stream(6)
    assert [last.of(rated, lambda: 1), last.of(rated, lambda: 2), last.of(other, lambda: 3)] == [1, 1, 3]
