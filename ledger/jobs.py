"""Runs of link-analysis jobs as they are read: when, with what, what they found, and why one failed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select, update

from graph.evidence import Evidence, Params
from ledger.dialect import among
from ledger.paging import Page, make_cursor, read_cursor
from ledger.records import JobRun, JobStatus, restore
from ledger.tables import job_runs

_ORDER = "job_runs"
_FINDINGS = tuple[Evidence, ...]


def abandon_runs(connection: Connection, *, at_ms: int) -> int:
    """Mark runs that a stopped process left running as interrupted, and return how many there were."""
    done = connection.execute(
        update(job_runs)
        .where(job_runs.c.status == str(JobStatus.RUNNING))
        .values(status=str(JobStatus.INTERRUPTED), finished_at=at_ms, error="its process ended before it did")
    )
    return done.rowcount


def page_of_runs(connection: Connection, *, name: str | None, after: str | None, limit: int) -> Page[JobRun]:
    """Newest first."""
    wanted = select(job_runs)
    if name is not None:
        wanted = wanted.where(among(connection, job_runs.c.name, (name,)))
    if after is not None:
        (run_id,) = read_cursor(_ORDER, after, tuple[int])
        wanted = wanted.where(job_runs.c.run_id < run_id)
    rows = connection.execute(wanted.order_by(job_runs.c.run_id.desc()).limit(limit + 1)).fetchall()
    more = make_cursor(_ORDER, rows[limit - 1].run_id) if len(rows) > limit else None
    return Page(tuple(run_of(row) for row in rows[:limit]), more)


def run_of(row: Row[Any]) -> JobRun:
    """The run that a row of the table is."""
    name = f"job run {row.run_id}"
    return JobRun(
        run_id=row.run_id,
        name=row.name,
        version=row.version,
        params=restore(Params, row.params, name=name),
        status=JobStatus(row.status),
        started_at=row.started_at,
        finished_at=row.finished_at,
        rows=row.rows,
        truncated=row.truncated,
        findings=restore(_FINDINGS, row.findings, name=name),
        error=row.error,
        caller=row.caller,
        query=row.query,
        row_budget=row.row_budget,
        time_budget_ms=row.time_budget_ms,
        publish=row.publish,
        progress=row.progress,
        cut=tuple(filter(None, row.cut.split(","))),
        published=row.published,
        attempts=row.attempts,
        result=row.result,
    )
