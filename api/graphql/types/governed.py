"""What people govern, and the alerts that follow from it."""

from __future__ import annotations

import strawberry

from api.graphql.scalars import Instant
from api.graphql.types.paging import PageInfo
from api.graphql.types.score import Score
from graph import events, listings
from ledger import records

ListName = strawberry.enum(events.ListKind, name="ListName", description="What being on a list means.")
EntryKind = strawberry.enum(listings.EntryKind, description="What an entry of a list names.")


@strawberry.type(description="An entry that stands on a list; personal values are keyed hashes.")
class ListEntry:
    list: events.ListKind
    kind: listings.EntryKind
    value: str
    reason: str
    author: str
    since: Instant
    expires: Instant | None = strawberry.field(description="Movements from then on are not judged by it.")

    @classmethod
    def of(cls, record: records.ListEntry) -> ListEntry:
        """From its record."""
        return cls(
            list=record.list,
            kind=record.kind,
            value=record.value,
            reason=record.reason,
            author=record.author,
            since=Instant(record.added_ts),
            expires=None if record.expires_ts is None else Instant(record.expires_ts),
        )


@strawberry.type(description="Some entries of a list.")
class ListEntryPage:
    nodes: list[ListEntry]
    page_info: PageInfo


@strawberry.type(description="The state in force of a part that is governed as a whole.")
class Document:
    part: str
    version: str
    content: strawberry.scalars.JSON
    author: str
    since: Instant | None = strawberry.field(description="Null for the shipped one.")
    reason: str


@strawberry.type(description="A decision among the gravest of its day, within the alert budget of the policy.")
class Alert:
    rank: int
    transaction_id: strawberry.ID
    ts: Instant
    score: Score

    @classmethod
    def of(cls, record: records.Alert) -> Alert:
        """From its record."""
        score = record.score
        return cls(
            rank=record.rank,
            transaction_id=strawberry.ID(score.tx_id),
            ts=Instant(score.ts),
            score=Score.of(score),
        )


@strawberry.type(description="Some alerts of a day.")
class AlertPage:
    nodes: list[Alert]
    page_info: PageInfo
