"""The rule book: four eyes, versions, history, and that it follows the log; counts of rules on trial."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from graph.errors import RejectedRecord
from graph.events import GovernanceChanged
from graph.evidence import Score
from ledger import Ledger
from ledger.records import RuleState
from ledger.rule_book import APPROVED, RETURNED, SUBMITTED
from tests.ledger.worlds import LOG, NOTHING, START, score

CONTENT = '{"id":"burst"}'


def change(number: int, *rules: tuple[str, int, str], by: str = "carla") -> GovernanceChanged:
    """The event that lets exactly `rules` (id, version, mode) run."""
    listed = [
        {"id": name, "version": version, "mode": mode, "author": "ana", "approver": "bruno", "when": "amount > 1"}
        for name, version, mode in rules
    ]
    return GovernanceChanged(
        event_id=f"governance:rules:{number}",
        ts=START + number,
        part="rules",
        content=json.dumps({"rules": listed}),
        author=by,
        reason=f"change {number}",
    )


def govern(ledger: Ledger, *events: GovernanceChanged, position: int = 1) -> None:
    ledger.record(log_id=LOG, position=position, scores=(), rings=NOTHING, governed=events)


def approve(ledger: Ledger, rule_id: str = "burst") -> None:
    """A version by ana that bruno approved."""
    ledger.rules.draft(rule_id, CONTENT, by="ana", at_ms=1)
    ledger.rules.step(rule_id, SUBMITTED, by="ana", at_ms=2)
    ledger.rules.step(rule_id, APPROVED, by="bruno", at_ms=3)


def states(ledger: Ledger, rule_id: str = "burst") -> list[tuple[int, str, bool]]:
    return [(found.version, str(found.state), found.shadow) for found in ledger.rules.versions(rule_id)]


def test_a_version_goes_from_draft_through_another_person_to_approved(ledger: Ledger) -> None:
    approve(ledger)
    found = ledger.rules.version("burst")
    assert found is not None
    assert (found.state, found.author, found.approver, found.content) == (RuleState.APPROVED, "ana", "bruno", CONTENT)
    steps = [(step.action, step.person, step.at_ms) for step in ledger.rules.history("burst")]
    assert steps == [("drafted", "ana", 1), ("submitted", "ana", 2), ("approved", "bruno", 3)]
    assert ledger.rules.versions(state=RuleState.APPROVED) == [found]
    assert ledger.rules.versions(state=RuleState.ACTIVE) == []
    assert ledger.rules.version("burst", 2) is None
    assert ledger.rules.version("nobody") is None


@pytest.mark.parametrize("writer", ["ana", "Ana", "dora"])
def test_nobody_approves_what_they_wrote(ledger: Ledger, writer: str) -> None:
    ledger.rules.draft("burst", CONTENT, by="ana", at_ms=1)
    ledger.rules.draft("burst", '{"id":"burst","x":1}', by="dora", at_ms=2)
    ledger.rules.step("burst", SUBMITTED, by="ana", at_ms=3)
    with pytest.raises(RejectedRecord, match=f"{writer} wrote burst.*let another person approve it"):
        ledger.rules.step("burst", APPROVED, by=writer, at_ms=4)
    assert states(ledger) == [(1, "submitted", False)]
    assert len(ledger.rules.history("burst")) == 3


def test_what_is_not_submitted_cannot_be_approved_and_what_is_unknown_cannot_be_submitted(ledger: Ledger) -> None:
    ledger.rules.draft("burst", CONTENT, by="ana", at_ms=1)
    with pytest.raises(RejectedRecord, match=r"version 1 is draft.*submit it first"):
        ledger.rules.step("burst", APPROVED, by="bruno", at_ms=2)
    with pytest.raises(RejectedRecord, match=r"unknown rule.*draft it first"):
        ledger.rules.step("other", SUBMITTED, by="ana", at_ms=2)


def test_an_edit_takes_an_approval_back(ledger: Ledger) -> None:
    approve(ledger)
    edited = ledger.rules.draft("burst", '{"id":"burst","x":2}', by="dora", at_ms=4)
    assert (edited.version, edited.state, edited.author, edited.approver) == (1, RuleState.DRAFT, "ana", "")


def test_a_returned_version_is_a_draft_again(ledger: Ledger) -> None:
    approve(ledger)
    ledger.rules.step("burst", RETURNED, by="bruno", at_ms=4, reason="too wide")
    assert states(ledger) == [(1, "draft", False)]
    assert ledger.rules.history("burst")[-1].reason == "too wide"


def test_the_book_says_what_the_log_lets_run(ledger: Ledger) -> None:
    approve(ledger)
    govern(ledger, change(1, ("burst", 1, "active")))
    assert states(ledger) == [(1, "active", False)]
    second = ledger.rules.draft("burst", CONTENT, by="ana", at_ms=9)
    assert second.version == 2
    govern(ledger, change(2, ("burst", 1, "active"), ("burst", 2, "shadow")), position=2)
    assert states(ledger) == [(1, "active", False), (2, "draft", True)]
    govern(ledger, change(3, ("burst", 2, "active")), position=3)
    assert states(ledger) == [(1, "retired", False), (2, "active", False)]
    govern(ledger, change(4), position=4)
    assert states(ledger) == [(1, "retired", False), (2, "retired", False)]
    told = [(step.version, step.action, step.person) for step in ledger.rules.history("burst")][3:]
    assert told == [
        (1, "activated", "carla"),
        (2, "drafted", "ana"),
        (2, "shadow started", "carla"),
        (1, "retired", "carla"),
        (2, "activated", "carla"),
        (2, "retired", "carla"),
    ]


def test_a_version_on_trial_is_not_edited_but_followed_by_another(ledger: Ledger) -> None:
    ledger.rules.draft("burst", CONTENT, by="ana", at_ms=1)
    govern(ledger, change(1, ("burst", 1, "shadow")))
    assert ledger.rules.draft("burst", CONTENT, by="ana", at_ms=2).version == 2
    govern(ledger, change(2), position=2)
    assert states(ledger) == [(1, "draft", False), (2, "draft", False)]


def test_reading_the_log_again_changes_neither_book_nor_history(ledger: Ledger) -> None:
    approve(ledger)
    events = (change(1, ("burst", 1, "active")), change(2), change(3, ("burst", 1, "shadow")))
    govern(ledger, *events)
    before = states(ledger), ledger.rules.history("burst")
    ledger.forget_projections(LOG)
    for position, event in enumerate(events, 1):
        govern(ledger, event, position=position)
    assert (states(ledger), ledger.rules.history("burst")) == before


def test_a_ledger_that_was_lost_learns_from_the_log_what_runs(ledger: Ledger) -> None:
    govern(ledger, change(1, ("burst", 3, "active"), ("other", 1, "shadow")))
    assert states(ledger) == [(3, "active", False)]
    found = ledger.rules.version("burst")
    assert found is not None
    assert json.loads(found.content) == {"id": "burst", "when": "amount > 1"}
    assert states(ledger, "other") == [(1, "approved", True)]


# --- rules on trial -------------------------------------------------------------------------------------------------


def on_trial(number: int, *rules: str) -> Score:
    return replace(score(number), shadow=rules)


def record(ledger: Ledger, position: int, *scores: Score) -> None:
    ledger.record(log_id=LOG, position=position, scores=scores, rings=NOTHING)


def test_what_a_rule_on_trial_held_for_is_counted_by_decision(ledger: Ledger) -> None:
    record(ledger, 4, *(on_trial(number, "burst@1", "wide@2") for number in range(4)), on_trial(9, "wide@2"))
    count = ledger.shadow_count("burst@1")
    assert (count.hits, count.decisions) == (4, {"approve": 2, "review": 1, "deny": 1})
    assert count.newest == ("t003", "t002", "t001", "t000")
    assert ledger.shadow_count("wide@2").hits == 5
    assert ledger.shadow_count("wide@1").hits == 0


def test_counts_stay_right_when_batches_come_again_and_answers_change(ledger: Ledger) -> None:
    record(ledger, 1, on_trial(1, "burst@1"), on_trial(2, "burst@1"))
    record(ledger, 1, on_trial(1, "burst@1"), on_trial(2, "burst@1"))
    assert ledger.shadow_count("burst@1").hits == 2
    record(ledger, 2, on_trial(2))
    assert ledger.shadow_count("burst@1").newest == ("t001",)
    record(ledger, 1, on_trial(2, "burst@1"), on_trial(3, "burst@1"))  # older: only what is missing is taken
    assert ledger.shadow_count("burst@1").newest == ("t003", "t001")
    ledger.forget_projections(LOG)
    assert ledger.shadow_count("burst@1").hits == 0
