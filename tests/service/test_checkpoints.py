"""Checkpoints of a home: killed anywhere - also while one is written - the state is the undisturbed one."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from service.bootstrap import open_service
from service.settings import load_settings
from tests.service.command import Tarrafa
from tests.service.player import play, shuffled, world_events

EVENTS = 2_000


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARRAFA_WINDOW_CHECKPOINT_EVENTS", "600")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """State hash of the world played once, without checkpoints."""
    with pytest.MonkeyPatch.context() as scoped:
        scoped.setenv("TARRAFA_IDENTITY_SECRET", "a secret for tests only")
        scoped.setenv("TARRAFA_WINDOW_CHECKPOINT_EVENTS", "0")
        return play(tmp_path_factory.mktemp("undisturbed") / "home", "kglite", world_events(EVENTS), batch=1_000)


@pytest.mark.slow
@pytest.mark.parametrize(("stage", "nth"), [("checkpointing", 40), ("checkpointed", 2), ("applied", 7)])
def test_a_process_killed_around_a_checkpoint_ends_in_the_undisturbed_state(
    home: Path, undisturbed: str, stage: str, nth: int
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.service.player", str(home), "kglite", str(EVENTS), "250", stage, str(nth)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    with open_service(load_settings(home=home), work=True) as service:
        kept = service.running.checkpoints
        if stage != "applied":  # there the writer may or may not have come to it
            assert (kept.newest > 0) == (stage == "checkpointed")
        assert kept.refused == []
    assert play(home, "kglite", shuffled(world_events(EVENTS), within=200, seed=2), batch=170) == undisturbed


def test_a_clean_stop_leaves_a_checkpoint_that_the_next_start_goes_on_from(home: Path, undisturbed: str) -> None:
    events = shuffled(world_events(EVENTS), within=200, seed=4)
    play(home, "kglite", events[:900], batch=100)
    with open_service(load_settings(home=home), work=True) as service:
        assert service.running.checkpoints.newest == 900
        assert service.running.checkpoints.refused == []
    assert play(home, "kglite", events, batch=330) == undisturbed


def test_a_rebuild_leaves_checkpoints_aside_and_ends_in_the_same_state(home: Path, undisturbed: str) -> None:
    play(home, "kglite", world_events(EVENTS), batch=1_000)
    with open_service(load_settings(home=home), work=True, rebuild=True) as service:
        assert service.running.checkpoints.newest == 0
        assert service.state_hash() == undisturbed


def test_a_lost_graph_is_filled_again_although_there_is_a_checkpoint(home: Path, undisturbed: str) -> None:
    play(home, "kglite", world_events(EVENTS), batch=1_000)
    for path in (home / "graph").iterdir():
        path.unlink()
    with open_service(load_settings(home=home), work=True) as service:
        assert "graph store and ledger hold the log only up to entry 0" in service.running.checkpoints.refused[0]
        assert service.state_hash() == undisturbed


def test_doctor_says_what_memory_holds_and_what_bounds_it(home: Path, tarrafa: Tarrafa) -> None:
    play(home, "kglite", world_events(EVENTS), batch=1_000)
    said = tarrafa("doctor", "--home", home).well().out
    assert f"at entry {EVENTS:,}" in said
    assert "at most 10,000,000 events" in said
