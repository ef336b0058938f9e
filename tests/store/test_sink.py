"""How the sink behaves when a store finds a transaction too large, and what it keeps between flushes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import pytest

from graph.errors import TransactionTooLarge
from graph.evidence import RingChanges
from graph.store.kglite import KgliteStore
from graph.store.protocol import Row, Transaction
from graph.store.sink import GraphSink
from graph.turns import PIECE_ROWS, Turns
from tests.store.conftest import INGEST, SCHEMA
from tests.store.worlds import expected, movement, ring, stored

T = TypeVar("T")
ENTRIES = [movement(n, f"a{n % 5}", f"a{n % 7}", device=f"d{n % 3}") for n in range(1, 41)]


class NarrowStore(KgliteStore):
    """A store that refuses transactions of more than `limit` rows, as a server short of memory does."""

    limit = 10**9
    sizes: list[int]
    most: list[int]

    def transact(self, work: Callable[[Transaction], T]) -> T:
        def counted(transaction: Transaction) -> T:
            narrow = _Narrow(transaction, self.limit)
            result = work(narrow)
            self.sizes.append(narrow.rows)
            self.most.append(narrow.most)
            return result

        return super().transact(counted)


class _Narrow:
    def __init__(self, transaction: Transaction, limit: int) -> None:
        self._transaction, self._limit, self.rows, self.most = transaction, limit, 0, 0

    def run(self, text: str, params: Mapping[str, Any]) -> list[Row]:
        self.rows += len(params.get("rows", ()))
        self.most = max(self.most, len(params.get("rows", ())))
        if self.rows > self._limit:
            raise TransactionTooLarge("too many rows")
        return self._transaction.run(text, params)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[NarrowStore]:
    opened = NarrowStore(tmp_path / "graph.kgl")
    opened.sizes, opened.most = [], []
    opened.apply_schema(SCHEMA)
    yield opened
    opened.close()


def test_a_transaction_that_is_too_large_is_split_and_gives_the_same_graph(store: NarrowStore) -> None:
    store.limit = 12
    sink = GraphSink(store, INGEST, "log-1")
    rings = (ring("r", ["a1", "a2"]), ring("s", ["a3"]))
    sink.write(ENTRIES, RingChanges(changed=rings))
    assert stored(store) == expected(ENTRIES, rings)
    assert sink.position() == 40
    assert len(store.sizes) > 4
    sink.check()


def test_what_cannot_be_split_any_further_is_refused_and_kept_for_the_next_try(store: NarrowStore) -> None:
    store.limit = 3
    sink = GraphSink(store, INGEST, "log-1")
    with pytest.raises(TransactionTooLarge):
        sink.write(ENTRIES[:2])
    assert stored(store) == {}
    assert sink.pending == 2
    store.limit = 100
    sink.flush()
    assert stored(store) == expected(ENTRIES[:2])


def test_a_split_that_fails_half_way_goes_on_where_it_stopped(store: NarrowStore) -> None:
    store.limit = 12
    sink = GraphSink(store, INGEST, "log-1")
    huge = ring("r", [f"a{n}" for n in range(5)])
    store.limit = 5
    with pytest.raises(TransactionTooLarge):  # the ring needs six rows and is written last
        sink.write([movement(n + 1, f"a{n}", f"a{n}") for n in range(5)], RingChanges(changed=(huge,)))
    assert sink.position() == 5
    store.limit = 6
    sink.flush()
    assert stored(store) == expected([movement(n + 1, f"a{n}", f"a{n}") for n in range(5)], [huge])
    assert sink.pending == 0


def test_entries_wait_for_the_flush_and_reach_the_store_as_one_transaction(store: NarrowStore) -> None:
    sink = GraphSink(store, INGEST, "log-1")
    for entry in ENTRIES:
        sink.add([entry])
    assert stored(store) == {}
    assert sink.pending == 40
    sink.flush()
    assert len(store.sizes) == 1
    assert sink.pending == 0
    assert stored(store) == expected(ENTRIES)


def test_a_flush_with_nothing_to_write_touches_no_store(store: NarrowStore) -> None:
    GraphSink(store, INGEST, "log-1").flush()
    assert store.sizes == []


def test_coalesced_writes_send_each_link_once_however_often_it_was_used(store: NarrowStore) -> None:
    sink = GraphSink(store, INGEST, "log-1")
    sink.write([movement(n, "a", "b", device="d") for n in range(1, 101)])
    assert store.sizes == [100 + 2 + 1 + 1]  # SENT, two accounts, one device, one link


def test_while_callers_are_answered_a_statement_gets_few_rows_and_the_graph_is_the_same(store: NarrowStore) -> None:
    turns = Turns()
    sink = GraphSink(store, INGEST, "log-1", turns=turns)
    many = [movement(n, f"a{n % 50}", f"b{n % 70}", device=f"d{n % 3}") for n in range(1, 4 * PIECE_ROWS)]
    rings = (ring("r", ["a1", "a2"]), ring("s", ["a3"]))
    with turns.answering():
        sink.write(many, RingChanges(changed=rings))
    assert max(store.most) <= PIECE_ROWS
    assert len(store.sizes) == 1
    assert stored(store) == expected(many, rings)
    sink.check()
