"""Running a link-analysis job with its run kept in the ledger."""

from __future__ import annotations

from collections.abc import Mapping

from cypher.job import JobResult
from cypher.jobs import JOBS, run_job
from graph.errors import TarrafaError
from service.bootstrap import Service, now_ms


def run_recorded_job(
    service: Service, name: str, given: Mapping[str, object], *, row_budget: int, time_budget_ms: int
) -> JobResult:
    """Run job `name` with parameters `given` (text is converted); the run and how it ended are kept."""
    version = str(JOBS[name].version) if name in JOBS else ""
    given = _converted(name, given)
    params = tuple((key, value if isinstance(value, int | float | str) else str(value)) for key, value in given.items())
    run_id = service.ledger.job_started(name, version=version, at_ms=now_ms(), params=params)
    try:
        result = run_job(
            name, service.store, service.catalog, given, row_budget=row_budget, time_budget_ms=time_budget_ms
        )
    except TarrafaError as error:
        service.ledger.job_finished(run_id, at_ms=now_ms(), error=str(error))
        raise
    service.ledger.job_finished(
        run_id, at_ms=now_ms(), rows=len(result.rows), truncated=bool(result.truncated), findings=result.findings
    )
    return result


def _converted(name: str, given: Mapping[str, object]) -> dict[str, object]:
    """`given` with text turned into whole numbers where job `name` wants those; the job refuses what does not fit."""
    numbers = {param.name for param in JOBS[name].params if not param.text} if name in JOBS else set()
    return {key: _number(value) if key in numbers else value for key, value in given.items()}


def _number(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return int(value)
    except ValueError:
        return value
