"""The part of the ledger that keeps job runs: when each began, how it ended, what it found."""

from __future__ import annotations

from collections.abc import Sequence

from graph.evidence import Evidence, Params
from ledger import jobs
from ledger.engine import Database
from ledger.paging import Page, check_limit
from ledger.records import JobRun


class JobRuns:
    """Job runs of one ledger database; the ledger is one."""

    _database: Database

    def job_started(self, name: str, *, version: str, at_ms: int, params: Params = ()) -> int:
        """Note that a job run began; return its id for `job_finished`."""
        with self._database.writing() as connection:
            return jobs.start_run(connection, name, version=version, params=params, at_ms=at_ms)

    def job_finished(
        self,
        run_id: int,
        *,
        at_ms: int,
        rows: int = 0,
        truncated: bool = False,
        findings: Sequence[Evidence] = (),
        error: str = "",
    ) -> None:
        """Note how a job run ended; with `error` it failed."""
        with self._database.writing() as connection:
            jobs.finish_run(
                connection, run_id, at_ms=at_ms, rows=rows, truncated=truncated, findings=findings, error=error
            )

    def jobs_abandoned(self, *, at_ms: int) -> int:
        """At a start: mark runs that the last process left running as failed; return how many."""
        with self._database.writing() as connection:
            return jobs.abandon_runs(connection, at_ms=at_ms)

    def job_runs(self, *, name: str | None = None, after: str | None = None, limit: int = 50) -> Page[JobRun]:
        """Job runs, newest first."""
        with self._database.reading() as connection:
            return jobs.page_of_runs(connection, name=name, after=after, limit=check_limit(limit))
