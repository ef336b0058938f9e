"""Jobs about accounts run with the same means: one device, address, identifier or site behind several accounts.

A thing with more than `max_accounts` holders is a kiosk, a carrier or a popular site, not a ring: it is suppressed and
said so.
"""

from __future__ import annotations

from functools import partial

from cypher.anchored import anchored
from cypher.job import EVER_MS, Job, JobParam, JobRun
from graph.events import NodeKind
from graph.evidence import Evidence, RingKind

DAY_MS = 86_400_000
HUBS_SHOWN = 100
ANY_NUMBER = 1_000_000_000


def shared_means(run: JobRun, *, candidates: str, members: str, label: NodeKind, code: str) -> None:
    """Fill `run` with things that enough, and not too many, accounts share."""
    span = {"lo": run.params["lo"], "hi": run.params["hi"]}
    most = run.number("max_accounts")
    wanted = {**span, "min_accounts": run.params["min_accounts"], "max_accounts": most, "limit": run.row_budget + 1}
    things = run.ask(candidates, wanted)
    hubs = run.ask(candidates, {**wanted, "min_accounts": most + 1, "max_accounts": ANY_NUMBER, "limit": HUBS_SHOWN})
    for hub in hubs or ():
        params = (("id", hub["id"]), ("count", hub["accounts"]), ("limit", most))
        run.suppressed.append(Evidence("hub_suppressed", params, nodes=((str(label), hub["id"]),)))
    for thing, rows in anchored(run, members, [each["id"] for each in things or ()], span):
        if not rows:
            continue  # too slow to read; `truncated` says so
        first, last = min(row["first_seen"] for row in rows), max(row["last_seen"] for row in rows)
        accounts = tuple(row["account"] for row in rows)
        uses = sum(row["count"] for row in rows)
        finding = Evidence(
            code,
            (("count", len(accounts)), ("id", thing), ("days", round((last - first) / DAY_MS, 2))),
            total_events=uses,
            nodes=((str(label), thing), *((str(NodeKind.ACCOUNT), account) for account in accounts)),
        )
        found = {
            "id": thing,
            "accounts": list(accounts),
            "count": uses,
            "sum_cents": sum(row["sum_cents"] for row in rows),
            "first_seen": first,
            "last_seen": last,
        }
        if not run.keep(found, finding):
            return


def _job(label: NodeKind, what: str, meaning: str, *, accounts: tuple[int, int], version: int = 1) -> Job:
    """The job about one kind of thing; its statements are named after the thing."""
    candidates, members, name = f"jobs/shared_{what}", f"jobs/{what}_accounts", f"shared_{what}"
    least, most = accounts
    return Job(
        name,
        version,
        meaning,
        "counts the holders of every such thing, then reads those with enough of them",
        (
            JobParam("lo", 0, "links seen at or after this time (UTC epoch ms)"),
            JobParam("hi", EVER_MS, "links first seen before this time (UTC epoch ms)"),
            JobParam("min_accounts", least, "fewest accounts on one thing", low=2),
            JobParam("max_accounts", most, "most accounts on one thing; above it the thing is in common use", low=2),
        ),
        (candidates, members),
        partial(shared_means, candidates=candidates, members=members, label=label, code=name),
        kind=RingKind.SHARED_MEANS if label in _PERSONAL else None,
    )


#: A ring may rest on these alone; an address or a site that several use is a hint and no more.
_PERSONAL = (NodeKind.DEVICE, NodeKind.IDENTIFIER)
SHARED_DEVICE = _job(NodeKind.DEVICE, "device", "accounts used from one device", accounts=(3, 50))
SHARED_IP = _job(NodeKind.IP, "ip", "accounts used from one address", accounts=(3, 50))
SHARED_IDENTIFIER = _job(
    NodeKind.IDENTIFIER,
    "identifier",
    "accounts that carry one document, phone, e-mail, card or payment key",
    accounts=(2, 20),
)
SHARED_DOMAIN = _job(NodeKind.DOMAIN, "domain", "accounts that play or pay at one site", accounts=(3, 20))
