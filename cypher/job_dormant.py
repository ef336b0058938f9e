"""Job: accounts that lie still for long and then move much at once, as accounts that were bought or taken over do."""

from __future__ import annotations

import numpy as np

from cypher.job import HOUR_MS, Job, JobParam, JobRun
from cypher.movement_params import READS_ALL, span_params
from cypher.movements import Grouped, read_movements
from graph.events import NodeKind
from graph.evidence import Evidence

DAY_MS = 24 * HOUR_MS


def dormant_then_active(run: JobRun) -> None:
    """Fill `run` with accounts that woke: their earliest waking that moved enough. Most money first."""
    table = read_movements(run)
    still, window = run.number("dormant_ms"), run.number("window_ms")
    count = len(table)
    ends = np.concatenate((table.source, table.target))
    places = np.concatenate((np.arange(count), np.arange(count)))
    by_time = np.argsort(places, kind="stable")
    every = Grouped.of(ends[by_time], len(table.names))
    places = places[by_time]
    found = []
    for account in range(len(table.names)):
        if account % 10_000 == 0 and run.stopped():
            break
        own = places[every[account]]
        times = table.ts[own]
        for index in (np.flatnonzero(np.diff(times) >= still) + 1).tolist():
            end = int(np.searchsorted(times, times[index] + window, side="right"))
            awake = own[index:end]
            cents = int(table.cents[awake].sum())
            if len(awake) >= run.number("min_count") and cents >= run.number("min_cents"):
                found.append((-cents, account, int(times[index] - times[index - 1]), awake))
                break
    for cents, account, gap, awake in sorted(found, key=lambda each: each[:2]):
        name = table.names[account]
        first, last = int(table.ts[awake[0]]), int(table.ts[awake[-1]])
        row = {
            "id": name,
            "dormant_days": round(gap / DAY_MS, 2),
            "count": len(awake),
            "sum_cents": -cents,
            "first_ts": first,
            "last_ts": last,
        }
        finding = Evidence(
            "dormant_then_active",
            (("count", len(awake)), ("days", round(gap / DAY_MS, 2)), ("amount_cents", -cents)),
            table.event_ids(awake),
            len(awake),
            ((str(NodeKind.ACCOUNT), name),),
        )
        if not run.keep(row, finding):
            return


DORMANT_THEN_ACTIVE = Job(
    "dormant_then_active",
    1,
    "accounts that lie still for long and then move much at once",
    READS_ALL,
    (
        *span_params(),
        JobParam("dormant_ms", 60 * DAY_MS, "shortest time without any movement (ms)", low=1),
        JobParam("window_ms", 7 * DAY_MS, "time after waking that is looked at (ms)", low=1),
        JobParam("min_count", 3, "fewest movements in that time", low=1),
        JobParam("min_cents", 100_000, "least money moved in that time, both ways added (cents)", low=0),
    ),
    ("jobs/account_page", "jobs/movements"),
    dormant_then_active,
    telling=True,
)
