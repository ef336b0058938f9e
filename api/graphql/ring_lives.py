"""Questions about the life of rings, and what people decide about them."""

# strawberry gives its field decorators no types:
# mypy: disallow-untyped-decorators=False

from __future__ import annotations

from typing import Annotated

import strawberry

from api.graphql.context import Ctx, ask
from api.graphql.scalars import Cents, Instant
from api.graphql.types.ring import Ring
from api.graphql.types.ring_life import RingDiff, RingLineage, RingVerdict, RingVersion
from graph import evidence as records

By = Annotated[str, strawberry.argument(description="Who decides.")]
At = Annotated[Instant | None, strawberry.argument(description="Moment of the events' own time.")]
Known = Annotated[Instant | None, strawberry.argument(description="Moment of the log's clock.")]


@strawberry.type
class RingLivesQuery:
    @strawberry.field(description="How a ring stood at a moment; null before its birth.")
    async def ring_at(
        self, info: Ctx, id: strawberry.ID, at: At = None, known: Known = None, position: int | None = None
    ) -> RingVersion | None:
        found = await ask(info.context.app.lives.ring_at, str(id), position=position, ts=at, known=known)
        return None if found is None else RingVersion(record=found)

    @strawberry.field(description="Versions of a ring with what each brought and why, oldest first.")
    async def ring_history(self, info: Ctx, id: strawberry.ID, last: int = 50) -> list[RingVersion]:
        found = await ask(info.context.app.lives.versions, str(id), limit=last)
        return [RingVersion(record=version) for version in found]

    @strawberry.field(description="What differs between two moments of the events' own time; up to now without `to`.")
    async def ring_diff(
        self,
        info: Ctx,
        id: strawberry.ID,
        since: Annotated[Instant, strawberry.argument(name="from")],
        until: Annotated[Instant | None, strawberry.argument(name="to")] = None,
    ) -> RingDiff:
        app = info.context.app
        before = await ask(app.lives.ring_at, str(id), ts=since)
        if until is None:
            after = await ask(app.rings.ring, str(id))
        else:
            later = await ask(app.lives.ring_at, str(id), ts=until)
            after = None if later is None else later.ring
        found = await ask(app.lives.diff, None if before is None else before.ring, after)
        return RingDiff(
            joined=[strawberry.ID(member.account) for member in found.joined],
            left=[strawberry.ID(member.account) for member in found.left],
            links_added=len(found.links_added),
            links_removed=len(found.links_removed),
            in_cents=Cents(found.in_cents),
            out_cents=Cents(found.out_cents),
            retained_cents=Cents(found.retained_cents),
            score=found.score,
            reasons_added=list(found.reasons_added),
            reasons_removed=list(found.reasons_removed),
        )

    @strawberry.field(description="Where a ring came from and where its members went.")
    async def ring_lineage(self, info: Ctx, id: strawberry.ID) -> RingLineage:
        return RingLineage.of(await ask(info.context.app.lives.lineage, str(id)))

    @strawberry.field(description="What people decided about rings, newest first.")
    async def ring_verdicts(self, info: Ctx, ring: strawberry.ID | None = None, first: int = 20) -> list[RingVerdict]:
        wanted = None if ring is None else str(ring)
        page = await ask(info.context.app.lives.verdicts, wanted, limit=first)
        return [RingVerdict.of(found) for found in page.items]


@strawberry.type
class RingLivesMutation:
    @strawberry.mutation(description="It is a ring: it stays, and its members are labelled.")
    async def confirm_ring(self, info: Ctx, id: strawberry.ID, by: By, reason: str = "") -> Ring:
        return _ring(await ask(info.context.app.lives.confirm, str(id), by=by, reason=reason))

    @strawberry.mutation(description="It is no ring: counts once another person approved it.")
    async def dismiss_ring(self, info: Ctx, id: strawberry.ID, by: By, reason: str) -> Ring:
        return _ring(await ask(info.context.app.lives.dismiss, str(id), by=by, reason=reason))

    @strawberry.mutation(description="Agree to a dismissal that somebody else proposed.")
    async def approve_ring_dismissal(self, info: Ctx, id: strawberry.ID, by: By, reason: str = "") -> Ring:
        return _ring(await ask(info.context.app.lives.approve, str(id), by=by, reason=reason))

    @strawberry.mutation(description="It keeps its id and stays, whatever becomes of its score and age.")
    async def pin_ring(self, info: Ctx, id: strawberry.ID, by: By, reason: str = "") -> Ring:
        return _ring(await ask(info.context.app.lives.pin, str(id), by=by, reason=reason))

    @strawberry.mutation(description="These accounts do not belong to it, now and later; null where no ring is left.")
    async def remove_ring_members(
        self, info: Ctx, id: strawberry.ID, accounts: list[strawberry.ID], by: By, reason: str = ""
    ) -> Ring | None:
        act = info.context.app.lives.remove_members
        found = await ask(act, str(id), [str(account) for account in accounts], by=by, reason=reason)
        return None if found is None else _ring(found)

    @strawberry.mutation(description="These accounts are a ring of their own, now and later.")
    async def split_ring(
        self, info: Ctx, id: strawberry.ID, accounts: list[strawberry.ID], by: By, reason: str = ""
    ) -> Ring | None:
        act = info.context.app.lives.split
        found = await ask(act, str(id), [str(account) for account in accounts], by=by, reason=reason)
        return None if found is None else _ring(found)

    @strawberry.mutation(description="The two are one ring.")
    async def merge_rings(self, info: Ctx, id: strawberry.ID, other: strawberry.ID, by: By, reason: str = "") -> Ring:
        return _ring(await ask(info.context.app.lives.merge, str(id), str(other), by=by, reason=reason))

    @strawberry.mutation(description="Take an earlier decision back, with the labels that it gave.")
    async def undo_ring_verdict(self, info: Ctx, verdict: strawberry.ID, by: By, reason: str = "") -> Ring | None:
        found = await ask(info.context.app.lives.undo, str(verdict), by=by, reason=reason)
        return None if found is None else _ring(found)


def _ring(record: records.Ring) -> Ring:
    return Ring(record=record)
