"""What a call sends, when it is sent again, and what its answer means; no network here, so both clients share it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from api.idempotency import HEADER
from api.rest.examples import BET_PATH, PAYMENT_PATH, ROWS_PATH
from api.rest.wire import BetIn, BetOut, PaymentIn, PaymentOut, PaySimOut, PaySimRow
from graph.errors import RetryLater, TarrafaError

Answer = TypeVar("Answer")
Sent = httpx.Response | httpx.TransportError

PASSING = frozenset({429, 502, 503, 504})  # statuses that may be gone when the call is sent again
LONGEST_PAUSE_SECONDS = 10.0


class CallRefused(TarrafaError):
    """The service answered with an error: its status, stable code, words, culprit field and cure."""

    def __init__(
        self, status: int, *, code: str, message: str, field: str = "", cure: str = "", trace: str = ""
    ) -> None:
        self.status, self.code, self.message, self.field, self.cure, self.trace = (
            status,
            code,
            message,
            field,
            cure,
            trace,
        )
        super().__init__(status, code, message)

    def __str__(self) -> str:
        cure = f"; {self.cure}" if self.cure else ""
        return f"{self.status} {self.code}: {self.message}{cure}"


class NoAnswer(RetryLater):
    """The service could not be reached, or did not answer in time, however often it was asked."""


@dataclass(frozen=True, slots=True)
class Retries:
    """How often a call that may be repeated is sent at most, and the first pause; each later one is twice as long."""

    attempts: int = 3
    first_pause_seconds: float = 0.1


@dataclass(frozen=True, slots=True)
class Call(Generic[Answer]):
    """One call: what is sent, how its answer is read, and whether sending it twice is the same as once."""

    method: Literal["GET", "POST"]
    path: str
    read: Callable[[bytes], Answer]
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    repeatable: bool = True

    def exchange(self, retries: Retries) -> Generator[float, Sent, Answer]:
        """Yield seconds to wait before the call is sent, take what came of it; return the answer.

        Raises `CallRefused` and `NoAnswer`.
        """
        attempts = retries.attempts if self.repeatable else 1
        pause = 0.0
        for attempt in range(1, attempts + 1):
            came = yield pause
            pause = retries.first_pause_seconds * 2 ** (attempt - 1)
            if isinstance(came, httpx.TransportError):
                if attempt == attempts:
                    raise NoAnswer(f"{self.method} {self.path}: {came or type(came).__name__}") from came
            elif came.is_success:
                return self.read(came.content)
            elif came.status_code not in PASSING or attempt == attempts:
                raise _refusal(came)
            else:
                pause = max(pause, _asked_pause(came))
        raise AssertionError("unreachable: the last attempt returns or raises")


def score_bet(bet: BetIn, *, key: str | None) -> Call[BetOut]:
    """`POST /api/transactions/score`."""
    return _post(BET_PATH, bet.model_dump_json(exclude_none=True).encode(), BetOut, key)


def score_rows(rows: Sequence[PaySimRow | Mapping[str, Any]], *, key: str | None) -> Call[list[PaySimOut]]:
    """`POST /api/v1/score`; rows given as mappings are left to the service to check, one by one."""
    given = [row.model_dump(mode="json", exclude_none=True) if isinstance(row, PaySimRow) else row for row in rows]
    return _post(ROWS_PATH, msgspec.json.encode({"transactions": given}), list[PaySimOut], key)


def analyze(payment: PaymentIn, *, key: str | None, language: str) -> Call[PaymentOut]:
    """`POST /api/v1/analyze`."""
    body = payment.model_dump_json(exclude_none=True).encode()
    return _post(f"{PAYMENT_PATH}?lang={quote(language)}", body, PaymentOut, key)


def graphql(document: str, variables: Mapping[str, Any]) -> Call[dict[str, Any]]:
    """`POST /graphql`; a document with a mutation is sent once only."""
    return Call(
        "POST",
        "/graphql",
        _read_graphql,
        body=msgspec.json.encode({"query": document, "variables": variables}),
        headers={"content-type": "application/json"},
        repeatable=not re.search(r"\bmutation\b", document),
    )


def report(subject: Literal["ring", "operator"], subject_id: str, *, form: str, language: str) -> Call[bytes]:
    """`GET /api/reports/...`, the file as it is."""
    return Call("GET", f"/api/reports/{subject}/{quote(subject_id)}.{form}?language={quote(language)}", bytes)


def _post(path: str, body: bytes, answer: type[Answer], key: str | None) -> Call[Answer]:
    headers = {"content-type": "application/json", HEADER: key or uuid.uuid4().hex}
    return Call("POST", path, msgspec.json.Decoder(answer).decode, body=body, headers=headers)


def _read_graphql(content: bytes) -> dict[str, Any]:
    found = msgspec.json.decode(content)
    errors = found.get("errors")
    if errors:
        first = errors[0]
        raise CallRefused(
            200, code=str(first.get("extensions", {}).get("code", "graphql_error")), message=str(first.get("message"))
        )
    data: dict[str, Any] = found["data"]
    return data


def _refusal(answer: httpx.Response) -> CallRefused:
    trace = answer.headers.get("x-trace-id", "")
    try:
        said = msgspec.json.decode(answer.content)["error"]
        return CallRefused(
            answer.status_code,
            code=said["code"],
            message=said["message"],
            field=said["field"],
            cure=said["cure"],
            trace=trace,
        )
    except (msgspec.MsgspecError, KeyError, TypeError):  # not the service: something between us and it
        return CallRefused(answer.status_code, code="http_error", message=answer.reason_phrase, trace=trace)


def _asked_pause(answer: httpx.Response) -> float:
    asked = answer.headers.get("retry-after", "")
    return min(float(asked), LONGEST_PAUSE_SECONDS) if asked.isdigit() else 0.0
