"""Runs of link-analysis jobs: when, with what, what they found, and why one failed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from graph.errors import RejectedRecord
from graph.evidence import Evidence, Params
from ledger.dialect import among
from ledger.paging import Page, make_cursor, read_cursor
from ledger.records import JobRun, JobStatus, canonical, restore
from ledger.tables import job_runs

_ORDER = "job_runs"
_FINDINGS = tuple[Evidence, ...]


def start_run(connection: Connection, name: str, *, version: str, params: Params, at_ms: int) -> int:
    """Note that a run began and return its id."""
    run = {
        "name": name,
        "version": version,
        "params": canonical(params),
        "status": str(JobStatus.RUNNING),
        "started_at": at_ms,
        "rows": 0,
        "truncated": False,
        "findings": canonical(()),
        "error": "",
    }
    return int(connection.execute(insert(job_runs).values(run).returning(job_runs.c.run_id)).scalar_one())


def finish_run(
    connection: Connection,
    run_id: int,
    *,
    at_ms: int,
    rows: int,
    truncated: bool,
    findings: Sequence[Evidence],
    error: str,
) -> None:
    """Note how a run ended; a run that never began is refused."""
    done = connection.execute(
        update(job_runs)
        .where(job_runs.c.run_id == run_id)
        .values(
            status=str(JobStatus.FAILED if error else JobStatus.FINISHED),
            finished_at=at_ms,
            rows=rows,
            truncated=truncated,
            findings=canonical(tuple(findings)),
            error=error,
        )
    )
    if done.rowcount != 1:
        raise RejectedRecord("unknown_job_run", field="run_id", value=run_id, cure="start the run first")


def abandon_runs(connection: Connection, *, at_ms: int) -> int:
    """Mark runs that a stopped process left running as failed, and return how many there were."""
    done = connection.execute(
        update(job_runs)
        .where(job_runs.c.status == str(JobStatus.RUNNING))
        .values(status=str(JobStatus.FAILED), finished_at=at_ms, error="its process ended before it did")
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
    return Page(tuple(_run(row) for row in rows[:limit]), more)


def _run(row: Row[Any]) -> JobRun:
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
    )
