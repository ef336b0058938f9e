"""What a graph store can do, whichever engine stands behind it.

Two engines implement this: `graph.store.kglite.KgliteStore` (embedded, one owning process) and
`graph.store.neo4j.Neo4jStore` (a server). `tests/store/test_contract.py` holds one test per guarantee below and runs
on both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
Row = dict[str, Any]

DEFAULT_TIMEOUT_MS = 2_000


@dataclass(frozen=True, slots=True)
class StoreHealth:
    """What a store says of itself: `ok` means it answered a query just now; otherwise `detail` is the cause."""

    store: str
    address: str
    ok: bool
    detail: str = ""
    version: str = ""


class Transaction(Protocol):
    """Statements that take effect together; valid only while the `work` given to `transact` runs."""

    def run(self, text: str, params: Mapping[str, object]) -> list[Row]:
        """Run one statement and return its rows; it sees what the transaction wrote before."""
        ...


class GraphReader(Protocol):
    """Ask one question of a store; what rooms that only read should ask for."""

    def read(
        self, text: str, params: Mapping[str, object], *, timeout_ms: int = DEFAULT_TIMEOUT_MS, query: str = ""
    ) -> list[Row]:
        """Return the rows of one reading statement; `query` names it in errors. See `GraphStore`."""
        ...


class BoundedReader(Protocol):
    """Ask a store what a person wrote: bounded in time, in rows and in what the engine may hold meanwhile."""

    def read_some(
        self, text: str, params: Mapping[str, object], *, timeout_ms: int, rows: int, query: str = ""
    ) -> tuple[list[Row], bool]:
        """Return at most `rows` rows of one reading statement, and whether there were more. See `GraphStore`."""
        ...


class GraphStore(GraphReader, BoundedReader, Protocol):
    """A property graph that answers the portable Cypher subset.

    Guarantees:
    - a read returns its rows as plain dicts in statement order;
    - a read never writes: a writing text is refused with QueryRefused and changes nothing;
    - a missing parameter or bad syntax is refused with QueryRefused;
    - a read past its deadline stops with QueryTimeout, and the store goes on;
    - a bounded read gives no more rows than asked for and says whether there were more; one whose work the engine finds
      too large is refused with QueryRefused, and the store goes on;
    - a transaction applies whole or not at all: any error leaves nothing behind and reaches the caller;
    - a transaction sees its own writes, and other readers see them only after it;
    - a repeated unique key is refused with ConstraintViolated and its transaction leaves nothing;
    - applying the schema twice changes nothing;
    - what transact returned survives closing and opening again (and, for KGLite, kill -9);
    - clear empties the store of nodes and links and leaves it usable;
    - closing twice is harmless;
    - an unreachable server is StoreUnavailable with its address and what to start, within `give_up_ms`.

    `transact` may call `work` more than once: after a conflict that rolled back, or after a commit whose
    acknowledgement was lost. So `work` must be idempotent in the store and must not change anything outside it;
    callers update what they know only after `transact` returned. A conflict that lasts is RetryableConflict, a
    transaction the store finds too large is TransactionTooLarge (split it; repeating does not help).
    """

    @property
    def name(self) -> str:
        """Return "kglite" or "neo4j"."""
        ...

    def transact(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` in one write transaction, commit, and return its result."""
        ...

    def apply_schema(self, statements: Sequence[str]) -> None:
        """Create the constraints and indexes that are absent and wait until they are usable."""
        ...

    def health(self) -> StoreHealth:
        """Say whether the store answers; never raises."""
        ...

    def clear(self) -> None:
        """Remove every node and link; the schema stays."""
        ...

    def close(self) -> None:
        """Release files, threads and connections."""
        ...
