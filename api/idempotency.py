"""Idempotency keys: a call sent again under its key gets the answer it got, byte for byte, and runs once.

The answer is kept before it is given, so that a restart in between changes nothing for the caller. Errors are not kept:
the same key then runs again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import blake2b

from starlette.requests import Request
from starlette.responses import Response

from api.context import AnswerKeeper
from graph.errors import RejectedRecord, RetryableConflict
from ledger.records import KeptAnswer

HEADER = "Idempotency-Key"
REPLAYED = {"idempotent-replayed": "true"}
MAX_KEY_LENGTH = 200
HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class _Flight:
    fingerprint: bytes
    outcome: asyncio.Future[bytes]


class Idempotency:
    """Answers calls, once per key. `keep_hours` is how long an answer is kept; `clock` gives UTC epoch ms."""

    def __init__(self, keeper: AnswerKeeper, *, keep_hours: float, clock: Callable[[], int]) -> None:
        self._keeper, self._keep_ms, self._clock = keeper, int(keep_hours * HOUR_MS), clock
        self._flights: dict[tuple[str, str], _Flight] = {}

    async def answer(self, request: Request, run: Callable[[bytes], Awaitable[bytes]]) -> Response:
        """The answer of `run` to the body of `request`.

        Raises what `run` raises, and `RejectedRecord` for a key that was used with another body.
        """
        key = request.headers.get(HEADER)
        body = await request.body()
        if key is None:
            return _response(await run(body))
        if not 1 <= len(key) <= MAX_KEY_LENGTH or not key.isascii() or not key.isprintable():
            raise RejectedRecord(
                "bad_idempotency_key",
                field=HEADER,
                value=key,
                cure=f"give 1 to {MAX_KEY_LENGTH} printable ASCII characters",
            )
        scope = request.url.path
        fingerprint = blake2b(body, digest_size=16).digest()
        flight = self._flights.get((scope, key))
        if flight is not None:
            _check(key, flight.fingerprint, fingerprint)
            return _response(await asyncio.shield(flight.outcome), REPLAYED)
        return await self._first(scope, key, fingerprint, lambda: run(body))

    async def _first(self, scope: str, key: str, fingerprint: bytes, run: Callable[[], Awaitable[bytes]]) -> Response:
        outcome: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._flights[scope, key] = _Flight(fingerprint, outcome)
        try:
            kept = await self._keeper.kept_answer(scope, key, now_ms=self._clock())
            if kept is not None:
                _check(key, kept.fingerprint, fingerprint)
                body = kept.body
            else:
                body = await run()
                until = self._clock() + self._keep_ms
                await self._keeper.keep_answer(KeptAnswer(scope, key, fingerprint, body, until))
            outcome.set_result(body)
        except BaseException as error:  # whoever waits under the same key must hear it too
            stopped = RetryableConflict("the first call under this key was stopped; send this again")
            outcome.set_exception(error if isinstance(error, Exception) else stopped)
            outcome.exception()  # heard: nobody may be waiting
            raise
        finally:
            del self._flights[scope, key]
        return _response(body, REPLAYED if kept is not None else None)


def _check(key: str, first: bytes, now: bytes) -> None:
    if first != now:
        raise RejectedRecord(
            "idempotency_key_reused",
            field=HEADER,
            value=key,
            cure="this key was used with another body: send that body, or take a new key",
        )


def _response(body: bytes, headers: dict[str, str] | None = None) -> Response:
    return Response(body, media_type="application/json", headers=headers)
