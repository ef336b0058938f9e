"""The job book: runs that wait, run, are cancelled or taken up again; saved queries; schedules.

Every step is one short transaction, so that a run can be watched and cancelled from another process of the same ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from graph.errors import RejectedRecord
from graph.evidence import Evidence, Params
from ledger.engine import Database
from ledger.jobs import run_of
from ledger.records import JobRun, JobSchedule, JobStatus, SavedQuery, canonical, restore
from ledger.tables import job_runs, job_schedules, saved_queries

#: Newest runs kept of one job; older ones go when another ends.
RUNS_KEPT = 500
MAX_ATTEMPTS = 3
_OPEN = (str(JobStatus.WAITING), str(JobStatus.RUNNING))


@dataclass(frozen=True, slots=True, kw_only=True)
class RunAsked:
    """What somebody wants run: a job of the catalogue, or the text of a saved query in `query`."""

    name: str
    version: str
    params: Params
    caller: str
    row_budget: int
    time_budget_ms: int
    query: str = ""
    publish: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnded:
    """How a run ended: with what, and what it met."""

    status: JobStatus
    rows: int = 0
    cut: Sequence[str] = ()
    findings: Sequence[Evidence] = field(default=())
    published: int = 0
    result: str = ""
    error: str = ""


class JobBook:
    """Runs, saved queries and schedules of one ledger. Thread-safe."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- runs -------------------------------------------------------------------------------------------------------

    def ask(self, asked: RunAsked, *, at_ms: int) -> int:
        """Keep a run that is to be done; return its id."""
        row = {
            "name": asked.name,
            "version": asked.version,
            "params": canonical(asked.params),
            "status": str(JobStatus.WAITING),
            "started_at": at_ms,
            "rows": 0,
            "truncated": False,
            "findings": canonical(()),
            "error": "",
            "caller": asked.caller,
            "query": asked.query,
            "row_budget": asked.row_budget,
            "time_budget_ms": asked.time_budget_ms,
            "publish": asked.publish,
            "attempts": 0,
        }
        with self._database.writing() as connection:
            return int(connection.execute(insert(job_runs).values(row).returning(job_runs.c.run_id)).scalar_one())

    def begin(self, run_id: int, *, at_ms: int) -> JobRun | None:
        """Take a waiting or interrupted run; None when another took it, it was cancelled, or it failed too often."""
        may_begin = (str(JobStatus.WAITING), str(JobStatus.INTERRUPTED))
        with self._database.writing() as connection:
            done = connection.execute(
                update(job_runs)
                .where(
                    job_runs.c.run_id == run_id,
                    job_runs.c.status.in_(may_begin),
                    job_runs.c.cancel.is_(False),
                    job_runs.c.attempts < MAX_ATTEMPTS,
                )
                .values(
                    status=str(JobStatus.RUNNING),
                    started_at=at_ms,
                    finished_at=None,
                    error="",
                    progress="",
                    attempts=job_runs.c.attempts + 1,
                )
            )
            if done.rowcount != 1:
                return None
            return run_of(connection.execute(select(job_runs).where(job_runs.c.run_id == run_id)).one())

    def note_progress(self, run_id: int, text: str) -> bool:
        """Keep how far a run is; return whether somebody wants it cancelled."""
        with self._database.writing() as connection:
            connection.execute(update(job_runs).where(job_runs.c.run_id == run_id).values(progress=text))
            return bool(connection.execute(select(job_runs.c.cancel).where(job_runs.c.run_id == run_id)).scalar())

    def end(self, run_id: int, ended: RunEnded, *, at_ms: int) -> None:
        """Keep how a run ended, and drop runs of its job beyond the newest ones."""
        with self._database.writing() as connection:
            name = connection.execute(
                update(job_runs)
                .where(job_runs.c.run_id == run_id)
                .values(
                    status=str(ended.status),
                    finished_at=at_ms,
                    rows=ended.rows,
                    truncated=bool(ended.cut),
                    cut=",".join(ended.cut),
                    findings=canonical(tuple(ended.findings)),
                    published=ended.published,
                    result=ended.result,
                    error=ended.error,
                )
                .returning(job_runs.c.name)
            ).scalar()
            oldest = connection.execute(
                select(job_runs.c.run_id)
                .where(job_runs.c.name == name)
                .order_by(job_runs.c.run_id.desc())
                .offset(RUNS_KEPT)
                .limit(1)
            ).scalar()
            if oldest is not None:
                connection.execute(
                    delete(job_runs).where(
                        job_runs.c.name == name, job_runs.c.run_id <= oldest, job_runs.c.status.not_in(_OPEN)
                    )
                )

    def cancel(self, run_id: int, *, at_ms: int) -> JobRun | None:
        """Want a run to end: one that waits is over at once, one that runs ends soon; None for an unknown run."""
        with self._database.writing() as connection:
            connection.execute(update(job_runs).where(job_runs.c.run_id == run_id).values(cancel=True))
            connection.execute(
                update(job_runs)
                .where(
                    job_runs.c.run_id == run_id,
                    job_runs.c.status.in_((str(JobStatus.WAITING), str(JobStatus.INTERRUPTED))),
                )
                .values(status=str(JobStatus.CANCELLED), finished_at=at_ms)
            )
        return self.run(run_id)

    def run(self, run_id: int) -> JobRun | None:
        """One run, or None."""
        with self._database.reading() as connection:
            row = connection.execute(select(job_runs).where(job_runs.c.run_id == run_id)).one_or_none()
        return None if row is None else run_of(row)

    def unfinished(self) -> list[int]:
        """Ids of runs that wait or were interrupted and may be taken up, the oldest first."""
        wanted = (str(JobStatus.WAITING), str(JobStatus.INTERRUPTED))
        with self._database.reading() as connection:
            found = connection.execute(
                select(job_runs.c.run_id)
                .where(job_runs.c.status.in_(wanted), job_runs.c.attempts < MAX_ATTEMPTS, job_runs.c.row_budget > 0)
                .order_by(job_runs.c.run_id)
            )
            return [int(run_id) for run_id in found.scalars()]

    # --- saved queries ----------------------------------------------------------------------------------------------

    def save_query(self, name: str, text: str, *, meaning: str, author: str, at_ms: int) -> SavedQuery:
        """Keep a text under a name, in place of the one before it."""
        with self._database.writing() as connection:
            known = connection.execute(select(saved_queries.c.version).where(saved_queries.c.name == name)).scalar()
            connection.execute(delete(saved_queries).where(saved_queries.c.name == name))
            saved = SavedQuery(
                name=name, version=(known or 0) + 1, text=text, meaning=meaning, author=author, saved_at=at_ms
            )
            connection.execute(insert(saved_queries).values(asdict(saved)))
        return saved

    def query(self, name: str) -> SavedQuery | None:
        """The text saved under a name, or None."""
        return next((query for query in self.queries() if query.name == name), None)

    def queries(self) -> list[SavedQuery]:
        """Every saved query, by name."""
        with self._database.reading() as connection:
            rows = connection.execute(select(saved_queries).order_by(saved_queries.c.name)).fetchall()
        return [SavedQuery(**row._asdict()) for row in rows]

    def forget_query(self, name: str) -> bool:
        """Drop a saved query and its schedule; its runs stay. Return whether there was one."""
        with self._database.writing() as connection:
            connection.execute(delete(job_schedules).where(job_schedules.c.name == name))
            return connection.execute(delete(saved_queries).where(saved_queries.c.name == name)).rowcount > 0

    # --- schedules --------------------------------------------------------------------------------------------------

    def schedule(self, wanted: JobSchedule) -> None:
        """Let a job run from time to time, in place of what it was scheduled for."""
        if wanted.every_ms <= 0:
            raise RejectedRecord("bad_interval", field="every", value=wanted.every_ms, cure="give a time above zero")
        with self._database.writing() as connection:
            connection.execute(delete(job_schedules).where(job_schedules.c.name == wanted.name))
            connection.execute(
                insert(job_schedules).values(
                    name=wanted.name,
                    params=canonical(wanted.params),
                    every_ms=wanted.every_ms,
                    next_at=wanted.next_at,
                    publish=wanted.publish,
                    author=wanted.author,
                )
            )

    def schedules(self) -> list[JobSchedule]:
        """Every schedule, the next one first."""
        with self._database.reading() as connection:
            rows = connection.execute(select(job_schedules).order_by(job_schedules.c.next_at, job_schedules.c.name))
            return [_schedule(row) for row in rows]

    def unschedule(self, name: str) -> bool:
        """Let a job no longer run by itself; return whether it did."""
        with self._database.writing() as connection:
            return connection.execute(delete(job_schedules).where(job_schedules.c.name == name)).rowcount > 0

    def take_due(self, *, now_ms: int) -> list[JobSchedule]:
        """Schedules that are due, each moved to its next time after now; taken by one caller only."""
        with self._database.writing() as connection:
            rows = connection.execute(select(job_schedules).where(job_schedules.c.next_at <= now_ms)).fetchall()
            due = [_schedule(row) for row in rows]
            for each in due:
                missed = (now_ms - each.next_at) // each.every_ms + 1
                connection.execute(
                    update(job_schedules)
                    .where(job_schedules.c.name == each.name)
                    .values(next_at=each.next_at + missed * each.every_ms)
                )
        return due


def _schedule(row: Row[Any]) -> JobSchedule:
    return JobSchedule(
        name=row.name,
        params=restore(Params, row.params, name=f"schedule of {row.name}"),
        every_ms=row.every_ms,
        next_at=row.next_at,
        publish=row.publish,
        author=row.author,
    )
