"""Job: money that comes back to its sender over 3 to 5 accounts, each hop later than the one before.

A rising cycle has one earliest transaction, so it is found once, from the account that sent it. Each length is one
statement of chained MATCHes that filter by time at every hop (as one pattern it takes five times as long), asked only
about accounts that sent before they received.
"""

from __future__ import annotations

from cypher.anchored import anchored
from cypher.job import HOUR_MS, Job, JobParam, JobRun, event_ids, hours
from cypher.movement_params import CANDIDATES, WINDOW, span_of, span_params
from graph.events import NodeKind
from graph.evidence import Evidence
from graph.store.protocol import Row

SHORTEST, LONGEST = 3, 5
BATCH = 100
BASIS_POINTS = 10_000


def rising_cycles(run: JobRun) -> None:
    """Fill `run` with one result per round of accounts: its earliest occurrence, and how often it was seen."""
    span = {**span_of(run), "min_cents": run.params["min_cents"]}
    starts = run.ask("jobs/cycle_starts", {**span, "limit": CANDIDATES + 1}) or []
    if len(starts) > CANDIDATES:
        run.cut("candidates")
    ids = [each["id"] for each in starts[:CANDIDATES]]
    given = {**span, "window_ms": run.params["window_ms"], "tolerance_bp": run.params["tolerance_bp"]}
    for length in range(run.number("min_length"), run.number("max_length") + 1):
        for _, rows in anchored(run, f"jobs/rising_cycle_{length}", ids, given, batch=BATCH):
            rounds: dict[tuple[str, ...], list[Row]] = {}
            for row in rows:
                rounds.setdefault(_accounts(row, length), []).append(row)
            for accounts, times in rounds.items():
                if not run.keep(*_result(accounts, times[0], len(times))):
                    return


def _accounts(row: Row, length: int) -> tuple[str, ...]:
    return (row["id"], *(row[f"account{place}"] for place in range(2, length + 1)))


def _result(accounts: tuple[str, ...], first: Row, times: int) -> tuple[Row, Evidence]:
    places = range(1, len(accounts) + 1)
    transactions = [first[f"tx{place}"] for place in places]
    amounts = [first[f"cents{place}"] for place in places]
    begin, end = first["ts1"], first[f"ts{len(accounts)}"]
    finding = Evidence(
        "round_trip",
        (("count", len(accounts)), ("hours", hours(end - begin)), ("amount_cents", min(amounts)), ("times", times)),
        event_ids(transactions),
        len(transactions),
        tuple((str(NodeKind.ACCOUNT), account) for account in accounts),
    )
    found = {
        "accounts": list(accounts),
        "transactions": transactions,
        "amounts_cents": amounts,
        "first_ts": begin,
        "last_ts": end,
        "times": times,
    }
    return found, finding


RISING_CYCLE = Job(
    "rising_cycle",
    1,
    "money that returns to its sender in time order",
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
    ),
    ("jobs/cycle_starts", *(f"jobs/rising_cycle_{length}" for length in range(SHORTEST, LONGEST + 1))),
    rising_cycles,
)
