"""Questions about learnt models."""

# strawberry gives its field decorators no types:
# mypy: disallow-untyped-decorators=False

from __future__ import annotations

import strawberry

from api.graphql.context import Ctx, ask
from api.graphql.types.model import Drift, Model, ModelComparison


@strawberry.type
class ModelsQuery:
    @strawberry.field(description="Every saved model, the newest training first.")
    async def models(self, info: Ctx) -> list[Model]:
        return [Model.of(record) for record in await ask(info.context.app.models.models)]

    @strawberry.field(description="Two models: their own tests, and the transactions that both of them scored.")
    async def model_comparison(self, info: Ctx, first: str, second: str) -> ModelComparison:
        return ModelComparison.of(await ask(info.context.app.models.compare, first, second))

    @strawberry.field(description="How far the newest transactions are from what a model (the one in force) saw.")
    async def model_drift(self, info: Ctx, version: str | None = None) -> Drift:
        return Drift.of(await ask(info.context.app.models.drift, version))
