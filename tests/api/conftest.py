"""The hand-made world and a client on it, without a network."""

from __future__ import annotations

from functools import partial
from typing import Any

import anyio
import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from api.settings import ApiSettings
from tests.api.world import World, context_of, make_world


class Client:
    """Calls the application in this process; one event loop per call."""

    def __init__(self, app: FastAPI, *, base_url: str = "http://localhost") -> None:
        self.app = app
        self.base_url = base_url

    def call(self, method: str, address: str, **params: Any) -> httpx.Response:
        """Send one request and return the whole answer; redirects are not followed."""
        return anyio.run(partial(self._call, method, address, **params))

    def get(self, address: str, **params: Any) -> httpx.Response:
        return self.call("GET", address, **params)

    def post(self, address: str, **params: Any) -> httpx.Response:
        return self.call("POST", address, **params)

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """Run a GraphQL document that must succeed and return its data."""
        answer = self.post("/graphql", json={"query": query, "variables": variables}).json()
        assert "errors" not in answer, answer["errors"]
        found: dict[str, Any] = answer["data"]
        return found

    def page(self, address: str, *, language: str = "en") -> str:
        """The text of a page that must be there."""
        answer = self.get(address, headers={"accept": "text/html", "accept-language": language})
        assert answer.status_code == 200, answer.text
        return answer.text

    async def _call(self, method: str, address: str, **params: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=self.base_url) as client:
            return await client.request(method, address, **params)


def make_client(world: World, *, base_url: str = "http://localhost", **settings: object) -> Client:
    """A client on the application over `world` with these settings."""
    return Client(create_app(context_of(world), ApiSettings.model_validate(settings)), base_url=base_url)


@pytest.fixture(scope="session")
def served() -> tuple[World, Client]:
    """One application for every test; its world is made anew by `world`."""
    found = make_world()
    return found, make_client(found)


@pytest.fixture
def world(served: tuple[World, Client]) -> World:
    """The world behind `client`, as new."""
    served[0].__dict__.update(make_world().__dict__)
    return served[0]


@pytest.fixture
def client(served: tuple[World, Client], world: World) -> Client:
    """A client on the application over `world`."""
    assert served[0] is world
    return served[1]
