"""An altered, removed, moved or added entry is detected: by the read that meets it and by `verify`."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from graph.codec import content_hash, encode_event
from graph.errors import CorruptLog
from graph.log.chain import first_chain, next_chain
from graph.log.sqlite import PAGE_ROWS, SqliteEventLog
from tests.log.worlds import START, movement, movements


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A log of nine entries."""
    path = tmp_path / "events.log"
    log = SqliteEventLog(path)
    log.append(movements(1, 9), learned_at=START)
    log.append([movement(2, amount_cents=5)], learned_at=START)
    log.close()
    return path


def tamper(path: Path, *statements: str, parameters: tuple[object, ...] = ()) -> None:
    connection = sqlite3.connect(path)
    connection.execute("DROP TRIGGER entries_stand")
    connection.execute("DROP TRIGGER entries_stay")
    for statement in statements:
        connection.execute(statement, parameters if "?" in statement else ())
    connection.commit()
    connection.close()


def found(path: Path) -> tuple[int | None, str]:
    log = SqliteEventLog(path)
    result = log.verify()
    log.close()
    assert not result.ok
    return result.first_bad, result.problem


def test_an_untouched_log_is_sound_and_names_its_last_hash(path: Path) -> None:
    log = SqliteEventLog(path)
    result = log.verify()
    chain = first_chain(log.log_id)
    for number in range(1, 10):
        content = content_hash(*encode_event(movement(number)))
        chain = next_chain(chain, offset=number, content=content, learned_at=START)
    assert (result.ok, result.entries, result.chain) == (True, 9, chain.hex())
    log.close()


def test_an_altered_entry_is_detected_when_read(path: Path) -> None:
    name, data = encode_event(movement(4, amount_cents=999))
    assert name == "movement"
    tamper(path, "UPDATE entries SET data = ? WHERE offset = 4", parameters=(data,))
    log = SqliteEventLog(path)
    reading = log.read()
    assert [next(reading).offset for _ in range(3)] == [1, 2, 3]
    with pytest.raises(CorruptLog, match="offset 4"):
        next(reading)
    with pytest.raises(CorruptLog, match="offset 4"):
        log.event("tx:4")
    log.close()
    assert found(path) == (4, "content differs from its recorded hash")


def test_content_altered_together_with_its_hash_breaks_the_chain(path: Path) -> None:
    name, data = encode_event(movement(4, amount_cents=999))
    tamper(
        path, "UPDATE entries SET data = ?, content = ? WHERE offset = 4", parameters=(data, content_hash(name, data))
    )
    assert found(path)[0] == 4
    log = SqliteEventLog(path)
    with pytest.raises(CorruptLog, match="offset 4"):
        list(log.read(after=3))
    log.close()


def test_a_changed_time_of_learning_is_detected(path: Path) -> None:
    tamper(path, "UPDATE entries SET learned_at = learned_at + 1 WHERE offset = 6")
    assert found(path)[0] == 6
    log = SqliteEventLog(path)
    with pytest.raises(CorruptLog, match="offset 6"):
        list(log.read())
    log.close()


def test_a_removed_entry_is_detected(path: Path) -> None:
    tamper(path, "DELETE FROM entries WHERE offset = 5")
    assert found(path) == (5, "entry is missing")
    log = SqliteEventLog(path)
    for after in (0, 4, 5):
        with pytest.raises(CorruptLog, match="offset 5: entry is missing"):
            list(log.read(after=after))
    log.close()


def test_a_whole_removed_page_is_detected(tmp_path: Path) -> None:
    path = tmp_path / "long.log"
    log = SqliteEventLog(path)
    log.append(movements(1, 3 * PAGE_ROWS), learned_at=START)
    log.close()
    tamper(path, f"DELETE FROM entries WHERE offset > {PAGE_ROWS} AND offset <= {2 * PAGE_ROWS}")
    assert found(path) == (PAGE_ROWS + 1, "entry is missing")
    log = SqliteEventLog(path)
    with pytest.raises(CorruptLog, match=f"offset {PAGE_ROWS + 1}: entry is missing"):
        list(log.read())
    log.close()


def test_two_entries_that_changed_places_are_detected(path: Path) -> None:
    tamper(
        path,
        "UPDATE entries SET offset = -3 WHERE offset = 3",
        "UPDATE entries SET offset = 3 WHERE offset = 7",
        "UPDATE entries SET offset = 7 WHERE offset = -3",
    )
    assert found(path)[0] == 3


def test_an_entry_filed_under_another_id_is_detected(path: Path) -> None:
    tamper(path, "UPDATE entries SET event_id = 'tx:x' WHERE offset = 8")
    assert found(path) == (8, "entry is filed under another event id")
    log = SqliteEventLog(path)
    with pytest.raises(CorruptLog, match="filed under tx:x"):
        log.event("tx:x")
    log.close()


def test_a_cut_off_end_is_refused_when_the_log_is_opened(path: Path) -> None:
    tamper(path, "DELETE FROM entries WHERE offset > 7")
    with pytest.raises(CorruptLog, match="ends at offset 7 but recorded 9"):
        SqliteEventLog(path)


def test_an_end_cut_off_while_the_log_is_open_is_found_by_verify(path: Path) -> None:
    log = SqliteEventLog(path)
    tamper(path, "DELETE FROM entries WHERE offset > 7")
    result = log.verify()
    assert (result.first_bad, result.entries) == (8, 7)
    log.close()


def test_an_end_cut_off_together_with_its_record_breaks_the_last_hash(path: Path) -> None:
    tamper(path, "DELETE FROM entries WHERE offset > 7", "UPDATE state SET head = 7")
    assert found(path) == (8, "the log does not end as recorded")


def test_entries_of_another_log_are_not_accepted(path: Path, tmp_path: Path) -> None:
    other = SqliteEventLog(tmp_path / "other.log")
    other.append(movements(1, 9), learned_at=START)
    other.close()
    tamper(
        path,
        "ATTACH '" + str(tmp_path / "other.log") + "' AS other",
        "DELETE FROM entries",
        "INSERT INTO entries SELECT * FROM other.entries",
    )
    assert found(path)[0] == 1


@pytest.mark.parametrize("change", ["data = '{}'", "learned_at = 'noon'", "name = x'00'", "chain = 7"])
def test_a_column_of_another_type_is_detected_like_any_other_change(path: Path, change: str) -> None:
    tamper(path, f"UPDATE entries SET {change} WHERE offset = 2")
    assert found(path)[0] == 2
    log = SqliteEventLog(path)
    with pytest.raises(CorruptLog, match="offset 2"):
        list(log.read())
    log.close()


def test_an_altered_conflict_is_detected_when_read(path: Path) -> None:
    tamper(path, "UPDATE conflicts SET data = '{}'")
    log = SqliteEventLog(path)
    with pytest.raises(CorruptLog, match="conflict kept for tx:2"):
        list(log.conflicts())
    log.close()


@pytest.mark.parametrize("statement", ["UPDATE entries SET learned_at = 1", "DELETE FROM entries WHERE offset = 9"])
def test_the_file_itself_refuses_changes_to_entries(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)
    connection.close()
