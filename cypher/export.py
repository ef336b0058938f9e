"""An extract as a file analysts open elsewhere: GraphML, GEXF, CSV, Parquet, a page to look at; or as a networkx graph.

Text of the graph never becomes markup: XML goes through an XML writer, the page shows escaped text only.
"""

from __future__ import annotations

import csv
import html
import io
import re
import zipfile
from collections.abc import Callable
from typing import Any, Final
from xml.etree import ElementTree

import networkx as nx
import pyarrow as pa
import pyarrow.parquet as pq
from pyvis.network import Network

from graph.errors import QueryRefused
from graph.extract import LINK_COLUMNS, Extract, ExtractLink, Value

NODE_COLUMNS: Final = (("label", str), ("id", str), ("role", str), ("score", float))
MOST_DRAWN = 2_000
_GRAPHML = {str: "string", int: "long", float: "double"}
_GEXF = {str: "string", int: "long", float: "double"}
_ARROW = {str: pa.string(), int: pa.int64(), float: pa.float64()}
_COLOURS = {"Account": "#3182bd", "Device": "#756bb1", "Ip": "#1b9e77", "Operator": "#a50f15", "Domain": "#e6550d"}


def export(extract: Extract, form: str) -> bytes:
    """Return the file; refuses a form that is not one of `FORMS`."""
    try:
        write = FORMS[form][0]
    except KeyError:
        raise QueryRefused(f"there is no form {form}", cure=f"give one of {', '.join(FORMS)}") from None
    return write(extract)


