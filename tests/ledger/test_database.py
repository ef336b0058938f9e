"""Opening, upgrading and losing the database: what each trouble is called, and that nothing half-done stays."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, event, make_url, text

from graph.errors import ConfigurationError, RetryableConflict, StopWork, StorageFull, StoreUnavailable
from ledger import Ledger, engine
from ledger.engine import Database
from ledger.tables import metadata
from ledger.upgrade import HEAD, VERSION_TABLE, configuration
from tests.ledger.worlds import LOG, changes, record, ring, scores

REPOSITORY = Path(__file__).resolve().parents[2]

RECORDER = """
import sys
from ledger import Ledger
from tests.ledger.worlds import LOG, changes, record, ring, scores
ledger = Ledger.open(sys.argv[1])
position = ledger.position(LOG)
while True:
    record(ledger, position + 20, scores(position + 1, position + 20), changes(ring("r", value=float(position))))
    position += 20
    print(position, flush=True)
"""


@pytest.mark.usefixtures("opened")
def test_the_revisions_lead_to_the_tables_the_program_uses(ledger_url: str) -> None:
    database = Database(ledger_url)
    with database.reading() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []
        assert ScriptDirectory.from_config(configuration(connection)).get_heads() == [HEAD]
    database.close()


def test_opening_again_keeps_what_is_there(ledger: Ledger, ledger_url: str) -> None:
    record(ledger, 3, scores(1, 3))
    again = Ledger.open(ledger_url)
    assert (again.position(LOG), again.score_digest()) == (3, ledger.score_digest())
    again.close()
    again.close()


def test_a_ledger_of_a_newer_program_is_refused(opened: Ledger, ledger_url: str) -> None:
    database = Database(ledger_url)
    for version in ("9999", HEAD):
        with database.writing() as connection:
            connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '{version}'"))
        if version != HEAD:
            with pytest.raises(ConfigurationError, match="revision 9999"):
                Ledger.open(ledger_url)
    database.close()
    assert opened.ring("r") is None


def test_processes_that_start_at_once_make_one_set_of_tables(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    opened: list[Ledger] = []
    threads = [threading.Thread(target=lambda: opened.append(Ledger.open(url))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(opened) == 4
    record(opened[0], 2, scores(1, 2))
    assert opened[3].position(LOG) == 2
    for ledger in opened:
        ledger.close()


def test_a_failed_record_keeps_nothing(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    record(ledger, 3, scores(1, 3), changes(ring("a")))
    before = ledger.score_digest(), ledger.ring_digest(), ledger.summary()

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("after the scores and the rings were written")

    with monkeypatch.context() as patched:
        patched.setattr("ledger.ledger.upsert", fail)  # the progress row is the last thing written
        with pytest.raises(RuntimeError):
            record(ledger, 9, scores(2, 9), changes(ring("a", value=1.0), ring("b"), gone=(("a", "b"),)))
    assert (ledger.score_digest(), ledger.ring_digest(), ledger.summary()) == before
    assert ledger.position(LOG) == 3


def test_a_killed_process_leaves_whole_batches_and_all_that_it_reported(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    process = subprocess.Popen([sys.executable, "-c", RECORDER, url], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY)
    assert process.stdout is not None
    reported = [int(process.stdout.readline()) for _ in range(10)][-1]
    process.send_signal(signal.SIGKILL)
    process.stdout.close()
    process.wait(timeout=30)
    ledger = Ledger.open(url)
    position = ledger.position(LOG)
    assert position >= reported
    assert position % 20 == 0
    assert ledger.summary().transactions == position
    assert ledger.ring("r") == ring("r", value=float(position - 20))
    fresh = Ledger.open(f"sqlite:///{tmp_path / 'fresh.db'}")
    record(fresh, position, scores(1, position))
    assert ledger.score_digest() == fresh.score_digest()
    ledger.close()
    fresh.close()


def test_readers_go_on_while_a_batch_is_recorded(ledger: Ledger, ledger_url: str) -> None:
    record(ledger, 3, scores(1, 3))
    database = Database(ledger_url)
    with database.writing() as connection:
        connection.execute(text("DELETE FROM decisions"))
        assert len(ledger.scores().items) == 3
    assert ledger.scores().items == ()
    database.close()


def test_threads_record_and_read_side_by_side(ledger: Ledger) -> None:
    failures: list[BaseException] = []

    def work(part: int) -> None:
        try:
            for batch in range(5):
                first = part * 50 + batch * 10 + 1
                ledger.record(log_id=LOG, position=first + 9, scores=scores(first, first + 9), rings=changes())
                ledger.scores(limit=5)
                ledger.summary()
        except BaseException as error:  # any failure of a thread must reach the test
            failures.append(error)

    threads = [threading.Thread(target=work, args=(part,)) for part in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failures == []
    assert (ledger.summary().transactions, ledger.position(LOG)) == (200, 200)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "cannot be read"),
        ("mysql://user:secret@host/db", "cannot live in mysql"),
        ("sqlite://", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
        ("sqlite:////no/such/folder/ledger.db", "does not exist"),
    ],
)
def test_a_wrong_url_is_named_with_its_cure_and_without_its_password(url: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words) as caught:
        Ledger.open(url)
    assert "secret" not in str(caught.value)
    assert caught.value.cure


def test_a_server_that_is_down_is_named_with_its_address() -> None:
    with pytest.raises(StoreUnavailable, match=r"127\.0\.0\.1:1/tarrafa") as caught:
        Ledger.open("postgres://user:secret@127.0.0.1:1/tarrafa")
    assert "secret" not in str(caught.value)
    assert "start that server" in caught.value.cure


@pytest.mark.server
def test_a_server_that_refuses_says_why(postgres_url: str) -> None:
    url = make_url(postgres_url)
    with pytest.raises(ConfigurationError, match="does not exist"):
        Ledger.open(url.set(database="no_such_database").render_as_string(hide_password=False))
    with pytest.raises(ConfigurationError, match="no_such_role"):
        Ledger.open(url.set(username="no_such_role").render_as_string(hide_password=False))


@pytest.mark.server
def test_a_connection_that_broke_is_made_again(fresh_postgres: str) -> None:
    ledger = Ledger.open(fresh_postgres)
    record(ledger, 1, scores(1, 1))
    admin = create_engine(make_url(fresh_postgres).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid()"
            )
        )
    admin.dispose()
    record(ledger, 2, scores(2, 2))
    assert ledger.summary().transactions == 2
    ledger.close()


def test_a_file_that_is_no_ledger_is_refused_and_left_alone(tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("no ledger\n" * 1_000)
    with pytest.raises(StopWork, match=r"notes\.txt is not a sound ledger"):
        Ledger.open(f"sqlite:///{notes}")
    assert notes.read_text() == "no ledger\n" * 1_000
    other = tmp_path / "other.db"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE mine (x)")
    connection.close()
    with pytest.raises(ConfigurationError, match="something else"):
        Ledger.open(f"sqlite:///{other}")
    connection = sqlite3.connect(other)
    assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("mine",)]
    connection.close()


def test_a_full_disk_keeps_nothing_of_the_batch(tmp_path: Path) -> None:
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}")
    record(ledger, 3, scores(1, 3))
    before = ledger.score_digest()
    capped = ledger._database._engine

    def fill(connection: Connection) -> None:  # SQLite's page limit: full without filling a disk
        connection.exec_driver_sql("PRAGMA max_page_count = 1")

    event.listen(capped, "begin", fill)
    with pytest.raises(StorageFull, match="free space"):
        record(ledger, 500, scores(2, 500), changes(ring("a")))
    assert (ledger.score_digest(), ledger.position(LOG), ledger.ring_ids()) == (before, 3, [])
    event.remove(capped, "begin", fill)
    ledger.close()  # the limit was the connection's
    record(ledger, 500, scores(2, 500), changes(ring("a")))
    assert (ledger.summary().transactions, ledger.position(LOG), ledger.ring_ids()) == (500, 500, ["a"])
    ledger.close()


def test_a_database_held_by_another_process_is_a_conflict_to_retry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.05)
    path = tmp_path / "ledger.db"
    ledger = Ledger.open(f"sqlite:///{path}")
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(RetryableConflict, match=r"ledger\.db"):
        record(ledger, 1, scores(1, 1))
    holder.execute("ROLLBACK")
    record(ledger, 1, scores(1, 1))
    assert ledger.position(LOG) == 1
    holder.close()
    ledger.close()


def test_a_place_where_no_file_can_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").mkdir()
    with pytest.raises(StopWork, match="permissions"):
        Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}")
