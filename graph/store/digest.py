"""One number for everything a store holds, the same on both engines and whatever order it was written in.

Each node and link becomes canonical JSON, its BLAKE2b-16 a 128-bit integer, and the digest their sum modulo 2**128
(a multiset hash: order-free, and a repeated element counts). Floats are written in their shortest exact form. The
watermark node is left out: it says how the content came, not what it is. Rings and memberships are in.

Reads are bounded: nodes come in pages by id, links by the pages' nodes, at most about `CHUNK_LINKS` at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final

import msgspec

from graph.events import NodeKind
from graph.links import LINK_KINDS, NODE_PROPERTIES, SENT, LinkKind
from graph.store.protocol import GraphReader

MODULUS: Final = 1 << 128
PAGE_NODES: Final = 20_000
CHUNK_LINKS: Final = 20_000
TIMEOUT_MS: Final = 120_000

_encode = msgspec.json.Encoder().encode


def graph_digest(store: GraphReader) -> int:
    """Return the 128-bit digest of every node and link in `store`."""
    total = 0
    for kind in NodeKind:
        leaving = [(link, target) for link in LINK_KINDS.values() for source, target in link.ends if source is kind]
        for page in _node_pages(store, kind):
            total += sum(_hash(kind.value, NODE_PROPERTIES[kind], row, (row["id"],)) for row in page)
            ids = [row["id"] for row in page]
            for link, target in leaving:
                for row in _links(store, kind, link, target, ids):
                    ends = (kind.value, row["source"], target.value, row["target"])
                    total += _hash(link.name, link.properties, row, ends)
    return total % MODULUS


def _hash(name: str, properties: Sequence[tuple[str, type]], row: Mapping[str, Any], key: Sequence[object]) -> int:
    values = [None if row[each] is None else kind(row[each]) for each, kind in properties]
    return int.from_bytes(blake2b(_encode((name, *key, *values)), digest_size=16).digest(), "big")


def _node_pages(store: GraphReader, kind: NodeKind) -> Iterator[list[dict[str, Any]]]:
    columns = ", ".join(f"n.{name} AS {name}" for name, _ in NODE_PROPERTIES[kind])
    text = f"MATCH (n:{kind}) WHERE n.id > $after RETURN n.id AS id, {columns} ORDER BY id LIMIT $limit"
    after = ""
    while page := _read(store, text, {"after": after, "limit": PAGE_NODES}):
        yield page
        after = page[-1]["id"]


def _links(
    store: GraphReader, kind: NodeKind, link: LinkKind, target: NodeKind, ids: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Yield the links of one kind that leave the nodes `ids`; a node with very many is read in parts."""
    pattern = f"MATCH (a:{kind} {{id: i}})-[k:{link.name}]->(b:{target})"
    columns = ", ".join(f"k.{name} AS {name}" for name, _ in link.properties)
    degrees = _read(store, f"UNWIND $ids AS i {pattern} RETURN i AS id, count(*) AS n ORDER BY id", {"ids": ids})
    rows = f"UNWIND $ids AS i {pattern} RETURN i AS source, b.id AS target, {columns}"
    unique = "tx_id" if link is SENT else "target"
    part = f"{rows} ORDER BY {unique} SKIP $skip LIMIT $limit"
    chunk: list[str] = []
    held = 0
    for row in degrees:
        if row["n"] > CHUNK_LINKS:
            for skip in range(0, row["n"], CHUNK_LINKS):
                yield from _read(store, part, {"ids": [row["id"]], "skip": skip, "limit": CHUNK_LINKS})
            continue
        if held + row["n"] > CHUNK_LINKS:
            yield from _read(store, rows, {"ids": chunk})
            chunk, held = [], 0
        chunk.append(row["id"])
        held += row["n"]
    if chunk:
        yield from _read(store, rows, {"ids": chunk})


def _read(store: GraphReader, text: str, params: Mapping[str, object]) -> list[dict[str, Any]]:
    return store.read(text, params, timeout_ms=TIMEOUT_MS, query="state hash")
