"""Questions about where money went, and what to block so that it no longer arrives."""

# strawberry gives its field decorators no types:
# mypy: disallow-untyped-decorators=False

from __future__ import annotations

from typing import Annotated

import strawberry

from api.graphql.context import Ctx, ask
from api.graphql.scalars import Cents, Instant
from api.graphql.types.evidence import NodeRef
from graph import evidence as records
from rings import disruption, flow

strawberry.enum(flow.Rule, name="AttributionRule", description="How money paid out is attributed to money received.")
strawberry.enum(flow.Way, name="FlowWay", description="Along the money or against it.")
strawberry.enum(flow.ExitKind, name="FlowExitKind", description="Why a trace goes no further.")
strawberry.enum(disruption.PlanKind, name="PlanKind", description="What a plan is good at.")


@strawberry.type(description="A movement that carried part of the sum.")
class FlowStep:
    transaction_id: strawberry.ID
    ts: Instant
    source: strawberry.ID
    target: strawberry.ID
    amount_cents: Cents
    traced_cents: Cents
    hop: int
    via: list[strawberry.ID] = strawberry.field(description="Movements before it on the trace, largest share first.")


@strawberry.type(description="Where part of the sum leaves the trace.")
class FlowExit:
    account: strawberry.ID
    kind: flow.ExitKind
    amount_cents: Cents


@strawberry.type(description="Where a sum went or came from, by a named rule.")
class FlowTrace:
    rule: flow.Rule
    way: flow.Way
    seed_cents: Cents
    steps: list[FlowStep]
    exits: list[FlowExit]
    truncated: list[str]


@strawberry.type(description="Something to block.")
class PlanTarget:
    node: NodeRef
    role: records.Role | None
    through_cents: Cents = strawberry.field(description="Money through it inside the ring.")
    stops: list[strawberry.ID] = strawberry.field(description="Members that it stops.")
    collateral_accounts: int = strawberry.field(description="Accounts in no ring that it would hit.")
    collateral_cents: Cents


@strawberry.type(description="Targets to block together.")
class DisruptionPlan:
    kind: disruption.PlanKind
    breaks: bool = strawberry.field(description="Whether no money arrives any more.")
    stopped_cents: Cents
    flow_cents: Cents
    stopped_share: float
    targets: list[PlanTarget]
    collateral_accounts: int
    collateral_cents: Cents
    truncated: list[str]


@strawberry.type
class MoneyQuery:
    @strawberry.field(description="Follow a transaction, or what an account paid (back: received) lately.")
    async def follow_money(
        self,
        info: Ctx,
        subject: Annotated[strawberry.ID, strawberry.argument(description="Transaction or account.")],
        rule: flow.Rule = flow.Rule.FIFO,
        way: flow.Way = flow.Way.FORWARD,
        days: int = 30,
        hops: int = 6,
        first: int = 50,
    ) -> FlowTrace:
        trace = info.context.app.money.trace
        found = await ask(trace, str(subject), rule=rule, way=way, days=days, hops=hops, movements=first)
        return FlowTrace(
            rule=found.rule,
            way=found.way,
            seed_cents=Cents(found.seed_cents),
            steps=[
                FlowStep(
                    transaction_id=strawberry.ID(step.move.event_id[3:]),
                    ts=Instant(step.move.ts),
                    source=strawberry.ID(step.move.source),
                    target=strawberry.ID(step.move.target),
                    amount_cents=Cents(step.move.cents),
                    traced_cents=Cents(step.traced_cents),
                    hop=step.hop,
                    via=[strawberry.ID(event_id[3:]) for event_id in step.via],
                )
                for step in found.steps
            ],
            exits=[
                FlowExit(account=strawberry.ID(one.account), kind=one.kind, amount_cents=Cents(one.cents))
                for one in found.exits
            ],
            truncated=list(found.truncated),
        )

    @strawberry.field(description="What to block so that a ring's money no longer arrives, best first.")
    async def disruption_plans(self, info: Ctx, ring: strawberry.ID) -> list[DisruptionPlan]:
        return [_plan(found) for found in await ask(info.context.app.money.plans, str(ring))]


def _plan(found: disruption.Plan) -> DisruptionPlan:
    return DisruptionPlan(
        kind=found.kind,
        breaks=found.breaks,
        stopped_cents=Cents(found.stopped_cents),
        flow_cents=Cents(found.flow_cents),
        stopped_share=found.stopped_share,
        targets=[
            PlanTarget(
                node=NodeRef.of(target.node),
                role=target.role,
                through_cents=Cents(target.through_cents),
                stops=[strawberry.ID(account) for account in target.stops],
                collateral_accounts=target.collateral_accounts,
                collateral_cents=Cents(target.collateral_cents),
            )
            for target in found.targets
        ],
        collateral_accounts=found.collateral_accounts,
        collateral_cents=Cents(found.collateral_cents),
        truncated=list(found.truncated),
    )
