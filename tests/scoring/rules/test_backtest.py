"""A rule over a past range: what it would have held for, how well, beside what, and what would have been decided."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.events import Event, LabelGiven, Movement
from graph.evidence import Decision
from scoring.rules.backtest import Backtest, Watch, run_backtest
from scoring.rules.rule import RuleInForce
from tests.scoring.rules.test_source import moves
from tests.scoring.rules.worlds import MINUTE, START, change, entries, last_scores, movement, projection, rule

END = START + 10_000 * MINUTE


def label(number: int, value: int, *, ts: int = START) -> LabelGiven:
    return LabelGiven(event_id=f"label:{number}:{ts}", ts=ts, subject="tx", subject_id=str(number), label=value)


def backtest(
    tried: RuleInForce, events: Sequence[Event], *, since: int = START, until: int = END, chunks: int = 1_000
) -> Backtest:
    watch = Watch(tried)
    asked = count(1)
    return run_backtest(
        projection(watch),
        watch,
        entries(events),
        since=since,
        until=until,
        in_time=lambda: next(asked) <= chunks,
    )


def test_hits_are_counted_with_precision_and_recall_at_the_labels_known() -> None:
    large = [movement(number) for number in range(4)]
    small = [movement(number, cents=5) for number in range(4, 7)]
    known = [label(0, 1), label(1, 0), label(1, 1, ts=START + 1), label(2, 0), label(5, 1)]
    found = backtest(rule(), [*large, *small, *known])
    assert (found.movements, found.hits, found.labelled, found.fraud_hits, found.fraud) == (7, 4, 3, 2, 3)
    assert (found.precision, found.recall) == (2 / 3, 2 / 3)
    assert (found.rule, found.events, found.truncated) == ("big@1", 12, ())


def test_without_labels_precision_is_not_known() -> None:
    found = backtest(rule(), [movement(1)])
    assert (found.precision, found.recall) == (None, None)


def test_only_movements_of_the_range_count_but_what_came_before_is_seen() -> None:
    burst = rule("burst", "out_count_1h >= 3")
    events = [movement(number) for number in range(8)]
    found = backtest(burst, events, since=START + 4 * MINUTE, until=START + 6 * MINUTE)
    assert (found.movements, found.hits) == (2, 2)
    assert [example.tx_id for example in found.examples] == ["5", "4"]
    assert found.examples[0].facts == "out_count_1h = 5"


def test_live_rules_that_hold_for_the_same_movements_are_named_with_their_own_number() -> None:
    live = change(1, rule("ted", 'channel == "ted"', points=3))
    events = [movement(1, channel="ted"), movement(2, channel="ted"), movement(3, cents=5, channel="ted"), movement(4)]
    (overlap,) = [one for one in backtest(rule(), [live, *events]).overlap if one.signal == "rule:ted"]
    assert (overlap.together, overlap.total) == (2, 3)


def test_decisions_that_would_have_changed_are_counted_and_shown() -> None:
    found = backtest(rule(points=60), [movement(1), movement(2, cents=5)])
    assert (found.decisions, found.changed) == ({"approve": 1}, {"approve > review": 1})
    (example,) = found.examples
    assert (example.score_with, example.decision_with, example.decision) == (
        example.score + 60,
        Decision.REVIEW,
        Decision.APPROVE,
    )
    assert (example.amount_cents, example.label) == (200_000, None)


def test_a_new_version_stands_in_place_of_the_one_that_runs() -> None:
    live = change(1, rule("big", "amount > 0", points=60))
    narrower = rule("big", "amount >= money(1000)", points=60, version=2)
    found = backtest(narrower, [live, movement(1), movement(2, cents=5)])
    assert (found.hits, found.changed) == (1, {"review > approve": 1})


def test_a_late_event_that_ends_a_hit_takes_it_back() -> None:
    first = rule("first", "pair_count_30d == 0")
    events = [*(movement(number, minute=number) for number in range(1, 4))]
    late = movement(0, minute=0)
    assert backtest(first, events).hits == 1
    together = backtest(first, [*events, late])
    assert [example.tx_id for example in together.examples] == ["0"]


def test_past_its_time_it_stops_and_says_so() -> None:
    events = [movement(number, minute=number // 10) for number in range(2_500)]
    found = backtest(rule(), events, chunks=1)
    assert (found.truncated, found.events, found.movements) == (("time",), 2_000, 2_000)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(moves, min_size=1, max_size=25, unique_by=lambda event: event.event_id),
    st.integers(0, 60),
    st.integers(1, 130),
)
def test_a_backtest_says_what_the_rule_does_when_it_runs(events: list[Movement], since: int, length: int) -> None:
    tried = rule("tried", "out_count_1h >= 1 and amount > money(5)", points=40)
    lo, hi = START + since * MINUTE, START + (since + length) * MINUTE
    found = backtest(tried, events, since=lo, until=hi)
    live = last_scores([change(1, tried), *events])
    plain = last_scores(events)
    inside = {name: score for name, score in live.items() if lo <= score.ts < hi}
    hits = {name for name, score in inside.items() if any(signal.name == "rule:tried" for signal in score.signals)}
    assert (found.movements, found.hits) == (len(inside), len(hits))
    changed = [name for name in inside if inside[name].decision is not plain[name].decision]
    assert sum(found.changed.values()) == len(changed)
    for example in found.examples:
        assert example.score_with == pytest.approx(live[example.tx_id].value)
        assert example.decision_with is live[example.tx_id].decision
