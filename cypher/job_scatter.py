"""Jobs: money of one account that is scattered over several and meets again in one, and money gathered and scattered.

Scatter-gather is found by joining every payment s -> m with what m paid soon after; the join runs source by source, so
that all ways from one source to one target are seen together and memory is bounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from cypher.job import HOUR_MS, Job, JobParam, JobRun, hours
from cypher.movement_params import MAX_DEGREE, READS_ALL, WINDOW, hubs, span_params
from cypher.movements import I64, Movements, read_movements
from graph.events import NodeKind
from graph.evidence import Evidence, RingKind

WAYS_AT_ONCE = 2_000_000
Way = tuple[int, int, int]  # middle account, place of the payment to it, place of the payment from it


def scatter_gather(run: JobRun) -> None:
    """Fill `run` with pairs of accounts whose best window holds `min_middle` accounts in between, widest first."""
    table = read_movements(run)
    least, window = run.number("min_middle"), run.number("window_ms")
    left_out = hubs(run, table)
    found: list[tuple[int, int, int, list[Way]]] = []
    for source, target, ways in _pairs(run, table, left_out, least):
        best = _best_ways(table, ways, window)
        if len(best) >= least:
            found.append((-len(best), source, target, best))
    for _, source, target, best in sorted(found, key=lambda each: each[:3]):
        names = [table.names[middle] for middle, _, _ in best]
        places = sorted({place for _, into, out in best for place in (into, out)})
        cents = int(table.cents[[out for _, _, out in best]].sum())
        first, last = int(table.ts[places[0]]), int(table.ts[places[-1]])
        ends = (table.names[source], table.names[target])
        row = {
            "source": ends[0],
            "target": ends[1],
            "accounts": names,
            "count": len(places),
            "sum_cents": cents,
            "first_ts": first,
            "last_ts": last,
        }
        finding = Evidence(
            "scatter_gather",
            (
                ("count", len(places)),
                ("hours", hours(last - first)),
                ("amount_cents", cents),
                ("accounts", len(names) + 2),
            ),
            table.event_ids(places),
            len(places),
            tuple((str(NodeKind.ACCOUNT), name) for name in (*ends, *names)),
        )
        if not run.keep(row, finding):
            return


def _pairs(
    run: JobRun, table: Movements, left_out: np.ndarray, least: int
) -> Iterator[tuple[int, int, list[tuple[int, int, int]]]]:
    """Yield (source, target, ways) of pairs with at least `least` distinct accounts in between, over the whole span."""
    count, window = len(table.names), run.number("window_ms")
    sent = table.sent
    # payments to a middle account, source by source; for each the middle's own payments in (ts, ts + window]
    into = sent.order[~left_out[table.target[sent.order]] & ~left_out[table.source[sent.order]]]
    middle = table.target[into]
    low, high = _later(table, middle, table.ts[into], window)
    waiting = np.cumsum(high - low)
    sources = table.source[into]
    at = 0
    while at < len(into) and not run.stopped():
        before = int(waiting[at - 1]) if at else 0
        end = max(at + 1, int(np.searchsorted(waiting, before + WAYS_AT_ONCE, side="right")))
        while end < len(into) and sources[end] == sources[end - 1]:
            end += 1
        run.progress(f"{at:,} of {len(into):,} payments followed")
        lengths = high[at:end] - low[at:end]
        first = np.repeat(into[at:end], lengths)
        offsets = np.arange(len(first)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        second = sent.order[np.repeat(low[at:end], lengths) + offsets]
        goal = table.target[second]
        fits = (goal != table.source[first]) & ~left_out[goal]
        first, second, goal = first[fits], second[fits], goal[fits]
        keys = table.source[first] * count + goal
        order = np.lexsort((second, first, table.target[first], keys))
        first, second, keys = first[order], second[order], keys[order]
        new_middle = np.ones(len(keys), dtype=bool)
        new_middle[1:] = (keys[1:] != keys[:-1]) | (table.target[first][1:] != table.target[first][:-1])
        bounds = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))) if len(keys) else np.array([], int)
        middles = np.add.reduceat(new_middle.astype(np.int64), bounds) if len(bounds) else np.array([], int)
        ends = np.append(bounds[1:], len(keys))
        for begin, stop in zip(bounds[middles >= least].tolist(), ends[middles >= least].tolist(), strict=True):
            ways = zip(
                table.target[first[begin:stop]].tolist(),
                first[begin:stop].tolist(),
                second[begin:stop].tolist(),
                strict=True,
            )
            yield int(keys[begin] // count), int(keys[begin] % count), list(ways)
        at = end


def _later(table: Movements, accounts: I64, moments: I64, window_ms: int) -> tuple[I64, I64]:
    """For each (account, moment): the stretch of `table.sent.order` with what it paid in (moment, moment + window]."""
    sent = table.sent
    low = np.empty(len(accounts), dtype=np.int64)
    high = np.empty(len(accounts), dtype=np.int64)
    times = table.ts[sent.order]
    order = np.argsort(accounts, kind="stable")
    grouped = accounts[order]
    edges = np.flatnonzero(np.concatenate(([True], grouped[1:] != grouped[:-1]))) if len(grouped) else np.array([], int)
    for begin, end in pairwise([*edges.tolist(), len(grouped)]):
        account = int(grouped[begin])
        start, stop = int(sent.start[account]), int(sent.start[account + 1])
        own = times[start:stop]
        asked = moments[order[begin:end]]
        low[order[begin:end]] = start + np.searchsorted(own, asked, side="right")
        high[order[begin:end]] = start + np.searchsorted(own, asked + window_ms, side="right")
    return low, high


def _best_ways(table: Movements, ways: Sequence[Way], window_ms: int) -> list[Way]:
    """One way per middle account inside the best window: the one with most middles, of equals the earliest."""
    starts = sorted({int(table.ts[into]) for _, into, _ in ways})
    best: dict[int, Way] = {}
    for start in starts:
        inside: dict[int, Way] = {}
        for way in ways:
            middle, into, out = way
            if table.ts[into] < start or table.ts[out] > start + window_ms:
                continue
            if middle not in inside or (out, into) < (inside[middle][2], inside[middle][1]):
                inside[middle] = way
        if len(inside) > len(best):
            best = inside
    return [best[middle] for middle in sorted(best)]


def gather_scatter(run: JobRun) -> None:
    """Fill `run` with accounts that many pay and that then pay many, inside one window; most paid accounts first."""
    table = read_movements(run)
    payers, payees = run.number("min_payers"), run.number("min_payees")
    left_out = hubs(run, table)
    wide = (table.distinct(table.target, table.source) >= payers) & (
        table.distinct(table.source, table.target) >= payees
    )
    found = []
    for account in np.flatnonzero(wide & ~left_out).tolist():
        if run.stopped():
            break
        best = _best_split(table, account, payers, run.number("window_ms"))
        if best is not None and len(set(table.target[list(best[1])].tolist())) >= payees:
            found.append((account, *best))
    found.sort(key=lambda each: (-len(set(table.target[list(each[2])].tolist())), each[0]))
    for account, gathered, scattered in found:
        name, places = table.names[account], [*gathered, *scattered]
        came = sorted({table.names[each] for each in table.source[list(gathered)].tolist()})
        went = sorted({table.names[each] for each in table.target[list(scattered)].tolist()})
        first, last = int(table.ts[gathered[0]]), int(table.ts[scattered[-1]])
        cents = int(table.cents[list(scattered)].sum())
        row = {
            "id": name,
            "payers": came,
            "payees": went,
            "in_cents": int(table.cents[list(gathered)].sum()),
            "out_cents": cents,
            "first_ts": first,
            "last_ts": last,
        }
        accounts = (name, *sorted({*came, *went} - {name}))
        finding = Evidence(
            "gather_scatter",
            (
                ("count", len(places)),
                ("hours", hours(last - first)),
                ("amount_cents", cents),
                ("accounts", len(accounts)),
            ),
            table.event_ids(places),
            len(places),
            tuple((str(NodeKind.ACCOUNT), each) for each in accounts),
        )
        if not run.keep(row, finding):
            return


def _best_split(table: Movements, account: int, payers: int, window_ms: int) -> tuple[list[int], list[int]] | None:
    """(payments up to the one that brings the last payer needed, payments after it), of the start with most payees."""
    received, sent = table.received[account].tolist(), table.sent[account].tolist()
    best: tuple[list[int], list[int]] | None = None
    most = 0
    for index, start in enumerate(received):
        moment = int(table.ts[start])
        if index and table.ts[received[index - 1]] == moment:
            continue
        gathered: list[int] = []
        seen: set[int] = set()
        for place in received[index:]:
            if len(seen) == payers or table.ts[place] > moment + window_ms:
                break
            gathered.append(place)
            seen.add(int(table.source[place]))
        if len(seen) < payers:
            continue
        after = int(table.ts[gathered[-1]])
        scattered = [place for place in sent if after < table.ts[place] <= moment + window_ms]
        count = len(set(table.target[scattered].tolist())) if scattered else 0
        if count > most:
            best, most = (gathered, scattered), count
    return best


SCATTER_GATHER = Job(
    "scatter_gather",
    1,
    "one account's money that goes out over several accounts and meets again in one",
    READS_ALL,
    (
        *span_params(),
        JobParam("window_ms", 72 * HOUR_MS, WINDOW, low=1),
        JobParam("min_middle", 3, "fewest accounts in between", low=2),
        MAX_DEGREE,
    ),
    ("jobs/account_page", "jobs/movements"),
    scatter_gather,
    kind=RingKind.SCATTER_GATHER,
)
GATHER_SCATTER = Job(
    "gather_scatter",
    1,
    "accounts that gather money from many and then scatter it to many",
    READS_ALL,
    (
        *span_params(),
        JobParam("window_ms", 72 * HOUR_MS, WINDOW, low=1),
        JobParam("min_payers", 5, "fewest distinct payers before the money goes on", low=2),
        JobParam("min_payees", 5, "fewest distinct accounts paid after that", low=2),
        MAX_DEGREE,
    ),
    ("jobs/account_page", "jobs/movements"),
    gather_scatter,
    kind=RingKind.GATHER_SCATTER,
)
