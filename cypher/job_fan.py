"""Jobs about fans: one account paid by (or paying) many distinct others inside a sliding window.

Distinct counterparties over the whole span are an upper bound of any window's, so only accounts that reach the minimum
there are looked at closely.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial

import numpy as np

from cypher.job import HOUR_MS, Job, JobParam, JobRun, hours
from cypher.movement_params import READS_ALL, WINDOW, span_params
from cypher.movements import read_movements
from graph.events import NodeKind
from graph.evidence import Evidence, RingKind


def fan(run: JobRun, *, inward: bool, code: str) -> None:
    """Fill `run` with accounts whose best window holds `min_others` distinct counterparties or more, widest first."""
    table = read_movements(run)
    own, other = (table.target, table.source) if inward else (table.source, table.target)
    groups = table.received if inward else table.sent
    least, window = run.number("min_others"), run.number("window_ms")
    wide = table.distinct(own, other)
    candidates = np.flatnonzero(wide >= least)
    for account in candidates[np.argsort(-wide[candidates], kind="stable")].tolist():
        if run.stopped():
            return
        places = groups[account]
        start, end = best_window(table.ts[places].tolist(), other[places].tolist(), window)
        best = places[start:end]
        others = [table.names[each] for each in np.unique(other[best]).tolist()]
        if len(others) < least:
            continue
        cents = int(table.cents[best].sum())
        first, last = int(table.ts[best[0]]), int(table.ts[best[-1]])
        finding = Evidence(
            code,
            (("count", len(others)), ("hours", hours(last - first)), ("amount_cents", cents), ("limit", least)),
            table.event_ids(best),
            len(best),
            (
                (str(NodeKind.ACCOUNT), table.names[account]),
                *((str(NodeKind.ACCOUNT), name) for name in others),
            ),
        )
        found = {
            "id": table.names[account],
            "others": others,
            "count": len(best),
            "sum_cents": cents,
            "first_ts": first,
            "last_ts": last,
        }
        if not run.keep(found, finding):
            return


def best_window(times: Sequence[int], others: Sequence[int], window_ms: int) -> tuple[int, int]:
    """Return (start, end) of the stretch no longer than `window_ms` with most distinct others; `times` rise.

    Of equals the earliest; it starts and ends at a transaction.
    """
    inside: Counter[int] = Counter()
    start = 0
    best, most = (0, 0), 0
    for end, (ts, other) in enumerate(zip(times, others, strict=True)):
        inside[other] += 1
        while ts - times[start] > window_ms:
            leaving = others[start]
            inside[leaving] -= 1
            if not inside[leaving]:
                del inside[leaving]
            start += 1
        if len(inside) > most:
            best, most = (start, end + 1), len(inside)
    return best


_PARAMS = (
    *span_params(),
    JobParam("window_ms", 24 * HOUR_MS, WINDOW, low=1),
    JobParam("min_others", 10, "fewest distinct counterparties inside the window", low=2),
)
FAN_IN = Job(
    "fan_in",
    2,
    "accounts paid by many distinct accounts in a short time",
    READS_ALL,
    _PARAMS,
    ("jobs/account_page", "jobs/movements"),
    partial(fan, inward=True, code="fan_in"),
    kind=RingKind.FAN_IN,
)
FAN_OUT = Job(
    "fan_out",
    2,
    "accounts that paid many distinct accounts in a short time",
    READS_ALL,
    _PARAMS,
    ("jobs/account_page", "jobs/movements"),
    partial(fan, inward=False, code="fan_out"),
    kind=RingKind.FAN_OUT,
)
