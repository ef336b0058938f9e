"""The same events end in the same state: killed, shuffled, rebuilt, or on another store."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from service.bootstrap import open_service
from service.settings import load_settings
from tests.service.player import play, shuffled, world_events

EVENTS = 2_000


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """State hash of the world played once, in order, without trouble."""
    patch = pytest.MonkeyPatch()
    with patch.context() as scoped:
        scoped.setenv("TARRAFA_IDENTITY_SECRET", "a secret for tests only")
        return play(tmp_path_factory.mktemp("undisturbed") / "home", "kglite", world_events(EVENTS), batch=1_000)


def killed_at(home: Path, store: str, stage: str, nth: int) -> None:
    """Play in a process of its own and see it die at `stage`."""
    arguments = [str(home), store, str(EVENTS), "250", stage, str(nth)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.service.player", *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["logged", "applied", "stored", "recorded"])
def test_a_process_killed_anywhere_on_the_path_ends_in_the_undisturbed_state(
    home: Path, undisturbed: str, stage: str
) -> None:
    killed_at(home, "kglite", stage, 3)
    assert play(home, "kglite", world_events(EVENTS), batch=330) == undisturbed


@pytest.mark.slow
def test_two_kills_and_a_rebuild_end_in_the_undisturbed_state(home: Path, undisturbed: str) -> None:
    killed_at(home, "kglite", "applied", 4)  # of eight batches
    killed_at(home, "kglite", "logged", 2)
    assert play(home, "kglite", world_events(EVENTS), batch=1_000) == undisturbed
    with open_service(load_settings(home=home), work=True, rebuild=True) as service:
        assert service.state_hash() == undisturbed


def test_shuffled_batches_end_in_the_same_state(home: Path, undisturbed: str) -> None:
    assert play(home, "kglite", shuffled(world_events(EVENTS), within=300, seed=1), batch=170) == undisturbed


def test_playing_everything_twice_changes_nothing(home: Path, undisturbed: str) -> None:
    events = world_events(EVENTS)
    play(home, "kglite", events, batch=1_000)
    assert play(home, "kglite", events, batch=90) == undisturbed


def test_a_clean_stop_is_read_without_building_the_window(home: Path, undisturbed: str) -> None:
    play(home, "kglite", world_events(EVENTS), batch=1_000)
    with open_service(load_settings(home=home), work=False) as service:
        assert service.pipeline is None
        assert service.state_hash() == undisturbed


def test_one_event_more_is_another_state(home: Path, undisturbed: str) -> None:
    assert play(home, "kglite", world_events(EVENTS)[:-1], batch=1_000) != undisturbed


@pytest.mark.server
@pytest.mark.usefixtures("neo4j_settings")
def test_both_stores_hold_the_same_state_even_after_a_kill(home: Path, undisturbed: str) -> None:
    killed_at(home, "neo4j", "stored", 2)
    assert play(home, "neo4j", world_events(EVENTS), batch=400) == undisturbed
