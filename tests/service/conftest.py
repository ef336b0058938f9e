"""Homes and keys of the service tests: one identifier secret for all, so that state hashes can be compared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.servers.neo4j import Neo4jServer


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARRAFA_IDENTITY_SECRET", "a secret for tests only")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home that does not exist yet."""
    return tmp_path / "home"


@pytest.fixture
def neo4j_settings(neo4j_server: Neo4jServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The environment of a service that uses the test server."""
    monkeypatch.setenv("TARRAFA_NEO4J_URI", neo4j_server.uri)
    monkeypatch.setenv("TARRAFA_NEO4J_USER", neo4j_server.user)
    monkeypatch.setenv("TARRAFA_NEO4J_PASSWORD", neo4j_server.password)
    yield
