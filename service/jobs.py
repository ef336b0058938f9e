"""Runs of link-analysis jobs and saved queries: asked for, done, watched, cancelled, taken up again, in the ledger.

A run only reads the graph; what it writes - its end in the ledger, and its findings in the log when they are to be
published - it writes at its very end and idempotently. So a run that was killed is simply done again under the same id,
and two runs of one job at once are harmless.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cypher.job import Job, JobResult, Watch
from cypher.jobs import JOBS, run_job
from cypher.saved import OwnQuery, check_name, check_query
from graph.errors import QueryRefused, RejectedRecord, TarrafaError
from graph.evidence import Params
from graph.store.protocol import Row
from ledger.job_book import RunAsked, RunEnded
from ledger.records import JobRun, JobSchedule, JobStatus, SavedQuery
from service.bootstrap import Service, now_ms
from service.found import publish as publish_findings
from service.found import withdraw

ROWS, MOST_ROWS = 1_000, 10_000
TIME_MS, MOST_TIME_MS = 60_000, 600_000
MOST_RESULT = 2_000_000  # characters of rows kept with a run
LOOK_SECONDS = 0.5  # between two looks at whether a run is to be cancelled


@dataclass(frozen=True, slots=True)
class Done:
    """A run and, for whoever waited for it, what it found."""

    run: JobRun
    result: JobResult


class JobDesk:
    """Everything one can do about jobs of an open service. Thread-safe."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._book = service.ledger.jobs

    # --- runs -------------------------------------------------------------------------------------------------------

    def ask(
        self,
        name: str,
        given: Mapping[str, object],
        *,
        caller: str,
        rows: int = ROWS,
        time_ms: int = TIME_MS,
        publish: bool = False,
    ) -> int:
        """Keep a run of a job or saved query that is to be done; refuses what could not run. Return its id."""
        _check_budgets(rows, time_ms)
        params, version, text = self._checked(name, given)
        if publish and (text or not JOBS[name].publishes):
            raise QueryRefused(f"findings of {name} are hints only", cure="run it without publishing")
        asked = RunAsked(
            name=name,
            version=version,
            params=params,
            caller=caller,
            row_budget=rows,
            time_budget_ms=time_ms,
            query=text,
            publish=publish,
        )
        return self._book.ask(asked, at_ms=now_ms())

    def do(self, run_id: int) -> Done | None:
        """Do a run that waits, or that a killed process left; None when there is nothing to do. Raises what it met."""
        run = self._book.begin(run_id, at_ms=now_ms())
        if run is None:
            return None
        watch = _LedgerWatch(self._service, run_id)
        try:
            result = self._query(run) if run.query else self._job(run, watch)
            cancelled = watch.cancelled()
            published = 0
            if run.publish and not cancelled:
                published = publish_findings(
                    self._service, JOBS[run.name], result, run_id=run_id, caller=f"job:{run.name}"
                )
        except BaseException as error:
            status = JobStatus.CANCELLED if isinstance(error, KeyboardInterrupt) else JobStatus.FAILED
            said = str(error) if isinstance(error, TarrafaError) else repr(error)
            self._book.end(run_id, RunEnded(status=status, error=said), at_ms=now_ms())
            raise
        ended = RunEnded(
            status=JobStatus.CANCELLED if cancelled else JobStatus.FINISHED,
            rows=len(result.rows),
            cut=result.truncated,
            findings=result.findings,
            published=published,
            result=_kept(result.rows),
        )
        self._book.end(run_id, ended, at_ms=now_ms())
        found = self._book.run(run_id)
        assert found is not None
        return Done(found, result)

    def run_now(self, name: str, given: Mapping[str, object], *, caller: str, **budgets: int | bool) -> Done:
        """Ask for a run and do it at once."""
        done = self.do(self.ask(name, given, caller=caller, **budgets))  # type: ignore[arg-type]  # names are those of `ask`
        assert done is not None
        return done

    def run(self, run_id: int) -> JobRun:
        """A run; `RejectedRecord` for an unknown one."""
        return _known(self._book.run(run_id), run_id)

    def runs(self, *, name: str | None = None, limit: int = 50) -> Sequence[JobRun]:
        """The newest runs."""
        return self._service.ledger.job_runs(name=name, limit=limit).items

    def cancel(self, run_id: int) -> JobRun:
        """Want a run to end; it ends within a second, or with the statement it is in."""
        return _known(self._book.cancel(run_id, at_ms=now_ms()), run_id)

    def unfinished(self) -> list[int]:
        """Runs that wait, or that a killed process left."""
        return self._book.unfinished()

    def withdraw(self, name: str, *, caller: str, reason: str = "") -> int:
        """Let everything a job published stand no more."""
        _job_of(name)
        return withdraw(self._service, name, caller=caller, reason=reason)

    # --- saved queries ----------------------------------------------------------------------------------------------

    def save(self, name: str, text: str, *, author: str, meaning: str = "") -> SavedQuery:
        """Save a reading Cypher text as a job; refuses what is not portable, or writes."""
        check_name(name, frozenset(JOBS))
        check_query(text)
        return self._book.save_query(name, text, meaning=meaning, author=author, at_ms=now_ms())

    def saved(self) -> Sequence[SavedQuery]:
        """Every saved query."""
        return self._book.queries()

    def forget(self, name: str) -> None:
        """Drop a saved query and its schedule."""
        if not self._book.forget_query(name):
            raise QueryRefused(f"there is no saved query {name}", cure="`tarrafa job saved` lists them")

    # --- schedules --------------------------------------------------------------------------------------------------

    def schedule(
        self, name: str, given: Mapping[str, object], *, every_ms: int, author: str, publish: bool = False
    ) -> JobSchedule:
        """Let a job or saved query run every `every_ms` while the service runs, the first time at once."""
        params, _, text = self._checked(name, given)
        if publish and (text or not JOBS[name].publishes):
            raise QueryRefused(f"findings of {name} are hints only", cure="schedule it without publishing")
        wanted = JobSchedule(
            name=name, params=params, every_ms=every_ms, next_at=now_ms(), publish=publish, author=author
        )
        self._book.schedule(wanted)
        return wanted

    def schedules(self) -> Sequence[JobSchedule]:
        """Every schedule."""
        return self._book.schedules()

    def unschedule(self, name: str) -> None:
        """Let a job no longer run by itself."""
        if not self._book.unschedule(name):
            raise QueryRefused(f"{name} is not scheduled", cure="`tarrafa job schedules` lists what is")

    def ask_due(self) -> list[int]:
        """Keep a run of everything that is due; one of a job that still waits or runs is not asked for again."""
        asked = []
        open_names = {run.name for run in map(self._book.run, self._book.unfinished()) if run is not None}
        for each in self._book.take_due(now_ms=now_ms()):
            if each.name in open_names:
                continue
            try:
                asked.append(self.ask(each.name, dict(each.params), caller=each.author, publish=each.publish))
            except TarrafaError as error:  # a query that was dropped, a parameter that a newer version lacks
                self._book.unschedule(each.name)
                refused = RunAsked(
                    name=each.name, version="", params=each.params, caller=each.author, row_budget=0, time_budget_ms=0
                )
                run_id = self._book.ask(refused, at_ms=now_ms())
                self._book.end(run_id, RunEnded(status=JobStatus.FAILED, error=str(error)), at_ms=now_ms())
        return asked

    # --- doing ------------------------------------------------------------------------------------------------------

    def _checked(self, name: str, given: Mapping[str, object]) -> tuple[Params, str, str]:
        """(parameters as kept, version, text of a saved query or '')."""
        saved = None if name in JOBS else self._book.query(name)
        if saved is not None:
            query = check_query(saved.text)
            return _of_query(query, given), str(saved.version), saved.text
        job = _job_of(name)
        complete = job.complete(_converted(job, given))
        kept = tuple((key, value) for key, value in complete.items() if value is not None)
        return kept, str(job.version), ""

    def _job(self, run: JobRun, watch: Watch) -> JobResult:
        job = _job_of(run.name)
        return run_job(
            job.name,
            self._service.store,
            self._service.catalog,
            dict(run.params),
            row_budget=run.row_budget,
            time_budget_ms=run.time_budget_ms,
            watch=watch,
        )

    def _query(self, run: JobRun) -> JobResult:
        rows, more = self._service.store.read_some(
            check_query(run.query).text,
            dict.fromkeys(check_query(run.query).params) | dict(run.params),
            timeout_ms=run.time_budget_ms,
            rows=run.row_budget,
            query=run.name,
        )
        cut = ("row_budget",) if more else ()
        return JobResult(run.name, int(run.version), (), tuple(rows), (), (), cut)


