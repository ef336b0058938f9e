"""The service over Neo4j and Postgres comes to the state of the embedded one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.service.command import Tarrafa
from tests.service.conftest import PlayedHome

pytestmark = pytest.mark.server


@pytest.mark.usefixtures("neo4j_settings")
def test_the_demo_on_servers_comes_to_the_embedded_state(
    tarrafa: Tarrafa,
    tmp_path: Path,
    demo_home: PlayedHome,
    played_home: PlayedHome,
    fresh_postgres: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = tarrafa("job", "run", "shared_device", "--json", "--home", played_home.home).well().out
    monkeypatch.setenv("TARRAFA_LEDGER_URL", fresh_postgres)
    home = tmp_path / "on-servers"
    servers = ("--home", home, "--store", "neo4j")
    assert demo_home.state_hash in tarrafa("demo", "--events", 3_000, "--no-serve", *servers).well().out
    assert not (home / "ledger.sqlite").exists()
    assert tarrafa("state-hash", *servers).well().out == demo_home.state_hash + "\n"

    report = tarrafa("report", "ring", demo_home.ring_id, "--out", tmp_path / "report", *servers).well()
    assert Path(report.out.splitlines()[0]).read_bytes().startswith(b"%PDF-")
    job = ("job", "run", "shared_device", "--json")
    assert tarrafa(*job, *servers).well().out == found != ""
    assert "127.0.0.1" in tarrafa("doctor", *servers).out

    other = tarrafa("state-hash", "--home", tmp_path / "other", "--store", "neo4j")
    assert other.status == 2  # the server holds the graph of the first home
    assert "Traceback" not in other.err
    assert demo_home.state_hash in tarrafa("rebuild", *servers).well().out
