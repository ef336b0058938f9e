"""Job: money that comes back to its sender over 3 to 6 accounts, each hop later than the one before.

A rising cycle has one earliest transaction, so it is found once, from the account that sent it. Accounts that deal with
more than `max_degree` others in the span (a house, an exchange, a shop) are no part of one: they are suppressed and
said so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cypher.cycle_search import I64, LONGEST, find_cycles
from cypher.job import HOUR_MS, Job, JobParam, JobRun, hours
from cypher.movement_params import MAX_DEGREE, READS_ALL, WINDOW, hubs, span_params
from cypher.movements import Movements, read_movements
from graph.events import NodeKind
from graph.evidence import Evidence, RingKind
from graph.store.protocol import Row

SHORTEST = 3
BASIS_POINTS = 10_000
STARTS = 20_000  # first movements searched between two looks at the clock
ROOM = 100_000  # cycles written in one go


@dataclass(slots=True)
class _Round:
    """One round of accounts: its earliest occurrence (places of movements), and how often it was seen."""

    first: tuple[int, ...]
    times: int = 1


def rising_cycles(run: JobRun) -> None:
    """Fill `run` with one result per round of accounts, the shortest first."""
    table = read_movements(run, min_cents=run.number("min_cents"))
    left_out = hubs(run, table)
    rounds: dict[tuple[int, ...], _Round] = {}

    def order(places: tuple[int, ...]) -> tuple[object, ...]:
        return (table.ts[places[0]], *(table.tx[place] for place in places))

    for places in _occurrences(run, table, left_out):
        accounts = tuple(table.source[list(places)].tolist())
        known = rounds.get(accounts)
        if known is None:
            rounds[accounts] = _Round(places)
            continue
        known.times += 1
        if order(places) < order(known.first):
            known.first = places
    for accounts in sorted(rounds, key=lambda each: (len(each), each)):
        if not run.keep(*_result(table, accounts, rounds[accounts])):
            return


def _occurrences(run: JobRun, table: Movements, left_out: np.ndarray) -> Iterator[tuple[int, ...]]:
    tolerance = run.params["tolerance_bp"]
    lengths = (run.number("min_length"), run.number("max_length"))
    found: I64 = np.empty((ROOM, LONGEST), dtype=np.int64)
    at = 0
    while at < len(table) and not run.stopped():
        run.progress(f"{at:,} of {len(table):,} movements searched")
        count, reached, cut = find_cycles(
            table.source,
            table.target,
            table.ts,
            table.cents,
            table.sent.order,
            table.sent.start,
            table.received.order,
            table.received.start,
            left_out,
            at,
            min(at + STARTS, len(table)),
            lengths,
            run.number("window_ms"),
            -1 if tolerance is None else run.number("tolerance_bp"),
            found,
        )
        if cut:
            run.cut("cycle_steps")
        if count == 0 and reached == at:  # one first movement has more cycles than there is room for
            run.cut("cycles_of_one_movement")
            reached = at + 1
        at = reached
        for row in found[:count].tolist():
            yield tuple(place for place in row if place >= 0)


def _result(table: Movements, accounts: tuple[int, ...], found: _Round) -> tuple[Row, Evidence]:
    places = list(found.first)
    names = [table.names[account] for account in accounts]
    amounts = table.cents[places].tolist()
    begin, end = int(table.ts[places[0]]), int(table.ts[places[-1]])
    finding = Evidence(
        "round_trip",
        (
            ("count", len(names)),
            ("hours", hours(end - begin)),
            ("amount_cents", min(amounts)),
            ("times", found.times),
        ),
        table.event_ids(places),
        len(places),
        tuple((str(NodeKind.ACCOUNT), name) for name in names),
    )
    row = {
        "accounts": names,
        "transactions": [table.tx[place] for place in places],
        "amounts_cents": amounts,
        "first_ts": begin,
        "last_ts": end,
        "times": found.times,
    }
    return row, finding


RISING_CYCLE = Job(
    "rising_cycle",
    2,
    "money that returns to its sender in time order",
    READS_ALL,
    (
        *span_params(),
        JobParam("window_ms", 72 * HOUR_MS, WINDOW, low=1),
        JobParam("min_length", SHORTEST, "fewest accounts in the round", low=SHORTEST, high=LONGEST),
        JobParam("max_length", LONGEST, "most accounts in the round", low=SHORTEST, high=LONGEST),
        JobParam("min_cents", 0, "smallest transaction that counts (cents)"),
        JobParam(
            "tolerance_bp",
            None,
            "largest change of the amount from one hop to the next, in hundredths of a percent of the former; "
            "without it amounts do not matter",
            high=BASIS_POINTS,
            optional=True,
        ),
        MAX_DEGREE,
    ),
    ("jobs/account_page", "jobs/movements"),
    rising_cycles,
    kind=RingKind.CYCLE,
)
