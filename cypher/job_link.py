"""Job: the shortest chain of links between two accounts, over money and over what they act through."""

from __future__ import annotations

from cypher.flow import HOP_BATCH
from cypher.job import EVER_MS, Job, JobParam, JobRun
from graph.errors import QueryRefused
from graph.events import NodeKind
from graph.evidence import Evidence
from graph.store.protocol import Row

LINKS = 20_000  # links read in one hop and batch
ACCOUNTS = 50_000
_THINGS = {"USED_DEVICE": NodeKind.DEVICE, "FROM_IP": NodeKind.IP, "HAS_IDENTIFIER": NodeKind.IDENTIFIER}


def shortest_link(run: JobRun) -> None:
    """Fill `run` with the links of one shortest chain, in order from source to target; nothing when there is none.

    Of equally short chains the one whose accounts, read backwards, come first in order; of several links between two
    accounts the first of (kind, thing).
    """
    source, target = str(run.params["source"]), str(run.params["target"])
    if source == target:
        raise QueryRefused("source and target are the same account", cure="give two accounts")
    came_from: dict[str, Row] = {}
    frontier, seen = [source], {source}
    hops = 0
    while target not in seen and frontier and hops < run.number("max_hops"):
        reached: dict[str, Row] = {}
        for begin in range(0, len(frontier), HOP_BATCH):
            for row in _hop(run, frontier[begin : begin + HOP_BATCH]):
                known = reached.get(row["id"])
                if row["id"] not in seen and (known is None or _key(row) < _key(known)):
                    reached[row["id"]] = row
        hops += 1
        came_from.update(reached)
        seen |= set(reached)
        frontier = sorted(reached)
        run.progress(f"{hops} links away: {len(frontier):,} accounts")
        if len(seen) > ACCOUNTS and target not in seen:
            run.cut("accounts")
            return
    if target not in seen:
        if frontier and hops == run.number("max_hops"):
            run.cut("max_hops")
        return
    chain = [came_from[target]]
    while chain[-1]["via"] != source:
        chain.append(came_from[chain[-1]["via"]])
    for place, row in enumerate(reversed(chain), start=1):
        if not run.keep(*_result(place, row)):
            return


def _key(row: Row) -> tuple[str, str, str]:
    return (row["via"], row["how"], row["thing"])


def _hop(run: JobRun, ids: list[str]) -> list[Row]:
    asked = {name: run.params[name] for name in ("lo", "hi", "max_holders")}
    rows = run.ask("jobs/link_hop", {**asked, "ids": ids, "limit": LINKS + 1}) or []
    if len(rows) > LINKS and len(ids) > 1:
        middle = len(ids) // 2
        return [*_hop(run, ids[:middle]), *_hop(run, ids[middle:])]
    if len(rows) > LINKS:
        run.cut("links")
    return rows[:LINKS]


def _result(place: int, row: Row) -> tuple[Row, Evidence]:
    things = [(str(_THINGS[row["how"]]), row["thing"])] if row["how"] in _THINGS else []
    how = "SENT" if row["how"] == "RECEIVED" else row["how"]
    finding = Evidence(
        "link_step",
        (("hop", place), ("what", f"name_{how}"), *((("id", row["thing"]),) if things else ())),
        nodes=((str(NodeKind.ACCOUNT), row["via"]), (str(NodeKind.ACCOUNT), row["id"]), *things),
    )
    return {"step": place, "source": row["via"], "target": row["id"], "how": row["how"], "thing": row["thing"]}, finding


SHORTEST_LINK = Job(
    "shortest_link",
    1,
    "the shortest chain between two accounts over payments, devices, addresses and identifiers",
    "one read per link, of the accounts reached",
    (
        JobParam("source", None, "account to start from; it must be given", text=True),
        JobParam("target", None, "account to reach; it must be given", text=True),
        JobParam("lo", 0, "payments at or after this time (UTC epoch ms)"),
        JobParam("hi", EVER_MS, "payments before this time (UTC epoch ms)"),
        JobParam("max_hops", 6, "most links", low=1, high=12),
        JobParam("max_holders", 20, "things that more accounts use join nobody", low=2),
    ),
    ("jobs/link_hop",),
    shortest_link,
)
