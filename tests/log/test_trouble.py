"""Killed processes, full disks, wrong files: nothing half-done stays, and the error says what to do."""

from __future__ import annotations

import resource
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from graph.errors import ConfigurationError, CorruptLog, RetryableConflict, StopWork, StorageFull
from graph.log import file
from graph.log.sqlite import SqliteEventLog
from tests.log.worlds import START, movement, movements

REPOSITORY = Path(__file__).resolve().parents[2]
BATCH = 50

APPENDER = f"""
import sys
from graph.log.sqlite import SqliteEventLog
from tests.log.worlds import START, movements
log = SqliteEventLog(sys.argv[1])
batch = log.head() // {BATCH}
while True:
    first = batch * {BATCH} + 1
    log.append(movements(first, first + {BATCH} - 1), learned_at=START, source="s", source_position=batch)
    print(batch, flush=True)
    batch += 1
"""

FILLER = f"""
import resource, signal, sys
from graph.errors import StopWork
from graph.log.sqlite import SqliteEventLog
from tests.log.worlds import START, movements
log = SqliteEventLog(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, resource.RLIM_INFINITY))
batch = 0
try:
    while True:
        log.append(movements(batch * {BATCH} + 1, (batch + 1) * {BATCH}), learned_at=START)
        batch += 1
except StopWork as error:
    print(batch, log.head(), error)
"""


@pytest.mark.parametrize("acknowledged", [1, 7, 40])
def test_what_append_returned_survives_a_killed_process(tmp_path: Path, acknowledged: int) -> None:
    path = tmp_path / "events.log"
    for _ in range(2):  # the second process goes on in the log that the first was killed in
        process = subprocess.Popen(
            [sys.executable, "-c", APPENDER, str(path)], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
        )
        assert process.stdout is not None
        last = [int(process.stdout.readline()) for _ in range(acknowledged)][-1]
        process.send_signal(signal.SIGKILL)
        last = max([last, *map(int, process.stdout.read().split("\n")[:-1])])
        process.wait(timeout=30)
        process.stdout.close()
        log = SqliteEventLog(path, create=False)
        assert log.head() >= (last + 1) * BATCH
        assert log.head() % BATCH == 0
        assert log.source_position("s") == log.head() // BATCH - 1
        assert [(entry.offset, entry.event) for entry in log.read()] == [
            (number, movement(number)) for number in range(1, log.head() + 1)
        ]
        assert log.verify().ok
        log.close()


def test_a_full_disk_keeps_nothing_of_the_batch_and_names_the_cure(tmp_path: Path) -> None:
    log = SqliteEventLog(tmp_path / "events.log")
    log.append(movements(1, 10), learned_at=START)
    writer = log._writer  # SQLite's page limit is its own way to be full without filling a disk
    (pages,) = writer.execute("PRAGMA page_count").fetchone()
    writer.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(StorageFull, match="free space"):
        log.append(movements(5, 2_000), learned_at=START, source="s", source_position=1)
    assert (log.head(), log.source_position("s")) == (10, None)
    assert log.verify().ok
    writer.execute("PRAGMA max_page_count = 100000")
    assert len(log.append(movements(5, 2_000), learned_at=START).entries) == 1_990
    assert log.verify().ok
    log.close()


def test_a_write_the_system_refuses_keeps_nothing_of_the_batch(tmp_path: Path) -> None:
    path = tmp_path / "events.log"
    done = subprocess.run(
        [sys.executable, "-c", FILLER, str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=REPOSITORY,
    )
    batches, head, words = done.stdout.split(" ", 2)
    assert int(batches) > 0
    assert int(head) == int(batches) * BATCH
    assert "check its disk" in words or "free space" in words
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 600_000  # the limit was the other process's
    log = SqliteEventLog(path)
    assert log.head() == int(head)
    assert log.verify().ok
    log.close()


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a log\n" * 1_000)
    with pytest.raises(CorruptLog, match=r"notes\.txt"):
        SqliteEventLog(path)
    assert path.read_text() == "not a log\n" * 1_000


def test_another_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE mine (x)")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with pytest.raises(CorruptLog, match="not an event log"):
        SqliteEventLog(path)
    assert path.read_bytes() == before


def test_an_empty_file_becomes_a_log_only_where_one_may_be_created(tmp_path: Path) -> None:
    path = tmp_path / "empty.log"
    path.touch()
    with pytest.raises(CorruptLog):
        SqliteEventLog(path, create=False)
    SqliteEventLog(path).close()
    SqliteEventLog(path, create=False).close()


def test_an_absent_log_or_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no event log"):
        SqliteEventLog(tmp_path / "absent.log", create=False)
    with pytest.raises(ConfigurationError, match="does not exist"):
        SqliteEventLog(tmp_path / "no" / "events.log")
    assert list(tmp_path.iterdir()) == []


def test_a_log_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "events.log"
    SqliteEventLog(path).close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE state SET schema_version = 99")
    connection.commit()
    connection.close()
    with pytest.raises(ConfigurationError, match="schema version 99"):
        SqliteEventLog(path)


def test_a_log_held_by_another_process_is_a_conflict_to_retry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "BUSY_SECONDS", 0.05)
    path = tmp_path / "events.log"
    log = SqliteEventLog(path)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(RetryableConflict):
        log.append(movements(1, 1), learned_at=START)
    holder.execute("ROLLBACK")
    assert len(log.append(movements(1, 1), learned_at=START).entries) == 1
    holder.close()
    log.close()


def test_many_processes_worth_of_openers_create_one_log(tmp_path: Path) -> None:
    path = tmp_path / "events.log"
    opened: list[SqliteEventLog] = []
    threads = [threading.Thread(target=lambda: opened.append(SqliteEventLog(path))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len({log.log_id for log in opened}) == 1
    assert len(opened) == 6
    for log in opened:
        log.close()


def test_a_closed_log_says_so(tmp_path: Path) -> None:
    log = SqliteEventLog(tmp_path / "events.log")
    log.append(movements(1, 2), learned_at=START)
    reading = log.read()
    log.close()
    log.close()
    with pytest.raises(StopWork, match="closed"):
        log.append(movements(3, 3), learned_at=START)
    with pytest.raises(StopWork, match="closed"):
        next(reading)


@pytest.mark.parametrize(("durable", "level"), [("normal", 1), ("full", 2)])
def test_durability_is_as_asked(tmp_path: Path, durable: file.Durability, level: int) -> None:
    log = SqliteEventLog(tmp_path / "events.log", durable=durable)
    assert log._writer.execute("PRAGMA synchronous").fetchone() == (level,)
    assert log._writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    log.close()
