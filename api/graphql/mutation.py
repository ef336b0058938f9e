"""What one can set going."""

# strawberry gives its field decorators no types:
# mypy: disallow-untyped-decorators=False

from __future__ import annotations

import strawberry

from api.graphql.context import Ctx, ask
from api.graphql.governed import GovernedMutation
from api.graphql.jobs import JobsMutation, given_params
from api.graphql.letters import LettersMutation
from api.graphql.ring_lives import RingLivesMutation
from api.graphql.rules import RulesMutation
from api.graphql.types.evidence import evidence_list
from api.graphql.types.job import JobResult


@strawberry.type
class Mutation(GovernedMutation, JobsMutation, RulesMutation, RingLivesMutation, LettersMutation):
    @strawberry.mutation(description="Run a link-analysis job now; `params` override its defaults.")
    async def run_job(self, info: Ctx, name: str, params: strawberry.scalars.JSON | None = None) -> JobResult:
        outcome = await ask(info.context.app.jobs.answer, name, given_params(params))
        return JobResult(
            name=outcome.name,
            version=outcome.version,
            rows=strawberry.scalars.JSON([dict(row) for row in outcome.rows]),
            findings=evidence_list(outcome.findings),
            suppressed=evidence_list(outcome.suppressed),
            truncated=list(outcome.truncated),
        )
