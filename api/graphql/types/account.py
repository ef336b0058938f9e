"""An account: totals, what it was used from, who it deals with, the rings it is in."""

# strawberry gives its field decorators no types:
# mypy: disallow-untyped-decorators=False

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import strawberry

from api.graphql.context import Ctx, ask
from api.graphql.scalars import Cents, Instant
from api.graphql.types.transaction import Transaction
from graph.events import EARLIEST_TS, LATEST_TS

if TYPE_CHECKING:
    from api.graphql.types.ring import Ring

RingRef = Annotated["Ring", strawberry.lazy("api.graphql.types.ring")]


@strawberry.type(description="What went through an account in all.")
class AccountTotals:
    first_seen: Instant
    last_seen: Instant
    in_count: int
    in_cents: Cents
    out_count: int
    out_cents: Cents


@strawberry.type(description="A link to a node, summed over the events that made it.")
class AggregatedLink:
    kind: str = strawberry.field(description="Kind of link, such as USED_DEVICE.")
    label: str = strawberry.field(description="Label of the node at the other end.")
    id: strawberry.ID
    count: int
    sum_cents: Cents
    first_seen: Instant
    last_seen: Instant


@strawberry.type(description="Another account this one sent money to (`out`) or got money from (`in`).")
class Counterparty:
    direction: str
    count: int
    sum_cents: Cents
    first_seen: Instant
    last_seen: Instant
    account: Annotated[Account, strawberry.lazy("api.graphql.types.account")]


@strawberry.type(description="A list entry that names the node.")
class Flag:
    indicator: str
    list_kind: str
    list_name: str


@strawberry.type(description="An account, by its canonical id.")
class Account:
    id: strawberry.ID

    @strawberry.field(description="Sums over everything known; null for an account without movements.")
    async def totals(self, info: Ctx) -> AccountTotals | None:
        row = await info.context.loaders.account.load(str(self.id))
        if row is None:
            return None
        return AccountTotals(
            first_seen=Instant(row["first_seen"]),
            last_seen=Instant(row["last_seen"]),
            in_count=row["in_count"],
            in_cents=Cents(row["in_cents"]),
            out_count=row["out_count"],
            out_cents=Cents(row["out_cents"]),
        )

    @strawberry.field(description="Devices, addresses, sites and identifiers it was used with.")
    async def means(self, info: Ctx, first: int = 20) -> list[AggregatedLink]:
        rows = await ask(info.context.app.graph.read, "read/account_means", id=str(self.id), limit=first)
        return [aggregated_link(row) for row in rows]

    @strawberry.field(description="Accounts it deals with, largest sums first.")
    async def counterparties(self, info: Ctx, first: int = 20) -> list[Counterparty]:
        rows = await ask(info.context.app.graph.read, "read/counterparties", id=str(self.id), limit=first)
        return [
            Counterparty(
                direction=row["direction"],
                count=row["count"],
                sum_cents=Cents(row["sum_cents"]),
                first_seen=Instant(row["first_seen"]),
                last_seen=Instant(row["last_seen"]),
                account=Account(id=strawberry.ID(row["id"])),
            )
            for row in rows
        ]

    @strawberry.field(description="Rings it is a member of.")
    async def rings(self, info: Ctx, first: int = 10) -> list[RingRef]:
        # late: ring.py needs Account
        from api.graphql.types.ring import Ring

        loaders = info.context.loaders
        ids = sorted(await loaders.rings_of.load(str(self.id)))[:first]
        records = await asyncio.gather(*(loaders.ring.load(ring_id) for ring_id in ids))
        return [Ring(record=record) for record in records if record is not None]

    @strawberry.field(name="transactions", description="Its movements in a time range, newest first.")
    async def movements(
        self,
        info: Ctx,
        first: int = 20,
        since: Annotated[Instant | None, strawberry.argument(name="from", description="Included.")] = None,
        until: Annotated[Instant | None, strawberry.argument(name="to", description="Not included.")] = None,
    ) -> list[Transaction]:
        lo = EARLIEST_TS if since is None else since
        hi = LATEST_TS if until is None else until
        read = info.context.app.graph.read
        rows = await ask(read, "read/account_transactions", id=str(self.id), lo=lo, hi=hi, limit=first)
        return [Transaction.of_row(row) for row in rows]

    @strawberry.field(description="Lists that name it.")
    async def flagged_by(self, info: Ctx) -> list[Flag]:
        rows = await ask(info.context.app.graph.read, "read/flagged", label="Account", id=str(self.id))
        return [Flag(indicator=r["indicator"], list_kind=r["list_kind"], list_name=r["list_name"]) for r in rows]


def aggregated_link(row: dict[str, object]) -> AggregatedLink:
    """From a row with kind, label, id, count, sum_cents, first_seen, last_seen."""
    return AggregatedLink(
        kind=str(row["kind"]),
        label=str(row["label"]),
        id=strawberry.ID(str(row["id"])),
        count=int(str(row["count"])),
        sum_cents=Cents(int(str(row["sum_cents"] or 0))),
        first_seen=Instant(int(str(row["first_seen"]))),
        last_seen=Instant(int(str(row["last_seen"]))),
    )
