"""The one place where an error becomes an answer: status, stable code, words and cure; never a stack trace."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.pages.render import Pages
from api.tracing import trace_id
from graph.errors import RejectedRecord, RetryLater, StopWork, StoreUnavailable, TarrafaError, shorten

log = logging.getLogger("tarrafa.api")

INTERNAL = "internal_error"
TRY_AGAIN = {"retry-after": "1"}  # seconds; with errors that pass by themselves
_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")
_HTTP_CODES = {401: "unauthenticated", 404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as callers see it; `field` and `cure` are empty where there is nothing to say."""

    status: int
    code: str
    message: str
    field: str = ""
    cure: str = ""

    def body(self) -> dict[str, dict[str, str]]:
        """The JSON answer."""
        return {"error": {"code": self.code, "message": self.message, "field": self.field, "cure": self.cure}}


def problem_of(error: Exception) -> Problem:
    """Say what went wrong. Errors that are not ours tell nothing but that they happened."""
    if isinstance(error, RejectedRecord):
        return Problem(error.http_status, error.code, str(error), error.field, error.cure)
    if isinstance(error, StoreUnavailable):  # its address is for the operator's log, not for callers
        return Problem(error.http_status, "store_unavailable", f"{error.store} does not answer", cure="try again later")
    if isinstance(error, TarrafaError):
        code = _CAPITAL.sub("_", type(error).__name__).lower()
        cure = error.cure if isinstance(error, StopWork) else ""
        return Problem(error.http_status, code, str(error) or code.replace("_", " "), cure=cure)
    if isinstance(error, RequestValidationError):
        return validation_problem(error.errors())
    if isinstance(error, HTTPException):
        return Problem(error.status_code, _HTTP_CODES.get(error.status_code, "http_error"), str(error.detail))
    return Problem(500, INTERNAL, "something failed on our side; nothing was decided")


def validation_problem(errors: list[dict[str, object]] | tuple[dict[str, object], ...] | object) -> Problem:
    """Say which field of a body is wrong, from the errors of pydantic (the first is enough to go on)."""
    first = errors[0] if isinstance(errors, (list, tuple)) and errors else {}
    place = first.get("loc", ())
    names = [str(part) for part in place if part != "body"] if isinstance(place, (list, tuple)) else []
    value = first.get("input", "")
    shown = f" (got {shorten(value)})" if isinstance(value, (str, int, float)) else ""
    message = f"{'.'.join(names) or 'body'}: {first.get('msg', 'not understood')}{shown}"
    return Problem(422, "invalid_request", message, ".".join(names), "see /docs for the shape of this call")


def install(app: FastAPI, pages: Pages) -> None:
    """Render every error of `app` through `problem_of`, as a page for browsers.

    Call it before other middleware is added: then those see its answers.
    """

    async def known(request: Request, error: Exception) -> Response:
        problem = problem_of(error)
        if problem.status >= 500:
            log.warning(
                "request_failed path=%s trace=%s code=%s cause=%s", request.url.path, trace_id(), problem.code, error
            )
        answer = _answer(request, problem, pages)
        if isinstance(error, RetryLater):
            answer.headers.update(TRY_AGAIN)
        return answer

    for kind in (TarrafaError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, known)
    app.add_middleware(LastResort, pages=pages)


class LastResort:
    """Answer for what nothing else caught: the framework's own handler would stand outside the security headers."""

    def __init__(self, app: ASGIApp, pages: Pages) -> None:
        self.app = app
        self.pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except Exception as error:  # a caller gets an answer whatever broke; the trace goes to the log
            log.error("request_crashed path=%s trace=%s", scope["path"], trace_id(), exc_info=error)
            if started:
                raise
            await _answer(Request(scope), problem_of(error), self.pages)(scope, receive, send)


def _answer(request: Request, problem: Problem, pages: Pages) -> Response:
    path = request.url.path
    if path.startswith(("/api/", "/graphql")) or "text/html" not in request.headers.get("accept", ""):
        return JSONResponse(problem.body(), status_code=problem.status)
    try:
        return pages.page(request, "problem.html", status=problem.status, problem=problem)
    except RejectedRecord:  # the language asked for is the problem
        return JSONResponse(problem.body(), status_code=problem.status)
