"""Late is a fact about the log: the same for every cut of batches, at every replay and after every restart."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.events import Event, LabelGiven, Movement
from graph.log.protocol import LogEntry
from ledger.records import LateEvent
from scoring.lateness import MINUTE_MS, Lateness
from service.bootstrap import open_service
from service.settings import load_settings
from tests.scoring.fakes import Bench
from tests.service.command import Tarrafa

START = 1_750_000_000_000
BOUND = 10


def moved(number: int, minute: int, source: str = "a", target: str = "b", cents: int = 100) -> Movement:
    """A movement `minute` minutes after the start."""
    ts = START + minute * MINUTE_MS
    return Movement(event_id=f"tx:{number}", ts=ts, source=source, target=target, amount_cents=cents)


def entries(minutes: list[int]) -> list[LogEntry]:
    return [LogEntry(offset, START, moved(offset, minute)) for offset, minute in enumerate(minutes, 1)]


@given(minutes=st.lists(st.integers(0, 60), max_size=30), cuts=st.lists(st.integers(1, 5), min_size=30, max_size=30))
def test_the_same_events_are_late_whatever_the_batches(minutes: list[int], cuts: list[int]) -> None:
    log = entries(minutes)
    expected = [
        entry.event.event_id
        for place, entry in enumerate(log)
        if max((minutes[before] for before in range(place)), default=0) - minutes[place] > BOUND
    ]
    lateness, at = Lateness(BOUND * MINUTE_MS), 0
    found: list[LateEvent] = []
    for size in cuts:
        found += lateness.late(log[at : at + size])
        at += size
    assert [one.event_id for one in found] == expected
    assert all(one.lateness_ms > BOUND * MINUTE_MS for one in found)


def test_labels_are_never_late() -> None:
    lateness = Lateness(BOUND * MINUTE_MS)
    lateness.begin(START + 1_000 * MINUTE_MS)
    label = LabelGiven(event_id="l", ts=START, subject="tx", subject_id="1", label=1)
    assert lateness.late([LogEntry(1, START, label)]) == ()
    assert len(lateness.late([LogEntry(2, START, moved(1, 0))])) == 1


def test_after_a_restart_what_is_late_stays_late(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    pipeline = bench.open()
    pipeline.submit([moved(1, 0), moved(2, 60)])
    pipeline.close()
    assert bench.book.late == []
    again = bench.open()
    again.submit([moved(3, 55), moved(4, 40)])
    again.close()
    assert [(one.event_id, one.lateness_ms) for one in bench.book.late] == [("tx:4", 20 * MINUTE_MS)]
    bench.log.close()


def fan_in(start: int, *, minute: int, senders: int = 30) -> list[Event]:
    """Many pay one account, who passes nearly all of it on an hour later."""
    book: list[Event] = [moved(start + n, minute + n, f"s{n}", "mule", 100_000) for n in range(senders)]
    book.append(moved(start + senders, minute + senders + 30, "mule", "boss", 100_000 * senders - 5_000))
    return book


@pytest.mark.parametrize(("late_by", "corrected"), [(200, True), (0, False)])
def test_a_score_changed_by_late_events_is_a_correction_and_the_state_is_that_of_any_order(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    late_by: int,
    corrected: bool,
) -> None:
    monkeypatch.setenv("TARRAFA_IDENTITY_SECRET", "a secret for tests only")
    *collected, passed_on = fan_in(100, minute=0)
    after = [moved(900 + n, 60 + late_by + n, "x", "y") for n in range(3)] if late_by else []
    home, sorted_home = tmp_path / "late", tmp_path / "sorted"
    with open_service(load_settings(home=home), work=True) as service:
        service.running.submit([passed_on, *after])  # before anything that led to it
        service.running.flush(settle=True)
        first = service.ledger.score("130")
        if not corrected:  # the same moment and before: nothing lies beyond the bound
            monkeypatch.setattr(service.running, "_lateness", Lateness(10**12))
        service.running.submit(collected)
        service.running.flush(settle=True)
        second = service.ledger.score("130")
        assert first is not None
        assert second is not None
        assert first.value != second.value
        found = service.ledger.corrections.corrections().items
        if corrected:
            (one,) = [each for each in found if each.tx_id == "130"]
            assert (one.old_score, one.new_score) == (first.value, second.value)
            assert {cause.event_id for cause in one.causes} <= {event.event_id for event in collected}
        else:
            assert found == ()
        disordered = service.state_hash()
    with open_service(load_settings(home=sorted_home), work=True) as service:
        service.running.submit([*collected, passed_on, *after])
        assert service.state_hash() == disordered
        assert service.ledger.corrections.corrections().items == ()
    if corrected:
        said = Tarrafa(monkeypatch, capsys)("corrections", "--transaction", "130", "--home", home).well().out
        assert "min late" in said
