"""Propagated scores: equal to a plain reading of their definition, and blind to what comes later."""

from __future__ import annotations

from math import exp, isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gnn.dataset import Rated
from gnn.propagation import (
    FADE_DAYS,
    KEPT,
    NEWEST,
    PROPAGATED,
    SUNK,
    SUSPICIOUS,
    cut,
    empty_trail,
    extend,
    propagate,
    wind_back,
)
from tests.gnn.streams import DAY_MS, poisoned, random_edges, rated_over


def rows_over(seed: int, movements: int) -> tuple[Rated, np.ndarray]:
    edges = random_edges(seed, movements=movements)
    rated = rated_over(edges, every=1, features=np.zeros((movements, 1)), label=np.zeros(movements))
    return rated, np.random.default_rng(seed + 1).normal(-2.0, 3.0, movements)


def plain(rated: Rated, score: np.ndarray, row: int) -> dict[str, float]:
    """Columns of one row by their meaning, from lists of earlier rows."""
    source, target = rated.edges.source.tolist(), rated.edges.target.tolist()
    mean: dict[int, tuple[float, float]] = {}
    peak: dict[int, float] = {}
    for r in range(row):
        for end in (source[r], target[r]):
            total, weight = mean.get(end, (0.0, 0.0))
            mean[end] = (total * KEPT + score[r], weight * KEPT + 1)
            peak[end] = max(score[r], peak[end] - SUNK) if end in peak else score[r]
    found: dict[str, float] = {"own_score": score[row]}
    groups = (
        ("payees", source, target, source[row], target[row]),
        ("payers", target, source, source[row], target[row]),
        ("target_payees", source, target, target[row], source[row]),
        ("target_payers", target, source, target[row], source[row]),
    )
    for name, own, others, end, other in groups:
        near = [r for r in range(row) if own[r] == end][-NEWEST:][::-1]
        values = [score[r] for r in near]
        fades = [exp(-(rated.ts[row] - rated.ts[r]) / DAY_MS / FADE_DAYS) for r in near]
        beyond = [others[r] for r in near if others[r] != other and others[r] in mean]
        found[f"{name}_score_suspicious"] = sum(value > SUSPICIOUS for value in values)
        if values:
            found[f"{name}_score_mean"] = sum(values) / len(values)
            found[f"{name}_score_max"] = max(values)
            found[f"{name}_score_last"] = values[0]
            found[f"{name}_score_faded"] = sum(v * f for v, f in zip(values, fades, strict=True)) / sum(fades)
        if len(values) > 1:
            found[f"{name}_score_second"] = sorted(values)[-2]
        if beyond:
            found[f"{name}_score_beyond_mean"] = sum(mean[a][0] / mean[a][1] for a in beyond) / len(beyond)
            found[f"{name}_score_beyond_max"] = max(peak[a] for a in beyond)
    pair = [score[r] for r in range(row) if (source[r], target[r]) == (source[row], target[row])][-NEWEST:]
    if pair:
        found["pair_score_mean"] = sum(pair) / len(pair)
    for name, end in (("source", source[row]), ("target", target[row])):
        if end in mean:
            found[f"{name}_score_mean"] = mean[end][0] / mean[end][1]
            found[f"{name}_score_peak"] = peak[end]
    return found


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), row=st.integers(0, 79))
def test_propagated_scores_are_those_of_a_plain_reading(seed: int, row: int) -> None:
    rated, score = rows_over(seed, 80)
    got = dict(zip(PROPAGATED, propagate(rated, score)[row].tolist(), strict=True))
    expected = plain(rated, np.clip(score, -11.5, 11.5), row)
    for name, value in got.items():
        if name in expected:
            assert value == pytest.approx(expected[name], rel=1e-4, abs=1e-4), name
        else:
            assert isnan(value), name


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), row=st.integers(0, 79))
def test_no_later_movement_or_score_changes_a_row(seed: int, row: int) -> None:
    rated, score = rows_over(seed, 80)
    other = rated_over(poisoned(rated.edges, row), every=1, features=np.zeros((80, 1)), label=np.zeros(80))
    later = score.copy()
    later[row + 1 :] = 9.0
    assert np.array_equal(propagate(rated, score)[: row + 1], propagate(other, later)[: row + 1], equal_nan=True)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000), cuts=st.lists(st.integers(0, 80), min_size=1, max_size=4))
def test_a_trail_wound_back_and_followed_again_in_pieces_says_the_same(seed: int, cuts: list[int]) -> None:
    rated, score = rows_over(seed, 80)
    whole = propagate(rated, score)
    trail = empty_trail(80, 7)
    trail.source[:], trail.target[:], trail.ts[:] = rated.edges.source, rated.edges.target, rated.ts
    trail.score[:] = cut(score)
    extend(trail, 0, 80, np.full_like(whole, np.nan))
    for begin in cuts:
        wind_back(trail, 80, begin)
        middle = (begin + 80) // 2
        for low, high in ((begin, middle), (middle, 80)):
            found = np.full((high - low, whole.shape[1]), np.nan, np.float32)
            extend(trail, low, high, found)
            assert found.tobytes() == whole[low:high].tobytes()
