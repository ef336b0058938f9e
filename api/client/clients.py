"""The two clients: the same calls, one waiting in its thread, one in its event loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeVar

import httpx

from api.client import calls
from api.client.calls import Call, Retries, Sent
from api.rest.wire import BetIn, BetOut, PaymentIn, PaymentOut, PaySimOut, PaySimRow

Answer = TypeVar("Answer")
ReportForm = Literal["pdf", "html", "json"]
Subject = Literal["ring", "operator"]
TIMEOUT_SECONDS = 5.0


class TarrafaClient:
    """Calls a Tarrafa service; keeps connections, so make one and share it between threads. Use as a context manager.

    Every call may raise `CallRefused` (the service's own code, words and cure) and `NoAnswer`. Scoring calls carry an
    idempotency key, a new one where none is given, so that sending them again after a lost answer is the same as once;
    they and all reads are sent again when that may help.
    """

    def __init__(
        self,
        address: str,
        *,
        token: str | None = None,
        timeout_seconds: float = TIMEOUT_SECONDS,
        retries: Retries | None = None,
    ) -> None:
        self._retries = retries or Retries()
        self._http = httpx.Client(base_url=address, headers=_credential(token), timeout=timeout_seconds)

    def __enter__(self) -> TarrafaClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def score_bet(self, bet: BetIn, *, key: str | None = None) -> BetOut:
        """Score a bet or a payment around one."""
        return self._do(calls.score_bet(bet, key=key))

    def score_rows(self, rows: Sequence[PaySimRow | Mapping[str, Any]], *, key: str | None = None) -> list[PaySimOut]:
        """Score PaySim-shaped rows; an answer per row, in order, a bad row's with its `error`."""
        return self._do(calls.score_rows(rows, key=key))

    def analyze(self, payment: PaymentIn, *, key: str | None = None, language: str = "en") -> PaymentOut:
        """Judge a payment; `decision` is review with `degraded` when the service could not."""
        return self._do(calls.analyze(payment, key=key, language=language))

    def graphql(self, document: str, **variables: Any) -> dict[str, Any]:
        """The data that a GraphQL document asks for."""
        return self._do(calls.graphql(document, variables))

    def report(self, subject: Subject, subject_id: str, *, form: ReportForm = "pdf", language: str = "pt-BR") -> bytes:
        """The report about a ring or an operator, as a file."""
        return self._do(calls.report(subject, subject_id, form=form, language=language))

    def _do(self, call: Call[Answer]) -> Answer:
        exchange = call.exchange(self._retries)
        pause = next(exchange)
        while True:
            time.sleep(pause)
            try:
                pause = exchange.send(self._send(call))
            except StopIteration as end:
                answer: Answer = end.value
                return answer

    def _send(self, call: Call[Answer]) -> Sent:
        try:
            return self._http.request(call.method, call.path, content=call.body or None, headers=dict(call.headers))
        except httpx.TransportError as error:
            return error


class AsyncTarrafaClient:
    """As `TarrafaClient`, for an event loop. Use as an async context manager."""

    def __init__(
        self,
        address: str,
        *,
        token: str | None = None,
        timeout_seconds: float = TIMEOUT_SECONDS,
        retries: Retries | None = None,
    ) -> None:
        self._retries = retries or Retries()
        self._http = httpx.AsyncClient(base_url=address, headers=_credential(token), timeout=timeout_seconds)

    async def __aenter__(self) -> AsyncTarrafaClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def score_bet(self, bet: BetIn, *, key: str | None = None) -> BetOut:
        """Score a bet or a payment around one."""
        return await self._do(calls.score_bet(bet, key=key))

    async def score_rows(
        self, rows: Sequence[PaySimRow | Mapping[str, Any]], *, key: str | None = None
    ) -> list[PaySimOut]:
        """Score PaySim-shaped rows; an answer per row, in order, a bad row's with its `error`."""
        return await self._do(calls.score_rows(rows, key=key))

    async def analyze(self, payment: PaymentIn, *, key: str | None = None, language: str = "en") -> PaymentOut:
        """Judge a payment; `decision` is review with `degraded` when the service could not."""
        return await self._do(calls.analyze(payment, key=key, language=language))

    async def graphql(self, document: str, **variables: Any) -> dict[str, Any]:
        """The data that a GraphQL document asks for."""
        return await self._do(calls.graphql(document, variables))

    async def report(
        self, subject: Subject, subject_id: str, *, form: ReportForm = "pdf", language: str = "pt-BR"
    ) -> bytes:
        """The report about a ring or an operator, as a file."""
        return await self._do(calls.report(subject, subject_id, form=form, language=language))

    async def _do(self, call: Call[Answer]) -> Answer:
        exchange = call.exchange(self._retries)
        pause = next(exchange)
        while True:
            if pause:
                await asyncio.sleep(pause)
            try:
                pause = exchange.send(await self._send(call))
            except StopIteration as end:
                answer: Answer = end.value
                return answer

    async def _send(self, call: Call[Answer]) -> Sent:
        try:
            content, headers = call.body or None, dict(call.headers)
            return await self._http.request(call.method, call.path, content=content, headers=headers)
        except httpx.TransportError as error:
            return error


def _credential(token: str | None) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"} if token else {}
