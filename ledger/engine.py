"""How a ledger database is reached: the URL, transactions on SQLite and Postgres, and what their errors mean."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from graph.errors import ConfigurationError, RetryableConflict, StopWork, StorageFull, StoreUnavailable, TarrafaError
from graph.log.file import write_ahead

CONNECT_SECONDS = 5
BUSY_SECONDS = 10.0
CACHE_KIB = 65_536
PAGE_BYTES = 16_384  # a score's record is 1 to 4 kB: small pages would stand half empty
CHECKPOINT_PAGES = 2_000  # 32 MB: index pages hit by many batches are written back once
WRITER_LOCK = 0x7461_7272  # Postgres advisory lock: one writer of the ledger at a time

_FORMS = "sqlite:///folder/ledger.db or postgresql://user:password@host:5432/database"
_WRITES = "tarrafa_writes"
_START = "start that server, or correct the ledger URL"


class Database:
    """A ledger database: `reading()` and `writing()` transactions with our errors.

    A reading transaction sees one state throughout; writing transactions come one after another, also across
    processes.
    """

    def __init__(self, url: str) -> None:
        parsed = _parse(url)
        self.address = _address(parsed)
        if parsed.get_backend_name() == "sqlite":
            self._engine = _sqlite_engine(parsed)
            self._reads = self._engine
        else:
            self._engine = create_engine(
                parsed, connect_args={"connect_timeout": CONNECT_SECONDS}, pool_pre_ping=True, max_overflow=20
            )
            self._reads = self._engine.execution_options(isolation_level="REPEATABLE READ")
        self._writes = self._engine.execution_options(**{_WRITES: True})

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One snapshot for all statements of the block."""
        with translated(self.address), self._reads.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: all of the block, or nothing when it raises."""
        with translated(self.address), self._writes.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITER_LOCK})
            yield connection

    def close(self) -> None:
        """Close every connection; safe to call twice."""
        self._engine.dispose()


@contextmanager
def translated(address: str) -> Iterator[None]:
    """Turn the database's errors into ours; `address` names it without its password."""
    try:
        yield
    except PoolTimeout as error:
        raise RetryableConflict(f"no free connection to the ledger at {address}") from error
    except DBAPIError as error:
        raise _meaning(error, address) from error
    except SQLAlchemyError as error:
        raise StopWork(f"the ledger at {address} cannot be used: {_first_line(error)}") from error


def _meaning(error: DBAPIError, address: str) -> TarrafaError:
    cause = _first_line(error.orig or error)
    if isinstance(error.orig, sqlite3.Error):
        return _sqlite_meaning(error.orig, address, cause)
    state = getattr(error.orig, "sqlstate", None) or ""
    if state.startswith("53") and state != "53300":
        return StorageFull(f"no room left for the ledger at {address}: {cause}", cure="free space on its server")
    if state in ("40001", "40P01", "55P03"):
        return RetryableConflict(f"two writers met in the ledger at {address}: {cause}")
    if state in ("28P01", "28000", "3D000") or "authentication failed" in cause or "does not exist" in cause:
        return ConfigurationError(
            f"the ledger at {address} refuses: {cause}", cure="correct user, password or database in the ledger URL"
        )
    if error.connection_invalidated or state in ("", "53300") or state.startswith(("08", "57")):
        return StoreUnavailable(store="the ledger", address=address, cause=cause, cure=_START)
    return StopWork(f"the ledger at {address} refuses: {cause}")


def _sqlite_meaning(error: sqlite3.Error, address: str, cause: str) -> TarrafaError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return StorageFull(f"no room left for the ledger {address}", cure="free space on that disk and try again")
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return RetryableConflict(f"another process holds the ledger {address}: {cause}")
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return StopWork(
            f"{address} is not a sound ledger: {cause}",
            cure="name the right file, or move it away and run `tarrafa rebuild`",
        )
    return StopWork(f"the ledger {address} cannot be used: {cause}", cure="check its disk, folder and permissions")


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, NoSuchModuleError) as error:
        raise ConfigurationError("the ledger URL cannot be read", cure=f"write it as {_FORMS}") from error
    if backend in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise ConfigurationError(f"the ledger cannot live in {backend}", cure=f"write its URL as {_FORMS}")
    if parsed.database in (None, "", ":memory:"):
        raise ConfigurationError("the ledger needs a file", cure=f"write its URL as {_FORMS}")
    folder = Path(parsed.database or "").parent
    if not folder.is_dir():
        raise ConfigurationError(f"the ledger's folder {folder} does not exist", cure="create it, or name another")
    return parsed


def _address(url: URL) -> str:
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return f"{url.host or 'local socket'}:{url.port or 5432}/{url.database or ''}"


def _sqlite_engine(url: URL) -> Engine:
    # isolation_level None: the driver opens no transactions by itself, `_begin` decides which kind.
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS, "isolation_level": None}, max_overflow=40)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")  # counts only while the file is empty
    write_ahead(connection, patience=BUSY_SECONDS)
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
