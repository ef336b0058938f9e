"""On Neo4j every read starts from an index, unless its header says why a scan is right."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cypher.catalog import Catalog
from cypher.statement import Mode, Statement
from graph.store.neo4j import Neo4jStore

pytestmark = pytest.mark.server

#: Leaf operators that touch only what an index or a parameter names.
ANCHORED = ("Argument", "IndexSeek", "IndexSeekByRange", "UnwindParam", "EmptyRow", "SingleRow")


@pytest.fixture(scope="module")
def server_store(catalog: Catalog, request: pytest.FixtureRequest) -> Iterator[Neo4jStore]:
    """An empty Neo4j with the schema."""
    server = request.getfixturevalue("neo4j_server")
    store = Neo4jStore(server.uri, server.user, server.password)
    store.apply_schema(list(catalog.statements("schema").values()))
    yield store
    store.close()


def scans(store: Neo4jStore, statement: Statement) -> list[str]:
    """Leaf operators of the plan that start neither from an index nor from rows already found."""
    values = {"ids": ["a"], "rows": [{"id": "a", "ts": 1}], "id": "a", "label": "Device", "after": "", "tx_id": "t"}
    params = {name: values.get(name, 1) for name in (*statement.params, *statement.optional)}
    plan = store.explain(statement.text, params)
    assert plan
    return sorted({step.name for step in plan if step.leaf and "Scan" in step.name})


def test_every_read_starts_from_an_index_unless_its_header_says_why_not(
    server_store: Neo4jStore, catalog: Catalog
) -> None:
    reads = [statement for statement in catalog if statement.mode is Mode.READ]
    wrong = {each.name: scans(server_store, each) for each in reads if not each.scan and scans(server_store, each)}
    assert wrong == {}


def test_a_header_that_excuses_a_scan_has_one(server_store: Neo4jStore, catalog: Catalog) -> None:
    needless = [each.name for each in catalog if each.scan and not scans(server_store, each)]
    assert needless == []
