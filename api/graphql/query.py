"""The questions one can ask."""

# strawberry gives its field decorators no types:
# mypy: disallow-untyped-decorators=False

from __future__ import annotations

from typing import Annotated

import strawberry

from api.context import AppContext
from api.graphql.context import Ctx, ask
from api.graphql.governed import GovernedQuery
from api.graphql.jobs import JobsQuery
from api.graphql.letters import LettersQuery
from api.graphql.models import ModelsQuery
from api.graphql.money import MoneyQuery
from api.graphql.ring_lives import RingLivesQuery
from api.graphql.rules import RulesQuery
from api.graphql.scalars import Cents, Instant
from api.graphql.sites import SitesQuery
from api.graphql.types.account import Account
from api.graphql.types.health import Part
from api.graphql.types.job import Job, JobParam
from api.graphql.types.operator import Operator, OperatorPage
from api.graphql.types.paging import PageInfo
from api.graphql.types.path import Path, PathStep
from api.graphql.types.ring import Ring, RingFilter, RingPage
from api.graphql.types.summary import Summary, counts
from api.graphql.types.transaction import Transaction, TransactionPage
from api.ring_list import list_rings
from graph.errors import RejectedRecord
from graph.events import EARLIEST_TS, LATEST_TS, Movement
from graph.evidence import Decision, Score

MAX_HOPS = 8
From = Annotated[Instant | None, strawberry.argument(name="from", description="Earliest moment, included.")]
To = Annotated[Instant | None, strawberry.argument(name="to", description="Up to this moment, itself not included.")]


@strawberry.type
class Query(GovernedQuery, JobsQuery, RulesQuery, ModelsQuery, RingLivesQuery, LettersQuery, MoneyQuery, SitesQuery):
    @strawberry.field(description="Rings, highest score first.")
    async def rings(
        self, info: Ctx, filter: RingFilter | None = None, first: int = 20, after: str | None = None
    ) -> RingPage:
        wanted = filter or RingFilter()
        page = await ask(
            list_rings,
            info.context.app.rings,
            kind=wanted.kind,
            min_score=wanted.min_score,
            account=None if wanted.account is None else str(wanted.account),
            dismissed=wanted.dismissed,
            after=after,
            limit=first,
        )
        return RingPage(nodes=[Ring(record=ring) for ring in page.items], page_info=PageInfo.of(page.next))

    @strawberry.field(description="One ring; an id that was merged away gives the survivor.")
    async def ring(self, info: Ctx, id: strawberry.ID) -> Ring | None:
        record = await info.context.loaders.ring.load(str(id))
        return None if record is None else Ring(record=record)

    @strawberry.field(description="One account; null where the graph does not know it.")
    async def account(self, info: Ctx, id: strawberry.ID) -> Account | None:
        row = await info.context.loaders.account.load(str(id))
        return None if row is None else Account(id=id)

    @strawberry.field(description="One money movement, by the transaction id of its source.")
    async def transaction(self, info: Ctx, id: strawberry.ID) -> Transaction | None:
        entry = await info.context.loaders.event.load(f"tx:{id}")
        return Transaction.of_event(entry.event) if entry and isinstance(entry.event, Movement) else None

    @strawberry.field(description="Scored transactions, newest first.")
    async def transactions_by_decision(
        self, info: Ctx, decision: Decision | None = None, first: int = 20, after: str | None = None
    ) -> TransactionPage:
        app = info.context.app
        page = await ask(app.decisions.scores, decision=decision, after=after, limit=first)
        nodes = await ask(_movements, app, page.items)
        return TransactionPage(nodes=nodes, page_info=PageInfo.of(page.next))

    @strawberry.field(description="One betting operator.")
    async def operator(self, info: Ctx, id: strawberry.ID) -> Operator | None:
        rows = await ask(info.context.app.graph.read, "read/operator", id=str(id))
        return Operator.of(rows[0]) if rows else None

    @strawberry.field(description="Betting operators, by id.")
    async def operators(self, info: Ctx, first: int = 20, after: str | None = None) -> OperatorPage:
        rows = await ask(info.context.app.graph.read, "read/operators", limit=first + 1, after=after or "")
        more = rows[first - 1]["id"] if len(rows) > first else None
        return OperatorPage(nodes=[Operator.of(row) for row in rows[:first]], page_info=PageInfo.of(more))

    @strawberry.field(description="A shortest chain of movements from one account to another.")
    async def path(
        self,
        info: Ctx,
        source: strawberry.ID,
        target: strawberry.ID,
        max_hops: int = 5,
        since: From = None,
        until: To = None,
    ) -> Path:
        if not 1 <= max_hops <= MAX_HOPS:
            raise RejectedRecord("bad_max_hops", field="maxHops", value=max_hops, cure=f"give 1 to {MAX_HOPS}")
        lo = EARLIEST_TS if since is None else since
        hi = LATEST_TS if until is None else until
        find = info.context.app.paths.shortest_path
        found = await ask(find, str(source), str(target), lo=lo, hi=hi, max_hops=max_hops)
        steps = [
            PathStep(
                transaction_id=strawberry.ID(step.tx_id),
                ts=Instant(step.ts),
                amount_cents=Cents(step.amount_cents),
                source=strawberry.ID(step.source),
                target=strawberry.ID(step.target),
            )
            for step in found.steps
        ]
        return Path(found=found.found, steps=steps, truncated=list(found.truncated))

    @strawberry.field(description="Link-analysis jobs that can be run.")
    async def jobs(self, info: Ctx) -> list[Job]:
        return [
            Job(
                name=job.name,
                version=job.version,
                meaning=job.meaning,
                params=[
                    JobParam(name=param.name, default=strawberry.scalars.JSON(param.default), meaning=param.meaning)
                    for param in job.params
                ],
            )
            for job in await ask(info.context.app.jobs.catalogue)
        ]

    @strawberry.field(description="State of each dependency.")
    async def health(self, info: Ctx) -> list[Part]:
        parts = await ask(info.context.app.health.health)
        return [Part(name=p.name, state=p.state, detail=p.detail, version=p.version) for p in parts]

    @strawberry.field(description="Counts of what is stored.")
    async def summary(self, info: Ctx) -> Summary:
        found = await ask(info.context.app.decisions.summary)
        return Summary(
            transactions=found.transactions,
            degraded=found.degraded,
            decisions=counts(found.decisions),
            rings=counts(found.rings),
            set_aside=counts(found.set_aside),
        )


def _movements(app: AppContext, scores: tuple[Score, ...]) -> list[Transaction]:
    entries = [app.events.event(f"tx:{score.tx_id}") for score in scores]
    return [Transaction.of_event(entry.event) for entry in entries if entry and isinstance(entry.event, Movement)]
