"""Both engines behind one fixture: every test that asks for `load` runs on KGLite and on Neo4j."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from cypher.catalog import Catalog
from graph.events import Event
from graph.evidence import Ring, RingChanges
from graph.log.protocol import LogEntry
from graph.store.kglite import KgliteStore
from graph.store.neo4j import Neo4jStore
from graph.store.protocol import GraphStore
from graph.store.sink import GraphSink

Load = Callable[..., GraphStore]


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """The committed catalogue."""
    return Catalog.load()


@pytest.fixture(scope="module", params=["kglite", pytest.param("neo4j", marks=pytest.mark.server)])
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, catalog: Catalog
) -> Iterator[GraphStore]:
    """One store of each engine with the schema, kept for the module."""
    store: GraphStore
    if request.param == "kglite":
        store = KgliteStore(Path(tmp_path_factory.mktemp("store")) / "graph.kgl")
    else:
        server = request.getfixturevalue("neo4j_server")
        store = Neo4jStore(server.uri, server.user, server.password)
    store.apply_schema(list(catalog.statements("schema").values()))
    yield store
    store.close()


@pytest.fixture
def load(engine: GraphStore, catalog: Catalog) -> Load:
    """Return `load(events, rings)`: the store emptied and filled with exactly these, through the sink."""

    def fill(events: Sequence[Event], rings: Sequence[Ring] = ()) -> GraphStore:
        engine.clear()
        sink = GraphSink(engine, catalog.statements("ingest"), "log")
        entries = [LogEntry(offset, 0, event) for offset, event in enumerate(events, start=1)]
        sink.write(entries, RingChanges(changed=tuple(rings)))
        return engine

    return fill
