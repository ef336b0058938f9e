"""Who may call and what may be sent: host check, credential, body size, and the headers that keep pages to themselves.

Plain ASGI, so that nothing is buffered and WebSockets are covered too.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import Problem
from api.settings import ApiSettings

OPEN_PATHS = frozenset({"/health/live"})
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})

#: Pages load nothing from outside and run no script written into them. vis-network and the two tools of the
#: interface packages set style attributes while running, which needs 'unsafe-inline' for styles only.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


_STATIC = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
_OTHERS = [*_STATIC, (b"cache-control", b"no-store")]


class SecurityHeaders:
    """Add the headers to every answer; answers other than static files are not kept by caches."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name for name, _ in message["headers"]}
                wanted = _STATIC if scope["path"].startswith("/static/") else _OTHERS
                message["headers"] = [*message["headers"], *(pair for pair in wanted if pair[0] not in given)]
            await send(message)

        await self.app(scope, receive, send_with_headers)


class Gate:
    """Let a call in only under an expected host name and, where a token is set, with it.

    The token comes as `Authorization: Bearer`, as `X-API-Key`, or (browsers) as the password of HTTP Basic with any
    user name. Without a token only local host names are served: a page elsewhere cannot reach us by rebinding DNS.
    """

    def __init__(self, app: ASGIApp, settings: ApiSettings) -> None:
        self.app = app
        self.token = settings.token.get_secret_value().encode() if settings.token else None
        self.hosts = LOCAL_HOSTS | {host.lower() for host in settings.allowed_hosts}
        self.any_host = self.token is not None and not settings.allowed_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            problem = self._problem(scope)
            if problem is not None:
                await _refuse(problem, scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _problem(self, scope: Scope) -> Problem | None:
        headers = Headers(scope=scope)
        if not self.any_host and _host_name(headers.get("host", "")) not in self.hosts:
            cure = "call it as localhost, or add the name to the allowed hosts"
            return Problem(400, "unknown_host", "this service is not known under that host name", "host", cure)
        if self.token is None or scope["path"] in OPEN_PATHS:
            return None
        if any(hmac.compare_digest(given, self.token) for given in _credentials(headers)):
            return None
        cure = "send the token as Authorization: Bearer, as X-API-Key, or as the password of HTTP Basic"
        return Problem(401, "unauthenticated", "a credential is needed", cure=cure)


class BodyLimit:
    """Refuse a body larger than the limit, declared or streamed; GraphQL has a lower one (documents are costly)."""

    def __init__(self, app: ASGIApp, settings: ApiSettings) -> None:
        self.app = app
        self.limit = settings.max_body_bytes
        self.graphql_limit = min(settings.max_graphql_bytes, self.limit)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self.graphql_limit if scope["path"] == "/graphql" else self.limit
        problem = Problem(413, "body_too_large", f"the body is larger than {limit} bytes", cure="send less at once")
        declared = Headers(scope=scope).get("content-length", "0")
        if not declared.isdigit() or int(declared) > limit:
            await _refuse(problem, scope, receive, send)
            return
        await self.app(scope, _counting(receive, limit), send)


def _counting(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise HTTPException(413, f"the body is larger than {limit} bytes")  # rendered inside, like any other
        return message

    return counted


async def _refuse(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": problem.message})
        return
    headers = {"www-authenticate": 'Basic realm="Tarrafa", charset="UTF-8"'} if problem.status == 401 else {}
    await JSONResponse(problem.body(), status_code=problem.status, headers=headers)(scope, receive, send)


def _host_name(host: str) -> str:
    """The host without its port, in lower case."""
    if host.startswith("["):
        return host.partition("]")[0].lower() + "]"
    return host.partition(":")[0].lower()


def _credentials(headers: Headers) -> list[bytes]:
    """Every secret the caller sent."""
    given = [headers.get("x-api-key", "").encode()]
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        given.append(value.strip().encode())
    elif scheme.lower() == "basic":
        with suppress(binascii.Error):  # not base64: no credential
            given.append(base64.b64decode(value, validate=True).partition(b":")[2])
    return given
