"""Messages and rows that were set aside."""

from __future__ import annotations

import json

import strawberry

from api.graphql.scalars import Instant
from api.graphql.types.paging import PageInfo
from ledger import records


@strawberry.type(description="A letter that a person sent again.")
class Redrive:
    author: str
    at: Instant
    reason: str
    changes: strawberry.scalars.JSON = strawberry.field(description="Field by field, free of personal data.")
    event_id: strawberry.ID


@strawberry.type(description="A message or row that was set aside, with what to change.")
class DeadLetter:
    id: strawberry.ID
    source: str
    line: int = strawberry.field(description="Line of a file, or offset in a partition.")
    reason: str
    message: str
    raw: str = strawberry.field(description="Its text as far as it is kept, without personal data.")
    raw_length: int
    redrive: Redrive | None

    @classmethod
    def of(cls, record: records.DeadLetter) -> DeadLetter:
        """From its record."""
        sent = record.redrive
        return cls(
            id=strawberry.ID(str(record.letter_id)),
            source=record.source,
            line=record.line,
            reason=record.reason,
            message=record.message,
            raw=record.raw,
            raw_length=record.raw_length,
            redrive=None
            if sent is None
            else Redrive(
                author=sent.author,
                at=Instant(sent.at_ms),
                reason=sent.reason,
                changes=strawberry.scalars.JSON(json.loads(sent.changes)),
                event_id=strawberry.ID(sent.event_id),
            ),
        )


@strawberry.type(description="Some dead letters.")
class DeadLetterPage:
    nodes: list[DeadLetter]
    page_info: PageInfo


@strawberry.type(description="What became of a letter that was sent again: an event, or what is still wrong.")
class Redriven:
    id: strawberry.ID
    event_id: strawberry.ID | None
    problem: str


@strawberry.type(description="A field that messages of a topic have and their form does not know.")
class FieldDrift:
    topic: str
    field: str
    count: int
    last_source: str
    last_offset: int
