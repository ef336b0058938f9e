"""Questions about links between operators, and blocked sites that came back under a new name."""

# strawberry gives its field decorators no types:
# mypy: disallow-untyped-decorators=False

from __future__ import annotations

import strawberry

from api.graphql.context import Ctx, ask
from api.graphql.types.evidence import Evidence, evidence_list
from rings import continuity


@strawberry.type(description="A reason of a link, with its points.")
class TieReason:
    points: float
    evidence: Evidence


@strawberry.type(description="Two operators, or a blocked site and one that may be it: reasons add up to the score.")
class TiedPair:
    one: strawberry.ID
    other: strawberry.ID
    score: float
    reasons: list[TieReason]
    innocent: list[Evidence] = strawberry.field(description="Innocent explanations to rule out first.")

    @classmethod
    def of(cls, tie: continuity.Tied) -> TiedPair:
        """From its record."""
        return cls(
            one=strawberry.ID(tie.one),
            other=strawberry.ID(tie.other),
            score=tie.score,
            reasons=[TieReason(points=points, evidence=Evidence(record=reason)) for points, reason in tie.reasons],
            innocent=evidence_list(tie.innocent),
        )


@strawberry.type
class SitesQuery:
    @strawberry.field(description="Operators joined to one behind the scenes, surest first.")
    async def operator_links(self, info: Ctx, id: strawberry.ID) -> list[TiedPair]:
        return [TiedPair.of(tie) for tie in await ask(info.context.app.sites.links, str(id))]

    @strawberry.field(description="Sites that look like blocked ones under a new name, surest first.")
    async def returned_sites(
        self, info: Ctx, domain: str | None = None, least: float = continuity.ALERT
    ) -> list[TiedPair]:
        found = await ask(info.context.app.sites.returns, least=least, domain=domain)
        return [TiedPair.of(tie) for tie in found]
