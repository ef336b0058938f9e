"""Job: payments kept just below a threshold that would be reported, again and again inside a sliding window."""

from __future__ import annotations

import numpy as np

from cypher.job import HOUR_MS, Job, JobParam, JobRun, hours
from cypher.movement_params import WINDOW, span_params
from cypher.movements import read_movements
from graph.events import MAX_AMOUNT_CENTS, NodeKind
from graph.evidence import Evidence

BASIS_POINTS = 10_000


def structuring(run: JobRun) -> None:
    """Fill `run` with accounts that sent, or received, `min_times` such payments in one window; most of them first."""
    threshold = run.number("threshold_cents")
    floor = threshold - threshold * run.number("margin_bp") // BASIS_POINTS
    table = read_movements(run, min_cents=floor, max_cents=threshold - 1)
    least, window = run.number("min_times"), run.number("window_ms")
    found = []
    for side, groups in (("sent", table.sent), ("received", table.received)):
        counts = np.diff(groups.start)
        for account in np.flatnonzero(counts >= least).tolist():
            if run.stopped():
                break
            places = groups[account]
            times = table.ts[places]
            ends = np.searchsorted(times, times + window, side="right")
            sizes = ends - np.arange(len(times))
            start = int(np.argmax(sizes))
            if sizes[start] >= least:
                found.append((-int(sizes[start]), table.names[account], side, places[start : ends[start]]))
    for size, name, side, places in sorted(found, key=lambda each: each[:3]):
        first, last = int(table.ts[places[0]]), int(table.ts[places[-1]])
        cents = int(table.cents[places].sum())
        others = table.target[places] if side == "sent" else table.source[places]
        row = {"id": name, "side": side, "count": -size, "sum_cents": cents, "first_ts": first, "last_ts": last}
        finding = Evidence(
            "structuring",
            (
                ("count", -size),
                ("hours", hours(last - first)),
                ("amount_cents", cents),
                ("threshold_cents", threshold),
            ),
            table.event_ids(places),
            len(places),
            tuple(
                (str(NodeKind.ACCOUNT), each)
                for each in (name, *(table.names[other] for other in np.unique(others).tolist()))
            ),
        )
        if not run.keep(row, finding):
            return


STRUCTURING = Job(
    "structuring",
    1,
    "accounts that send or receive many payments just below a threshold",
    "reads the movements just below the threshold once",
    (
        *span_params(),
        JobParam("threshold_cents", 1_000_000, "amount that would be reported (cents)", low=2, high=MAX_AMOUNT_CENTS),
        JobParam("margin_bp", 1_000, "how far below it counts, in hundredths of a percent of it", low=1, high=10_000),
        JobParam("window_ms", 72 * HOUR_MS, WINDOW, low=1),
        JobParam("min_times", 4, "fewest such payments inside the window", low=2),
    ),
    ("jobs/account_page", "jobs/movements"),
    structuring,
    telling=True,
)
