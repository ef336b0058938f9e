"""Who may call, what may be sent, and what every answer carries."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator

import pytest
from fastapi.routing import APIRoute

from api.security import CONTENT_SECURITY_POLICY
from api.settings import ApiSettings, check_bind
from graph.errors import ConfigurationError
from tests.api.conftest import Client, make_client
from tests.api.world import Crash, World

TOKEN = "correct-horse-battery"
EVERY_PATH = [
    "/",
    "/rings/ring-farm",
    "/operators",
    "/accounts/collector-1",
    "/transactions/out-0",
    "/graphiql",
    "/docs",
    "/openapi.json",
    "/health",
    "/health/ready",
    "/metrics",
    "/api/rings",
    "/api/rings/ring-farm",
    "/api/reports/ring/ring-farm.pdf",
    "/static/app/tarrafa.css",
    "/static/vis/vis-network.min.js",
    "/no/such/page",
]


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.4", "::", "example.org"])
def test_an_address_others_can_reach_needs_a_token(host: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        check_bind(ApiSettings(host=host))
    assert caught.value.cure
    check_bind(ApiSettings.model_validate({"host": host, "token": TOKEN}))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.8.8"])
def test_this_machine_alone_needs_none(host: str) -> None:
    check_bind(ApiSettings(host=host))


def test_a_token_that_can_be_guessed_is_refused() -> None:
    with pytest.raises(ConfigurationError):
        check_bind(ApiSettings.model_validate({"token": "short"}))


def test_the_application_itself_checks_the_bind(world: World) -> None:
    with pytest.raises(ConfigurationError):
        make_client(world, host="0.0.0.0")


def test_a_setting_nobody_knows_is_an_error() -> None:
    with pytest.raises(ValueError, match="tokn"):
        ApiSettings.model_validate({"tokn": TOKEN})


def test_every_address_asks_for_the_token(world: World) -> None:
    client = make_client(world, token=TOKEN)
    for path in EVERY_PATH:
        refused = client.get(path)
        assert refused.status_code == 401, path
        assert refused.json()["error"]["code"] == "unauthenticated"
        assert "Basic" in refused.headers["www-authenticate"]
        assert not world.asked
    for path in EVERY_PATH:
        assert client.get(path, headers={"x-api-key": TOKEN}).status_code in (200, 404), path


def test_the_list_of_addresses_leaves_none_out(client: Client) -> None:
    """Every route the application has begins like one of those tried above, or is a call tried below."""
    tried = [path.split("/")[1] for path in EVERY_PATH] + ["graphql", "search"]
    for route in client.app.routes:
        if isinstance(route, APIRoute):
            assert route.path.split("/")[1].removesuffix("{") in tried, route.path


def test_every_call_asks_for_the_token(world: World) -> None:
    client = make_client(world, token=TOKEN)
    for path in ("/graphql", "/api/transactions/score", "/api/v1/score", "/api/v1/analyze"):
        assert client.post(path, json={}).status_code == 401
    assert client.get("/search?q=x").status_code == 401
    assert not world.asked


def test_the_token_comes_in_three_ways_and_a_wrong_one_in_none(world: World) -> None:
    client = make_client(world, token=TOKEN)

    def basic(password: str) -> str:
        return "Basic " + base64.b64encode(f"anyone:{password}".encode()).decode()

    for headers in ({"authorization": f"Bearer {TOKEN}"}, {"x-api-key": TOKEN}, {"authorization": basic(TOKEN)}):
        assert client.get("/api/rings", headers=headers).status_code == 200
    for headers in (
        {"authorization": f"Bearer {TOKEN}x"},
        {"x-api-key": TOKEN.upper()},
        {"authorization": basic("")},
        {"authorization": "Basic ???"},
        {"authorization": TOKEN},
        {"x-api-key": ""},
    ):
        assert client.get("/api/rings", headers=headers).status_code == 401


def test_liveness_is_open_and_tells_nothing(world: World) -> None:
    answer = make_client(world, token=TOKEN).get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_without_a_token_only_local_host_names_are_served(world: World) -> None:
    client = make_client(world)
    assert client.get("/api/rings", headers={"host": "evil.example"}).status_code == 400
    for host in ("localhost:8000", "127.0.0.1:9", "[::1]:8000"):
        assert client.get("/api/rings", headers={"host": host}).status_code == 200


def test_named_hosts_are_the_only_ones(world: World) -> None:
    client = make_client(world, token=TOKEN, allowed_hosts=["tarrafa.example"])
    headers = {"x-api-key": TOKEN}
    assert client.get("/api/rings", headers=headers | {"host": "tarrafa.example"}).status_code == 200
    assert client.get("/api/rings", headers=headers | {"host": "other.example"}).status_code == 400


def test_a_body_over_the_limit_is_refused_declared_or_not(world: World) -> None:
    client = make_client(world, max_body_bytes=1_000)

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 100

    kind = {"content-type": "application/json"}
    for path in ("/api/v1/score", "/graphql"):
        declared = client.post(path, content=b"x" * 2_000, headers=kind)
        streamed = client.post(path, content=pieces(), headers=kind)
        assert (declared.status_code, streamed.status_code) == (413, 413), path
        assert streamed.json()["error"]["code"] == "body_too_large"


@pytest.mark.parametrize("path", [*EVERY_PATH, "/health/live"])
def test_every_answer_carries_the_headers(client: Client, path: str) -> None:
    headers = client.get(path, headers={"accept": "text/html"}).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in headers["content-security-policy"]


def test_pages_may_load_from_us_alone_and_run_no_inline_script() -> None:
    assert "http" not in CONTENT_SECURITY_POLICY
    assert "script-src 'self';" in CONTENT_SECURITY_POLICY


def test_a_crash_is_answered_without_a_trace_and_with_the_headers(client: Client, world: World) -> None:
    world.broken["rings"] = Crash("password=hunter2")
    for accept in ("text/html", "application/json"):
        answer = client.get("/", headers={"accept": accept})
        assert answer.status_code == 500
        assert "hunter2" not in answer.text
        assert "Traceback" not in answer.text
        assert answer.headers["x-frame-options"] == "DENY"


def test_what_is_asked_is_not_kept_by_caches(client: Client) -> None:
    assert client.get("/api/rings").headers["cache-control"] == "no-store"


def test_a_form_on_another_page_can_set_nothing_going(client: Client, world: World) -> None:
    """A browser sends remembered credentials along with forms of other pages, but not as JSON without asking."""
    run = b'{"query": "mutation { runJob(name: \\"fan_in\\") { name } }"}'
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        for path in ("/graphql", "/api/v1/score", "/api/transactions/score"):
            assert client.post(path, content=run, headers={"content-type": kind}).status_code in (400, 415, 422)
    assert not world.asked
    assert client.post("/graphql", content=run, headers={"content-type": "application/json"}).status_code == 200
