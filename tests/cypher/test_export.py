"""Exported pieces open elsewhere with every node, link and number, and hostile text stays text."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

import networkx as nx
import pyarrow.parquet as pq
import pytest

from cypher.catalog import Catalog
from cypher.export import FORMS, export, to_networkx
from cypher.extract import neighbourhood, of_rows
from graph.errors import QueryRefused
from graph.extract import Extract, ExtractLink, ExtractNode, extract_of, extract_of_ring
from tests.cypher.conftest import Load
from tests.cypher.worlds import T0, pay, ring_of, use

HOSTILE = '"><script>alert(1)</script>&amp;\x00=1+1'
PIECE = extract_of(
    "r1",
    [ExtractNode("Account", "a", "mule", 0.5), ExtractNode("Account", HOSTILE), ExtractNode("Device", "a")],
    [
        ExtractLink("SENT", ("Account", "a"), ("Account", HOSTILE), 3, 12_345_678_901, T0, T0 + 5),
        ExtractLink("SENT", ("Account", "b"), ("Account", "a"), 1, 1, T0, T0),
        ExtractLink("USED_DEVICE", ("Account", "a"), ("Device", "a"), 2, 0, T0, T0),
        ExtractLink("FROM_IP", ("Account", "a"), ("Device", "a"), 2, 0, T0, T0),
    ],
)


def same(graph: Any, piece: Extract) -> bool:
    """Whether a graph that another library read holds exactly the piece (characters XML forbids replaced)."""
    wanted: Any = nx.MultiDiGraph()
    for key, data in to_networkx(piece).nodes(data=True):
        wanted.add_node(_xml(key), **{name: _xml(value) for name, value in data.items()})
    for one, other, data in to_networkx(piece).edges(data=True):
        wanted.add_edge(_xml(one), _xml(other), **data)
    keys = ("kind", "count", "sum_cents", "first_seen", "last_seen")

    def links(of: Any) -> list[tuple[object, ...]]:
        return sorted((one, other, *(data[key] for key in keys)) for one, other, data in of.edges(data=True))

    return set(graph.nodes) == set(wanted.nodes) and links(graph) == links(wanted)


def _xml(value: object) -> Any:
    return value.replace("\x00", "\ufffd") if isinstance(value, str) else value


def test_graphml_and_gexf_open_in_networkx_with_every_number() -> None:
    graphml: Any = nx.parse_graphml(export(PIECE, "graphml").decode(), force_multigraph=True)
    gexf: Any = nx.read_gexf(io.BytesIO(export(PIECE, "gexf")))
    assert same(graphml, PIECE)
    assert same(nx.MultiDiGraph(gexf), PIECE)
    for graph in (graphml, gexf):
        assert graph.nodes["Account:a"]["role"] == "mule"
        assert graph.nodes["Account:a"]["score"] == 0.5


def test_csv_and_parquet_hold_every_node_and_link() -> None:
    archive = zipfile.ZipFile(io.BytesIO(export(PIECE, "csv")))
    links = list(csv.DictReader(io.TextIOWrapper(archive.open("links.csv"), encoding="utf-8")))
    assert [(row["source"], row["kind"], int(row["sum_cents"])) for row in links] == [
        (link.source[1], link.kind, link.sum_cents) for link in PIECE.links
    ]
    archive = zipfile.ZipFile(io.BytesIO(export(PIECE, "parquet")))
    nodes = pq.read_table(io.BytesIO(archive.read("nodes.parquet"))).to_pylist()
    assert [(row["label"], row["id"], row["role"], row["score"]) for row in nodes] == [
        (node.label, node.id, node.role, node.score) for node in PIECE.nodes
    ]
    table = pq.read_table(io.BytesIO(archive.read("links.parquet"))).to_pylist()
    assert [row["sum_cents"] for row in table] == [link.sum_cents for link in PIECE.links]


def test_a_spreadsheet_meets_no_formula() -> None:
    piece = extract_of("x", [ExtractNode("Account", "=cmd|' /C calc'!A0")], ())
    archive = zipfile.ZipFile(io.BytesIO(export(piece, "csv")))
    assert archive.read("nodes.csv").decode().splitlines()[1].startswith("Account,'=cmd")


def test_the_page_needs_nothing_from_outside_and_runs_nothing_from_the_graph() -> None:
    page = export(PIECE, "html").decode()
    assert "alert(1)</script>" not in page
    assert "&lt;script&gt;" in page or "\\u0026lt;script" in page
    assert 'src="http' not in page
    assert 'href="http' not in page


def test_every_form_is_the_same_bytes_every_time() -> None:
    for form in FORMS:
        if form != "html":
            assert export(PIECE, form) == export(PIECE, form)


def test_a_form_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(QueryRefused, match="there is no form dot; give one of graphml, gexf, csv, parquet, html"):
        export(PIECE, "dot")


def test_a_ring_is_its_members_with_roles_and_its_links() -> None:
    piece = extract_of_ring(ring_of("r1", ["a", "b"]))
    assert [(node.id, node.role) for node in piece.nodes] == [("a", "mule"), ("b", "mule")]


def test_a_neighbourhood_reaches_over_money_and_devices_and_not_further_than_asked(
    load: Load, catalog: Catalog
) -> None:
    kiosk = [use(100 + n, f"k{n}", device="kiosk") for n in range(30)]
    store = load(
        [
            pay("1", "a", "b", cents=5),
            pay("2", "b", "c", cents=7),
            use(1, "a", device="d"),
            use(2, "z", device="d"),
            use(3, "a", device="kiosk"),
            pay("3", "z", "y"),
            *kiosk,
        ]
    )

    def accounts(hops: int) -> set[str]:
        piece = neighbourhood(catalog, store, "a", hops=hops)
        return {node.id for node in piece.nodes if node.label == "Account"}

    assert accounts(1) == {"a", "b"}
    assert accounts(2) == {"a", "b", "c", "y", "z"}
    links = {(link.kind, link.source[1], link.target[1]) for link in neighbourhood(catalog, store, "a", hops=2).links}
    assert {("SENT", "a", "b"), ("SENT", "b", "c"), ("USED_DEVICE", "a", "d"), ("USED_DEVICE", "z", "d")} <= links
    with pytest.raises(QueryRefused, match="no account nobody is known"):
        neighbourhood(catalog, store, "nobody")
    with pytest.raises(QueryRefused, match="give 1 to 4"):
        neighbourhood(catalog, store, "a", hops=5)


def test_rows_of_a_query_become_links_where_they_name_two_ends() -> None:
    piece = of_rows("mine", [{"source": "a", "target": "b", "sum_cents": 5, "first_ts": T0}])
    assert piece.links == (ExtractLink("LINK", ("Account", "a"), ("Account", "b"), 0, 5, T0, 0),)
    with pytest.raises(QueryRefused, match="the rows of mine have the columns id; return source and target"):
        of_rows("mine", [{"id": "a"}])
