"""Pieces of the graph as files for other tools, over HTTP."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.context import AppContext


def routes(context: AppContext) -> APIRouter:
    """The calls over `context`."""
    router = APIRouter(tags=["link analysis"])

    @router.get("/api/v1/export/{subject}/{name:path}")
    def piece(
        subject: Literal["ring", "account", "run"],
        name: str,
        form: Literal["graphml", "gexf", "csv", "parquet", "html"] = "graphml",
        hops: int = Query(1, ge=1, le=4),
    ) -> Response:
        """A ring, what lies within `hops` of an account, or the links that a run returned; CSV and Parquet as zip."""
        content, ending, media_type = context.exports.file(subject, name, form, hops=hops)
        safe = "".join(char if char.isascii() and char.isalnum() else "-" for char in name)[:80]
        headers = {"content-disposition": f'attachment; filename="{subject}-{safe}.{ending}"'}
        return Response(content, media_type=media_type, headers=headers)

    return router
