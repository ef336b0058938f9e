"""Dead letters over HTTP: read them, mend them, send them again."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.context import AppContext, NotFound
from graph.errors import RejectedRecord

MAX_AT_ONCE = 1_000


class RedriveIn(BaseModel):
    """Which letters (ids, or those waiting that match), what to change in each (RFC 7396), who and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ids: list[int] = Field(default=[], max_length=MAX_AT_ONCE)
    reason: str | None = None
    source: str | None = None
    changes: dict[str, Any] = {}
    message: str | None = Field(None, max_length=1_048_576)
    author: str = Field(min_length=1, max_length=100)
    why: str = Field("", max_length=500)
    limit: int = Field(MAX_AT_ONCE, ge=1, le=MAX_AT_ONCE)


def routes(context: AppContext) -> APIRouter:
    """The calls over `context`."""
    router = APIRouter(tags=["dead letters"])

    @router.get("/api/v1/dead-letters")
    def letters(
        reason: str | None = None,
        source: str | None = None,
        waiting: bool = True,
        after: str | None = None,
        limit: Annotated[int, Query(ge=1, le=MAX_AT_ONCE)] = 100,
    ) -> dict[str, Any]:
        """What was set aside, first ones first; `source` is how a source begins, `next` continues with `after`."""
        page = context.letters.letters(reason=reason, source=source, waiting=waiting, after=after, limit=limit)
        return {"items": [asdict(one) for one in page.items], "next": page.next}

    @router.get("/api/v1/dead-letters/fields")
    def fields() -> dict[str, Any]:
        """Fields of messages that their form does not know, counted."""
        return {"items": [asdict(one) for one in context.letters.drift()]}

    @router.get("/api/v1/dead-letters/{letter_id}")
    def letter(letter_id: int) -> dict[str, Any]:
        """One letter, with what became of it."""
        found = context.letters.letter(letter_id)
        if found is None:
            raise NotFound("dead letter", str(letter_id))
        return asdict(found)

    @router.post("/api/v1/dead-letters/redrive")
    def redrive(body: RedriveIn) -> dict[str, Any]:
        """Send letters again; each has its own outcome: the event it became, or what is still wrong."""
        ids = list(body.ids)
        if not ids:
            if body.reason is None and body.source is None:
                raise RejectedRecord("no_letter", field="ids", cure="give ids, a reason or a source")
            ids = list(context.letters.matching(reason=body.reason, source=body.source, limit=body.limit))
        outcomes = context.letters.redrive(
            ids, changes=body.changes, message=body.message, author=body.author, reason=body.why
        )
        return {"items": [asdict(one) for one in outcomes], "refused": sum(1 for one in outcomes if one.problem)}

    return router
