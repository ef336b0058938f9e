"""What the API needs to list, run, watch and schedule link-analysis jobs, and to keep an analyst's own queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from graph.evidence import Evidence
from ledger.records import JobRun, JobSchedule, SavedQuery


class JobParam(Protocol):
    """A parameter of a job: what it is when not given, and what it means."""

    @property
    def name(self) -> str: ...

    @property
    def default(self) -> int | str | None: ...

    @property
    def meaning(self) -> str: ...


class JobInfo(Protocol):
    """A link-analysis job that can be run."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> int: ...

    @property
    def meaning(self) -> str: ...

    @property
    def params(self) -> Sequence[JobParam]: ...


class JobOutcome(Protocol):
    """What a run of a job found: rows with a finding each, hubs it left out, and the budgets it hit."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> int: ...

    @property
    def rows(self) -> Sequence[Mapping[str, Any]]: ...

    @property
    def findings(self) -> tuple[Evidence, ...]: ...

    @property
    def suppressed(self) -> tuple[Evidence, ...]: ...

    @property
    def truncated(self) -> Sequence[str]: ...


class Jobs(Protocol):
    """Everything one can do about jobs.

    Guarantees: an unknown name or parameter is `QueryRefused`, an unknown run `RejectedRecord`; `ask` returns at once
    and the run is done soon after; a run only reads the graph, so asking twice is harmless; a query that writes or is
    not portable is `QueryRefused` and not kept.
    """

    def catalogue(self) -> Sequence[JobInfo]: ...

    def answer(self, name: str, params: Mapping[str, object]) -> JobOutcome: ...

    def ask(
        self, name: str, given: Mapping[str, object], *, caller: str, rows: int, time_ms: int, publish: bool
    ) -> int: ...

    def run(self, run_id: int) -> JobRun: ...

    def runs(self, *, name: str | None, limit: int) -> Sequence[JobRun]: ...

    def cancel(self, run_id: int) -> JobRun: ...

    def withdraw(self, name: str, *, caller: str, reason: str) -> int: ...

    def save(self, name: str, text: str, *, author: str, meaning: str) -> SavedQuery: ...

    def saved(self) -> Sequence[SavedQuery]: ...

    def forget(self, name: str) -> None: ...

    def schedule(
        self, name: str, given: Mapping[str, object], *, every_ms: int, author: str, publish: bool
    ) -> JobSchedule: ...

    def schedules(self) -> Sequence[JobSchedule]: ...

    def unschedule(self, name: str) -> None: ...
