"""Link analysis over HTTP: jobs, their runs, saved queries and schedules."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.context import AppContext
from ledger.records import JobRun

API = "api"
Author = Annotated[str, Query(min_length=1, max_length=100)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RunBody(_Body):
    """What a run is asked with."""

    params: dict[str, int | float | str] = Field(default_factory=dict)
    rows: int = 1_000
    seconds: float = 60.0
    publish: bool = False


class QueryBody(_Body):
    """A reading Cypher text."""

    text: str
    meaning: str = ""


class ScheduleBody(_Body):
    """How often, and with what."""

    every_seconds: float = Field(gt=0)
    params: dict[str, int | float | str] = Field(default_factory=dict)
    publish: bool = False


def routes(context: AppContext) -> APIRouter:
    """The calls over `context`."""
    router = APIRouter(prefix="/api/v1/analysis", tags=["link analysis"])
    jobs = context.jobs

    @router.get("/jobs")
    def catalogue() -> list[dict[str, Any]]:
        """Every job with its parameters and their defaults."""
        return [
            {
                "name": job.name,
                "version": job.version,
                "meaning": job.meaning,
                "params": [
                    {"name": each.name, "default": each.default, "meaning": each.meaning} for each in job.params
                ],
            }
            for job in jobs.catalogue()
        ]

    @router.post("/jobs/{name}/runs", status_code=202)
    def start(name: str, body: RunBody, author: Author = API) -> dict[str, Any]:
        """Ask for a run of a job or saved query; it is done soon, read it under its `run_id`."""
        run_id = jobs.ask(
            name,
            dict(body.params),
            caller=author,
            rows=body.rows,
            time_ms=int(body.seconds * 1000),
            publish=body.publish,
        )
        return _run(jobs.run(run_id))

    @router.delete("/jobs/{name}/findings")
    def withdraw(name: str, author: Author = API, reason: str = "") -> dict[str, int]:
        """Let everything a job published stand no more."""
        return {"withdrawn": jobs.withdraw(name, caller=author, reason=reason)}

    @router.get("/runs")
    def runs(name: str | None = None, limit: int = Query(20, ge=1, le=100)) -> list[dict[str, Any]]:
        """The newest runs, without their rows."""
        return [{**_run(run), "rows": None} for run in jobs.runs(name=name, limit=limit)]

    @router.get("/runs/{run_id}")
    def one(run_id: int) -> dict[str, Any]:
        """One run: how far it is, or what it found."""
        return _run(jobs.run(run_id))

    @router.delete("/runs/{run_id}")
    def cancel(run_id: int) -> dict[str, Any]:
        """Want a run to end; it ends within a second, or with the statement it is in."""
        return _run(jobs.cancel(run_id))

    @router.get("/queries")
    def saved() -> list[dict[str, Any]]:
        """Queries that people saved as jobs."""
        return [asdict(query) for query in jobs.saved()]

    @router.put("/queries/{name}")
    def save(name: str, body: QueryBody, author: Author = API) -> dict[str, Any]:
        """Save a reading Cypher text as a job; refused with every problem by line when it writes or is not portable."""
        return asdict(jobs.save(name, body.text, author=author, meaning=body.meaning))

    @router.delete("/queries/{name}", status_code=204)
    def forget(name: str) -> None:
        """Drop a saved query; its runs stay on record."""
        jobs.forget(name)

    @router.get("/schedules")
    def schedules() -> list[dict[str, Any]]:
        """What runs by itself, the next first."""
        return [{**asdict(each), "params": dict(each.params)} for each in jobs.schedules()]

    @router.put("/schedules/{name}")
    def schedule(name: str, body: ScheduleBody, author: Author = API) -> dict[str, Any]:
        """Let a job or saved query run from time to time, the first time at once."""
        every_ms = int(body.every_seconds * 1000)
        found = jobs.schedule(name, dict(body.params), every_ms=every_ms, author=author, publish=body.publish)
        return {**asdict(found), "params": dict(found.params)}

    @router.delete("/schedules/{name}", status_code=204)
    def unschedule(name: str) -> None:
        """Let a job no longer run by itself."""
        jobs.unschedule(name)

    return router


def _run(run: JobRun) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "name": run.name,
        "version": run.version,
        "params": dict(run.params),
        "status": run.status,
        "caller": run.caller,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "progress": run.progress,
        "row_count": run.rows,
        "rows": [json.loads(line) for line in run.result.splitlines()],
        "findings": [asdict(finding) for finding in run.findings],
        "published": run.published,
        "truncated": list(run.cut),
        "query": run.query,
        "error": run.error,
    }
