"""Questions and changes about job runs, saved queries and schedules."""

# strawberry gives its field decorators no types:
# mypy: disallow-untyped-decorators=False

from __future__ import annotations

from typing import Annotated

import strawberry

from api.graphql.context import Ctx, ask
from api.graphql.types.job import JobRun, JobSchedule, SavedQuery
from graph.errors import RejectedRecord

MAX_RUNS = 100
By = Annotated[str, strawberry.argument(description="The person who does this.")]
Params = Annotated[strawberry.scalars.JSON | None, strawberry.argument(description="An object of name and value.")]
Publish = Annotated[bool, strawberry.argument(description="Let what is found become signals and rings.")]


@strawberry.type
class JobsQuery:
    @strawberry.field(description="The newest runs, of every job or of one.")
    async def job_runs(self, info: Ctx, name: str | None = None, first: int = 20) -> list[JobRun]:
        if not 1 <= first <= MAX_RUNS:
            raise RejectedRecord("bad_limit", field="first", value=first, cure=f"give 1 to {MAX_RUNS}")
        return [JobRun.of(run) for run in await ask(info.context.app.jobs.runs, name=name, limit=first)]

    @strawberry.field(description="One run: how far it is, or what it found.")
    async def job_run(self, info: Ctx, id: strawberry.ID) -> JobRun:
        return JobRun.of(await ask(info.context.app.jobs.run, run_number(id)))

    @strawberry.field(description="Queries that people saved as jobs.")
    async def saved_queries(self, info: Ctx) -> list[SavedQuery]:
        return [SavedQuery.of(query) for query in await ask(info.context.app.jobs.saved)]

    @strawberry.field(description="What runs by itself, the next first.")
    async def job_schedules(self, info: Ctx) -> list[JobSchedule]:
        return [JobSchedule.of(each) for each in await ask(info.context.app.jobs.schedules)]


@strawberry.type
class JobsMutation:
    @strawberry.mutation(description="Ask for a run and come back for it with jobRun; it is done soon.")
    async def start_job(
        self,
        info: Ctx,
        name: str,
        by: By,
        params: Params = None,
        publish: Publish = False,
        rows: int = 1_000,
        seconds: float = 60.0,
    ) -> JobRun:
        jobs = info.context.app.jobs
        run_id = await ask(
            jobs.ask,
            name,
            given_params(params),
            caller=by,
            rows=rows,
            time_ms=int(seconds * 1000),
            publish=publish,
        )
        return JobRun.of(await ask(jobs.run, run_id))

    @strawberry.mutation(description="Want a run to end; it ends soon.")
    async def cancel_job_run(self, info: Ctx, id: strawberry.ID) -> JobRun:
        return JobRun.of(await ask(info.context.app.jobs.cancel, run_number(id)))

    @strawberry.mutation(description="Let everything a job published stand no more; gives how many findings that were.")
    async def withdraw_job_findings(self, info: Ctx, name: str, by: By, reason: str = "") -> int:
        return await ask(info.context.app.jobs.withdraw, name, caller=by, reason=reason)

    @strawberry.mutation(description="Save a reading Cypher text as a job; refused when it writes or is not portable.")
    async def save_query(self, info: Ctx, name: str, text: str, by: By, meaning: str = "") -> SavedQuery:
        return SavedQuery.of(await ask(info.context.app.jobs.save, name, text, author=by, meaning=meaning))

    @strawberry.mutation(description="Drop a saved query; its runs stay on record.")
    async def forget_query(self, info: Ctx, name: str) -> bool:
        await ask(info.context.app.jobs.forget, name)
        return True

    @strawberry.mutation(description="Let a job or saved query run from time to time, the first time at once.")
    async def schedule_job(
        self, info: Ctx, name: str, every_seconds: float, by: By, params: Params = None, publish: Publish = False
    ) -> JobSchedule:
        every_ms = int(every_seconds * 1000)
        jobs = info.context.app.jobs
        return JobSchedule.of(
            await ask(jobs.schedule, name, given_params(params), every_ms=every_ms, author=by, publish=publish)
        )

    @strawberry.mutation(description="Let a job no longer run by itself.")
    async def unschedule_job(self, info: Ctx, name: str) -> bool:
        await ask(info.context.app.jobs.unschedule, name)
        return True


def given_params(params: object) -> dict[str, object]:
    """The parameters of a call; nothing but an object will do."""
    given: object = {} if params is None else params
    if not isinstance(given, dict):
        raise RejectedRecord("bad_params", field="params", value=given, cure="give an object of name and value")
    return given


def run_number(id: strawberry.ID) -> int:
    """The number of a run."""
    if not str(id).isdecimal():
        raise RejectedRecord("unknown_job_run", field="id", value=str(id), cure="give the id that startJob answered")
    return int(id)
