"""What a link-analysis job is: its parameters, its budgets, and one run of it.

A job asks wide questions of the whole store. It only reads, so running it twice changes nothing and answers the same.
Whatever cuts a run short - rows, time, a hub too large to read - is named in `truncated`; a job never fails for
running long.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from cypher.catalog import Catalog
from graph.errors import QueryRefused, QueryTimeout
from graph.evidence import Evidence, RingKind
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
    """A named job: `work` fills a `JobRun`; `statements` are the catalogue names it runs, `cost` what it reads.

    `kind` is the shape of ring that its findings are; one that is `telling` says something of an account all the same.
    Findings of jobs that are neither are hints for whoever asked, and never published.
    """

    name: str
    version: int
    meaning: str
    cost: str
    params: tuple[JobParam, ...]
    statements: tuple[str, ...]
    work: Callable[[JobRun], None]
    kind: RingKind | None = None
    telling: bool = False

    @property
    def publishes(self) -> bool:
        """Whether its findings may become signals and rings."""
        return self.telling or self.kind is not None

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


class Watch:
    """Who looks at a run from outside; this one sees nothing and never stops it."""

    def progress(self, text: str) -> None:
        """Take note of how far the run is, as a person reads it."""

    def cancelled(self) -> bool:
        """Whether somebody wants the run to end now; asked often, so it must be quick."""
        return False


@dataclass(slots=True)
class JobRun:
    """One run in progress: what it reads from, what it may spend, what it has found."""

    catalog: Catalog
    store: GraphReader
    params: Mapping[str, Value]
    row_budget: int
    deadline: float
    clock: Clock = time.monotonic
    watch: Watch = field(default_factory=lambda: Watch())
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
        """Milliseconds of the time budget that are left; 0 when it is spent or the run was cancelled."""
        if self.watch.cancelled():
            return 0
        return max(0, int((self.deadline - self.clock()) * 1000))

    def stopped(self) -> bool:
        """True, and the reason noted, when the run must end now: its time is spent, or somebody cancelled it."""
        if self.left_ms():
            return False
        self.cut("cancelled" if self.watch.cancelled() else "time_budget")
        return True

    def progress(self, text: str) -> None:
        """Tell whoever watches how far the run is."""
        self.watch.progress(text)

    def ask(self, name: str, params: Mapping[str, object]) -> list[Row] | None:
        """Run one statement inside the time left; None (and `time_budget` noted) when there was too little."""
        if self.stopped():
            return None
        try:
            return self.catalog.ask(self.store, name, params, timeout_ms=self.left_ms())
        except QueryTimeout:
            if not self.stopped():
                self.cut("statement_timeout")
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


def hours(span_ms: int) -> float:
    """A span in hours with two decimals, as the phrases show it."""
    return round(span_ms / HOUR_MS, 2)
