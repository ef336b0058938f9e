"""Rules that people make, and what they would have done."""

from __future__ import annotations

import json

import strawberry

from api.graphql.scalars import Cents, Instant
from api.graphql.types.summary import Count, counts
from graph import evidence
from ledger import records
from scoring.rules import backtest

RuleState = strawberry.enum(records.RuleState, description="How far a version of a rule has come.")


@strawberry.type(description="A version of a rule; with `shadow` it is on trial beside live traffic.")
class RuleVersion:
    id: strawberry.ID
    version: int
    state: records.RuleState
    shadow: bool
    rule: strawberry.scalars.JSON = strawberry.field(description="Its words, expression and weight.")
    author: str
    approver: str
    changed_at: Instant

    @classmethod
    def of(cls, record: records.RuleVersion) -> RuleVersion:
        """From its record."""
        return cls(
            id=strawberry.ID(record.rule_id),
            version=record.version,
            state=record.state,
            shadow=record.shadow,
            rule=strawberry.scalars.JSON(json.loads(record.content)),
            author=record.author,
            approver=record.approver,
            changed_at=Instant(record.changed_at),
        )


@strawberry.type(description="Something a person did with a rule.")
class RuleStep:
    version: int
    action: str
    person: str
    at: Instant
    reason: str


@strawberry.type(description="What a version held for while on trial.")
class RuleTrial:
    version: int
    hits: int
    decisions: list[Count] = strawberry.field(description="Hits by the decision made without it.")
    newest: list[strawberry.ID] = strawberry.field(description="Newest transactions it held for.")


@strawberry.type(description="A rule with its versions, trials and history.")
class Rule:
    versions: list[RuleVersion]
    trials: list[RuleTrial]
    history: list[RuleStep]


@strawberry.type(description="A live signal beside a rule that is tried.")
class RuleOverlap:
    signal: str
    together: int
    total: int


@strawberry.type(description="A movement that a tried rule holds for.")
class RuleExample:
    transaction_id: strawberry.ID
    ts: Instant
    amount_cents: Cents
    facts: str
    score: float
    decision: evidence.Decision
    score_with: float
    decision_with: evidence.Decision
    label: int | None = strawberry.field(description="1 fraud, 0 honest, null not known.")


@strawberry.type(description="What a rule would have done over a past range.")
class RuleBacktest:
    rule: str
    movements: int
    hits: int
    decisions: list[Count] = strawberry.field(description="Hits by the decision made without it.")
    changed: list[Count] = strawberry.field(description="Decisions it would have changed.")
    labelled: int
    fraud_hits: int
    fraud: int
    precision: float | None
    recall: float | None
    overlap: list[RuleOverlap]
    examples: list[RuleExample]
    truncated: list[str]

    @classmethod
    def of(cls, found: backtest.Backtest) -> RuleBacktest:
        """From its record."""
        return cls(
            rule=found.rule,
            movements=found.movements,
            hits=found.hits,
            decisions=counts(found.decisions),
            changed=counts(found.changed),
            labelled=found.labelled,
            fraud_hits=found.fraud_hits,
            fraud=found.fraud,
            precision=found.precision,
            recall=found.recall,
            overlap=[RuleOverlap(signal=one.signal, together=one.together, total=one.total) for one in found.overlap],
            examples=[
                RuleExample(
                    transaction_id=strawberry.ID(one.tx_id),
                    ts=Instant(one.ts),
                    amount_cents=Cents(one.amount_cents),
                    facts=one.facts,
                    score=one.score,
                    decision=one.decision,
                    score_with=one.score_with,
                    decision_with=one.decision_with,
                    label=one.label,
                )
                for one in found.examples
            ],
            truncated=list(found.truncated),
        )
