"""Job: money followed from one account, hop by hop, along links that carry a fair share of what came in."""

from __future__ import annotations

from dataclasses import dataclass

from cypher.flow import HOP_BATCH
from cypher.job import EVER_MS, Job, JobParam, JobRun, hours
from graph.events import NodeKind
from graph.evidence import Evidence
from graph.store.protocol import Row

BASIS_POINTS = 10_000
LINKS = 20_000  # links read in one hop


@dataclass(slots=True)
class _Arrived:
    """Money at an account: the earliest moment it was there, and how much the followed links brought."""

    ts: int
    cents: int | None  # None at the start: everything it sends counts as its own


def flow_trace(run: JobRun) -> None:
    """Fill `run` with one result per link the money took, by hop; an account is left only once, at its first hop."""
    start = str(run.params["account"])
    here = {start: _Arrived(run.number("lo") - 1, None)}
    seen = {start}
    for hop in range(1, run.number("max_hops") + 1):
        links = _links(run, here)
        if links is None:
            return
        following: dict[str, _Arrived] = {}
        for link in links:
            if not run.keep(*_result(hop, link)):
                return
            if link["other"] not in seen:
                arrived = following.setdefault(link["other"], _Arrived(link["first_seen"], 0))
                arrived.ts = min(arrived.ts, link["first_seen"])
                arrived.cents = (arrived.cents or 0) + link["sum_cents"]
        here = following
        seen |= set(here)
        run.progress(f"hop {hop}: {len(links):,} links")
        if not here:
            return


def _links(run: JobRun, here: dict[str, _Arrived]) -> list[Row] | None:
    """Links out of `here` after the money arrived that carry the share; by (source, target)."""
    names, found = sorted(here), []
    for begin in range(0, len(names), HOP_BATCH):
        asked = [{"id": name, "ts": here[name].ts} for name in names[begin : begin + HOP_BATCH]]
        rows = run.ask("read/flow_out_hop", {"rows": asked, "hi": run.params["hi"], "limit": LINKS + 1})
        if rows is None:
            return None
        if len(rows) > LINKS:
            run.cut("links")
        found += rows[:LINKS]
    given: dict[str, int] = {}
    for row in found:
        given[row["id"]] = given.get(row["id"], 0) + row["sum_cents"]
    share = run.number("min_share_bp")
    kept = []
    for row in found:
        came = here[row["id"]].cents
        if row["sum_cents"] * BASIS_POINTS >= (given[row["id"]] if came is None else came) * share:
            kept.append(row)
    return sorted(kept, key=lambda row: (row["id"], row["other"]))


def _result(hop: int, link: Row) -> tuple[Row, Evidence]:
    row = {
        "hop": hop,
        "source": link["id"],
        "target": link["other"],
        "count": link["count"],
        "sum_cents": link["sum_cents"],
        "first_ts": link["first_seen"],
        "last_ts": link["last_seen"],
    }
    finding = Evidence(
        "flow_hop",
        (
            ("hop", hop),
            ("count", link["count"]),
            ("amount_cents", link["sum_cents"]),
            ("hours", hours(link["last_seen"] - link["first_seen"])),
        ),
        nodes=((str(NodeKind.ACCOUNT), link["id"]), (str(NodeKind.ACCOUNT), link["other"])),
        total_events=link["count"],
    )
    return row, finding


FLOW_TRACE = Job(
    "flow_trace",
    1,
    "where the money of one account went, along links that carry a share of what came in",
    "one read per hop, of the accounts reached",
    (
        JobParam("account", None, "account the money leaves from; it must be given", text=True),
        JobParam("lo", 0, "transactions at or after this time (UTC epoch ms)"),
        JobParam("hi", EVER_MS, "transactions before this time (UTC epoch ms)"),
        JobParam("max_hops", 3, "most hops", low=1, high=8),
        JobParam(
            "min_share_bp",
            1_000,
            "least share of what came in that a link must carry, in hundredths of a percent",
            low=0,
            high=BASIS_POINTS,
        ),
    ),
    ("read/flow_out_hop",),
    flow_trace,
)
