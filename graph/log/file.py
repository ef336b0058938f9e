"""The event log's SQLite file: its tables, how it is opened, and what SQLite's errors mean to the caller."""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from graph.errors import ConfigurationError, CorruptLog, RetryableConflict, StopWork, StorageFull
from graph.log.chain import first_chain

Durability = Literal["normal", "full"]

APPLICATION_ID = 0x54415252  # "TARR", in the file's header: tells this file from any other SQLite file
SCHEMA_VERSION = 1
BUSY_SECONDS = 10.0
CACHE_KIB = 65_536  # the unique index over event ids is hit at random: keep it in memory
CHECKPOINT_PAGES = 8_000  # 32 MiB of write-ahead log: random index pages are written back once, not once per batch

_RESTORE = "restore it from its last good copy"

# No STRICT and no generated columns: SQLite older than 3.37 still comes with supported systems.
_SCHEMA = (
    """CREATE TABLE state (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        schema_version INTEGER NOT NULL,
        log_id TEXT NOT NULL,
        head INTEGER NOT NULL,
        chain BLOB NOT NULL)""",
    """CREATE TABLE entries (
        offset INTEGER PRIMARY KEY,
        learned_at INTEGER NOT NULL,
        event_id TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        data BLOB NOT NULL,
        content BLOB NOT NULL,
        chain BLOB NOT NULL)""",
    """CREATE TABLE conflicts (
        seq INTEGER PRIMARY KEY,
        event_id TEXT NOT NULL,
        first_offset INTEGER NOT NULL,
        first_hash BLOB NOT NULL,
        other_hash BLOB NOT NULL,
        name TEXT NOT NULL,
        data BLOB NOT NULL,
        learned_at INTEGER NOT NULL,
        UNIQUE (event_id, other_hash))""",
    "CREATE TABLE sources (source TEXT PRIMARY KEY, position INTEGER NOT NULL)",
    "CREATE TRIGGER entries_stay BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END",
    "CREATE TRIGGER entries_stand BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END",
)


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into ours: full disk, damaged file, busy file, any other failure of the disk."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_FULL:
            raise StorageFull(
                f"no room left for the event log {path}", cure="free space on that disk and send the same events again"
            ) from error
        if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
            raise CorruptLog(f"{path} is not a sound event log: {error}", cure=_RESTORE) from error
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise RetryableConflict(f"another process holds the event log {path}: {error}") from error
        raise StopWork(
            f"the event log {path} cannot be used: {error}", cure="check its disk, its folder and its permissions"
        ) from error


def open_writer(path: Path, *, create: bool, durable: Durability) -> sqlite3.Connection:
    """Open the log for writing; create it first when it is absent and `create` says so.

    Raises `ConfigurationError` when it is absent and may not be created or is newer than this program, `CorruptLog`
    when the file is something else.
    """
    if not path.exists() and not create:
        raise ConfigurationError(f"there is no event log at {path}", cure="name the right home, or start a new one")
    if not path.parent.is_dir():
        raise ConfigurationError(f"the folder {path.parent} does not exist", cure="create it, or name another")
    connection = _connect(path, mode="rwc" if create else "rw")
    try:
        _recognise(connection, path, create=create)
        write_ahead(connection, patience=BUSY_SECONDS)
        connection.execute(f"PRAGMA synchronous = {durable.upper()}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        if create:
            _create(connection)
        _check_state(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def write_ahead(connection: sqlite3.Connection, *, patience: float) -> None:
    """Switch the file to a write-ahead log, so that readers and the writer do not wait for each other.

    SQLite's own patience does not cover this switch: when several openers meet in a new file, all but one are turned
    away at once. They try again for `patience` seconds; the loser then finds it done.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def open_reader(path: Path) -> sqlite3.Connection:
    """Open a connection that can only read; it sees every batch appended before each of its queries."""
    connection = _connect(path, mode="rw")
    connection.execute("PRAGMA query_only = ON")
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """One write transaction: all of it, or nothing when the body or the commit fails."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A full disk may already have ended the transaction; the first error is the one to report.
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _connect(path: Path, *, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=BUSY_SECONDS,
    )


def _recognise(connection: sqlite3.Connection, path: Path, *, create: bool) -> None:
    connection.execute("BEGIN")  # one snapshot: another process may be creating the log right now
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (objects,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    connection.execute("COMMIT")
    if application != APPLICATION_ID and (objects or not create):
        raise CorruptLog(f"{path} is not an event log", cure="name another file; this one was not touched")


def _create(connection: sqlite3.Connection) -> None:
    with transaction(connection):
        if connection.execute("SELECT count(*) FROM sqlite_master").fetchone() != (0,):
            return
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        for statement in _SCHEMA:
            connection.execute(statement)
        log_id = secrets.token_hex(16)
        connection.execute("INSERT INTO state VALUES (1, ?, ?, 0, ?)", (SCHEMA_VERSION, log_id, first_chain(log_id)))


def _check_state(connection: sqlite3.Connection, path: Path) -> None:
    row = connection.execute("SELECT schema_version, head FROM state").fetchone()
    if row is None:
        raise CorruptLog(f"{path} has lost its state row", cure=_RESTORE)
    version, head = row
    if version != SCHEMA_VERSION:
        raise ConfigurationError(
            f"{path} has schema version {version}, this program writes {SCHEMA_VERSION}",
            cure="use the program that wrote it, or a newer one",
        )
    (newest,) = connection.execute("SELECT coalesce(max(offset), 0) FROM entries").fetchone()
    if newest != head:
        raise CorruptLog(f"{path} ends at offset {newest} but recorded {head} entries", cure=_RESTORE)
