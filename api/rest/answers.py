"""From scores to the bodies of the three scoring calls; pure."""

from __future__ import annotations

from collections.abc import Sequence

from api.errors import INTERNAL, Problem
from api.rest.advice import recommendations
from api.rest.wire import BetOut, PaymentOut, PaySimOut, Reason, RowError, Traced
from graph.evidence import Decision, Score, Signal
from reports.formats import Language
from reports.phrases import phrase

RISK_LEVELS = {Decision.APPROVE: "low", Decision.REVIEW: "medium", Decision.DENY: "high"}
MOST_REASONS = 5
MOST_EVENT_IDS = 10


def bet_answer(transaction_id: str, score: Score, *, language: Language, traced: Traced) -> BetOut:
    """The answer of `POST /api/transactions/score`."""
    return BetOut(
        transaction_id=transaction_id,
        fraud_score=_share(score),
        risk_level=RISK_LEVELS[score.decision],
        decision=score.decision,
        reasons=reasons(score, language),
        versions=dict(score.versions),
        degraded=list(score.degraded),
        truncated=list(score.truncated),
        model_version=_model_version(score),
        probability=_probability(score),
        processing_time_ms=traced.elapsed_ms(),
        trace_id=traced.trace_id,
    )


def row_answer(score: Score, *, language: Language, traced: Traced) -> PaySimOut:
    """The answer to one row of `POST /api/v1/score`."""
    probability = _probability(score)
    return PaySimOut(
        transaction_id=score.tx_id,
        fraud_score=_share(score),
        risk_level=RISK_LEVELS[score.decision],
        decision=score.decision,
        reasons=reasons(score, language),
        versions=dict(score.versions),
        degraded=list(score.degraded),
        truncated=list(score.truncated),
        model_version=_model_version(score),
        confidence=None if probability is None else max(probability, 1.0 - probability),
        processing_time_ms=traced.elapsed_ms(),
        trace_id=traced.trace_id,
    )


def row_refused(row: object, problem: Problem, *, traced: Traced) -> PaySimOut:
    """The answer to a row that cannot be scored."""
    given = row.get("transaction_id") if isinstance(row, dict) else None
    return PaySimOut(
        transaction_id=str(given) if isinstance(given, (str, int)) else None,
        error=RowError(code=problem.code, field=problem.field, message=problem.message, cure=problem.cure),
        processing_time_ms=traced.elapsed_ms(),
        trace_id=traced.trace_id,
    )


def payment_answer(transaction_id: str, score: Score, *, language: Language, traced: Traced) -> PaymentOut:
    """The answer of `POST /api/v1/analyze`."""
    counted = [signal for signal in score.signals if signal.points != 0]
    names = [signal.name for signal in counted]
    return PaymentOut(
        transaction_id=transaction_id,
        risk_score=score.value,
        decision=score.decision,
        rules_triggered=names,
        ml_score=_probability(score),
        processing_time_ms=traced.elapsed_ms(),
        recommendations=recommendations(score.decision, names, language),
        reasons=[phrase(signal.evidence, language) for signal in counted],
        signals=reasons(score, language),
        versions=dict(score.versions),
        degraded=bool(score.degraded),
        causes=list(score.degraded),
        truncated=list(score.truncated),
        trace_id=traced.trace_id,
    )


def payment_undecided(transaction_id: str, problem: Problem, *, language: Language, traced: Traced) -> PaymentOut:
    """The answer of `POST /api/v1/analyze` when there is no score: review, with the cause."""
    cause = problem.code if problem.code == INTERNAL else f"{problem.code}: {problem.message}"
    return PaymentOut(
        transaction_id=transaction_id,
        risk_score=None,
        decision=Decision.REVIEW,
        rules_triggered=[],
        ml_score=None,
        processing_time_ms=traced.elapsed_ms(),
        recommendations=recommendations(Decision.REVIEW, ["undecided"], language),
        degraded=True,
        causes=[cause],
        trace_id=traced.trace_id,
    )


def reasons(score: Score, language: Language) -> list[Reason]:
    """The signals with the most points first, in words, with the ids of the events that prove them."""
    counted: Sequence[Signal] = [signal for signal in score.signals if signal.points != 0]
    top = sorted(counted, key=lambda signal: -abs(signal.points))[:MOST_REASONS]
    return [
        Reason(
            name=signal.name,
            points=signal.points,
            text=phrase(signal.evidence, language),
            event_ids=list(signal.evidence.event_ids[:MOST_EVENT_IDS]),
            total_events=signal.evidence.total_events,
        )
        for signal in top
    ]


def _probability(score: Score) -> float | None:
    """What the learnt model in force says, None where it did not answer."""
    return next((signal.value for signal in score.signals if signal.name == "model" and signal.missing is None), None)


def _model_version(score: Score) -> str:
    return next((version for part, version in score.versions if part == "model"), "absent")


def _share(score: Score) -> float:
    return round(score.value / 100, 4)
