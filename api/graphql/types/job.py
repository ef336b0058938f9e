"""Link-analysis jobs and what a run of one found."""

from __future__ import annotations

import strawberry

from api.graphql.types.evidence import Evidence


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