class _LedgerWatch(Watch):
    """Writes progress to the run's row, and reads there whether it is to be cancelled; at most twice a second."""

    def __init__(self, service: Service, run_id: int) -> None:
        self._service, self._run_id = service, run_id
        self._text, self._cancelled, self._next = "", False, 0.0

    def progress(self, text: str) -> None:
        self._text = text
        self._look()

    def cancelled(self) -> bool:
        self._look()
        return self._cancelled

    def _look(self) -> None:
        if not self._cancelled and time.monotonic() >= self._next:
            self._next = time.monotonic() + LOOK_SECONDS
            self._cancelled = self._service.ledger.jobs.note_progress(self._run_id, self._text)


def _job_of(name: str) -> Job:
    if name not in JOBS:
        raise QueryRefused(f"there is no job {name}", cure=f"jobs: {', '.join(JOBS)}, and saved queries")
    return JOBS[name]


def _known(run: JobRun | None, run_id: int) -> JobRun:
    if run is None:
        raise RejectedRecord("unknown_job_run", field="run_id", value=run_id, cure="`tarrafa job runs` lists them")
    return run


def _check_budgets(rows: int, time_ms: int) -> None:
    for what, value, most in (("rows", rows, MOST_ROWS), ("time_ms", time_ms, MOST_TIME_MS)):
        if not 1 <= value <= most:
            raise QueryRefused(f"{what} must be from 1 to {most}, not {value}", cure="narrow the question instead")


