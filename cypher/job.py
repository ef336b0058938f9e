"""What a link-analysis job is: its parameters, its budgets, and one run of it.

A job asks wide questions of the whole store. It only reads, so running it twice changes nothing and answers the same.
Whatever cuts a run short - rows, time, a hub too large to read - is named in `truncated`; a job never fails for
running long.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from cypher.catalog import Catalog
from graph.errors import QueryRefused, QueryTimeout
from graph.evidence import Evidence
from graph.store.protocol import GraphReader, Row

HOUR_MS = 3_600_000
EVER_MS = 4_102_444_800_000  # 2100-01-01, above every event time
Value: TypeAlias = int | str | None
Clock: TypeAlias = Callable[[], float]


@dataclass(frozen=True, slots=True)
class JobParam:
    """One parameter: an integer between `low` and `high`, or a text when `default` is one; None where `optional`."""

    name: str
    default: Value
    meaning: str
    low: int = 0
    high: int = EVER_MS
    optional: bool = False
    text: bool = False

    def check(self, value: object) -> Value:
        """Return `value` when it fits; refuse it otherwise."""
        if value is None and self.optional:
            return None
        if self.text:
            if isinstance(value, str) and value:
                return value
            raise QueryRefused(f"{self.name} must be a text", cure=self.meaning)
        if type(value) is not int or not self.low <= value <= self.high:
            raise QueryRefused(
                f"{self.name} must be a whole number from {self.low} to {self.high}, not {value!r}", cure=self.meaning
            )
        return value


@dataclass(frozen=True, slots=True)
class Job:
    """A named job: `work` fills a `JobRun`; `statements` are the catalogue names it runs."""

    name: str
    version: int
    meaning: str
    params: tuple[JobParam, ...]
    statements: tuple[str, ...]
    work: Callable[[JobRun], None]

    def complete(self, params: Mapping[str, object]) -> dict[str, Value]:
        """Return every parameter with its value or default; refuse unknown names and values out of range."""
        known = {each.name: each for each in self.params}
        for name in params:
            if name not in known:
                raise QueryRefused(f"job {self.name} has no parameter {name}", cure=f"it takes {', '.join(known)}")
        return {name: each.check(params.get(name, each.default)) for name, each in known.items()}


@dataclass(frozen=True, slots=True)
class JobResult:
    """What a run found: one row and one finding per result, in the same order.

    `suppressed` are shared things not counted because too many hold them. `truncated` is empty for a complete answer.
    """

    name: str
    version: int
    params: tuple[tuple[str, Value], ...]
    rows: tuple[Row, ...]
    findings: tuple[Evidence, ...]
    suppressed: tuple[Evidence, ...]
    truncated: tuple[str, ...]


@dataclass(slots=True)
class JobRun:
    """One run in progress: what it reads from, what it may spend, what it has found."""

    catalog: Catalog
    store: GraphReader
    params: Mapping[str, Value]
    row_budget: int
    deadline: float
    clock: Clock = time.monotonic
    rows: list[Row] = field(default_factory=list)
    findings: list[Evidence] = field(default_factory=list)
    suppressed: list[Evidence] = field(default_factory=list)
    truncated: list[str] = field(default_factory=list)

    def number(self, name: str) -> int:
        """A parameter that is an integer."""
        value = self.params[name]
        assert isinstance(value, int)
        return value

    def left_ms(self) -> int:
        """Milliseconds of the time budget that are left; 0 when it is spent."""
        return max(0, int((self.deadline - self.clock()) * 1000))

    def ask(self, name: str, params: Mapping[str, object]) -> list[Row] | None:
        """Run one statement inside the time left; None (and `time_budget` noted) when there was too little."""
        if not self.left_ms():
            self.cut("time_budget")
            return None
        try:
            return self.catalog.ask(self.store, name, params, timeout_ms=self.left_ms())
        except QueryTimeout:
            self.cut("time_budget" if not self.left_ms() else "statement_timeout")
            return None

    def cut(self, reason: str) -> None:
        """Note once that the answer is incomplete, and why."""
        if reason not in self.truncated:
            self.truncated.append(reason)

    def keep(self, row: Row, finding: Evidence) -> bool:
        """Keep a result; False (and `row_budget` noted) when there is no room for it."""
        if len(self.rows) >= self.row_budget:
            self.cut("row_budget")
            return False
        self.rows.append(row)
        self.findings.append(finding)
        return True


def event_ids(tx_ids: Sequence[str]) -> tuple[str, ...]:
    """Event ids of transactions, in the given order."""
    return tuple(f"tx:{tx_id}" for tx_id in tx_ids)


def hours(span_ms: int) -> float:
    """A span in hours with two decimals, as the phrases show it."""
    return round(span_ms / HOUR_MS, 2)
