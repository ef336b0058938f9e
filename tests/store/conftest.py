"""Both engines behind one fixture: every test that asks for `store` runs on KGLite and on Neo4j."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from graph.store.kglite import KgliteStore
from graph.store.neo4j import Neo4jStore
from graph.store.protocol import GraphStore
from graph.store.statements import ingest_statements, schema_statements, texts

SCHEMA = list(texts(schema_statements()).values())
INGEST = texts(ingest_statements())


@pytest.fixture(params=["kglite", pytest.param("neo4j", marks=pytest.mark.server)])
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], GraphStore]:
    """Open the same store again and again: first empty, later with what was left in it."""
    if request.param == "kglite":
        return lambda: KgliteStore(tmp_path / "graph.kgl")
    server = request.getfixturevalue("neo4j_server")
    first = Neo4jStore(server.uri, server.user, server.password)
    first.clear()
    first.close()
    return lambda: Neo4jStore(server.uri, server.user, server.password)


@pytest.fixture
def store(open_store: Callable[[], GraphStore]) -> Iterator[GraphStore]:
    """An empty store with the schema."""
    opened = open_store()
    opened.apply_schema(SCHEMA)
    yield opened
    opened.close()
