"""Metrics against plain counting."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from gnn.calibration import calibrate
from gnn.metrics import DRAWS, best_threshold, budget_rows, calibration_error, measure, spread_by_ring

LABEL = np.array([1, 0, 1, 0, 0, 1, 0, 0, 0, 0], dtype=np.int8)
SCORE = np.array([0.9, 0.8, 0.7, 0.2, 0.1, 0.6, 0.3, 0.2, 0.1, 0.0])
RING = ["r1", "", "r1", "", "", "r2", "", "", "", ""]


def test_numbers_equal_those_counted_by_hand() -> None:
    found = measure(LABEL, SCORE, RING, threshold=0.65)
    assert found["average_precision"] == pytest.approx((1 + 2 / 3 + 3 / 4) / 3)
    assert found["f1"] == pytest.approx(2 * 2 / (3 + 3))
    assert [found["precision"], found["recall"]] == pytest.approx([2 / 3, 2 / 3])
    assert [found["budget_recall"], found["budget_most"]] == pytest.approx([1 / 3, 1 / 3])
    assert found["ring_recall"] == 0.5


def test_the_threshold_is_that_of_the_best_f1() -> None:
    best = best_threshold(LABEL, SCORE)
    f1 = {t: measure(LABEL, SCORE, RING, threshold=t)["f1"] or 0.0 for t in SCORE.tolist()}
    assert f1[best] == max(f1.values())


def test_one_class_only_is_not_a_number() -> None:
    found = measure(np.zeros(5, dtype=np.int8), SCORE[:5], [""] * 5, threshold=0.5)
    assert found["average_precision"] is None
    assert found["f1"] is None
    assert best_threshold(np.zeros(5, dtype=np.int8), SCORE[:5]) > 0.9


def test_equal_scores_go_to_the_earlier_rows() -> None:
    assert budget_rows(np.zeros(1000)).tolist() == [0, 1, 2, 3, 4]


def test_calibration_error_of_a_known_gap() -> None:
    assert calibration_error(np.array([1, 0, 0, 0], dtype=np.int8), np.full(4, 0.5)) == pytest.approx(0.25)


def test_rings_are_drawn_whole() -> None:
    low, high = spread_by_ring(LABEL, SCORE, RING, seed=1) or (0, 0)
    assert 0 < low <= high <= 1
    assert spread_by_ring(LABEL, SCORE, [""] * 10, seed=1) is None


def test_the_spread_is_that_of_whole_rings_drawn_one_by_one() -> None:
    rng = np.random.default_rng(5)
    label = (rng.random(300) < 0.3).astype(np.int8)
    score = np.round(np.clip(0.4 * label + rng.random(300), 0, 1), 2).astype(np.float64)  # with equal ones
    ring = [f"r{rng.integers(0, 9)}" if one else "" for one in label.tolist()]
    names = sorted({*ring} - {""})
    draws = np.random.default_rng(7)
    found = []
    for _ in range(DRAWS):
        times = np.bincount(draws.integers(0, len(names), len(names)), minlength=len(names))
        weight = [1.0 if not name else float(times[names.index(name)]) for name in ring]
        found.append(average_precision_score(label, score, sample_weight=weight))
    assert spread_by_ring(label, score, ring, seed=7) == pytest.approx(np.percentile(found, [2.5, 97.5]))


def test_calibration_keeps_the_order_and_stays_between_0_and_1() -> None:
    rng = np.random.default_rng(3)
    raw = rng.normal(size=400)
    label = (rng.random(400) < 1 / (1 + np.exp(-3 * raw))).astype(np.int8)
    fitted = calibrate(raw, label)
    points = np.sort(rng.normal(size=500) * 4)
    found = fitted(points)
    assert (np.diff(found) > 0).all()
    assert 0 <= found[0] <= found[-1] <= 1
    assert calibration_error(label, fitted(raw)) < 0.03
