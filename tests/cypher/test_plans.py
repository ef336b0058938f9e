"""On Neo4j every read starts from an index, unless its header says why a scan is right."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from neo4j import GraphDatabase

from cypher.catalog import Catalog
from cypher.statement import Mode, Statement
from graph.log.protocol import LogEntry
from graph.store.neo4j import Neo4jStore
from graph.store.sink import GraphSink
from tests.cypher.worlds import random_world

pytestmark = pytest.mark.server

#: Where rows may start: an index seek, the parameter's own rows, or rows found by an outer part of the plan.
ANCHORED = {
    "NodeUniqueIndexSeek",
    "NodeUniqueIndexSeekByRange",
    "DirectedRelationshipUniqueIndexSeek",
    "Unwind",
    "Argument",
}
VALUES: dict[str, object] = {
    "ids": ["a"],
    "rows": [{"id": "a", "ts": 1}],
    "id": "a",
    "label": "Device",
    "after": "",
    "kinds": ["transfer"],
}


@pytest.fixture(scope="module")
def server_store(catalog: Catalog, request: pytest.FixtureRequest) -> Iterator[Neo4jStore]:
    """A Neo4j with the schema and enough content for its planner to have statistics."""
    server = request.getfixturevalue("neo4j_server")
    store = Neo4jStore(server.uri, server.user, server.password)
    store.apply_schema(list(catalog.statements("schema").values()))
    store.clear()
    sink = GraphSink(store, catalog.statements("ingest"), "log")
    world = random_world(1, accounts=200, movements=1_000, means=400)
    sink.write([LogEntry(offset, 0, event) for offset, event in enumerate(world, start=1)])
    with GraphDatabase.driver(server.uri, auth=(server.user, server.password)) as driver:
        driver.execute_query("CALL db.prepareForReplanning(60)")  # what the server does by itself some seconds later
    yield store
    store.close()


def scans(store: Neo4jStore, statement: Statement) -> set[str]:
    """Operators of the plan that bring in rows without an index or a parameter."""
    params = {name: VALUES.get(name, 1) for name in (*statement.params, *statement.optional)}
    plan = store.explain(statement.text, params)
    assert plan
    return {step.name for step in plan if step.leaf} - ANCHORED


def test_every_read_starts_from_an_index_unless_its_header_says_why_not(
    server_store: Neo4jStore, catalog: Catalog
) -> None:
    found = {each.name: scans(server_store, each) for each in catalog if each.mode is Mode.READ and not each.scan}
    assert len(found) > 25
    assert {name: leaves for name, leaves in found.items() if leaves} == {}


def test_a_header_that_excuses_a_scan_has_one(server_store: Neo4jStore, catalog: Catalog) -> None:
    needless = [each.name for each in catalog if each.scan and not scans(server_store, each)]
    assert needless == []