def _of_query(query: OwnQuery, given: Mapping[str, object]) -> Params:
    unknown = [name for name in given if name not in query.params]
    if unknown:
        raise QueryRefused(
            f"the query has no parameter {unknown[0]}", cure=f"it takes {', '.join(query.params) or 'none'}"
        )
    missing = [name for name in query.params if name not in given]
    if missing:
        raise QueryRefused(f"the query needs {', '.join(missing)}", cure="give every $parameter of the text")
    kept = []
    for name, value in given.items():
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise QueryRefused(f"{name} must be a text or a number, not {value!r}", cure="give one value")
        kept.append((name, _number(value)))
    return tuple(kept)


def _converted(job: Job, given: Mapping[str, object]) -> dict[str, object]:
    """`given` with text turned into whole numbers where the job wants those; the job refuses what does not fit."""
    numbers = {param.name for param in job.params if not param.text}
    return {key: _number(value) if key in numbers and isinstance(value, str) else value for key, value in given.items()}


def _number(value: str | int | float) -> str | int | float:
    if not isinstance(value, str):
        return value
    try:
        return int(value)
    except ValueError:
        return value


def _kept(rows: Sequence[Row]) -> str:
    """Rows as JSON lines, as many as there is room for."""
    lines: list[str] = []
    size = 0
    for row in rows:
        line = json.dumps(row, ensure_ascii=False)
        size += len(line) + 1
        if size > MOST_RESULT:
            break
        lines.append(line)
    return "\n".join(lines)
