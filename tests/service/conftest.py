"""Homes and keys of the service tests: one identifier secret for all, so that state hashes can be compared."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.servers.neo4j import Neo4jServer
from ingest.simulator.world import World
from service.bootstrap import open_service
from service.run import all_rings, play, progress_bar
from service.settings import load_settings
from tests.service.command import Tarrafa

SECRET = "a secret for tests only"


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TARRAFA_IDENTITY_SECRET", SECRET)
    monkeypatch.setenv("HOME", str(tmp_path / "person"))  # no test touches the key or the home of whoever runs it
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def tarrafa(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Tarrafa:
    """The command line, run in this process: `tarrafa("state-hash", "--home", home)`."""
    return Tarrafa(monkeypatch, capsys)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home that does not exist yet."""
    return tmp_path / "home"


@dataclass(frozen=True, slots=True)
class PlayedHome:
    """A home with the demo world of 3,000 events in it, and what it came to. `home` is never written to."""

    home: Path
    state_hash: str
    ring_id: str
    operator_id: str


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> PlayedHome:
    """`tarrafa demo --events 3000`, played once."""
    home = tmp_path_factory.mktemp("demo") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TARRAFA_IDENTITY_SECRET", SECRET)
        with open_service(load_settings(home=home), work=True) as service, progress_bar() as bar:
            play(service, World(seed=1, events=3_000), progress=bar, resume=True)
            ring = max(all_rings(service), key=lambda ring: len(ring.members))
            operator = service.catalog.read(service.store, "read/operators", limit=1, after="")[0]["id"]
            return PlayedHome(home, service.state_hash(), ring.ring_id, operator)


@pytest.fixture
def played_home(demo_home: PlayedHome, home: Path) -> PlayedHome:
    """A copy of the demo's home, for tests that write into it."""
    shutil.copytree(demo_home.home, home)
    return PlayedHome(home, demo_home.state_hash, demo_home.ring_id, demo_home.operator_id)


@pytest.fixture
def neo4j_settings(neo4j_server: Neo4jServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of a service that uses the test server."""
    monkeypatch.setenv("TARRAFA_NEO4J_URI", neo4j_server.uri)
    monkeypatch.setenv("TARRAFA_NEO4J_USER", neo4j_server.user)
    monkeypatch.setenv("TARRAFA_NEO4J_PASSWORD", neo4j_server.password)
