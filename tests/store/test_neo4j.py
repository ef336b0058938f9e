"""What only the server store has: addresses that do not answer, plans, acknowledgements that get lost."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import pytest
from neo4j.exceptions import Neo4jError

from graph.errors import ConfigurationError, QueryRefused, RetryableConflict, StoreUnavailable, TransactionTooLarge
from graph.store.neo4j import Neo4jStore
from graph.store.protocol import Transaction
from graph.store.sink import GraphSink
from tests.store.conftest import INGEST, SCHEMA
from tests.store.worlds import expected, movement, stored

COMMIT = bytes.fromhex("0002b0120000")  # Bolt: a chunk of two bytes, an empty structure tagged COMMIT


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_a_server_that_is_down_is_named_with_its_address_and_what_to_start() -> None:
    uri = f"bolt://127.0.0.1:{free_port()}"
    started = time.monotonic()
    with pytest.raises(StoreUnavailable) as caught:
        Neo4jStore(uri, "neo4j", "secret", give_up_ms=2000)
    assert time.monotonic() - started < 4
    assert f"Neo4j at {uri} does not answer" in str(caught.value)
    assert "start Neo4j 5" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_an_address_without_a_scheme_is_a_configuration_error() -> None:
    with pytest.raises(ConfigurationError, match="bolt://"):
        Neo4jStore("localhost:7687", "neo4j", "secret")


@pytest.mark.server
class TestWithServer:
    @pytest.fixture
    def store(self, neo4j_server: Any) -> Iterator[Neo4jStore]:
        opened = Neo4jStore(neo4j_server.uri, neo4j_server.user, neo4j_server.password)
        opened.clear()
        opened.apply_schema(SCHEMA)
        yield opened
        opened.close()

    def test_a_wrong_password_is_a_configuration_error(self, neo4j_server: Any) -> None:
        with pytest.raises(ConfigurationError, match="refuses the user or password"):
            Neo4jStore(neo4j_server.uri, neo4j_server.user, "wrong")

    def test_a_plan_shows_where_its_rows_start(self, store: Neo4jStore) -> None:
        plan = store.explain("MATCH (a:Account {id: $id})-[:SENT]->(b) RETURN b.id AS id", {"id": "a"})
        assert [each.name for each in plan if each.leaf] == ["NodeUniqueIndexSeek"]
        assert plan[0].name == "ProduceResults"
        scan = store.explain("MATCH (a:Account) RETURN a.first_seen AS at", {})
        assert [each.name for each in scan if each.leaf] == ["NodeByLabelScan"]

    def test_a_plan_of_bad_text_is_refused(self, store: Neo4jStore) -> None:
        with pytest.raises(QueryRefused):
            store.explain("MATCH (a:Account RETURN a", {})

    def test_every_ingest_statement_starts_from_an_index_also_on_an_empty_store(self, store: Neo4jStore) -> None:
        for name, text in INGEST.items():
            if name == "sent_forget":
                continue  # dropping what is not kept reads all movements, once in a tenth of what is kept
            plan = store.explain(text, {"rows": [], "id": "x", "position": 1})
            assert not [each for each in plan if "Scan" in each.name], name

    def test_a_link_update_looks_between_its_two_ends_and_expands_neither(self, store: Neo4jStore) -> None:
        for name in ("bet_at_update", "from_ip_update", "used_device_update", "has_identifier_update"):
            names = [each.name for each in store.explain(INGEST[name], {"rows": []})]
            assert "Expand(Into)" in names
            assert "Expand(All)" not in names

    def test_a_commit_without_acknowledgement_is_sent_again_and_counts_once(
        self, neo4j_server: Any, store: Neo4jStore
    ) -> None:
        entries = [movement(1, device="d"), movement(2, device="d")]
        with Door(neo4j_server.uri) as door:
            through = Neo4jStore(door.uri, neo4j_server.user, neo4j_server.password)
            sink = GraphSink(through, INGEST, "log-1")
            door.cut_next_commit.set()
            sink.write(entries)
            through.close()
        assert not door.cut_next_commit.is_set()
        assert sink.position() == 2
        assert stored(store) == expected(entries)

    @pytest.mark.parametrize(
        ("code", "repeated", "expected_error"),
        [
            ("Neo.TransientError.General.MemoryPoolOutOfMemoryError", False, TransactionTooLarge),
            ("Neo.TransientError.Transaction.DeadlockDetected", True, RetryableConflict),
            ("Neo.TransientError.General.DatabaseUnavailable", True, StoreUnavailable),
            ("Neo.ClientError.Statement.SyntaxError", False, QueryRefused),
        ],
    )
    def test_only_failures_that_may_pass_are_repeated(
        self, neo4j_server: Any, code: str, repeated: bool, expected_error: type[Exception]
    ) -> None:
        made = 0

        def work(transaction: Transaction) -> None:
            nonlocal made
            made += 1
            transaction.run("CREATE (n:Account {id: $id})", {"id": "never kept"})
            raise Neo4jError._hydrate_neo4j(code=code, message="said the server")

        store = Neo4jStore(neo4j_server.uri, neo4j_server.user, neo4j_server.password, give_up_ms=700)
        with pytest.raises(expected_error):
            store.transact(work)
        assert (made > 1) == repeated
        assert store.read("MATCH (n:Account {id: 'never kept'}) RETURN n.id AS id", {}) == []
        store.close()

    def test_a_deadlock_that_passes_is_not_seen_by_the_caller(self, store: Neo4jStore) -> None:
        made = 0

        def work(transaction: Transaction) -> str:
            nonlocal made
            made += 1
            transaction.run("CREATE (n:Account {id: 'once'})", {})
            if made < 3:
                raise Neo4jError._hydrate_neo4j(
                    code="Neo.TransientError.Transaction.DeadlockDetected", message="said the server"
                )
            return "done"

        assert store.transact(work) == "done"
        assert store.read("MATCH (n:Account) RETURN n.id AS id", {}) == [{"id": "once"}]

    def test_a_read_whose_end_was_lost_is_asked_again(self, neo4j_server: Any, store: Neo4jStore) -> None:
        with Door(neo4j_server.uri) as door:
            through = Neo4jStore(door.uri, neo4j_server.user, neo4j_server.password)
            door.cut_next_commit.set()
            assert through.read("RETURN 1 AS x", {}) == store.read("RETURN 1 AS x", {})
            through.close()
        assert not door.cut_next_commit.is_set()

    def test_a_server_that_goes_away_in_between_is_unavailable_and_the_write_can_be_sent_again(
        self, neo4j_server: Any, store: Neo4jStore
    ) -> None:
        with Door(neo4j_server.uri) as door:
            through = Neo4jStore(door.uri, neo4j_server.user, neo4j_server.password, give_up_ms=2000)
            sink = GraphSink(through, INGEST, "log-1")
        with pytest.raises(StoreUnavailable, match="does not answer"):
            sink.write([movement(1)])
        assert not through.health().ok
        through.close()
        GraphSink(store, INGEST, "log-1").write([movement(1)])
        assert stored(store) == expected([movement(1)])


class Door:
    """A door to the server that, when armed, passes one COMMIT on and breaks the connection before the answer."""

    def __init__(self, uri: str) -> None:
        parts = urlsplit(uri)
        self._server = (parts.hostname, parts.port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.cut_next_commit = threading.Event()
        self.uri = f"bolt://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Door:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for each in (self._listener, *self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._server)
                self._open += (client, server)
                for source, target in ((client, server), (server, client)):
                    threading.Thread(target=self._pump, args=(source, target, client), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                cut = source is client and self.cut_next_commit.is_set() and COMMIT in data
                if cut:
                    self.cut_next_commit.clear()
                    client.shutdown(socket.SHUT_RDWR)  # the server will commit and answer into the void
                target.sendall(data)
                if cut:
                    time.sleep(0.5)
                    target.shutdown(socket.SHUT_RDWR)
                    return
