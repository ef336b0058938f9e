"""Job: accounts that pass on nearly all they receive, soon after they receive it.

A stretch begins at an incoming transaction and lasts `window_ms`. It counts when what came in during it reaches
`min_cents` and what went out after its start is between `min_share_bp` and `max_share_bp` of that. Stretches do not
overlap; an account is found when it has `min_times` of them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cypher.anchored import anchored
from cypher.job import HOUR_MS, Job, JobParam, JobRun, event_ids, hours
from cypher.movement_params import CANDIDATES, span_of, span_params
from graph.events import NodeKind
from graph.evidence import EVIDENCE_LIMIT, Evidence
from graph.store.protocol import Row

BASIS_POINTS = 10_000


@dataclass(frozen=True, slots=True)
class Stretch:
    """What came in and went out from one incoming transaction on; both lists by time."""

    received: Sequence[Row]
    sent: Sequence[Row]

    @property
    def in_cents(self) -> int:
        """Money that came in."""
        return sum(row["amount_cents"] for row in self.received)

    @property
    def out_cents(self) -> int:
        """Money that went out."""
        return sum(row["amount_cents"] for row in self.sent)


def pass_through(run: JobRun) -> None:
    """Fill `run` with accounts that pass money on, those that received most first."""
    span = span_of(run)
    asked = {**span, "min_cents": run.params["min_cents"], "limit": CANDIDATES + 1}
    accounts = run.ask("jobs/pass_through_accounts", asked) or []
    if len(accounts) > CANDIDATES:
        run.cut("candidates")
    ids = [each["id"] for each in accounts[:CANDIDATES]]
    both = zip(anchored(run, "jobs/received", ids, span), anchored(run, "jobs/sent", ids, span), strict=False)
    for (account, received), (_, sent) in both:
        found = list(
            stretches(
                received,
                sent,
                window_ms=run.number("window_ms"),
                min_cents=run.number("min_cents"),
                shares_bp=(run.number("min_share_bp"), run.number("max_share_bp")),
            )
        )
        if len(found) >= run.number("min_times") and not run.keep(*_result(account, found)):
            return


def stretches(
    received: Sequence[Row], sent: Sequence[Row], *, window_ms: int, min_cents: int, shares_bp: tuple[int, int]
) -> Iterator[Stretch]:
    """Yield the stretches that count, from the earliest on; rows are ordered by ts."""
    in_times, out_times = [row["ts"] for row in received], [row["ts"] for row in sent]
    free_from = -1
    for index, row in enumerate(received):
        start, end = row["ts"], row["ts"] + window_ms
        if start <= free_from or (index and in_times[index - 1] == start):
            continue  # inside the last stretch, or the first transaction of this moment spoke for all of them
        stretch = Stretch(
            received[index : bisect_right(in_times, end)],
            sent[bisect_right(out_times, start) : bisect_right(out_times, end)],
        )
        came, went = stretch.in_cents, stretch.out_cents
        if came >= min_cents and came * shares_bp[0] <= went * BASIS_POINTS <= came * shares_bp[1]:
            yield stretch
            free_from = end


def _result(account: str, found: Sequence[Stretch]) -> tuple[Row, Evidence]:
    came, went = sum(each.in_cents for each in found), sum(each.out_cents for each in found)
    rows = sorted(
        (row for each in found for row in (*each.received, *each.sent)), key=lambda row: (row["ts"], row["tx_id"])
    )
    longest = max(max(row["ts"] for row in each.sent) - each.received[0]["ts"] for each in found)
    finding = Evidence(
        "pass_through",
        (
            ("share", round(went / came, 4)),
            ("hours", hours(longest)),
            ("amount_cents", went),
            ("times", len(found)),
        ),
        event_ids([row["tx_id"] for row in rows[:EVIDENCE_LIMIT]]),
        len(rows),
        ((str(NodeKind.ACCOUNT), account),),
    )
    row = {
        "id": account,
        "times": len(found),
        "in_cents": came,
        "out_cents": went,
        "count": len(rows),
        "first_ts": rows[0]["ts"],
        "last_ts": rows[-1]["ts"],
    }
    return row, finding


PASS_THROUGH = Job(
    "pass_through",
    1,
    "accounts that pass on what they receive, quickly and nearly whole",
    (
        *span_params(),
        JobParam("window_ms", 24 * HOUR_MS, "time in which the money leaves again (ms)", low=1),
        JobParam("min_cents", 100_000, "least money received in one stretch (cents)", low=1),
        JobParam("min_share_bp", 9_000, "least share passed on, in hundredths of a percent", low=1, high=100_000),
        JobParam("max_share_bp", 10_500, "largest share passed on, in hundredths of a percent", low=1, high=100_000),
        JobParam("min_times", 1, "how often it must have happened", low=1),
    ),
    ("jobs/pass_through_accounts", "jobs/received", "jobs/sent"),
    pass_through,
)
