"""Questions and changes about what the service goes by."""

# strawberry gives its field decorators no types:
# mypy: disallow-untyped-decorators=False

from __future__ import annotations

import json
from typing import Annotated

import strawberry

from api.graphql.context import Ctx, ask
from api.graphql.scalars import Instant
from api.graphql.types.governed import Alert, AlertPage, Document, ListEntry, ListEntryPage
from api.graphql.types.paging import PageInfo
from graph.days import day_of, parse_day
from graph.events import ListKind
from graph.listings import EntryKind
from ledger import records
from scoring.list_entries import list_of

Author = Annotated[str, strawberry.argument(description="Who says so.")]


@strawberry.type
class GovernedQuery:
    @strawberry.field(description="What stands on a list, by kind and value.")
    async def list_entries(
        self, info: Ctx, list: ListKind, kind: EntryKind | None = None, first: int = 20, after: str | None = None
    ) -> ListEntryPage:
        page = await ask(info.context.app.governing.entries, list_of(list), kind=kind, after=after, limit=first)
        return ListEntryPage(nodes=[ListEntry.of(entry) for entry in page.items], page_info=PageInfo.of(page.next))

    @strawberry.field(description="The policy or the typologies in force.")
    async def governed(self, info: Ctx, part: str) -> Document:
        return _document(await ask(info.context.app.governing.document, part))

    @strawberry.field(description="One tenant's alerts of a day (YYYY-MM-DD in São Paulo, today by default).")
    async def alerts(
        self, info: Ctx, day: str | None = None, tenant: str = "", first: int = 20, after: str | None = None
    ) -> AlertPage:
        app = info.context.app
        wanted = day_of(app.clock()) if day is None else parse_day(day)
        page = await ask(app.alerts.alerts, tenant=tenant, day=wanted, after=after, limit=first)
        return AlertPage(nodes=[Alert.of(alert) for alert in page.items], page_info=PageInfo.of(page.next))


@strawberry.type
class GovernedMutation:
    @strawberry.mutation(description="Put a value on a list, in place of an entry that stands for it.")
    async def add_list_entry(
        self,
        info: Ctx,
        list: ListKind,
        kind: EntryKind,
        value: str,
        author: Author,
        reason: str = "",
        expires: Instant | None = None,
    ) -> ListEntry:
        add = info.context.app.governing.add_entry
        entry = await ask(add, list_of(list), kind, value, author=author, reason=reason, expires_ts=expires)
        return ListEntry.of(entry)

    @strawberry.mutation(description="Take a value off a list; null where it is not on it.")
    async def remove_list_entry(
        self, info: Ctx, list: ListKind, kind: EntryKind, value: str, author: Author, reason: str = ""
    ) -> ListEntry | None:
        remove = info.context.app.governing.remove_entry
        entry = await ask(remove, list_of(list), kind, value, author=author, reason=reason)
        return None if entry is None else ListEntry.of(entry)

    @strawberry.mutation(description="Put a whole new policy or set of typologies in force.")
    async def set_governed(
        self, info: Ctx, part: str, content: strawberry.scalars.JSON, author: Author, reason: str = ""
    ) -> Document:
        change = info.context.app.governing.set_document
        return _document(await ask(change, part, json.dumps(content), author=author, reason=reason))


def _document(record: records.Document) -> Document:
    return Document(
        part=record.part,
        version=record.version,
        content=strawberry.scalars.JSON(json.loads(record.content)),
        author=record.author,
        since=None if record.changed_ts is None else Instant(record.changed_ts),
        reason=record.reason,
    )
