"""A betting operator and what stands behind it."""

# strawberry gives its field decorators no types:
# mypy: disallow-untyped-decorators=False

from __future__ import annotations

import asyncio

import strawberry

from api.graphql.context import Ctx
from api.graphql.loaders import Row
from api.graphql.scalars import Instant
from api.graphql.types.account import Account, AggregatedLink, aggregated_link
from api.graphql.types.paging import PageInfo
from api.graphql.types.ring import Ring


@strawberry.type(description="A betting operator.")
class Operator:
    id: strawberry.ID
    licensed: bool | None = strawberry.field(description="Null where no source states it.")
    first_seen: Instant | None
    last_seen: Instant | None

    @strawberry.field(description="Sites, collection accounts and the addresses behind the sites.")
    async def footprint(self, info: Ctx, first: int = 50) -> list[AggregatedLink]:
        return (await self._footprint(info))[:first]

    @strawberry.field(description="Sites it runs.")
    async def domains(self, info: Ctx, first: int = 50) -> list[AggregatedLink]:
        return [link for link in await self._footprint(info) if link.label == "Domain"][:first]

    @strawberry.field(description="Accounts it takes money through.")
    async def collectors(self, info: Ctx, first: int = 20) -> list[Account]:
        found = [link for link in await self._footprint(info) if link.label == "Account"]
        return [Account(id=link.id) for link in found[:first]]

    @strawberry.field(description="Rings its collection accounts are in.")
    async def rings(self, info: Ctx, first: int = 10) -> list[Ring]:
        loaders = info.context.loaders
        accounts = [str(link.id) for link in await self._footprint(info) if link.label == "Account"]
        named = await asyncio.gather(*(loaders.rings_of.load(account) for account in accounts))
        ids = sorted({ring_id for ring_ids in named for ring_id in ring_ids})[:first]
        records = await asyncio.gather(*(loaders.ring.load(ring_id) for ring_id in ids))
        return [Ring(record=record) for record in records if record is not None]

    async def _footprint(self, info: Ctx) -> list[AggregatedLink]:
        rows = await info.context.loaders.footprint.load(str(self.id))
        return [aggregated_link(row) for row in rows]

    @classmethod
    def of(cls, row: Row) -> Operator:
        """From a row of read/operator or read/operators."""
        return cls(
            id=strawberry.ID(row["id"]),
            licensed=row["licensed"],
            first_seen=None if row["first_seen"] is None else Instant(row["first_seen"]),
            last_seen=None if row["last_seen"] is None else Instant(row["last_seen"]),
        )


@strawberry.type(description="Some operators, by id.")
class OperatorPage:
    nodes: list[Operator]
    page_info: PageInfo
