"""The block, watch and allow lists over HTTP; blocking a site is the block list seen by its domain."""

from __future__ import annotations

from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from api.context import AppContext, NotFound
from graph.errors import RejectedRecord
from graph.events import ListKind
from graph.listings import PERSONAL, EntryKind
from ledger.records import ListEntry
from scoring.list_entries import expiry_of, kind_of, list_of

API = "api"
Limit = Annotated[int, Query(ge=1, le=1_000)]


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SiteIn(_Body):
    """A site to block."""

    domain: str = Field(min_length=1, max_length=2_000)
    reason: str = ""


class EntryIn(_Body):
    """An entry; `expires` is ISO 8601 with zone, and personal values are hashed before they are kept."""

    kind: str
    value: str = Field(min_length=1, max_length=2_000)
    reason: str = ""
    expires: str | None = None
    author: str = Field(API, min_length=1, max_length=100)


def routes(context: AppContext) -> APIRouter:
    """The list calls over `context`."""
    router = APIRouter(tags=["lists"])
    keeper = context.governing

    @router.post("/api/sites/block")
    def block_site(body: SiteIn) -> dict[str, Any]:
        """Block a site and every name below it, from the very next score on."""
        entry = keeper.add_entry(ListKind.BLOCK, EntryKind.DOMAIN, body.domain, author=API, reason=body.reason)
        return {**_site(entry), "blocked": True}

    @router.get("/api/sites/block")
    def blocked_sites(after: str | None = None, limit: Limit = 100) -> dict[str, Any]:
        """Blocked sites by name; `next` continues with `after`."""
        page = keeper.entries(ListKind.BLOCK, kind=EntryKind.DOMAIN, after=after, limit=limit)
        return {"items": [_site(entry) for entry in page.items], "next": page.next}

    @router.delete("/api/sites/block/{domain:path}")
    def unblock_site(domain: str) -> dict[str, Any]:
        """Let a site be again, from the very next score on."""
        entry = keeper.remove_entry(ListKind.BLOCK, EntryKind.DOMAIN, domain, author=API)
        if entry is None:
            raise NotFound("blocked site", domain)
        return {**_site(entry), "blocked": False}

    @router.get("/api/v1/lists/{listed}")
    def entries(listed: str, kind: str | None = None, after: str | None = None, limit: Limit = 100) -> dict[str, Any]:
        """What stands on a list (block, watch, allow), by kind and value; `next` continues with `after`."""
        wanted = None if kind is None else kind_of(kind)
        page = keeper.entries(list_of(listed), kind=wanted, after=after, limit=limit)
        return {"items": [_entry(entry) for entry in page.items], "next": page.next}

    @router.post("/api/v1/lists/{listed}")
    def add(listed: str, body: EntryIn) -> dict[str, Any]:
        """Put a value on a list, in place of an entry that stands for it."""
        entry = keeper.add_entry(
            list_of(listed),
            kind_of(body.kind),
            body.value,
            author=body.author,
            reason=body.reason,
            expires_ts=expiry_of(body.expires) if body.expires else None,
        )
        return _entry(entry)

    @router.post("/api/v1/lists/{listed}/import")
    async def import_file(
        listed: str, request: Request, kind: str | None = None, reason: str = "", author: str = API
    ) -> dict[str, Any]:
        """Put all values of a file (the body: CSV, or a value per line) on a list; bad lines are told."""
        name, what = list_of(listed), None if kind is None else kind_of(kind)
        try:
            lines = (await request.body()).decode("utf-8").splitlines()
        except UnicodeDecodeError as error:
            raise RejectedRecord("not_utf8", field="body", cure="send the file as UTF-8") from error
        found = await run_sync(lambda: keeper.import_entries(name, lines, author=author, kind=what, reason=reason))
        rejected = [{"line": one.line, "code": one.code, "message": one.message} for one in found.first_rejected]
        return {"added": found.added, "rejected": found.rejected, "first_rejected": rejected}

    @router.get("/api/v1/lists/{listed}/{kind}/{value:path}")
    def entry(listed: str, kind: str, value: str) -> dict[str, Any]:
        """The entry that stands for a value, however it is written."""
        name, what = list_of(listed), _addressed(kind, value)
        found = keeper.entry(name, what, value)
        if found is None:
            raise NotFound(f"{what} on the {name} list", value)
        return _entry(found)

    @router.delete("/api/v1/lists/{listed}/{kind}/{value:path}")
    def remove(listed: str, kind: str, value: str) -> dict[str, Any]:
        """Take a value off a list."""
        name, what = list_of(listed), _addressed(kind, value)
        entry = keeper.remove_entry(name, what, value, author=API)
        if entry is None:
            raise NotFound(f"{what} on the {name} list", value)
        return _entry(entry)

    return router


def _addressed(kind: str, value: str) -> EntryKind:
    """The kind of a value in an address; personal ones only by keyed hash, because addresses end up in logs."""
    what = kind_of(kind)
    if what in PERSONAL and not value.startswith(f"{what}:"):
        raise RejectedRecord("personal_address", field="value", cure="give the keyed hash that the list shows")
    return what


def _site(entry: ListEntry) -> dict[str, Any]:
    return {"domain": entry.value, "reason": entry.reason, "author": entry.author, "since": entry.added_ts}


def _entry(entry: ListEntry) -> dict[str, Any]:
    return {
        "list": entry.list,
        "kind": entry.kind,
        "value": entry.value,
        "reason": entry.reason,
        "author": entry.author,
        "since": entry.added_ts,
        "expires": entry.expires_ts,
        "event_id": entry.event_id,
    }
