"""The part of the ledger that lists job runs; `ledger.job_book` keeps them."""

from __future__ import annotations

from ledger import jobs
from ledger.engine import Database
from ledger.paging import Page, check_limit
from ledger.records import JobRun


class JobRuns:
    """Job runs of one ledger database; the ledger is one."""

    _database: Database

    def jobs_abandoned(self, *, at_ms: int) -> int:
        """At a start: mark runs that the last process left running as interrupted; return how many."""
        with self._database.writing() as connection:
            return jobs.abandon_runs(connection, at_ms=at_ms)

    def job_runs(self, *, name: str | None = None, after: str | None = None, limit: int = 50) -> Page[JobRun]:
        """Job runs, newest first."""
        with self._database.reading() as connection:
            return jobs.page_of_runs(connection, name=name, after=after, limit=check_limit(limit))
