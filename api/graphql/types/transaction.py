"""One money movement, with the score it got."""

# strawberry gives its field decorators no types:
# mypy: disallow-untyped-decorators=False

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from api.graphql.context import Ctx
from api.graphql.loaders import Row
from api.graphql.scalars import Cents, Instant
from api.graphql.types.paging import PageInfo
from api.graphql.types.score import Score
from graph.events import Movement

if TYPE_CHECKING:
    from api.graphql.types.account import Account

AccountRef = Annotated["Account", strawberry.lazy("api.graphql.types.account")]


@strawberry.type(description="Means that the paying side used, as the event log holds them.")
class Session:
    device: str | None
    ip: str | None
    ip_port: int | None = strawberry.field(description="Source port, where a carrier NAT stands between.")
    domain: str | None
    operator: str | None


@strawberry.type(description="One money movement.")
class Transaction:
    id: strawberry.ID
    ts: Instant
    amount_cents: Cents
    currency: str
    kind: str
    channel: str
    source_id: strawberry.ID
    target_id: strawberry.ID

    @strawberry.field(description="Who paid.")
    def source(self) -> AccountRef:
        return _account(self.source_id)

    @strawberry.field(description="Who was paid.")
    def target(self) -> AccountRef:
        return _account(self.target_id)

    @strawberry.field(description="The answer given when it arrived; null where it was not scored.")
    async def score(self, info: Ctx) -> Score | None:
        record = await info.context.loaders.score.load(str(self.id))
        return None if record is None else Score.of(record)

    @strawberry.field(description="Device, address and site of the paying side; null where the log has no such event.")
    async def session(self, info: Ctx) -> Session | None:
        entry = await info.context.loaders.event.load(f"tx:{self.id}")
        if entry is None or not isinstance(entry.event, Movement):
            return None
        event = entry.event
        return Session(
            device=event.device, ip=event.ip, ip_port=event.ip_port, domain=event.domain, operator=event.operator
        )

    @classmethod
    def of_row(cls, row: Row) -> Transaction:
        """From a row of a catalogued read."""
        return cls(
            id=strawberry.ID(row["tx_id"]),
            ts=Instant(row["ts"]),
            amount_cents=Cents(row["amount_cents"]),
            currency=row["currency"],
            kind=row["kind"],
            channel=row["channel"] or "",
            source_id=strawberry.ID(row["source"]),
            target_id=strawberry.ID(row["target"]),
        )

    @classmethod
    def of_event(cls, event: Movement) -> Transaction:
        """From the event."""
        return cls(
            id=strawberry.ID(event.tx_id),
            ts=Instant(event.ts),
            amount_cents=Cents(event.amount_cents),
            currency=event.currency,
            kind=str(event.kind),
            channel=event.channel,
            source_id=strawberry.ID(event.source),
            target_id=strawberry.ID(event.target),
        )


@strawberry.type(description="Some transactions, newest first.")
class TransactionPage:
    nodes: list[Transaction]
    page_info: PageInfo


def _account(account_id: strawberry.ID) -> Account:
    # late: account.py needs Transaction
    from api.graphql.types.account import Account

    return Account(id=account_id)
