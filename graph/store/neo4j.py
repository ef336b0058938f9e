"""The server graph store: Neo4j 5 through its official driver.

Transactions are the driver's managed ones, with its own repetition off: which failures are repeated is decided here,
for `give_up_ms / 2` after the first and with growing pauses.

- Deadlocks and lost leaders (`TransientError`): repeated; afterwards `RetryableConflict`.
- A connection that broke (`ServiceUnavailable`, `SessionExpired`): repeated; afterwards `StoreUnavailable`.
- A commit whose acknowledgement was lost (`IncompleteCommit`, not retryable to the driver): repeated, because `work` is
  idempotent by contract.
- A transaction larger than the server's memory pool (transient to the driver, which sent 400,000 transactions twice in
  124 s before it gave up): never repeated, it is `TransactionTooLarge` at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from neo4j import GraphDatabase, ManagedTransaction, Result, Session, unit_of_work
from neo4j.exceptions import (
    AuthError,
    ClientError,
    ConstraintError,
    DriverError,
    IncompleteCommit,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
    TransientError,
)
from neo4j.exceptions import ConfigurationError as DriverConfigurationError

from graph.errors import (
    ConfigurationError,
    ConstraintViolated,
    QueryRefused,
    QueryTimeout,
    RetryableConflict,
    StoreUnavailable,
    TarrafaError,
    TransactionTooLarge,
)
from graph.store.protocol import DEFAULT_TIMEOUT_MS, Row, StoreHealth, Transaction

T = TypeVar("T")

START_IT: Final = (
    "start Neo4j 5 (`docker compose up neo4j`, or `make servers`), or set TARRAFA_NEO4J_URI, or use --store kglite"
)
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.05, 1.0
CLEAR_ROWS = 10_000
SCHEMA_WAIT_SECONDS = 120
WRITE_TIMEOUT_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class PlanOperator:
    """One step of a query plan: its name ("NodeUniqueIndexSeek"), its details, and whether rows start there."""

    name: str
    details: str
    leaf: bool


class Neo4jStore:
    """`GraphStore` over one Neo4j database; raises `StoreUnavailable` when the server does not answer at start.

    `give_up_ms` bounds how long one call goes on trying before it reports a server that is away.
    """

    name = "neo4j"

    def __init__(self, uri: str, user: str, password: str, *, database: str = "neo4j", give_up_ms: int = 8_000) -> None:
        self._uri = uri
        self._database = database
        try:
            self._driver = GraphDatabase.driver(
                uri,
                auth=(user, password),
                connection_timeout=give_up_ms / 2000,
                connection_acquisition_timeout=give_up_ms / 1000,
                max_transaction_retry_time=0,
                notifications_min_severity="OFF",
            )
        except (DriverConfigurationError, ValueError) as error:
            raise ConfigurationError(
                f"the Neo4j address {uri} is not usable: {error}", cure="give one such as bolt://127.0.0.1:7687"
            ) from error
        self._repeat_seconds = give_up_ms / 2000
        self._bookmarks = GraphDatabase.bookmark_manager()
        self._closed = False
        try:
            with self._translated(query="connecting", timeout_ms=give_up_ms):
                self._driver.verify_connectivity()
        except TarrafaError:
            self.close()
            raise

    def read(
        self, text: str, params: Mapping[str, object], *, timeout_ms: int = DEFAULT_TIMEOUT_MS, query: str = ""
    ) -> list[Row]:
        @unit_of_work(timeout=timeout_ms / 1000)
        def work(transaction: ManagedTransaction) -> list[Row]:
            return _rows(transaction.run(text, dict(params)))

        with self._translated(query=query or "a query", timeout_ms=timeout_ms):
            return self._repeated(lambda session: session.execute_read(work))

    def read_some(
        self, text: str, params: Mapping[str, object], *, timeout_ms: int, rows: int, query: str = ""
    ) -> tuple[list[Row], bool]:
        @unit_of_work(timeout=timeout_ms / 1000)
        def work(transaction: ManagedTransaction) -> list[Row]:
            result = transaction.run(text, dict(params))
            keys = result.keys()
            return [dict(zip(keys, record.values(), strict=True)) for record in result.fetch(rows + 1)]

        name = query or "a query"
        try:
            with self._translated(query=name, timeout_ms=timeout_ms):
                kept = self._repeated(lambda session: session.execute_read(work))
        except TransactionTooLarge as error:
            raise QueryRefused(
                f"{name} needs more memory than the server gives one query", cure="ask for less at once"
            ) from error
        return kept[:rows], len(kept) > rows

    def transact(self, work: Callable[[Transaction], T]) -> T:
        @unit_of_work(timeout=WRITE_TIMEOUT_SECONDS)
        def managed(transaction: ManagedTransaction) -> T:
            return work(_Neo4jTransaction(transaction))

        with self._translated(query="a write", timeout_ms=int(WRITE_TIMEOUT_SECONDS * 1000)):
            return self._repeated(lambda session: session.execute_write(managed))

    def explain(self, text: str, params: Mapping[str, object]) -> tuple[PlanOperator, ...]:
        """Return the operators of the plan for `text`, root first, without running it."""
        with self._translated(query="EXPLAIN", timeout_ms=DEFAULT_TIMEOUT_MS), self._session() as session:
            plan = session.run(f"EXPLAIN {text}", dict(params)).consume().plan
        return tuple(_operators(plan)) if plan is not None else ()

    def apply_schema(self, statements: Sequence[str]) -> None:
        with self._translated(query="the schema", timeout_ms=SCHEMA_WAIT_SECONDS * 1000), self._session() as session:
            for statement in statements:
                session.run(statement).consume()
            session.run("CALL db.awaitIndexes($seconds)", seconds=SCHEMA_WAIT_SECONDS).consume()

    def health(self) -> StoreHealth:
        try:
            with self._translated(query="health", timeout_ms=DEFAULT_TIMEOUT_MS):
                agent = self._driver.get_server_info().agent
        except TarrafaError as error:
            return StoreHealth(self.name, self._uri, ok=False, detail=str(error))
        return StoreHealth(self.name, self._uri, ok=True, version=agent)

    def clear(self) -> None:
        for text in (
            f"MATCH ()-[k]->() WITH k LIMIT {CLEAR_ROWS} DELETE k RETURN count(*) AS n",
            f"MATCH (n) WITH n LIMIT {CLEAR_ROWS} DELETE n RETURN count(*) AS n",
        ):
            while self._delete_some(text):
                pass

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._driver.close()

    def _delete_some(self, text: str) -> int:
        deleted: int = self.transact(lambda transaction: transaction.run(text, {}))[0]["n"]
        return deleted

    def _repeated(self, call: Callable[[Session], T]) -> T:
        pause = FIRST_PAUSE_SECONDS
        failed_at: float | None = None
        while True:
            try:
                with self._session() as session:
                    return call(session)
            except (Neo4jError, DriverError) as error:
                now = time.monotonic()
                failed_at = now if failed_at is None else failed_at
                if not _worth_repeating(error) or now + pause > failed_at + self._repeat_seconds:
                    raise
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def _session(self) -> Session:
        return self._driver.session(database=self._database, bookmark_manager=self._bookmarks)

    @contextmanager
    def _translated(self, *, query: str, timeout_ms: int) -> Iterator[None]:
        """Turn the driver's errors into ours."""
        try:
            yield
        except IncompleteCommit as error:
            raise RetryableConflict(f"a commit to {self._uri} was not acknowledged") from error
        except (ServiceUnavailable, SessionExpired) as error:
            raise self._unavailable(error) from error
        except AuthError as error:
            raise ConfigurationError(
                f"Neo4j at {self._uri} refuses the user or password: {error.message}",
                cure="set TARRAFA_NEO4J_USER and TARRAFA_NEO4J_PASSWORD",
            ) from error
        except ConstraintError as error:
            raise ConstraintViolated(str(error.message)) from error
        except TransientError as error:
            if _too_large(error):
                raise TransactionTooLarge(str(error.message)) from error
            if "DatabaseUnavailable" in str(error.code):
                raise self._unavailable(error) from error
            raise RetryableConflict(str(error.message)) from error
        except ClientError as error:
            if "TransactionTimedOut" in str(error.code):
                raise QueryTimeout(query=query, timeout_ms=timeout_ms) from error
            raise QueryRefused(f"{query} is refused: {error.message}") from error
        except (Neo4jError, OverflowError) as error:
            raise QueryRefused(f"{query} is refused: {error}") from error
        except DriverError as error:
            raise self._unavailable(error) from error

    def _unavailable(self, error: Exception) -> StoreUnavailable:
        cause = str(error).partition("\n")[0]
        return StoreUnavailable(store="Neo4j", address=self._uri, cause=cause, cure=START_IT)


class _Neo4jTransaction:
    def __init__(self, transaction: ManagedTransaction) -> None:
        self._transaction = transaction

    def run(self, text: str, params: Mapping[str, object]) -> list[Row]:
        return _rows(self._transaction.run(text, dict(params)))


def _too_large(error: Exception) -> bool:
    return isinstance(error, TransientError) and "MemoryPoolOutOfMemory" in str(error.code)


def _worth_repeating(error: Neo4jError | DriverError) -> bool:
    return isinstance(error, IncompleteCommit) or (error.is_retryable() and not _too_large(error))


def _rows(result: Result) -> list[Row]:
    keys = result.keys()
    return [dict(zip(keys, record.values(), strict=True)) for record in result]


def _operators(plan: Mapping[str, Any]) -> Iterator[PlanOperator]:
    children = plan.get("children", ())
    name = str(plan["operatorType"]).partition("@")[0]
    yield PlanOperator(name, str(plan.get("args", {}).get("Details", "")), leaf=not children)
    for child in children:
        yield from _operators(child)
