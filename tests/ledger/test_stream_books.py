"""Letters, outbox, corrections and drift: each stands with the batch it came from, on both databases."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graph.events import GovernanceChanged
from ledger import Ledger
from ledger.records import LateEvent, Redrive, canonical
from tests.ledger.worlds import LOG, START, changes, record, ring, score, scores, set_aside


@pytest.fixture
def telling(ledger: Ledger, ledger_url: str) -> Ledger:
    """The module's ledger, opened by one who publishes."""
    assert ledger.outbox.size() == 0
    return Ledger.open(ledger_url, publishing=True)


def told(ledger: Ledger) -> list[tuple[str, str]]:
    return [(row.kind, row.subject) for row in ledger.outbox.waiting(1_000)]


def test_everything_that_a_batch_says_waits_to_be_told_once(telling: Ledger) -> None:
    alert = replace(score(3), alert_budget=5)
    change = GovernanceChanged(event_id="gov:1", ts=START, part="policy", content="{}", author="ana")
    batch = changes(ring("r"), gone=(("old", "r"),))
    telling.record(log_id=LOG, position=10, scores=[score(1), alert], rings=batch, governed=[change])
    telling.set_aside([set_aside(4)])
    expected = [("score", "t001"), ("score", "t003"), ("alert", "t003"), ("ring", "r"), ("ring_gone", "old")]
    assert told(telling) == [*expected, ("audit", "gov:1"), ("dead_letter", "file.csv/4")]
    ids = [row.message_id for row in telling.outbox.waiting(1_000)]
    assert len(set(ids)) == len(ids)
    telling.close()


def test_what_stands_already_is_not_told_again_and_what_changed_is(telling: Ledger) -> None:
    record(telling, 10, scores(1, 3), changes(ring("r")))
    first = telling.outbox.waiting(100)
    telling.outbox.sent(first[-1].seq)
    assert telling.outbox.size() == 0
    record(telling, 10, scores(1, 3), changes(ring("r")))
    assert told(telling) == []
    record(telling, 20, [score(1), score(2, value=99.0)], changes(ring("r", value=60.0)))
    assert told(telling) == [("score", "t002"), ("ring", "r")]
    record(telling, 5, [score(3, value=1.5)])  # older than what stands: it changes nothing
    assert told(telling) == [("score", "t002"), ("ring", "r")]
    telling.close()


def test_only_what_was_sent_goes_and_the_rest_stays_in_order(telling: Ledger) -> None:
    record(telling, 10, scores(1, 5))
    waiting = telling.outbox.waiting(2)
    assert [row.subject for row in waiting] == ["t001", "t002"]
    telling.outbox.sent(waiting[-1].seq)
    assert [subject for _, subject in told(telling)] == ["t003", "t004", "t005"]
    telling.close()


def test_who_does_not_publish_keeps_no_outbox(ledger: Ledger) -> None:
    record(ledger, 10, scores(1, 3), changes(ring("r")))
    ledger.set_aside([set_aside(1)])
    assert ledger.outbox.size() == 0


def test_a_score_that_a_late_event_changed_is_a_correction_with_old_new_and_cause(ledger: Ledger) -> None:
    late = [LateEvent("tx:late", START - 5, 700_000), LateEvent("tx:after", START + 1_000_000, 700_000)]
    record(ledger, 10, [score(1, value=10.0), score(2, value=20.0), score(4, value=40.0)])
    batch = [score(1, value=80.0), score(2, value=20.0), score(5)]
    for _ in range(2):  # the same batch again changes nothing
        ledger.record(log_id=LOG, position=20, scores=batch, rings=changes(), late=late)
    (found,) = ledger.corrections.corrections().items
    assert (found.tx_id, found.position, found.old_score, found.new_score) == ("t001", 20, 10.0, 80.0)
    assert (found.old_decision, found.new_decision) == (str(score(1).decision), str(score(1).decision))
    assert found.causes == (late[0],)
    record(ledger, 30, [score(2, value=50.0)])  # nothing was late: the order settled inside the bound
    assert [one.tx_id for one in ledger.corrections.corrections().items] == ["t001"]
    assert ledger.corrections.corrections(tx_id="t002").items == ()


def test_corrections_come_newest_first_page_by_page(ledger: Ledger) -> None:
    record(ledger, 1, scores(1, 3))
    for position in (2, 3, 4):
        given = [score(position - 1, value=50.0 + position)]
        late = [LateEvent(f"tx:{position}", START - 1, 900_000)]
        ledger.record(log_id=LOG, position=position, scores=given, rings=changes(), late=late)
    page = ledger.corrections.corrections(limit=2)
    assert [one.position for one in page.items] == [4, 3]
    assert [one.position for one in ledger.corrections.corrections(after=page.next, limit=2).items] == [2]


def test_letters_are_found_by_reason_and_source_and_leave_the_queue_when_sent_again(ledger: Ledger) -> None:
    rows = [replace(set_aside(line), source=f"kafka:bets/{line % 2}") for line in range(4)]
    ledger.set_aside([*rows, set_aside(9, reason="type_clash")])
    letters = ledger.letters
    assert [one.line for one in letters.letters(source="kafka:bets/1").items] == [1, 3]
    assert [one.line for one in letters.letters(reason="type_clash").items] == [9]
    first = letters.letters(limit=2)
    assert [one.line for one in [*first.items, *letters.letters(after=first.next).items]] == [0, 1, 2, 3, 9]
    letter = first.items[0]
    note = Redrive(author="ana", at_ms=START, reason="typing slip", changes='{"amount":1}', event_id="tx:1")
    letters.redriven(letter.letter_id, note)
    letters.redriven(letter.letter_id, replace(note, author="bia"))
    assert letters.letter(letter.letter_id) == replace(letter, redrive=note)
    assert letter.letter_id not in [one.letter_id for one in letters.letters().items]
    assert letter.letter_id in [one.letter_id for one in letters.letters(waiting=False).items]
    assert letters.letter(10**9) is None


def test_unknown_fields_are_counted_by_topic_with_the_place_they_were_last_seen(ledger: Ledger) -> None:
    ledger.letters.note_drift("kafka:bets/0", {"loyalty": 3, "colour": 1}, topic="bets", offset=10)
    ledger.letters.note_drift("kafka:bets/1", {"loyalty": 2}, topic="bets", offset=7)
    ledger.letters.note_drift("kafka:other/0", {"loyalty": 1}, topic="other", offset=1)
    found = [(one.topic, one.field, one.count, one.last_source, one.last_offset) for one in ledger.letters.drift()]
    assert found == [
        ("bets", "colour", 1, "kafka:bets/0", 10),
        ("bets", "loyalty", 5, "kafka:bets/1", 7),
        ("other", "loyalty", 1, "kafka:other/0", 1),
    ]


def test_a_message_id_tells_what_is_said(telling: Ledger) -> None:
    record(telling, 1, [score(1)])
    (first,) = telling.outbox.waiting(10)
    record(telling, 2, [score(1, value=77.0)])
    second = telling.outbox.waiting(10)[-1]
    assert first.message_id != second.message_id
    assert canonical(score(1)) != canonical(score(1, value=77.0))
    telling.close()
