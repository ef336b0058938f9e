"""Job: accounts that paid several blocked accounts: what the blocked have in common upstream."""

from __future__ import annotations

from cypher.job import Job, JobParam, JobRun
from cypher.movement_params import span_of, span_params
from graph.events import NodeKind
from graph.evidence import EVIDENCE_LIMIT, Evidence

ROWS_PER_READ = 20_000


def upstream_of_blocked(run: JobRun) -> None:
    """Fill `run` with accounts that paid `min_blocked` blocked accounts or more, those that paid most first."""
    span, most = span_of(run), run.number("max_sent")
    asked = {**span, "min_blocked": run.params["min_blocked"], "limit": ROWS_PER_READ + 1}
    rows = run.ask("jobs/upstream_of_blocked", asked) or []
    if len(rows) > ROWS_PER_READ:
        run.cut("candidates")
    for row in rows[:ROWS_PER_READ]:
        if row["sent"] > most:
            hub = (("id", row["id"]), ("count", row["sent"]), ("limit", most))
            run.suppressed.append(Evidence("hub_suppressed", hub, nodes=((str(NodeKind.ACCOUNT), row["id"]),)))
            continue
        blocked = sorted(row["blocked"])
        wanted = {**span, "source": row["id"], "targets": blocked, "limit": EVIDENCE_LIMIT}
        proof = run.ask("jobs/proof_of_upstream", wanted)
        if proof is None:
            return
        found = {"id": row["id"], "blocked": blocked, **{name: row[name] for name in _NUMBERS}}
        finding = Evidence(
            "upstream_of_blocked",
            (("count", len(blocked)), ("amount_cents", row["sum_cents"])),
            tuple(f"tx:{each['tx_id']}" for each in proof),
            row["count"],
            tuple((str(NodeKind.ACCOUNT), account) for account in (row["id"], *blocked)),
        )
        if not run.keep(found, finding):
            return


_NUMBERS = ("count", "sum_cents", "first_ts", "last_ts")
UPSTREAM_OF_BLOCKED = Job(
    "upstream_of_blocked",
    1,
    "accounts that paid several blocked accounts",
    "starts from the blocked accounts and reads what they received",
    (
        *span_params(),
        JobParam("min_blocked", 2, "fewest distinct blocked accounts that were paid", low=1),
        JobParam("max_sent", 10_000, "accounts that sent more movements than this in all are hubs and left out", low=1),
    ),
    ("jobs/upstream_of_blocked", "jobs/proof_of_upstream"),
    upstream_of_blocked,
    telling=True,
)
