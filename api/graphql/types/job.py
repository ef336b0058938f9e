"""Link-analysis jobs and what a run of one found."""

from __future__ import annotations

import json

import strawberry

from api.graphql.scalars import Instant
from api.graphql.types.evidence import Evidence, evidence_list
from ledger import records


@strawberry.type(description="A parameter of a job.")
class JobParam:
    name: str
    default: strawberry.scalars.JSON | None
    meaning: str


@strawberry.type(description="A link-analysis job that can be run.")
class Job:
    name: str
    version: int
    meaning: str
    params: list[JobParam]


@strawberry.type(description="What a run of a job found.")
class JobResult:
    name: str
    version: int
    rows: strawberry.scalars.JSON = strawberry.field(description="One object per result, in the order of findings.")
    findings: list[Evidence]
    suppressed: list[Evidence] = strawberry.field(description="Shared things not counted, too many hold them.")
    truncated: list[str] = strawberry.field(description="Budgets the run hit.")


@strawberry.type(description="One run of a job or saved query: who asked for what, how far it is, what it found.")
class JobRun:
    id: strawberry.ID
    name: str
    version: str
    params: strawberry.scalars.JSON
    status: str = strawberry.field(description="waiting, running, finished, cancelled, interrupted or failed.")
    caller: str
    started_at: Instant
    finished_at: Instant | None
    progress: str
    row_count: int
    rows: strawberry.scalars.JSON = strawberry.field(description="One object per result, as many as were kept.")
    findings: list[Evidence]
    published: int = strawberry.field(description="New findings that became signals and rings.")
    truncated: list[str] = strawberry.field(description="Budgets the run hit.")
    query: str = strawberry.field(description="Text of a saved query as it ran.")
    error: str

    @classmethod
    def of(cls, run: records.JobRun) -> JobRun:
        """The run as the schema shows it."""
        return cls(
            id=strawberry.ID(str(run.run_id)),
            name=run.name,
            version=run.version,
            params=strawberry.scalars.JSON(dict(run.params)),
            status=str(run.status),
            caller=run.caller,
            started_at=Instant(run.started_at),
            finished_at=None if run.finished_at is None else Instant(run.finished_at),
            progress=run.progress,
            row_count=run.rows,
            rows=strawberry.scalars.JSON([json.loads(line) for line in run.result.splitlines()]),
            findings=evidence_list(run.findings),
            published=run.published,
            truncated=list(run.cut),
            query=run.query,
            error=run.error,
        )


@strawberry.type(description="A reading Cypher text that somebody saved as a job.")
class SavedQuery:
    name: str
    version: int
    text: str
    meaning: str
    author: str
    saved_at: Instant

    @classmethod
    def of(cls, query: records.SavedQuery) -> SavedQuery:
        """The query as the schema shows it."""
        return cls(
            name=query.name,
            version=query.version,
            text=query.text,
            meaning=query.meaning,
            author=query.author,
            saved_at=Instant(query.saved_at),
        )


@strawberry.type(description="A job that runs by itself.")
class JobSchedule:
    name: str
    params: strawberry.scalars.JSON
    every_seconds: float
    next_at: Instant
    publish: bool
    author: str

    @classmethod
    def of(cls, schedule: records.JobSchedule) -> JobSchedule:
        """The schedule as the schema shows it."""
        return cls(
            name=schedule.name,
            params=strawberry.scalars.JSON(dict(schedule.params)),
            every_seconds=schedule.every_ms / 1000,
            next_at=Instant(schedule.next_at),
            publish=schedule.publish,
            author=schedule.author,
        )
