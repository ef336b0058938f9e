"""The log's beginning is the same log, and knows nothing of what came after."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from graph.errors import StopWork
from graph.log.prefix import LogPrefix
from graph.log.protocol import EventLog
from graph.log.sqlite import SqliteEventLog
from tests.log.worlds import START, movement, movements


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteEventLog]:
    opened = SqliteEventLog(tmp_path / "events.log")
    yield opened
    opened.close()


def test_a_prefix_holds_its_entries_and_nothing_that_came_after(log: SqliteEventLog) -> None:
    log.append(movements(1, 5), learned_at=START, source="file", source_position=5)
    whole = list(log.read())
    log.append(movements(6, 9), learned_at=START + 1)
    prefix: EventLog = LogPrefix(log, 5)
    assert (prefix.log_id, prefix.head(), prefix.chain_at(5)) == (log.log_id, 5, log.chain_at(5))
    assert list(prefix.read()) == whole
    assert list(prefix.read(after=3)) == whole[3:]
    assert list(prefix.read(after=1, limit=2)) == whole[1:3]
    assert list(prefix.read(after=7)) == []
    assert prefix.event("tx:5") == whole[4]
    assert prefix.event("tx:6") is None
    assert prefix.source_position("file") is None
    with pytest.raises(ValueError, match="ends at 5"):
        prefix.chain_at(6)
    with pytest.raises(ValueError, match="no entry 10"):
        LogPrefix(log, 10)


def test_nothing_is_added_to_a_prefix(log: SqliteEventLog) -> None:
    log.append(movements(1, 3), learned_at=START)
    with pytest.raises(StopWork, match="cannot be changed"):
        LogPrefix(log, 2).append([movement(4)], learned_at=START)
    assert log.head() == 3


def test_conflicts_found_later_are_not_in_it(log: SqliteEventLog) -> None:
    log.append(movements(1, 3), learned_at=START)
    log.append([movement(1, amount_cents=7), movement(4)], learned_at=START + 1)
    log.append([movement(2, amount_cents=8), movement(5)], learned_at=START + 2)
    assert [one.event_id for one in LogPrefix(log, 3).conflicts()] == []
    assert [one.event_id for one in LogPrefix(log, 4).conflicts()] == ["tx:1"]
    assert [one.event_id for one in LogPrefix(log, 5).conflicts()] == ["tx:1", "tx:2"]


def test_what_was_known_by_a_moment_ends_before_the_first_entry_that_was_learned_after_it(log: SqliteEventLog) -> None:
    assert log.known_at(START) == 0
    log.append(movements(1, 2), learned_at=START)
    log.append(movements(3, 3), learned_at=START + 10)
    log.append(movements(4, 4), learned_at=START + 5)  # the machine's clock was put back
    log.append(movements(5, 5), learned_at=START + 20)
    moments = [START - 1, START, START + 7, START + 10, START + 19, START + 20, START + 99]
    assert [log.known_at(moment) for moment in moments] == [0, 2, 2, 4, 4, 5, 5]
