"""The embedded graph store: KGLite, the whole graph in memory with a write-ahead log beside its file.

Two optimizer passes of KGLite 0.21 return wrong rows and are switched off on every read; a start-up canary proves on a
five-node graph that they are off and that the answers are right. One process owns the file, one thread writes at a
time. A commit survives the process being killed (`durable="normal"`); the event log covers power loss, because the
graph can be rebuilt from it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import kglite

from graph.errors import (
    ConstraintViolated,
    HomeInUse,
    QueryRefused,
    QueryTimeout,
    RetryableConflict,
    StopWork,
    StoreMismatch,
    StoreUnavailable,
)
from graph.store.protocol import DEFAULT_TIMEOUT_MS, Row, StoreHealth, Transaction

T = TypeVar("T")

#: Both return wrong rows in 0.21.2: counts over undirected hops, and ORDER BY .. LIMIT inside CALL.
DISABLED_PASSES: Final = ("fuse_match_return_aggregate", "fuse_order_by_top_k")
CONFLICT_TRIES = 5
#: Rows, list items and links that a bounded read may hold or walk; the engine refuses it beyond.
MAX_WORK_UNITS: Final = 10_000_000
CLEAR_ROWS = 10_000


class KgliteStore:
    """`GraphStore` over one `.kgl` file; raises `HomeInUse` when another process holds it."""

    name = "kglite"

    def __init__(self, path: Path | str) -> None:
        check_canary()
        kglite.set_query_warning_policy("silent")
        self._path = Path(path)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._writing = threading.Lock()
        self._closed = False
        try:
            self._session = kglite.open_session(str(self._path), durable="normal")
        except kglite.WriterLeaseHeldError as error:
            raise HomeInUse(
                f"the graph file {self._path} is open in another process", cure="stop that process, or use another home"
            ) from error
        except (kglite.KgError, OSError, RuntimeError) as error:
            raise StoreMismatch(
                f"the graph file {self._path} cannot be opened: {error}", cure="run `tarrafa rebuild`"
            ) from error

    def read(
        self, text: str, params: Mapping[str, object], *, timeout_ms: int = DEFAULT_TIMEOUT_MS, query: str = ""
    ) -> list[Row]:
        self._check_open()
        cursor = self._session.cursor()
        cursor.read_only(True)
        with _translated(query=query or "a query", timeout_ms=timeout_ms):
            found = cursor.cypher(
                text, params=dict(params), timeout_ms=timeout_ms, disabled_passes=list(DISABLED_PASSES)
            )
        return _rows(found)

    def read_some(
        self, text: str, params: Mapping[str, object], *, timeout_ms: int, rows: int, query: str = ""
    ) -> tuple[list[Row], bool]:
        self._check_open()
        cursor = self._session.cursor()
        cursor.read_only(True)
        with _translated(query=query or "a query", timeout_ms=timeout_ms):
            found = cursor.cypher(
                text,
                params=dict(params),
                timeout_ms=timeout_ms,
                disabled_passes=list(DISABLED_PASSES),
                row_limit=rows + 1,
                max_work_units=MAX_WORK_UNITS,
            )
        kept = _rows(found)
        return kept[:rows], len(kept) > rows

    def transact(self, work: Callable[[Transaction], T]) -> T:
        with self._writing:
            self._check_open()
            for _ in range(CONFLICT_TRIES):
                transaction = self._session.begin()
                try:
                    result = work(_KgliteTransaction(transaction))
                    with self._writes():
                        transaction.commit()
                except RetryableConflict:
                    continue
                finally:
                    if transaction.active:
                        transaction.rollback()
                return result
        raise RetryableConflict(f"{self._path} changed under {CONFLICT_TRIES} tries of one transaction")

    def apply_schema(self, statements: Sequence[str]) -> None:
        with self._writing, self._writes():
            self._check_open()
            for statement in statements:
                self._session.execute(statement)
            self._session.save()  # other processes can only open a graph that has a checkpoint

    def health(self) -> StoreHealth:
        try:
            self.read("RETURN 1 AS one", {})
        except (StopWork, QueryTimeout) as error:
            return StoreHealth(self.name, str(self._path), ok=False, detail=str(error), version=kglite.__version__)
        return StoreHealth(self.name, str(self._path), ok=True, version=kglite.__version__)

    def clear(self) -> None:
        text = f"MATCH (n) WITH n LIMIT {CLEAR_ROWS} DETACH DELETE n RETURN count(*) AS n"
        while self.transact(lambda transaction: transaction.run(text, {}))[0]["n"]:
            pass

    def close(self) -> None:
        with self._writing:
            if not self._closed:
                self._closed = True
                self._session.close()

    def _check_open(self) -> None:
        if self._closed:
            raise StopWork(f"the graph store {self._path} is closed", cure="open it again")

    @contextmanager
    def _writes(self) -> Iterator[None]:
        try:
            with _translated(query="a write", timeout_ms=0):
                yield
        except (kglite.FileIoError, OSError) as error:
            raise StoreUnavailable(
                store=self.name,
                address=str(self._path),
                cause=f"the write-ahead log refused a write: {error}",
                cure="free disk space or mend its permissions, then start again; nothing of the write was kept",
            ) from error


class _KgliteTransaction:
    def __init__(self, transaction: Any) -> None:
        self._transaction = transaction

    def run(self, text: str, params: Mapping[str, object]) -> list[Row]:
        with _translated(query="a statement", timeout_ms=0):
            return _rows(self._transaction.cypher(text, params=dict(params)))


def remove_files(path: Path | str) -> None:
    """Delete a graph file and what KGLite keeps beside it; for a rebuild of a file that cannot be opened."""
    file = Path(path)
    for each in file.parent.glob(f"{file.name}*"):
        if each.is_file():
            each.unlink()


def check_canary(disabled_passes: Sequence[str] = DISABLED_PASSES) -> None:
    """Raise `StopWork` unless this KGLite answers two questions right that it is known to get wrong.

    Five accounts around two devices: a count over two undirected hops, and a first row of a limited subquery that
    has no match.
    """
    graph = kglite.KnowledgeGraph()
    uses = [("a", "x"), ("b", "x"), ("b", "y"), ("c", "y"), ("d", "y")]
    graph.cypher("UNWIND $ids AS i CREATE (n:Account {id: i})", params={"ids": ["0", *"abcd"]})
    graph.cypher("UNWIND $ids AS i CREATE (n:Device {id: i})", params={"ids": ["x", "y"]})
    graph.cypher(
        "UNWIND $rows AS r MATCH (a:Account {id: r.a}) MATCH (d:Device {id: r.d}) "
        "CREATE (a)-[:USED_DEVICE {ts: r.ts}]->(d)",
        params={"rows": [{"a": account, "d": device, "ts": ts} for ts, (account, device) in enumerate(uses)]},
    )
    questions = {
        "MATCH (a:Account {id: 'b'})-[:USED_DEVICE]-(d)-[:USED_DEVICE]-(o) RETURN count(o) AS n": [{"n": 3}],
        "MATCH (a:Account) CALL (a) { MATCH (a)-[u:USED_DEVICE]->(d:Device) RETURN d.id AS d, u.ts AS ts "
        "ORDER BY u.ts DESC LIMIT 1 } RETURN a.id AS a, d AS d ORDER BY a": [
            {"a": account, "d": device} for account, device in zip("abcd", "xyyy", strict=True)
        ],
    }
    for text, expected in questions.items():
        answer = _rows(graph.cypher(text, disabled_passes=list(disabled_passes)))
        if answer != expected:
            raise StopWork(
                f"KGLite {kglite.__version__} answers a known question wrongly ({answer} for {text})",
                cure="install the KGLite version that constraints.txt names",
            )


def _rows(found: Any) -> list[Row]:
    rows: list[Row] = found.to_dicts()
    return rows


@contextmanager
def _translated(*, query: str, timeout_ms: int) -> Iterator[None]:
    """Turn KGLite's errors into ours; file errors pass, because only a writer knows what they mean."""
    try:
        yield
    except kglite.CypherTimeoutError as error:
        raise QueryTimeout(query=query, timeout_ms=timeout_ms) from error
    except kglite.TransactionConflictError as error:
        raise RetryableConflict(str(error)) from error
    except kglite.ConstraintError as error:
        raise ConstraintViolated(str(error)) from error
    except kglite.FileIoError:
        raise
    except (kglite.KgError, OverflowError) as error:
        raise QueryRefused(f"{query} is refused: {error}") from error
