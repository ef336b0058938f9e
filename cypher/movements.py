"""Every movement of a span as arrays, read once from the store: what the wide jobs look at.

Both engines hand out columns far faster than rows (Neo4j's driver takes 18 times less for one row of lists than for a
row per movement), and what wide typologies ask - sliding windows, joins in time, groups - is cheap on arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cypher.job import JobRun
from graph.errors import QueryTimeout
from graph.evidence import EVIDENCE_LIMIT
from graph.store.protocol import Row

I64 = NDArray[np.int64]

ACCOUNTS_PER_PAGE = 20_000
ACCOUNTS_PER_READ = 2_000
_COLUMNS = ("sources", "targets", "tx_ids", "times", "cents", "kinds")
MOST_MOVEMENTS = 5_000_000  # held at once, at about 200 bytes each


@dataclass(frozen=True, eq=False)
class Movements:
    """Movements by (ts, tx_id). `names` are the accounts; `source` and `target` are places in it."""

    names: Sequence[str]
    source: I64
    target: I64
    ts: I64
    cents: I64
    tx: Sequence[str]
    kinds: Sequence[str]

    def __len__(self) -> int:
        return len(self.ts)

    @cached_property
    def sent(self) -> Grouped:
        """Places of movements by source, each account's in time order."""
        return Grouped.of(self.source, len(self.names))

    @cached_property
    def received(self) -> Grouped:
        """Places of movements by target, each account's in time order."""
        return Grouped.of(self.target, len(self.names))

    def degrees(self) -> I64:
        """How many distinct others each account dealt with, either way."""
        if not len(self):
            return np.zeros(len(self.names), dtype=np.int64)
        count = len(self.names)
        pairs = np.unique(np.concatenate((self.source * count + self.target, self.target * count + self.source)))
        return np.bincount(pairs // count, minlength=count).astype(np.int64)

    def distinct(self, own: I64, other: I64) -> I64:
        """How many distinct `other` each account met as `own`; both are columns of this table."""
        pairs = np.unique(own * len(self.names) + other)
        return np.bincount(pairs // max(1, len(self.names)), minlength=len(self.names)).astype(np.int64)

    def event_ids(self, places: Sequence[int] | I64) -> tuple[str, ...]:
        """Event ids of the movements at `places`, earliest first, at most what evidence holds."""
        return tuple(f"tx:{self.tx[place]}" for place in sorted(map(int, places))[:EVIDENCE_LIMIT])


@dataclass(frozen=True, eq=False)
class Grouped:
    """Places of movements grouped by account: those of account n are `order[start[n]:start[n + 1]]`."""

    order: I64
    start: I64

    @classmethod
    def of(cls, keys: I64, count: int) -> Grouped:
        """Group by `keys`; places keep their order inside a group."""
        order = np.argsort(keys, kind="stable")
        return cls(order, np.searchsorted(keys[order], np.arange(count + 1)))

    def __getitem__(self, account: int) -> I64:
        return self.order[self.start[account] : self.start[account + 1]]


def read_movements(run: JobRun, *, min_cents: int = 0, max_cents: int | None = None) -> Movements:
    """Return the movements of the run's span and kind; what did not fit its budgets is named in `truncated`."""
    asked: dict[str, object] = {name: run.params[name] for name in ("lo", "hi", "kind")}
    asked |= {"min_cents": min_cents, "max_cents": max_cents}
    columns: dict[str, list[Any]] = {name: [] for name in ("sources", "targets", "tx_ids", "times", "cents", "kinds")}
    after = ""
    while (page := _page(run, after)) and not run.stopped():
        after = page[-1]
        for start in range(0, len(page), ACCOUNTS_PER_READ):
            for row in _read(run, page[start : start + ACCOUNTS_PER_READ], asked):
                for name, values in columns.items():
                    values.extend(row[name])
            run.progress(f"{len(columns['times']):,} movements read")
            if len(columns["times"]) > MOST_MOVEMENTS:
                run.cut("movements")
                return _table(columns)
            if run.stopped():
                break
    return _table(columns)


def _page(run: JobRun, after: str) -> list[str]:
    rows = run.ask("jobs/account_page", {"after": after, "limit": ACCOUNTS_PER_PAGE}) or []
    return [row["id"] for row in rows]


def _read(run: JobRun, ids: Sequence[str], asked: dict[str, object]) -> list[Row]:
    """What `ids` sent; halved where a read is too slow."""
    if run.stopped():
        return []
    try:
        return run.catalog.ask(run.store, "jobs/movements", {**asked, "ids": list(ids)}, timeout_ms=run.left_ms())
    except QueryTimeout:
        if run.stopped() or len(ids) == 1:
            run.cut("time_budget" if run.stopped() else "statement_timeout")
            return []
        middle = len(ids) // 2
        return [*_read(run, ids[:middle], asked), *_read(run, ids[middle:], asked)]


def _table(columns: dict[str, list[Any]]) -> Movements:
    sources, targets, tx_ids, kinds = (columns[name] for name in ("sources", "targets", "tx_ids", "kinds"))
    names = sorted({*sources, *targets})
    place = {name: number for number, name in enumerate(names)}
    times = np.array(columns["times"], dtype=np.int64)
    order = _in_order(times, tx_ids)
    one = {kind: kind for kind in kinds}  # one text for each kind, not one per movement

    def of(values: list[Any]) -> I64:
        return np.array([place[value] for value in values], dtype=np.int64)[order]

    picked = order.tolist()
    return Movements(
        names=names,
        source=of(sources),
        target=of(targets),
        ts=times[order],
        cents=np.array(columns["cents"], dtype=np.int64)[order],
        tx=[tx_ids[index] for index in picked],
        kinds=[one[kinds[index]] for index in picked],
    )


def _in_order(times: I64, tx_ids: Sequence[str]) -> I64:
    """Places by (ts, tx_id), sorting texts only where times tie."""
    order = np.argsort(times, kind="stable")
    ordered = times[order]
    tied = np.flatnonzero(ordered[1:] == ordered[:-1])
    for _, run in groupby(enumerate(tied.tolist()), key=lambda item: item[1] - item[0]):
        places = [place for _, place in run]
        first, last = places[0], places[-1] + 2
        order[first:last] = sorted(order[first:last].tolist(), key=lambda index: tx_ids[index])
    return order
