"""Jobs about fans: one account paid by (or paying) many distinct others inside a sliding window.

The store counts counterparties over the whole span first, which is exact as an upper bound and cheap; only accounts
that reach the minimum are read, and the window slides in Python (the same check as one Cypher text takes 7.8 s per
100,000 transactions on KGLite).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial

from cypher.anchored import anchored
from cypher.job import HOUR_MS, Job, JobParam, JobRun, event_ids, hours
from cypher.movement_params import CANDIDATES, WINDOW, span_of, span_params
from graph.events import NodeKind
from graph.evidence import EVIDENCE_LIMIT, Evidence
from graph.store.protocol import Row


def fan(run: JobRun, *, candidates: str, transactions: str, code: str) -> None:
    """Fill `run` with accounts whose best window holds `min_others` distinct counterparties or more."""
    span, least, window = span_of(run), run.number("min_others"), run.number("window_ms")
    accounts = run.ask(candidates, {**span, "min_others": least, "limit": CANDIDATES + 1}) or []
    if len(accounts) > CANDIDATES:
        run.cut("candidates")
    for account, rows in anchored(run, transactions, [each["id"] for each in accounts[:CANDIDATES]], span):
        best = best_window(rows, window)
        others = sorted({row["other"] for row in best})
        if len(others) < least:
            continue
        cents = sum(row["amount_cents"] for row in best)
        first, last = best[0]["ts"], best[-1]["ts"]
        finding = Evidence(
            code,
            (("count", len(others)), ("hours", hours(last - first)), ("amount_cents", cents), ("limit", least)),
            event_ids([row["tx_id"] for row in best[:EVIDENCE_LIMIT]]),
            len(best),
            ((str(NodeKind.ACCOUNT), account), *((str(NodeKind.ACCOUNT), other) for other in others)),
        )
        found = {
            "id": account,
            "others": others,
            "count": len(best),
            "sum_cents": cents,
            "first_ts": first,
            "last_ts": last,
        }
        if not run.keep(found, finding):
            return


def best_window(rows: Sequence[Row], window_ms: int) -> Sequence[Row]:
    """Return the stretch of `rows` (ordered by ts) no longer than `window_ms` with most distinct others.

    Of equals the earliest; it starts and ends at a transaction.
    """
    inside: Counter[str] = Counter()
    start = 0
    best, most = (0, 0), 0
    for end, row in enumerate(rows):
        inside[row["other"]] += 1
        while row["ts"] - rows[start]["ts"] > window_ms:
            leaving = rows[start]["other"]
            inside[leaving] -= 1
            if not inside[leaving]:
                del inside[leaving]
            start += 1
        if len(inside) > most:
            best, most = (start, end + 1), len(inside)
    return rows[best[0] : best[1]]


_PARAMS = (
    *span_params(),
    JobParam("window_ms", 24 * HOUR_MS, WINDOW, low=1),
    JobParam("min_others", 10, "fewest distinct counterparties inside the window", low=2),
)
FAN_IN = Job(
    "fan_in",
    1,
    "accounts paid by many distinct accounts in a short time",
    _PARAMS,
    ("jobs/receivers", "jobs/received"),
    partial(fan, candidates="jobs/receivers", transactions="jobs/received", code="fan_in"),
)
FAN_OUT = Job(
    "fan_out",
    1,
    "accounts that paid many distinct accounts in a short time",
    _PARAMS,
    ("jobs/senders", "jobs/sent"),
    partial(fan, candidates="jobs/senders", transactions="jobs/sent", code="fan_out"),
)
