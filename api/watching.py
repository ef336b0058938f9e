"""Numbers for a monitoring system: what the API adds to them, and how it gets them."""

from __future__ import annotations

from collections.abc import Collection
from time import perf_counter
from typing import Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Watching(Protocol):
    """Count, and say the numbers of the whole service.

    Guarantees: counting never waits and never fails; `scrape` answers within seconds and leaves out what cannot be
    asked now, instead of making it up.
    """

    def answered(self, route: str, status: int, seconds: float) -> None: ...

    def undecided(self) -> None: ...

    def scrape(self) -> tuple[bytes, str]:
        """The numbers in Prometheus text format, and the content type of that format."""
        ...


class Timing:
    """Time the calls of `routes`, from their head to the last byte of the answer, refused ones too."""

    def __init__(self, app: ASGIApp, watching: Watching, routes: Collection[str]) -> None:
        self.app, self.watching, self.routes = app, watching, frozenset(routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in self.routes:
            await self.app(scope, receive, send)
            return
        began, status = perf_counter(), 500  # what a call without an answer ends as

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noted)
        finally:
            self.watching.answered(scope["path"], status, perf_counter() - began)
