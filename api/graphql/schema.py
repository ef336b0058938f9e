"""The schema, its limits, and the route it is served on."""

from __future__ import annotations

from collections.abc import Callable

import strawberry
from fastapi import APIRouter
from graphql import GraphQLError
from starlette.requests import Request
from strawberry.extensions import DisableIntrospection, SchemaExtension
from strawberry.fastapi import GraphQLRouter
from strawberry.http import GraphQLHTTPResponse
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext, ExecutionResult

from api.context import AppContext
from api.graphql.context import GraphContext
from api.graphql.limits import QueryLimits
from api.graphql.masking import masked
from api.graphql.mutation import Mutation
from api.graphql.query import Query
from api.graphql.scalars import SCALARS
from api.settings import ApiSettings


class Schema(strawberry.Schema):
    """Leaves the log to us: the library would write whole queries and expected errors into it."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Nothing: `masked` logs what was not foreseen."""


def make_schema(settings: ApiSettings) -> strawberry.Schema:
    """The schema with the limits of `settings`; what it offers does not depend on them."""
    extensions: list[Callable[[], SchemaExtension]] = [lambda: QueryLimits(settings)]
    if not settings.introspection:
        extensions.append(DisableIntrospection)
    return Schema(
        query=Query,
        mutation=Mutation,
        extensions=extensions,
        config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=not settings.introspection),
    )


class MaskingRouter(GraphQLRouter[GraphContext, None]):
    """Masks errors where the answer is written, whichever step they came from."""

    async def process_result(self, request: Request, result: ExecutionResult) -> GraphQLHTTPResponse:
        result.errors = [masked(error) for error in result.errors] if result.errors else None
        return await super().process_result(request, result)


def routes(context: AppContext, settings: ApiSettings) -> APIRouter:
    """`POST /graphql`: one operation per call, nothing by GET, no uploads, no subscriptions."""

    def get_context() -> GraphContext:
        return GraphContext(context)

    return MaskingRouter(
        make_schema(settings),
        path="/graphql",
        graphql_ide=None,
        allow_queries_via_get=False,
        subscription_protocols=(),
        context_getter=get_context,
    )


def schema_text() -> str:
    """The committed `schema.graphql`; write it again with `python -m api.graphql.schema > schema.graphql`."""
    return make_schema(ApiSettings()).as_str().strip() + "\n"


if __name__ == "__main__":
    print(schema_text(), end="")
