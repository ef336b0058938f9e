"""The two tools for people who write calls: GraphiQL and the REST documentation, from installed packages."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from api.pages.render import Pages


def routes(pages: Pages) -> APIRouter:
    """`/graphiql` and `/docs`."""
    router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

    @router.get("/graphiql")
    def graphiql(request: Request) -> Response:
        return pages.page(request, "graphiql.html")

    @router.get("/docs")
    def docs(request: Request) -> Response:
        return pages.page(request, "docs.html")

    return router
