"""Questions and changes about the rules that people make."""

# strawberry gives its field decorators no types:
# mypy: disallow-untyped-decorators=False

from __future__ import annotations

import json
from typing import Annotated

import strawberry

from api.graphql.context import Ctx, ask
from api.graphql.scalars import Instant
from api.graphql.types.rule import Rule, RuleBacktest, RuleStep, RuleTrial, RuleVersion
from api.graphql.types.summary import counts
from api.rules import MAX_BACKTEST_SECONDS, Rules
from graph.errors import RejectedRecord
from graph.events import EARLIEST_TS, LATEST_TS
from ledger.records import RuleState

By = Annotated[str, strawberry.argument(description="The person who does this.")]
From = Annotated[Instant | None, strawberry.argument(name="from", description="Earliest moment, included.")]
To = Annotated[Instant | None, strawberry.argument(name="to", description="Up to this moment, itself not included.")]


@strawberry.type
class RulesQuery:
    @strawberry.field(description="Every version of every rule, by id and version.")
    async def rules(self, info: Ctx, state: RuleState | None = None) -> list[RuleVersion]:
        return [RuleVersion.of(found) for found in await ask(info.context.app.rules.versions, state=state)]

    @strawberry.field(description="One rule; null where it is not known.")
    async def rule(self, info: Ctx, id: strawberry.ID) -> Rule | None:
        return await ask(_rule, info.context.app.rules, str(id))

    @strawberry.field(description="What a kept rule (id or id@version) would have done over a past range.")
    async def rule_backtest(
        self, info: Ctx, rule: str, since: From = None, until: To = None, seconds: float = 20.0
    ) -> RuleBacktest:
        if not 0 < seconds <= MAX_BACKTEST_SECONDS:
            cure = f"give up to {MAX_BACKTEST_SECONDS:g}"
            raise RejectedRecord("bad_budget", field="seconds", value=seconds, cure=cure)
        found = await ask(
            info.context.app.rules.backtest,
            rule,
            since=EARLIEST_TS if since is None else since,
            until=LATEST_TS if until is None else until,
            seconds=seconds,
        )
        return RuleBacktest.of(found)


@strawberry.type
class RulesMutation:
    @strawberry.mutation(description="Keep a rule as a draft; an open draft of the same id is edited.")
    async def draft_rule(self, info: Ctx, rule: strawberry.scalars.JSON, by: By, reason: str = "") -> RuleVersion:
        return RuleVersion.of(await ask(info.context.app.rules.draft, json.dumps(rule), by=by, reason=reason))

    @strawberry.mutation(description="Hand the newest draft to another person.")
    async def submit_rule(self, info: Ctx, id: strawberry.ID, by: By, reason: str = "") -> RuleVersion:
        return RuleVersion.of(await ask(info.context.app.rules.submit, str(id), by=by, reason=reason))

    @strawberry.mutation(description="Approve what somebody else wrote.")
    async def approve_rule(self, info: Ctx, id: strawberry.ID, by: By, reason: str = "") -> RuleVersion:
        return RuleVersion.of(await ask(info.context.app.rules.approve, str(id), by=by, reason=reason))

    @strawberry.mutation(description="Return what was submitted to its author.")
    async def return_rule(self, info: Ctx, id: strawberry.ID, by: By, reason: str = "") -> RuleVersion:
        return RuleVersion.of(await ask(info.context.app.rules.send_back, str(id), by=by, reason=reason))

    @strawberry.mutation(description="Let an approved version give points, from the very next score on.")
    async def activate_rule(
        self, info: Ctx, id: strawberry.ID, by: By, reason: str = "", version: int | None = None
    ) -> RuleVersion:
        activate = info.context.app.rules.activate
        return RuleVersion.of(await ask(activate, str(id), by=by, reason=reason, version=version))

    @strawberry.mutation(description="Take a rule out of force, from the very next score on.")
    async def retire_rule(self, info: Ctx, id: strawberry.ID, by: By, reason: str = "") -> RuleVersion:
        return RuleVersion.of(await ask(info.context.app.rules.retire, str(id), by=by, reason=reason))

    @strawberry.mutation(description="Try the newest version beside live traffic, without points; or stop that.")
    async def shadow_rule(
        self, info: Ctx, id: strawberry.ID, by: By, reason: str = "", stop: bool = False
    ) -> RuleVersion:
        rules = info.context.app.rules
        change = rules.stop_shadow if stop else rules.start_shadow
        return RuleVersion.of(await ask(change, str(id), by=by, reason=reason))


def _rule(rules: Rules, rule_id: str) -> Rule | None:
    found = rules.versions(rule_id)
    if not found:
        return None
    trials = [rules.shadow_count(rule_id, one.version) for one in found]
    return Rule(
        versions=[RuleVersion.of(one) for one in found],
        trials=[
            RuleTrial(
                version=one.version,
                hits=trial.hits,
                decisions=counts(trial.decisions),
                newest=[strawberry.ID(tx_id) for tx_id in trial.newest],
            )
            for one, trial in zip(found, trials, strict=True)
        ],
        history=[
            RuleStep(
                version=step.version,
                action=step.action,
                person=step.person,
                at=Instant(step.at_ms),
                reason=step.reason,
            )
            for step in rules.history(rule_id)
        ],
    )
