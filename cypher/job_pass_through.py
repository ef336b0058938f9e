"""Job: accounts that pass on nearly all they receive, soon after they receive it.

A stretch begins at an incoming transaction and lasts `window_ms`. It counts when what came in during it reaches
`min_cents` and what went out after its start is between `min_share_bp` and `max_share_bp` of that. Stretches do not
overlap; an account is found when it has `min_times` of them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from cypher.job import HOUR_MS, Job, JobParam, JobRun, hours
from cypher.movement_params import READS_ALL, span_params
from cypher.movements import I64, Movements, read_movements
from graph.events import NodeKind
from graph.evidence import Evidence, RingKind
from graph.store.protocol import Row

BASIS_POINTS = 10_000


@dataclass(frozen=True, slots=True)
class Stretch:
    """What came in and went out from one incoming transaction on: places of movements, both by time, and their sums."""

    received: Sequence[int]
    sent: Sequence[int]
    in_cents: int
    out_cents: int


def pass_through(run: JobRun) -> None:
    """Fill `run` with accounts that pass money on, those that received most first."""
    table = read_movements(run)
    came = np.zeros(len(table.names), dtype=np.int64)
    np.add.at(came, table.target, table.cents)
    candidates = np.flatnonzero(came >= run.number("min_cents"))
    for account in candidates[np.argsort(-came[candidates], kind="stable")].tolist():
        if run.stopped():
            return
        received, sent = table.received[account], table.sent[account]
        if not len(sent):
            continue
        found = list(
            stretches(
                table,
                received,
                sent,
                window_ms=run.number("window_ms"),
                min_cents=run.number("min_cents"),
                shares_bp=(run.number("min_share_bp"), run.number("max_share_bp")),
            )
        )
        if len(found) >= run.number("min_times") and not run.keep(*_result(table, account, found)):
            return


def stretches(
    table: Movements, received: I64, sent: I64, *, window_ms: int, min_cents: int, shares_bp: tuple[int, int]
) -> Iterator[Stretch]:
    """Yield the stretches that count, from the earliest on."""
    in_times, out_times = table.ts[received].tolist(), table.ts[sent].tolist()
    in_sums, out_sums = _running(table.cents[received]), _running(table.cents[sent])
    free_from = -1
    for index, start in enumerate(in_times):
        end = start + window_ms
        if start <= free_from or (index and in_times[index - 1] == start):
            continue  # inside the last stretch, or the first transaction of this moment spoke for all of them
        in_end = bisect_right(in_times, end)
        out_start, out_end = bisect_right(out_times, start), bisect_right(out_times, end)
        came, went = in_sums[in_end] - in_sums[index], out_sums[out_end] - out_sums[out_start]
        if came >= min_cents and came * shares_bp[0] <= went * BASIS_POINTS <= came * shares_bp[1]:
            yield Stretch(received[index:in_end].tolist(), sent[out_start:out_end].tolist(), came, went)
            free_from = end


def _running(cents: I64) -> list[int]:
    sums: list[int] = [0, *np.cumsum(cents).tolist()]
    return sums


def _result(table: Movements, account: int, found: Sequence[Stretch]) -> tuple[Row, Evidence]:
    came, went = sum(each.in_cents for each in found), sum(each.out_cents for each in found)
    places = sorted({place for each in found for place in (*each.received, *each.sent)})
    longest = max(int(table.ts[each.sent[-1]] - table.ts[each.received[0]]) for each in found)
    name = table.names[account]
    finding = Evidence(
        "pass_through",
        (
            ("share", round(went / came, 4)),
            ("hours", hours(longest)),
            ("amount_cents", went),
            ("times", len(found)),
        ),
        table.event_ids(places),
        len(places),
        ((str(NodeKind.ACCOUNT), name), *_others(table, account, places)),
    )
    row = {
        "id": name,
        "times": len(found),
        "in_cents": came,
        "out_cents": went,
        "count": len(places),
        "first_ts": int(table.ts[places[0]]),
        "last_ts": int(table.ts[places[-1]]),
    }
    return row, finding


def _others(table: Movements, account: int, places: Sequence[int]) -> tuple[tuple[str, str], ...]:
    ends = np.unique(np.concatenate((table.source[list(places)], table.target[list(places)]))).tolist()
    return tuple((str(NodeKind.ACCOUNT), table.names[each]) for each in ends if each != account)


PASS_THROUGH = Job(
    "pass_through",
    2,
    "accounts that pass on what they receive, quickly and nearly whole",
    READS_ALL,
    (
        *span_params(),
        JobParam("window_ms", 24 * HOUR_MS, "time in which the money leaves again (ms)", low=1),
        JobParam("min_cents", 100_000, "least money received in one stretch (cents)", low=1),
        JobParam("min_share_bp", 9_000, "least share passed on, in hundredths of a percent", low=1, high=100_000),
        JobParam("max_share_bp", 10_500, "largest share passed on, in hundredths of a percent", low=1, high=100_000),
        JobParam("min_times", 1, "how often it must have happened", low=1),
    ),
    ("jobs/account_page", "jobs/movements"),
    pass_through,
    kind=RingKind.LAYERED,
)
