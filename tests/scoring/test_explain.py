"""What would have changed a decision is true: with those points the decision is the one named."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from graph.evidence import Decision, Evidence, Score, Signal
from scoring.explain import would_change
from scoring.policy import Bands


def score_of(points: list[float], bands: Bands, floor: Decision | None = None) -> Score:
    signals = [Signal(f"s{n}", share, share, Evidence(f"s{n}")) for n, share in enumerate(points)]
    total = round(sum(points), 2)
    value = min(100.0, max(0.0, total))
    if value != total:
        signals.append(Signal("cap", total, round(value - total, 2), Evidence("cap")))
    decision = bands.decide(value)
    if floor is not None and list(Decision).index(floor) > list(Decision).index(decision):
        decision = floor
    return Score("t", 0, value, decision, tuple(signals), (), bands=(bands.approve, bands.review), floor=floor)


@given(
    st.lists(st.integers(-3_000, 9_000).map(lambda cents: cents / 100), max_size=6),
    st.tuples(st.integers(0, 50), st.integers(51, 100)),
)
def test_every_change_named_leads_to_its_decision(points: list[float], limits: tuple[int, int]) -> None:
    bands = Bands(approve=limits[0], review=limits[1])
    score = score_of(points, bands)
    total = sum(points)
    for change in would_change(score):
        after = min(100.0, max(0.0, round(total + change.points, 2)))
        assert bands.decide(after) is change.decision
        if change.signals:
            moved = sum(then - gave for _, gave, then in change.signals)
            assert round(moved, 2) == change.points
            nearly = min(100.0, max(0.0, round(total + change.points + 0.01, 2)))
            assert bands.decide(nearly) is score.decision
            assert all(0 <= then < gave for _, gave, then in change.signals)


def test_the_strongest_signal_is_named_when_it_is_enough_alone() -> None:
    score = score_of([40.0, 20.0, 15.0], Bands())
    milder, *stricter = would_change(score)
    assert (milder.decision, milder.points, milder.signals) == (Decision.REVIEW, -5.0, (("s0", 40.0, 35.0),))
    assert stricter == []


def test_several_are_named_when_one_is_not_enough() -> None:
    milder, stricter = would_change(score_of([25.0, 25.0, 15.0], Bands()))
    assert milder.signals == (("s0", 25.0, 0.0), ("s1", 25.0, 15.0))
    assert (stricter.decision, stricter.points) == (Decision.DENY, 5.01)


def test_what_a_source_demanded_no_points_undo() -> None:
    assert [change.decision for change in would_change(score_of([5.0], Bands(), Decision.REVIEW))] == [Decision.DENY]
