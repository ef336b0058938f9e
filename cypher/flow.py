"""Where money went next, and where it came from: a time-ordered search over transactions, hop by hop.

A transaction follows another only when it left the account after the other arrived. The number of paths explodes, so
the search keeps one moment per account - the earliest arrival (or, backwards, the latest departure) - which is enough
to know every link that money could have taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cypher.catalog import Catalog
from graph.store.protocol import GraphReader, Row

HOP_BATCH = 500  # accounts asked about in one statement


class Direction(StrEnum):
    """Along the money or against it."""

    OUT = "out"
    IN = "in"


@dataclass(frozen=True, slots=True)
class FlowLink:
    """Transactions from `source` to `target` that continue the flow; `hop` counts from 1 at the start."""

    hop: int
    source: str
    target: str
    count: int
    sum_cents: int
    first_ts: int
    last_ts: int


@dataclass(frozen=True, slots=True)
class FlowResult:
    """Links by (hop, source, target); `truncated` names the budgets that cut the search."""

    links: tuple[FlowLink, ...]
    truncated: tuple[str, ...]


def follow_money(
    catalog: Catalog,
    store: GraphReader,
    account: str,
    *,
    lo: int,
    hi: int,
    direction: Direction = Direction.OUT,
    max_hops: int = 3,
    max_links: int = 2_000,
) -> FlowResult:
    """Return the links that money from (or to) `account` could have taken at lo <= ts < hi (UTC epoch ms)."""
    out = direction is Direction.OUT
    moments = {account: lo - 1 if out else hi}
    first_hop = {account: 1}
    links: dict[str, list[FlowLink]] = {}
    frontier = [account]
    truncated: list[str] = []
    for hop in range(1, max_hops + 1):
        changed: set[str] = set()
        before = dict(moments)
        for start in range(0, len(frontier), HOP_BATCH):
            asked = [{"id": name, "ts": before[name]} for name in frontier[start : start + HOP_BATCH]]
            rows = _hop(catalog, store, asked, out=out, lo=lo, hi=hi, limit=max_links + 1)
            if len(rows) > max_links:
                truncated = ["max_links"]
                rows = rows[:max_links]
            for name in frontier[start : start + HOP_BATCH]:
                links[name] = []
            for row in rows:
                other, moment = row["other"], row["first_seen"] if out else row["last_seen"]
                links[row["id"]].append(_link(row, first_hop[row["id"]], out=out))
                known = moments.get(other)
                if known is None or (moment < known if out else moment > known):
                    moments[other] = moment
                    changed.add(other)
                    first_hop.setdefault(other, hop + 1)
        if sum(map(len, links.values())) > max_links:
            truncated = ["max_links"]
        if truncated or not changed:
            break
        frontier = sorted(changed)
    found = [link for own in links.values() for link in own]
    found.sort(key=lambda link: (link.hop, link.source, link.target))
    return FlowResult(tuple(found[:max_links]), tuple(truncated))


def _hop(
    catalog: Catalog, store: GraphReader, asked: list[Row], *, out: bool, lo: int, hi: int, limit: int
) -> list[Row]:
    if out:
        return catalog.read(store, "read/flow_out_hop", rows=asked, hi=hi, limit=limit)
    return catalog.read(store, "read/flow_in_hop", rows=asked, lo=lo, limit=limit)


def _link(row: Row, hop: int, *, out: bool) -> FlowLink:
    source, target = (row["id"], row["other"]) if out else (row["other"], row["id"])
    return FlowLink(hop, source, target, row["count"], row["sum_cents"], row["first_seen"], row["last_seen"])
