"""Rules over HTTP: writing, approving, running and trying them; `by` names the person who does it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from enum import StrEnum
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.context import AppContext, NotFound
from api.rules import MAX_BACKTEST_SECONDS, Rules
from graph.days import parse_moment
from graph.events import EARLIEST_TS, LATEST_TS
from ledger.records import RuleState, RuleVersion
from scoring.rules.backtest import Backtest
from scoring.rules.compile import FUNCTIONS, compile_rule
from scoring.rules.fields import fields


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StepIn(_Body):
    """Who does something with a rule, and why; `version` only to activate one that is not the newest."""

    by: str = Field(min_length=1, max_length=100)
    reason: str = Field("", max_length=1_000)
    version: int | None = Field(None, ge=1)


class RuleIn(_Body):
    """A rule: `id`, `pt`, `en`, `when`, and `severity` or `points`, optionally `tenant`."""

    rule: dict[str, Any]


class DraftIn(RuleIn):
    """A rule, who wrote it, and why."""

    by: str = Field(min_length=1, max_length=100)
    reason: str = Field("", max_length=1_000)


class RangeIn(_Body):
    """A past range: days (São Paulo) or ISO 8601 times with zone, the last not included; and a time budget."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    since: str | None = Field(None, alias="from")
    until: str | None = Field(None, alias="to")
    seconds: float = Field(20.0, gt=0, le=MAX_BACKTEST_SECONDS)


class TriedIn(RangeIn):
    """A rule that need not be kept, and a past range."""

    rule: dict[str, Any]


class Step(StrEnum):
    """What can be done with a rule."""

    SUBMIT = "submit"
    APPROVE = "approve"
    RETURN = "return"
    ACTIVATE = "activate"
    RETIRE = "retire"
    SHADOW = "shadow"
    UNSHADOW = "unshadow"


def routes(context: AppContext) -> APIRouter:
    """The rule calls over `context`."""
    router = APIRouter(prefix="/api/v1/rules", tags=["rules"])
    rules = context.rules

    @router.get("")
    def versions(state: RuleState | None = None) -> dict[str, Any]:
        """Every version of every rule, by id and version."""
        return {"items": [version_body(found) for found in rules.versions(state=state)]}

    @router.get("/fields")
    def names() -> dict[str, Any]:
        """Every name that a rule can use."""
        return {
            "fields": [asdict(field) for field in fields().values()],
            "functions": [{"name": name, "meaning": meaning} for name, (_, _, meaning) in FUNCTIONS.items()],
        }

    @router.post("/check")
    def check(body: RuleIn) -> dict[str, Any]:
        """Whether a rule can be read; a mistake is answered with its line and column."""
        rule = rules.check(json.dumps(body.rule))
        return {"id": rule.id, "points": rule.weight, "fields": list(compile_rule(rule.when).fields)}

    @router.post("/backtest")
    def backtest_unkept(body: TriedIn) -> dict[str, Any]:
        """What a rule that is not kept would have done over a past range."""
        return backtest_body(_backtest(rules, json.dumps(body.rule), body))

    @router.get("/{rule_id}")
    def rule(rule_id: str) -> dict[str, Any]:
        """A rule: its versions with what their trials held for, and what was done with it."""
        found = rules.versions(rule_id)
        if not found:
            raise NotFound("rule", rule_id)
        return {
            "id": rule_id,
            "versions": [
                {**version_body(one), "trial": asdict(rules.shadow_count(rule_id, one.version))} for one in found
            ],
            "history": [asdict(step) for step in rules.history(rule_id)],
        }

    @router.post("")
    def draft(body: DraftIn) -> dict[str, Any]:
        """Keep a rule as a draft; an open draft of the same id is edited, and loses its approval."""
        return version_body(rules.draft(json.dumps(body.rule), by=body.by, reason=body.reason))

    @router.post("/{rule_id}/backtest")
    def backtest(rule_id: str, body: RangeIn) -> dict[str, Any]:
        """What a kept rule (id, or id@version) would have done over a past range."""
        return backtest_body(_backtest(rules, rule_id, body))

    @router.post("/{rule_id}/{step}")
    def take(rule_id: str, step: Step, body: StepIn) -> dict[str, Any]:
        """Take a step: submit, approve (another person), return, activate, retire, shadow, unshadow."""
        if step is Step.ACTIVATE:
            return version_body(rules.activate(rule_id, by=body.by, reason=body.reason, version=body.version))
        return version_body(_plain_steps(rules)[step](rule_id, by=body.by, reason=body.reason))

    return router


def version_body(found: RuleVersion) -> dict[str, Any]:
    """A version as callers see it."""
    return {
        "id": found.rule_id,
        "version": found.version,
        "state": found.state,
        "shadow": found.shadow,
        "rule": json.loads(found.content),
        "author": found.author,
        "approver": found.approver,
        "changed_at": found.changed_at,
    }


def backtest_body(found: Backtest) -> dict[str, Any]:
    """A backtest as callers see it."""
    return asdict(found) | {"precision": found.precision, "recall": found.recall}


def _plain_steps(rules: Rules) -> dict[Step, Callable[..., RuleVersion]]:
    return {
        Step.SUBMIT: rules.submit,
        Step.APPROVE: rules.approve,
        Step.RETURN: rules.send_back,
        Step.RETIRE: rules.retire,
        Step.SHADOW: rules.start_shadow,
        Step.UNSHADOW: rules.stop_shadow,
    }


def _backtest(rules: Rules, rule: str, body: RangeIn) -> Backtest:
    since = EARLIEST_TS if body.since is None else parse_moment(body.since, field="from")
    until = LATEST_TS if body.until is None else parse_moment(body.until, field="to")
    return rules.backtest(rule, since=since, until=until, seconds=body.seconds)
