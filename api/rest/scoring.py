"""The three scoring calls, one pipeline behind them.

Bodies are read and answers written without the framework's own machinery: it costs more than the score.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from time import perf_counter
from typing import TypeVar

from anyio import to_thread
from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from msgspec.json import encode
from pydantic import ValidationError

from api.context import AppContext
from api.errors import TRY_AGAIN, problem_of, validation_problem
from api.idempotency import Idempotency
from api.language import choose_language
from api.rest.answers import bet_answer, payment_answer, payment_undecided, row_answer, row_refused
from api.rest.examples import BET_PATH, PAYMENT_PATH, ROWS_PATH
from api.rest.mapping import bet_movement, instant, payment_id, payment_movement, paysim_movement
from api.rest.wire import BetIn, PaymentIn, PaySimIn, PaySimOut, PaySimRow, Traced, Wire
from api.settings import ApiSettings
from api.tracing import trace_id
from graph.errors import RejectedRecord, RetryLater, TarrafaError
from graph.events import Movement
from reports.formats import Language

log = logging.getLogger("tarrafa.api")
Body = TypeVar("Body", bound=Wire)

PROFILE_HEADER = "X-Caller-Profile"
MAX_PROFILE = 64


@dataclass(frozen=True, slots=True)
class _Call:
    """What an answer depends on besides the body."""

    language: Language
    traced: Traced
    profile: str

    def marked(self, movement: Movement) -> Movement:
        """The movement with the caller's profile on it."""
        if not self.profile:
            return movement
        return replace(movement, attributes=(*movement.attributes, ("profile", self.profile)))


def routes(context: AppContext, settings: ApiSettings) -> APIRouter:
    """The scoring calls over `context`."""
    router = APIRouter()
    calls = _Calls(context, settings)
    once = Idempotency(context.answers, keep_hours=settings.idempotency_hours, clock=context.clock)

    async def answer(request: Request, run: Callable[[bytes, _Call], Awaitable[bytes]]) -> Response:
        call = _call(request)
        return await once.answer(request, lambda body: run(body, call))

    async def score_transaction(request: Request) -> Response:
        return await answer(request, calls.bet)

    async def score_batch(request: Request) -> Response:
        return await answer(request, calls.rows)

    async def analyze(request: Request) -> Response:
        # When judging fails the decision is review, with the cause; it is never a silent approval.
        call = _call(request)
        try:
            return await once.answer(request, lambda body: calls.payment(body, call))
        except (RejectedRecord, RequestValidationError):
            raise
        except TarrafaError as error:
            log.warning("analyze_degraded trace=%s cause=%s", call.traced.trace_id, error)
            context.watching.undecided()
            return _undecided(await request.body(), error, call)
        except Exception as error:  # whatever broke, the caller must get a review, not an approval by time-out
            log.exception("analyze_crashed trace=%s", call.traced.trace_id)
            context.watching.undecided()
            return _undecided(await request.body(), error, call)

    for path, endpoint in ((BET_PATH, score_transaction), (ROWS_PATH, score_batch), (PAYMENT_PATH, analyze)):
        router.add_route(path, endpoint, methods=["POST"], include_in_schema=False)  # `api.rest.examples` describes it
    return router


class _Calls:
    """Runs each kind of call once."""

    def __init__(self, context: AppContext, settings: ApiSettings) -> None:
        self._context, self._max_rows, self._deadline_ms = context, settings.max_rows, settings.score_deadline_ms

    async def bet(self, raw: bytes, call: _Call) -> bytes:
        body = _read(BetIn, raw)
        movement = call.marked(bet_movement(body, keys=self._context.keys, now_ms=self._context.clock()))
        (score,) = await self._context.scorer.score([movement], deadline_ms=self._deadline_ms)
        return encode(bet_answer(body.transaction_id, score, language=call.language, traced=call.traced))

    async def rows(self, raw: bytes, call: _Call) -> bytes:
        rows = _read(PaySimIn, raw).transactions
        if len(rows) > self._max_rows:
            cure = f"send at most {self._max_rows} at once"
            raise RejectedRecord("too_many_rows", field="transactions", value=len(rows), cure=cure)
        movements: dict[str, Movement] = {}  # the first of rows with one id stands
        answers: list[PaySimOut | str] = []
        for row in rows:
            try:
                movement = call.marked(paysim_movement(PaySimRow.model_validate(row), keys=self._context.keys))
            except (ValidationError, RejectedRecord) as error:
                problem = validation_problem(error.errors()) if isinstance(error, ValidationError) else None
                answers.append(row_refused(row, problem or problem_of(error), traced=call.traced))
            else:
                movements.setdefault(movement.tx_id, movement)
                answers.append(movement.tx_id)
        given = list(movements.values())
        scores = await self._context.scorer.score(given, deadline_ms=self._deadline_ms) if given else []
        by_id = {score.tx_id: row_answer(score, language=call.language, traced=call.traced) for score in scores}
        return encode([by_id[answer] if isinstance(answer, str) else answer for answer in answers])

    async def payment(self, raw: bytes, call: _Call) -> bytes:
        body = _read(PaymentIn, raw)
        movement = call.marked(await self._payment(body))
        (score,) = await self._context.scorer.score([movement], deadline_ms=self._deadline_ms)
        return encode(payment_answer(body.transaction_id, score, language=call.language, traced=call.traced))

    async def _payment(self, body: PaymentIn) -> Movement:
        """The movement of a payment. Its time is that of `metadata.timestamp`, else of the first time it was sent: a
        repeat must be the same fact."""
        context = self._context
        given = body.metadata.get("timestamp")
        if given is not None:
            return payment_movement(body, keys=context.keys, ts=instant(str(given), now_ms=context.clock()))
        first = await to_thread.run_sync(context.events.event, f"tx:{payment_id(body)}")
        return payment_movement(body, keys=context.keys, ts=context.clock() if first is None else first.event.ts)


def _call(request: Request) -> _Call:
    return _Call(choose_language(request), Traced(trace_id(), perf_counter()), _profile(request))


def _profile(request: Request) -> str:
    """The caller's profile, which policy may have bands for; '' when the header is absent."""
    given = request.headers.get(PROFILE_HEADER, "")
    if len(given) > MAX_PROFILE or (given and not given.isprintable()):
        raise RejectedRecord(
            "bad_profile", field=PROFILE_HEADER, value=given, cure=f"give at most {MAX_PROFILE} printable characters"
        )
    return given


def _read(kind: type[Body], raw: bytes) -> Body:
    try:
        return kind.model_validate_json(raw)
    except ValidationError as error:
        # What is no JSON is not shown again: it would be the whole body.
        raise RequestValidationError(
            [found | ({"input": None} if found["type"] == "json_invalid" else {}) for found in error.errors()]
        ) from error


def _undecided(raw: bytes, error: Exception, call: _Call) -> Response:
    """Review, with the cause; to be asked again when that may help."""
    transaction_id = PaymentIn.model_validate_json(raw).transaction_id
    answer = payment_undecided(transaction_id, problem_of(error), language=call.language, traced=call.traced)
    headers = TRY_AGAIN if isinstance(error, RetryLater) else None
    return Response(encode(answer), media_type="application/json", headers=headers)
