"""The committed schema and ingest files are what the link tables say."""

from __future__ import annotations

from pathlib import Path

import pytest

import cypher
from graph.events import NodeKind
from graph.links import LINK_KINDS, NODE_PROPERTIES
from graph.store.statements import ingest_statements, schema_statements, write_files

CYPHER = Path(cypher.__file__).parent


@pytest.mark.parametrize("folder", ["schema", "ingest"])
def test_generating_the_statements_again_changes_no_committed_file(folder: str, tmp_path: Path) -> None:
    write_files(tmp_path)
    fresh = {path.name: path.read_text() for path in (tmp_path / folder).iterdir()}
    committed = {path.name: path.read_text() for path in (CYPHER / folder).iterdir()}
    assert committed == fresh, "run `python -m graph.store.statements cypher` and commit the result"


def test_generating_removes_files_of_kinds_that_no_longer_exist(tmp_path: Path) -> None:
    (tmp_path / "ingest").mkdir()
    (tmp_path / "ingest" / "node_planet_create.cypher").write_text("// old")
    write_files(tmp_path)
    assert not (tmp_path / "ingest" / "node_planet_create.cypher").exists()


def test_every_node_kind_has_a_unique_id_and_every_property_is_written() -> None:
    schema = " ".join(statement.body for statement in schema_statements())
    bodies = {statement.name: statement.body for statement in ingest_statements()}
    for kind, properties in NODE_PROPERTIES.items():
        assert f"FOR (n:{kind}) REQUIRE n.id IS UNIQUE" in schema
        stems = (
            ["ring_upsert"]
            if kind is NodeKind.RING
            else [f"node_{kind.lower()}_{each}" for each in ("create", "update")]
        )
        for stem in stems:
            for name, _ in properties:
                assert f"n.{name} = r.{name}" in bodies[stem]


def test_every_aggregated_link_can_be_created_and_updated_between_all_its_ends() -> None:
    bodies = [statement.body for statement in ingest_statements()]
    for link in LINK_KINDS.values():
        for source, target in link.ends:
            ends = f"MATCH (a:{source} {{id: r.source}})\nMATCH (b:{target} {{id: r.target}})"
            found = [body for body in bodies if ends in body and f":{link.name}" in body]
            assert len(found) == (2 if link.aggregated or link.name == "MEMBER_OF" else 1)
