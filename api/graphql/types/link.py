"""What joins two ends of a ring."""

from __future__ import annotations

import strawberry

from api.graphql.scalars import Cents, Instant
from api.graphql.types.evidence import NodeRef
from graph import evidence as records


@strawberry.type(description="What joins two members of a ring, or a member and a shared thing.")
class RingLink:
    source: NodeRef
    target: NodeRef
    kind: str
    count: int
    sum_cents: Cents
    first_ts: Instant
    last_ts: Instant
    event_ids: list[strawberry.ID]

    @classmethod
    def of(cls, record: records.RingLink) -> RingLink:
        """From its record."""
        return cls(
            source=NodeRef.of(record.source),
            target=NodeRef.of(record.target),
            kind=record.kind,
            count=record.count,
            sum_cents=Cents(record.sum_cents),
            first_ts=Instant(record.first_ts),
            last_ts=Instant(record.last_ts),
            event_ids=[strawberry.ID(event_id) for event_id in record.event_ids],
        )
