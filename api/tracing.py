"""Every call has a trace id (W3C Trace Context): the caller's, else a new one; in the answer and in what is logged."""

from __future__ import annotations

import random
import re
from contextvars import ContextVar

from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = b"x-trace-id"
_GIVEN = re.compile(rb"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-|$)")
_ids = random.Random(random.SystemRandom().getrandbits(256))  # unique, not secret: no call of the system for each
_current: ContextVar[str] = ContextVar("trace_id", default="")


def trace_id() -> str:
    """The trace id of the call under way, 32 hex digits; empty outside of one."""
    return _current.get()


class Tracing:
    """Take the trace id of header `traceparent`, or make one, and send it back as `X-Trace-Id`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        found = _given(scope) or f"{_ids.getrandbits(128):032x}"
        answer_header = (HEADER, found.encode())

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], answer_header]
            await send(message)

        token = _current.set(found)
        try:
            await self.app(scope, receive, send_with_id)
        finally:
            _current.reset(token)


def _given(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"traceparent":
            match = _GIVEN.match(value)
            return match[1].decode() if match else ""
    return ""
