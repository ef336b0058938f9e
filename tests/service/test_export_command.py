"""Pieces of a home open in another tool: a ring, what lies around an account, the links of a query."""

from __future__ import annotations

from pathlib import Path

import networkx as nx

from service.bootstrap import open_service
from service.exporting import Exporter
from service.settings import load_settings
from tests.service.command import Tarrafa
from tests.service.conftest import PlayedHome


def test_a_ring_an_account_and_a_query_are_written_and_open_in_networkx(
    tarrafa: Tarrafa, played_home: PlayedHome, tmp_path: Path
) -> None:
    home = ("--home", played_home.home)
    ring_file, near_file, query_file = (tmp_path / f"{name}.graphml" for name in ("ring", "near", "query"))
    said = tarrafa("export", "ring", played_home.ring_id, "--out", ring_file, *home).well().out
    ring = nx.read_graphml(ring_file)
    assert f"{len(ring)} nodes" in said
    with open_service(load_settings(home=played_home.home), work=False) as service:
        kept = service.ledger.ring(played_home.ring_id)
        assert kept is not None
        content, ending, media_type = Exporter(service).file("ring", played_home.ring_id, "graphml")
    assert (content, ending, media_type) == (ring_file.read_bytes(), "graphml", "application/graphml+xml")
    members = {member.account for member in kept.members}
    assert members <= {data["id"] for _, data in ring.nodes(data=True) if data["label"] == "Account"}

    account = min(members)
    tarrafa("export", "account", account, "--hops", 1, "--out", near_file, *home).well()
    assert f"Account:{account}" in nx.read_graphml(near_file)

    own = tmp_path / "own.cypher"
    own.write_text(
        "MATCH (o:Operator)-[k:OWNS]->(d:Domain)\nRETURN 'Operator' AS source_label, o.id AS source, 'Domain' AS "
        "target_label, d.id AS target, 'OWNS' AS kind, k.count AS count\nORDER BY source, target\n"
    )
    tarrafa("job", "save", "sites_of", own, *home).well()
    tarrafa("export", "query", "sites_of", "--out", query_file, *home).well()
    assert f"Operator:{played_home.operator_id}" in nx.read_graphml(query_file)


def test_what_cannot_be_exported_says_why(tarrafa: Tarrafa, played_home: PlayedHome) -> None:
    home = ("--home", played_home.home)
    assert "no ring R-nothing is known" in tarrafa("export", "ring", "R-nothing", *home).err
    assert "there is no form dot" in tarrafa("export", "ring", played_home.ring_id, "--format", "dot", *home).err
    assert "no account nobody is known" in tarrafa("export", "account", "nobody", *home).err
    assert "is not the number of a run" in tarrafa("export", "run", "x", *home).err
