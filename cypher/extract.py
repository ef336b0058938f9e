"""Pieces of the store that a person takes away: the neighbourhood of an account, or what a query returned."""

from __future__ import annotations

from collections.abc import Sequence

from cypher.catalog import Catalog
from graph.errors import QueryRefused
from graph.events import NodeKind
from graph.extract import Extract, ExtractLink, ExtractNode, extract_of
from graph.store.protocol import GraphReader, Row

LINKS_PER_ACCOUNT = 500
MOST_ACCOUNTS = 2_000
LONGEST = 4
ACCOUNT = str(NodeKind.ACCOUNT)


def neighbourhood(catalog: Catalog, store: GraphReader, account: str, *, hops: int = 1) -> Extract:
    """Everything within `hops` of an account, over money and over shared things; what was cut is named.

    A thing is passed through only when at most 20 accounts use it (the rule of the job `shortest_link`).
    """
    if not 1 <= hops <= LONGEST:
        raise QueryRefused(f"{hops} hops", cure=f"give 1 to {LONGEST}")
    if not catalog.read(store, "read/account", id=account):
        raise QueryRefused(f"no account {account} is known", cure="check the id; `tarrafa job run` shows ids")
    links: set[ExtractLink] = set()
    truncated: list[str] = []
    seen, frontier = {account}, [account]
    for hop in range(hops):
        reached: set[str] = set()
        for name in frontier:
            rows = catalog.read(store, "read/neighbourhood", id=name, limit=LINKS_PER_ACCOUNT + 1)
            if len(rows) > LINKS_PER_ACCOUNT:
                truncated.append("links_per_account")
            links |= {_link(row) for row in rows[:LINKS_PER_ACCOUNT]}
            reached |= {row[end] for row in rows for end in ("source", "target") if row[f"{end}_label"] == ACCOUNT}
            shared = catalog.read(store, "read/shared_means", id=name, limit=LINKS_PER_ACCOUNT)
            reached |= {row["other"] for row in shared if row["holders"] <= 20}
        frontier = sorted(reached - seen)
        if len(seen) + len(frontier) > MOST_ACCOUNTS and hop + 1 < hops:
            truncated.append("accounts")
            frontier = frontier[: max(0, MOST_ACCOUNTS - len(seen))]
        seen |= set(frontier)
    return extract_of(account, [ExtractNode(ACCOUNT, account)], links, truncated=dict.fromkeys(truncated))


def of_rows(name: str, rows: Sequence[Row]) -> Extract:
    """The links that rows of a query are: columns `source` and `target`, and any of the other columns of a link.

    Labels are Account where the rows do not say.
    """
    if rows and not {"source", "target"} <= rows[0].keys():
        raise QueryRefused(
            f"the rows of {name} have the columns {', '.join(rows[0])}",
            cure="return source and target, and where known source_label, target_label, kind, count, sum_cents, "
            "first_seen, last_seen",
        )
    return extract_of(name, (), (_link(row) for row in rows if row["source"] is not None and row["target"] is not None))


def _link(row: Row) -> ExtractLink:
    def number(*names: str) -> int:
        return next((int(row[name]) for name in names if isinstance(row.get(name), int)), 0)

    return ExtractLink(
        kind=str(row.get("kind") or "LINK"),
        source=(str(row.get("source_label") or ACCOUNT), str(row["source"])),
        target=(str(row.get("target_label") or ACCOUNT), str(row["target"])),
        count=number("count"),
        sum_cents=number("sum_cents"),
        first_seen=number("first_seen", "first_ts"),
        last_seen=number("last_seen", "last_ts"),
    )
