"""Durations counted between bounds say the same as looking at every single one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from graph.durations import BOUNDS_S, Durations


@given(st.lists(st.floats(0, 100) | st.sampled_from(BOUNDS_S)))
def test_as_many_are_within_a_bound_as_took_no_longer(seconds: list[float]) -> None:
    counted = Durations()
    for each in seconds:
        counted.add(each)
    assert counted.sum_seconds == sum(seconds)
    assert counted.up_to() == [(bound, sum(each <= bound for each in seconds)) for bound in (*BOUNDS_S, float("inf"))]
