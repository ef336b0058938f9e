"""The guarantees of `graph.log.protocol.EventLog`, each in its own words."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.events import EVENT_TYPES, Event
from graph.log.protocol import EventLog
from graph.log.sqlite import PAGE_ROWS, SqliteEventLog
from tests.log.worlds import START, movement, movements, one_of_each


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteEventLog]:
    opened = SqliteEventLog(tmp_path / "events.log")
    yield opened
    opened.close()


def test_it_is_an_event_log(log: SqliteEventLog) -> None:
    as_promised: EventLog = log
    assert as_promised.head() == 0
    assert as_promised.event("tx:1") is None
    assert list(as_promised.read()) == []
    assert list(as_promised.conflicts()) == []
    assert as_promised.append([], learned_at=START).entries == ()


def test_offsets_are_dense_and_start_at_1(log: SqliteEventLog) -> None:
    first = log.append(movements(1, 3), learned_at=START)
    second = log.append(movements(2, 6), learned_at=START)
    assert [entry.offset for entry in first.entries] == [1, 2, 3]
    assert [entry.offset for entry in second.entries] == [4, 5, 6]
    assert [entry.offset for entry in log.read()] == [1, 2, 3, 4, 5, 6]
    assert log.head() == 6


def test_an_event_id_appears_once(log: SqliteEventLog) -> None:
    log.append([movement(1), movement(2), movement(1)], learned_at=START)
    log.append([movement(2), movement(1, amount_cents=5), movement(3)], learned_at=START)
    assert [entry.event.event_id for entry in log.read()] == ["tx:1", "tx:2", "tx:3"]


def test_appending_the_same_event_again_changes_nothing(log: SqliteEventLog) -> None:
    log.append(movements(1, 5), learned_at=START)
    before = list(log.read())
    again = log.append(movements(1, 5), learned_at=START + 99)
    assert (again.entries, again.repeats, again.conflicts) == ((), 5, ())
    assert list(log.read()) == before


def test_a_repeat_inside_one_batch_is_counted(log: SqliteEventLog) -> None:
    appended = log.append([movement(1), movement(1), movement(2)], learned_at=START)
    assert [entry.event for entry in appended.entries] == [movement(1), movement(2)]
    assert appended.repeats == 1


def test_the_same_id_with_other_content_keeps_the_first_and_records_a_conflict(log: SqliteEventLog) -> None:
    log.append(movements(1, 2), learned_at=START)
    other = movement(2, amount_cents=7)
    appended = log.append([other, movement(3)], learned_at=START + 5)
    (conflict,) = appended.conflicts
    assert (conflict.event_id, conflict.first_offset, conflict.other) == ("tx:2", 2, other)
    assert conflict.learned_at == START + 5
    assert conflict.first_hash != conflict.other_hash
    assert list(log.conflicts()) == [conflict]
    found = log.event("tx:2")
    assert found is not None
    assert found.event == movement(2)


def test_a_conflict_inside_one_batch_is_recorded_against_the_first(log: SqliteEventLog) -> None:
    appended = log.append([movement(9), movement(1), movement(1, amount_cents=2)], learned_at=START)
    (conflict,) = appended.conflicts
    assert conflict.first_offset == 2
    assert [entry.event for entry in log.read()] == [movement(9), movement(1)]


def test_a_conflict_that_comes_again_is_kept_once_and_counts_as_a_repeat(log: SqliteEventLog) -> None:
    log.append([movement(1), movement(1, amount_cents=2)], learned_at=START)
    again = log.append([movement(1, amount_cents=2), movement(1, amount_cents=3)], learned_at=START)
    assert (again.repeats, len(again.conflicts)) == (1, 1)
    assert [conflict.other for conflict in log.conflicts()] == [
        movement(1, amount_cents=2),
        movement(1, amount_cents=3),
    ]


def test_a_batch_is_appended_whole_or_not_at_all(log: SqliteEventLog) -> None:
    log.append(movements(1, 2), learned_at=START, source="file", source_position=2)
    with pytest.raises(KeyError):
        log.append([movement(3), Event(event_id="x", ts=START)], learned_at=START, source="file", source_position=4)
    with pytest.raises(OverflowError):  # fails in the database, after the events were accepted
        log.append(movements(3, 4), learned_at=START, source="file", source_position=1 << 70)
    assert log.head() == 2
    assert log.source_position("file") == 2
    assert [entry.offset for entry in log.append(movements(3, 4), learned_at=START).entries] == [3, 4]
    assert log.verify().ok


def test_entries_read_back_equal_those_appended(log: SqliteEventLog) -> None:
    events = one_of_each()
    assert {type(event) for event in events} == set(EVENT_TYPES.values())
    appended = log.append(events, learned_at=START + 1)
    assert tuple(log.read()) == appended.entries
    assert [entry.event for entry in log.read()] == events
    assert {entry.learned_at for entry in log.read()} == {START + 1}
    assert [log.event(event.event_id) for event in events] == list(appended.entries)


def test_a_position_is_stored_with_its_batch_and_survives_reopening(tmp_path: Path) -> None:
    path = tmp_path / "events.log"
    log = SqliteEventLog(path)
    log.append(movements(1, 2), learned_at=START, source="a", source_position=10)
    log.append([], learned_at=START, source="b", source_position=0)
    log.append(movements(3, 3), learned_at=START, source="a")
    log_id = log.log_id
    log.close()
    reopened = SqliteEventLog(path, create=False)
    assert (reopened.source_position("a"), reopened.source_position("b")) == (10, 0)
    assert reopened.source_position("c") is None
    assert (reopened.log_id, reopened.head()) == (log_id, 3)
    reopened.close()


def test_a_position_without_a_source_is_refused(log: SqliteEventLog) -> None:
    with pytest.raises(ValueError, match="source"):
        log.append(movements(1, 1), learned_at=START, source_position=1)
    assert log.head() == 0


def test_two_logs_have_different_ids(tmp_path: Path, log: SqliteEventLog) -> None:
    other = SqliteEventLog(tmp_path / "other.log")
    assert len(log.log_id) == 32
    assert log.log_id != other.log_id
    other.close()


def test_reading_starts_after_the_offset_and_stops_at_the_limit(log: SqliteEventLog) -> None:
    last = 2 * PAGE_ROWS + 3
    log.append(movements(1, last), learned_at=START)
    assert [entry.offset for entry in log.read()] == list(range(1, last + 1))
    assert [entry.offset for entry in log.read(after=PAGE_ROWS - 1, limit=3)] == [
        PAGE_ROWS,
        PAGE_ROWS + 1,
        PAGE_ROWS + 2,
    ]
    assert [entry.offset for entry in log.read(after=last - 1, limit=10)] == [last]
    assert list(log.read(after=last)) == list(log.read(after=last + 5)) == list(log.read(limit=0)) == []
    for wrong in ({"after": -1}, {"limit": -1}):
        with pytest.raises(ValueError, match="negative"):
            log.read(**wrong)


def test_a_read_gives_what_the_log_held_when_it_was_called(log: SqliteEventLog) -> None:
    log.append(movements(1, 3), learned_at=START)
    reading = log.read()
    next(reading)
    log.append(movements(4, 9), learned_at=START)
    assert [entry.offset for entry in reading] == [2, 3]


def test_threads_append_and_read_side_by_side(log: SqliteEventLog) -> None:
    failures: list[BaseException] = []

    def append(writer: int) -> None:
        try:
            for batch in range(10):
                first = (writer * 10 + batch) * 20 + 1
                log.append(movements(first, first + 19), learned_at=START)
        except BaseException as error:  # any failure of a thread must reach the test
            failures.append(error)

    def read() -> None:
        try:
            while log.head() < 600:
                offsets = [entry.offset for entry in log.read()]
                assert offsets == list(range(1, len(offsets) + 1))
        except BaseException as error:  # any failure of a thread must reach the test
            failures.append(error)

    threads = [threading.Thread(target=append, args=(writer,)) for writer in range(3)]
    threads += [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failures == []
    assert {entry.event.event_id for entry in log.read()} == {f"tx:{number}" for number in range(1, 601)}
    assert log.verify().ok


def test_a_second_object_on_the_same_file_continues_where_the_first_stands(tmp_path: Path, log: SqliteEventLog) -> None:
    other = SqliteEventLog(tmp_path / "events.log")
    log.append(movements(1, 2), learned_at=START)
    other.append(movements(2, 4), learned_at=START)
    log.append(movements(4, 5), learned_at=START)
    assert [entry.event.event_id for entry in other.read()] == ["tx:1", "tx:2", "tx:3", "tx:4", "tx:5"]
    assert other.verify().ok
    other.close()


@settings(max_examples=25, deadline=None)
@given(
    batches=st.lists(
        st.lists(st.tuples(st.integers(1, 6), st.integers(0, 2)), max_size=8),
        max_size=6,
    )
)
def test_any_batches_leave_what_a_plain_list_and_a_dictionary_would(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[tuple[int, int]]]
) -> None:
    log = SqliteEventLog(tmp_path_factory.mktemp("log") / "events.log")
    first: dict[int, int] = {}
    others: list[tuple[int, int]] = []
    for batch in batches:
        new = repeats = conflicts = 0
        for number, amount in batch:
            if number not in first:
                first[number], new = amount, new + 1
            elif first[number] == amount or (number, amount) in others:
                repeats += 1
            else:
                others.append((number, amount))
                conflicts += 1
        appended = log.append([movement(n, amount_cents=a) for n, a in batch], learned_at=START)
        assert (len(appended.entries), appended.repeats, len(appended.conflicts)) == (new, repeats, conflicts)
    assert [entry.event for entry in log.read()] == [movement(n, amount_cents=a) for n, a in first.items()]
    assert [conflict.other for conflict in log.conflicts()] == [movement(n, amount_cents=a) for n, a in others]
    assert log.verify().ok
    log.close()
