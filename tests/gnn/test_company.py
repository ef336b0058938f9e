"""The company accounts keep: equal to a plain reading, blind to what comes later, and wound back without a trace."""

from __future__ import annotations

from math import isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gnn.company import COMPANY, KEPT, SUSPICIOUS, WIDTH, company_kept, empty_company, extend, wind_back
from gnn.dataset import Edges
from gnn.propagation import NEWEST
from tests.gnn.streams import random_edges

ROWS = 80


def scores(seed: int) -> np.ndarray:
    return np.random.default_rng(seed + 1).normal(-1.0, 3.0, (ROWS, 2))


def plain(edges: Edges, ends: np.ndarray, row: int) -> dict[str, float]:
    """Columns of one row by their meaning, from lists of earlier rows."""
    source, target = edges.source.tolist(), edges.target.tolist()
    known: dict[int, float] = {}
    running: dict[int, tuple[float, float]] = {}
    for r in range(row):
        for side, end in enumerate((source[r], target[r])):
            known[end] = ends[r, side]
            total, weight = running.get(end, (0.0, 0.0))
            running[end] = (total * KEPT + ends[r, side], weight * KEPT + 1)
    first, second = ends[row]
    found = {
        "source_account": first,
        "target_account": second,
        "both_accounts": first + second,
        "lesser_account": min(first, second),
    }
    groups = (
        ("payees", source, target, source[row], target[row]),
        ("payers", target, source, source[row], target[row]),
        ("target_payees", source, target, target[row], source[row]),
        ("target_payers", target, source, target[row], source[row]),
    )
    for name, own, others, end, other in groups:
        near = [r for r in range(row) if own[r] == end][-NEWEST:][::-1]
        values = [known[others[r]] for r in near if others[r] != other]
        found[f"{name}_account_suspicious"] = sum(value > SUSPICIOUS for value in values)
        if values:
            found[f"{name}_account_mean"] = sum(values) / len(values)
            found[f"{name}_account_max"] = max(values)
            found[f"{name}_account_last"] = values[0]
        if len(values) > 1:
            found[f"{name}_account_second"] = sorted(values)[-2]
    for name, end in (("source", source[row]), ("target", target[row])):
        if end in running:
            found[f"{name}_account_before"] = running[end][0] / running[end][1]
    return found


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), row=st.integers(0, ROWS - 1))
def test_company_is_that_of_a_plain_reading(seed: int, row: int) -> None:
    edges, ends = random_edges(seed, movements=ROWS), scores(seed)
    got = company_kept(edges.source, edges.target, edges.ts, ends)[row].tolist()
    expected = plain(edges, np.clip(ends, -11.5, 11.5), row)
    for name, value in zip(COMPANY, got, strict=True):
        if name in expected:
            assert value == pytest.approx(expected[name], rel=1e-4, abs=1e-4), name
        else:
            assert isnan(value), name


def test_scores_of_later_movements_move_no_company() -> None:
    edges, ends = random_edges(3, movements=ROWS), scores(3)
    other = ends.copy()
    other[50:] += 5.0
    before = company_kept(edges.source, edges.target, edges.ts, ends)
    after = company_kept(edges.source, edges.target, edges.ts, other)
    assert np.array_equal(before[:50], after[:50], equal_nan=True)
    assert not np.array_equal(before[50:], after[50:], equal_nan=True)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000), back=st.integers(1, ROWS))
def test_company_wound_back_and_followed_again_is_the_same(seed: int, back: int) -> None:
    edges, ends = random_edges(seed, movements=ROWS), scores(seed)
    company = empty_company(ROWS, 8)
    company.source[:], company.target[:], company.ts[:], company.score[:] = edges.source, edges.target, edges.ts, ends
    columns = np.full((ROWS, WIDTH), np.nan, np.float32)
    extend(company, 0, ROWS, columns)
    wind_back(company, ROWS, ROWS - back)
    again = np.full((back, WIDTH), np.nan, np.float32)
    extend(company, ROWS - back, ROWS, again)
    assert np.array_equal(again, columns[ROWS - back :], equal_nan=True)
