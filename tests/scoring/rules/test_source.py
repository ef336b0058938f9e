"""Rules in force: what they add to a score, with what proof, from when on, and for whom."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.errors import ConfigurationError
from graph.events import Event, MovementKind
from graph.evidence import Score, Signal
from graph.window.features import FEATURE_INDEX
from reports.formats import Language
from reports.phrases import phrase
from scoring.declared import canonical_text
from scoring.rules.refusal import RuleRefused
from scoring.rules.rule import Mode, RuleSet, Severity, read_rule, read_rule_set
from scoring.rules.source import LOOKS, Rules, RuleSource
from scoring.sources import Rows
from tests.scoring.rules.worlds import change, entries, last_scores, movement, projection, rule

TOML = """
id = "burst_to_new"
pt = "muitos envios para quem nunca recebeu"
en = "many payments to somebody new"
when = '''
out_count_1h >= 8      # many
and pair_count_30d == 0
'''
severity = "high"
"""


def signal_of(score: Score, name: str) -> Signal | None:
    return next((signal for signal in score.signals if signal.name == name), None)


def test_a_rule_that_holds_adds_its_points_with_the_values_and_the_events_behind_them() -> None:
    when = 'out_count_1h >= 2 and kind == "transfer" and not pattern_fan_out'
    scores = last_scores([change(1, rule("burst", when)), *(movement(number) for number in range(4))])
    assert [signal_of(scores[str(number)], "rule:burst") is not None for number in range(4)] == [
        False,
        False,
        True,
        True,
    ]
    signal = signal_of(scores["3"], "rule:burst")
    assert signal is not None
    assert (signal.points, signal.value) == (30.0, 3.0)
    assert dict(signal.evidence.params) == {
        "id": "burst",
        "version": 1,
        "meaning_pt": "valor alto",
        "meaning_en": "a large amount",
        "facts": "out_count_1h = 3, kind = transfer, not pattern_fan_out",
    }
    assert signal.evidence.event_ids[0] == "tx:3"
    assert sorted(signal.evidence.event_ids) == ["tx:0", "tx:1", "tx:2", "tx:3"]
    assert round(sum(one.points for one in scores["3"].signals), 2) == scores["3"].value
    assert "a large amount (out_count_1h = 3" in phrase(signal.evidence, Language.EN)
    assert "valor alto" in phrase(signal.evidence, Language.PT)


def test_features_with_proof_are_in_the_registry() -> None:
    assert all(any(name.startswith(prefix) for name in FEATURE_INDEX) for prefix, _ in LOOKS)


def test_a_pattern_that_a_rule_reads_brings_its_movements_as_proof() -> None:
    loop = [movement(1), movement(2, source="b", target="c"), movement(3, source="c", target="a")]
    scores = last_scores([change(1, rule("loop", "pattern_round_trip")), *loop])
    signal = signal_of(scores["3"], "rule:loop")
    assert signal is not None
    assert set(signal.evidence.event_ids) == {"tx:1", "tx:2", "tx:3"}
    assert signal_of(scores["2"], "rule:loop") is None


@pytest.mark.parametrize(
    ("severity", "points"), [(Severity.HIGH, 30), (Severity.MEDIUM, 15), (Severity.LOW, 5), (Severity.ALLOW, -20)]
)
def test_severities_weigh_what_is_said_and_points_of_a_rule_win(severity: Severity, points: float) -> None:
    assert rule(severity=severity).weight == points
    assert rule(severity=severity, points=12.25).weight == 12.25


def test_a_rule_counts_from_its_event_on_whatever_the_times_say() -> None:
    late = change(1, rule(), ts=movement(9).ts)
    scores = last_scores([movement(5), late, movement(1), change(2), movement(6)])
    assert {name for name, score in scores.items() if signal_of(score, "rule:big")} == {"1"}
    versions = {name: dict(score.versions)["rules"] for name, score in scores.items()}
    assert versions["5"] == versions["6"] == "shipped" != versions["1"]


def test_a_rule_of_a_tenant_judges_only_its_movements() -> None:
    events: list[Event] = [
        change(1, rule(tenant="shop")),
        movement(1, tenant="shop"),
        movement(2),
        movement(3, tenant="x"),
    ]
    scores = last_scores(events)
    assert {name for name, score in scores.items() if signal_of(score, "rule:big")} == {"1"}


def test_a_rule_on_trial_is_named_and_changes_nothing_else() -> None:
    plain = last_scores([movement(1), movement(2, cents=5)])
    tried = last_scores([change(1, rule(mode=Mode.SHADOW, version=3)), movement(1), movement(2, cents=5)])
    assert [tried[name].shadow for name in ("1", "2")] == [("big@3",), ()]
    for name, score in plain.items():
        assert (score.value, score.signals, score.decision) == (
            tried[name].value,
            tried[name].signals,
            tried[name].decision,
        )


RULES = (
    rule("big", "amount > money(10)"),
    rule("often", 'out_count_1h >= 1 or channel in {"ted"}', points=7.5),
    rule("seen", "known(seconds_since_in) and seconds_since_in < hours(2)", severity=Severity.ALLOW),
    rule("trial", 'kind == "bet"', mode=Mode.SHADOW),
)
moves = st.builds(
    movement,
    st.integers(0, 40),
    cents=st.integers(0, 3_000),
    source=st.sampled_from("abc"),
    target=st.sampled_from("cde"),
    minute=st.integers(0, 120),
    kind=st.sampled_from([MovementKind.TRANSFER, MovementKind.BET]),
    channel=st.sampled_from(["pix", "ted", ""]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(moves, max_size=25, unique_by=lambda event: event.event_id), st.integers(1, 10), st.integers(0, 25))
def test_any_batches_of_one_log_end_in_the_same_scores(events: list[Event], batch: int, place: int) -> None:
    log = [*events[:place], change(1, *RULES), *events[place:], change(2, *RULES[:2])]
    assert last_scores(log, batch=batch) == last_scores(log)


def test_a_file_is_read_with_comments_and_lines() -> None:
    found = read_rule(TOML)
    assert (found.id, found.severity, found.weight, found.tenant) == ("burst_to_new", Severity.HIGH, 30.0, "")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"burst_to_new"', '"Burst!"', "is no id of a rule"),
        ("severity", "severty", "did you mean severity?"),
        ('"high"', '"higher"', "Invalid enum value 'higher'"),
        (
            "pair_count_30d == 0",
            "pair_count_30 == 0",
            "line 2, column 5: there is no field pair_count_30; did you mean pair",
        ),
        ('severity = "high"', "points = 0.005", "whole hundredths"),
        ('severity = "high"', "points = 200", "-100 to 100"),
        ('severity = "high"', "points = nan", "-100 to 100"),
        ("many payments to somebody new", " ", "en says nothing"),
        ('id = "burst_to_new"', "", "missing required field `id`"),
        ("'''\nout", "'''\n)out", "closes nothing"),
        ('id = "burst_to_new"', "id = ", "neither JSON nor TOML"),
    ],
)
def test_a_file_that_cannot_be_taken_says_what_to_change(old: str, new: str, words: str) -> None:
    assert old in TOML
    with pytest.raises(RuleRefused) as caught:
        read_rule(TOML.replace(old, new))
    assert words in str(caught.value)
    assert caught.value.cure


def test_a_set_that_nobody_else_approved_never_comes_in_force() -> None:
    content = canonical_text(RuleSet((rule(),))).replace("bruno", "ana")
    with pytest.raises(ConfigurationError, match="approved by nobody but its author"):
        Rules().check(content)
    trial = canonical_text(RuleSet((rule(mode=Mode.SHADOW),))).replace("bruno", "")
    assert read_rule_set(trial).rules[0].mode is Mode.SHADOW


def test_a_set_is_sorted_and_has_each_rule_once() -> None:
    for rules in ((rule("b"), rule("a")), (rule(version=1), rule(version=2))):
        with pytest.raises(RuleRefused, match="sorted"):
            read_rule_set(canonical_text(RuleSet(rules)))


def test_fifty_rules_that_hold_for_nothing_cost_less_than_half_a_millisecond_of_cpu_each_per_thousand_rows() -> None:
    rules = [rule(f"r{number:02}", f"amount > money({10_000 + number}) and out_count_1h < 5") for number in range(50)]
    made = projection()
    made.apply(entries([change(1, *rules)]))
    seqs = made.window.apply([movement(number, minute=number // 10) for number in range(1_000)], [1] * 1_000)
    answers = made.window.answer(seqs)
    held = Rules()
    held.apply(change(1, *rules), 1)
    source = RuleSource(held)
    spent = []
    for _ in range(5):
        rows = Rows(answers, made.window, made.window.marks_of(seqs))
        started = time.process_time()
        assert source.signals(rows) == {}
        spent.append(time.process_time() - started)
    assert min(spent) / 50 < 0.0005, f"{1e6 * min(spent) / 50:.0f} us of CPU per rule"