def to_networkx(extract: Extract) -> nx.MultiDiGraph[str]:
    """Return a networkx graph: nodes by `Label:id` with their columns as attributes, one edge per link."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(name=extract.name)
    for node in extract.nodes:
        graph.add_node(node.key, label=node.label, id=node.id, role=node.role, score=node.score)
    for link in extract.links:
        graph.add_edge(_key(link.source), _key(link.target), **_numbers(link))
    return graph


def _numbers(link: ExtractLink) -> dict[str, Value]:
    row = _row(link)
    return {name: row[name] for name in ("kind", "count", "sum_cents", "first_seen", "last_seen")}


def _row(link: ExtractLink) -> dict[str, Value]:
    return {
        "source_label": link.source[0],
        "source": link.source[1],
        "target_label": link.target[0],
        "target": link.target[1],
        "kind": link.kind,
        "count": link.count,
        "sum_cents": link.sum_cents,
        "first_seen": link.first_seen,
        "last_seen": link.last_seen,
    }


def _key(end: tuple[str, str]) -> str:
    return f"{end[0]}:{end[1]}"


def _graphml(extract: Extract) -> bytes:
    root = ElementTree.Element("graphml", xmlns="http://graphml.graphdrawing.org/xmlns")
    edge_columns = [column for column in LINK_COLUMNS if column[0] not in _ENDS]
    for kind, columns in (("node", NODE_COLUMNS), ("edge", edge_columns)):
        for name, of in columns:
            key = {"id": f"{kind}_{name}", "for": kind, "attr.name": name, "attr.type": _GRAPHML[of]}
            ElementTree.SubElement(root, "key", key)
    graph = ElementTree.SubElement(root, "graph", id=_clean(extract.name), edgedefault="directed")
    for node in extract.nodes:
        item = ElementTree.SubElement(graph, "node", id=_clean(node.key))
        for name, _ in NODE_COLUMNS:
            ElementTree.SubElement(item, "data", key=f"node_{name}").text = _clean(getattr(node, name))
    for number, link in enumerate(extract.links):
        item = ElementTree.SubElement(graph, "edge", {"id": f"e{number}", **_ends(link)})
        for name, value in _numbers(link).items():
            ElementTree.SubElement(item, "data", key=f"edge_{name}").text = _clean(value)
    return _written(root)


def _gexf(extract: Extract) -> bytes:
    root = ElementTree.Element("gexf", xmlns="http://www.gexf.net/1.2draft", version="1.2")
    graph = ElementTree.SubElement(root, "graph", defaultedgetype="directed", mode="static", name=_clean(extract.name))
    edge_columns = [column for column in LINK_COLUMNS if column[0] not in _ENDS]
    for kind, columns in (("node", NODE_COLUMNS), ("edge", edge_columns)):
        known = ElementTree.SubElement(graph, "attributes", {"class": kind, "mode": "static"})
        for name, of in columns:
            ElementTree.SubElement(known, "attribute", id=f"{kind}_{name}", title=name, type=_GEXF[of])
    nodes = ElementTree.SubElement(graph, "nodes")
    for node in extract.nodes:
        item = ElementTree.SubElement(nodes, "node", id=_clean(node.key), label=_clean(node.id))
        values = ElementTree.SubElement(item, "attvalues")
        for name, _ in NODE_COLUMNS:
            said = {"for": f"node_{name}", "value": _clean(getattr(node, name))}
            ElementTree.SubElement(values, "attvalue", said)
    edges = ElementTree.SubElement(graph, "edges")
    for number, link in enumerate(extract.links):
        item = ElementTree.SubElement(edges, "edge", {"id": str(number), **_ends(link)})
        values = ElementTree.SubElement(item, "attvalues")
        for name, value in _numbers(link).items():
            ElementTree.SubElement(values, "attvalue", {"for": f"edge_{name}", "value": _clean(value)})
    return _written(root)


def _ends(link: ExtractLink) -> dict[str, str]:
    return {"source": _clean(_key(link.source)), "target": _clean(_key(link.target))}


def _written(root: ElementTree.Element) -> bytes:
    content: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return content


def _csv(extract: Extract) -> bytes:
    return _zipped({"nodes.csv": _table(extract, nodes=True), "links.csv": _table(extract, nodes=False)})


def _table(extract: Extract, *, nodes: bool) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(name for name, _ in (NODE_COLUMNS if nodes else LINK_COLUMNS))
    if nodes:
        writer.writerows([_harmless(getattr(node, name)) for name, _ in NODE_COLUMNS] for node in extract.nodes)
    else:
        writer.writerows([_harmless(value) for value in _row(link).values()] for link in extract.links)
    return text.getvalue().encode()


def _parquet(extract: Extract) -> bytes:
    nodes = {name: [getattr(node, name) for node in extract.nodes] for name, _ in NODE_COLUMNS}
    rows = [_row(link) for link in extract.links]
    links = {name: [row[name] for row in rows] for name, _ in LINK_COLUMNS}
    files = {}
    for name, columns, types in (("nodes", nodes, NODE_COLUMNS), ("links", links, LINK_COLUMNS)):
        schema = pa.schema([(column, _ARROW[of]) for column, of in types])
        sink = io.BytesIO()
        pq.write_table(pa.table(columns, schema=schema), sink)
        files[f"{name}.parquet"] = sink.getvalue()
    return _zipped(files)


def _page(extract: Extract) -> bytes:
    if len(extract.nodes) > MOST_DRAWN:
        raise QueryRefused(
            f"{len(extract.nodes)} nodes are too many to look at",
            cure=f"ask for up to {MOST_DRAWN}, or for GraphML",
        )
    page = Network(height="95vh", width="100%", directed=True, cdn_resources="in_line")
    numbers = {node.key: number for number, node in enumerate(extract.nodes)}
    for node in extract.nodes:
        said = " ".join(filter(None, (node.label, node.id, node.role)))
        colour = _COLOURS.get(node.label, "#8c96a0")
        page.add_node(numbers[node.key], label=html.escape(node.id[:24]), title=html.escape(said), color=colour)
    for link in extract.links:
        said = f"{link.kind} {link.count} x, {link.sum_cents / 100:,.2f}"
        ends = (numbers[_key(link.source)], numbers[_key(link.target)])
        page.add_edge(*ends, title=html.escape(said), arrows="to" if link.kind == "SENT" else "")
    text: str = page.generate_html(notebook=False)
    return _OUTSIDE.sub("", text).encode()


def _zipped(files: dict[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, date_time=(2000, 1, 1, 0, 0, 0)), content)
    return sink.getvalue()


def _clean(value: Any) -> str:
    """Text that XML can hold: characters it forbids become the replacement character."""
    return _FORBIDDEN.sub("\ufffd", str(value))


def _harmless(value: Value) -> Value:
    """Text that a spreadsheet does not take for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: What pyvis' template asks the network for beside the library itself, which is written into the page.
_OUTSIDE = re.compile(r"<link[^>]*href=\"http[^>]*>|<script[^>]*src=\"http[^>]*>\s*</script>", re.DOTALL)
_ENDS = ("source_label", "source", "target_label", "target")
#: How each form is written, the ending of its file, and what it is called over HTTP.
FORMS: dict[str, tuple[Callable[[Extract], bytes], str, str]] = {
    "graphml": (_graphml, "graphml", "application/graphml+xml"),
    "gexf": (_gexf, "gexf", "application/gexf+xml"),
    "csv": (_csv, "csv.zip", "application/zip"),
    "parquet": (_parquet, "parquet.zip", "application/zip"),
    "html": (_page, "html", "text/html; charset=utf-8"),
}
