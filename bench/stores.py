"""Opening the stores that a benchmark runs on."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from graph.store.kglite import KgliteStore
from graph.store.neo4j import Neo4jStore
from graph.store.protocol import GraphStore
from graph.store.statements import schema_statements, texts


def open_store(name: str) -> GraphStore:
    """Open an empty store with the schema; Neo4j is the one in TARRAFA_NEO4J_URI, or the one that `make servers` runs.

    Everything in that Neo4j is removed.
    """
    store: GraphStore
    if name == "kglite":
        store = KgliteStore(Path(tempfile.mkdtemp(prefix="tarrafa-bench-")) / "graph.kgl")
    else:
        store = _neo4j()
        store.clear()
    store.apply_schema(list(texts(schema_statements()).values()))
    return store


def _neo4j() -> Neo4jStore:
    uri = os.environ.get("TARRAFA_NEO4J_URI")
    if uri is not None:
        user = os.environ.get("TARRAFA_NEO4J_USER", "neo4j")
        return Neo4jStore(uri, user, os.environ.get("TARRAFA_NEO4J_PASSWORD", ""))
    from deploy.servers import neo4j  # only where no server was named

    server = neo4j.start()
    return Neo4jStore(server.uri, server.user, server.password)
