"""The three scoring calls, one pipeline behind them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from time import perf_counter

from fastapi import APIRouter, Request
from pydantic import ValidationError

from api.context import AppContext
from api.errors import INTERNAL, Problem, problem_of, validation_problem
from api.language import choose_language
from api.rest.advice import recommendations
from api.rest.mapping import bet_movement, instant, payment_id, payment_movement, paysim_movement
from api.rest.wire import BetIn, BetOut, PaymentIn, PaymentOut, PaySimIn, PaySimOut, PaySimRow, RowError
from graph.errors import RejectedRecord, TarrafaError
from graph.events import Movement
from graph.evidence import Decision, Score
from reports.formats import Language
from reports.phrases import phrase

log = logging.getLogger("tarrafa.api")

RISK_LEVELS = {Decision.APPROVE: "low", Decision.REVIEW: "medium", Decision.DENY: "high"}


def routes(context: AppContext, *, max_rows: int) -> APIRouter:
    """The scoring calls over `context`."""
    router = APIRouter(tags=["scoring"])

    @router.post("/api/transactions/score")
    def score_transaction(body: BetIn) -> BetOut:
        """Score a bet or a payment around one. The same transaction again gets its first answer."""
        movement = bet_movement(body, keys=context.keys, now_ms=context.clock())
        score = context.scorer.score([movement])[0]
        return BetOut(
            transaction_id=body.transaction_id,
            fraud_score=round(score.value / 100, 4),
            risk_level=RISK_LEVELS[score.decision],
            decision=score.decision,
            degraded=list(score.degraded),
            truncated=list(score.truncated),
        )

    @router.post("/api/v1/score")
    def score_batch(body: PaySimIn) -> list[PaySimOut]:
        """Score PaySim-shaped transactions; the answer has one entry per row, in order."""
        if len(body.transactions) > max_rows:
            cure = f"send at most {max_rows} at once"
            raise RejectedRecord("too_many_rows", field="transactions", value=len(body.transactions), cure=cure)
        return _score_rows(body.transactions, context)

    @router.post("/api/v1/analyze")
    def analyze(body: PaymentIn, request: Request) -> PaymentOut:
        """Judge a payment. When judging fails the decision is review, with the cause; it is never a silent approval."""
        started = perf_counter()
        language = choose_language(request)
        try:
            score = context.scorer.score([_payment(body, context)])[0]
        except RejectedRecord:
            raise
        except TarrafaError as error:
            log.warning("analyze_degraded cause=%s", error)
            return _undecided(body, problem_of(error), started, language)
        except Exception as error:  # whatever broke, the caller must get a review, not an approval by time-out
            log.exception("analyze_crashed")
            return _undecided(body, problem_of(error), started, language)
        return _judged(body, score, started, language)

    return router


def _score_rows(rows: Sequence[dict[str, object]], context: AppContext) -> list[PaySimOut]:
    movements: dict[str, Movement] = {}  # the first of rows with one id stands
    answers: list[PaySimOut | str] = []
    for row in rows:
        try:
            parsed = PaySimRow.model_validate(row)
            movement = paysim_movement(parsed, keys=context.keys)
        except (ValidationError, RejectedRecord) as error:
            answers.append(_row_error(row, error))
        else:
            movements.setdefault(movement.tx_id, movement)
            answers.append(movement.tx_id)
    scores = dict(zip(movements, context.scorer.score(list(movements.values())), strict=True)) if movements else {}
    return [answer if isinstance(answer, PaySimOut) else _row_score(scores[answer], answer) for answer in answers]


def _row_score(score: Score, tx_id: str) -> PaySimOut:
    return PaySimOut(
        transaction_id=tx_id,
        fraud_score=round(score.value / 100, 4),
        risk_level=RISK_LEVELS[score.decision],
        decision=score.decision,
        versions=dict(score.versions),
        degraded=list(score.degraded),
    )


def _row_error(row: dict[str, object], error: ValidationError | RejectedRecord) -> PaySimOut:
    problem = validation_problem(error.errors()) if isinstance(error, ValidationError) else problem_of(error)
    given = row.get("transaction_id")
    return PaySimOut(
        transaction_id=str(given) if isinstance(given, (str, int)) else None,
        error=RowError(code=problem.code, field=problem.field, message=problem.message, cure=problem.cure),
    )


def _payment(body: PaymentIn, context: AppContext) -> Movement:
    """The movement of a payment. Its time is that of `metadata.timestamp`, else of the first time it was sent: a
    repeat must be the same fact."""
    given = body.metadata.get("timestamp")
    if given is not None:
        return payment_movement(body, keys=context.keys, ts=instant(str(given), now_ms=context.clock()))
    first = context.events.event(f"tx:{payment_id(body)}")
    return payment_movement(body, keys=context.keys, ts=context.clock() if first is None else first.event.ts)


def _judged(body: PaymentIn, score: Score, started: float, language: Language) -> PaymentOut:
    counted = [signal for signal in score.signals if signal.points != 0]
    model = next((signal for signal in score.signals if signal.name == "model" and signal.missing is None), None)
    return PaymentOut(
        transaction_id=body.transaction_id,
        risk_score=score.value,
        decision=score.decision,
        rules_triggered=[signal.name for signal in counted],
        ml_score=model.value if model else None,
        processing_time_ms=_elapsed(started),
        recommendations=recommendations(score.decision, [signal.name for signal in counted], language),
        reasons=[phrase(signal.evidence, language) for signal in counted],
        degraded=bool(score.degraded),
        causes=list(score.degraded),
    )


def _undecided(body: PaymentIn, problem: Problem, started: float, language: Language) -> PaymentOut:
    causes = [problem.code] if problem.code == INTERNAL else [f"{problem.code}: {problem.message}"]
    return PaymentOut(
        transaction_id=body.transaction_id,
        risk_score=None,
        decision=Decision.REVIEW,
        rules_triggered=[],
        ml_score=None,
        processing_time_ms=_elapsed(started),
        recommendations=recommendations(Decision.REVIEW, ["undecided"], language),
        reasons=[],
        degraded=True,
        causes=causes,
    )


def _elapsed(started: float) -> float:
    return round((perf_counter() - started) * 1_000, 3)
