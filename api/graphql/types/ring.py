"""A fraud ring as it stands now."""

# strawberry gives its field decorators no types:
# mypy: disallow-untyped-decorators=False

from __future__ import annotations

import asyncio

import strawberry

from api.graphql.context import Ctx
from api.graphql.scalars import Cents, Instant
from api.graphql.types.evidence import Evidence, evidence_list
from api.graphql.types.link import RingLink
from api.graphql.types.member import Member
from api.graphql.types.paging import PageInfo
from api.graphql.types.ring_life import RingStanding
from api.graphql.types.signal import Signal
from api.graphql.types.transaction import Transaction
from api.ring_money import event_ids_of
from graph import evidence as records
from graph.events import Movement

RingKind = strawberry.enum(records.RingKind, description="Shape that founded the ring.")


@strawberry.type(description="A fraud ring as it stands now.")
class Ring:
    record: strawberry.Private[records.Ring]

    @strawberry.field
    def id(self) -> strawberry.ID:
        return strawberry.ID(self.record.ring_id)

    @strawberry.field(description="Shape that founded it.")
    def kind(self) -> records.RingKind:
        return self.record.kind

    @strawberry.field(description="Every shape seen in it.")
    def kinds(self) -> list[records.RingKind]:
        return list(self.record.kinds)

    @strawberry.field(description="0 to 100, the sum of the contributions' points.")
    def score(self) -> float:
        return self.record.score

    @strawberry.field(description="Number of members.")
    def size(self) -> int:
        return len(self.record.members)

    @strawberry.field(description="Money that entered from accounts that only pay in.")
    def in_cents(self) -> Cents:
        return Cents(self.record.in_cents)

    @strawberry.field(description="Money that left to accounts that only receive.")
    def out_cents(self) -> Cents:
        return Cents(self.record.out_cents)

    @strawberry.field(description="What entered and did not leave.")
    def retained_cents(self) -> Cents:
        return Cents(self.record.retained_cents)

    @strawberry.field
    def first_ts(self) -> Instant:
        return Instant(self.record.first_ts)

    @strawberry.field
    def last_ts(self) -> Instant:
        return Instant(self.record.last_ts)

    @strawberry.field(description="What people said about it.")
    def standing(self) -> RingStanding:
        return RingStanding.of(self.record.standing)

    @strawberry.field(description="Searches that hit a budget while it was found.")
    def truncated(self) -> list[str]:
        return list(self.record.truncated)

    @strawberry.field(description="Members by account.")
    def members(self, first: int = 50) -> list[Member]:
        return [Member.of(member) for member in self.record.members[:first]]

    @strawberry.field(description="What joins them, by kind and ends.")
    def links(self, first: int = 50) -> list[RingLink]:
        return [RingLink.of(link) for link in self.record.links[:first]]

    @strawberry.field(description="Why it is a ring.")
    def evidence(self) -> list[Evidence]:
        return evidence_list(self.record.evidence)

    @strawberry.field(description="Shared things that were not counted (hubs), and why.")
    def suppressed(self) -> list[Evidence]:
        return evidence_list(self.record.suppressed)

    @strawberry.field(description="What its score is made of.")
    def contributions(self) -> list[Signal]:
        return [Signal.of(signal) for signal in self.record.contributions]

    @strawberry.field(description="Movements inside the ring that its links cite, earliest first.")
    async def transactions(self, info: Ctx, first: int = 50) -> list[Transaction]:
        loader = info.context.loaders.event
        ids = event_ids_of(self.record)
        entries = await asyncio.gather(*(loader.load(event_id) for event_id in ids))
        found = [entry.event for entry in entries if entry is not None and isinstance(entry.event, Movement)]
        found.sort(key=lambda event: (event.ts, event.event_id))
        return [Transaction.of_event(event) for event in found[:first]]


@strawberry.type(description="Some rings, highest score first.")
class RingPage:
    nodes: list[Ring]
    page_info: PageInfo


@strawberry.input(description="Which rings to list; what is left out does not narrow.")
class RingFilter:
    kind: records.RingKind | None = None
    min_score: float | None = None
    account: strawberry.ID | None = strawberry.field(default=None, description="Only rings this account is in.")
    dismissed: bool = strawberry.field(default=False, description="Only the dismissed ones, which are left out else.")
