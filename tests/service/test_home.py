"""The home: one owner, one identifier key, refusals before anything is opened, and a full disk survived."""

from __future__ import annotations

import resource
import shutil
import socket
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from service.home import HomeLock, HomePaths
from tests.service.command import Tarrafa, ended, start
from tests.service.conftest import PlayedHome

DEMO = ("demo", "--events", 3_000, "--no-serve", "--home")


def test_a_home_in_use_names_its_owner_and_the_cure(tarrafa: Tarrafa, home: Path) -> None:
    with HomeLock(HomePaths(home)):
        result = tarrafa("state-hash", "--home", home)
    assert result.status == 2
    assert f"the home {home} is used by process" in result.err
    assert "--home" in result.err
    tarrafa("state-hash", "--home", home).well()


def test_a_home_that_cannot_be_made_is_said(tarrafa: Tarrafa, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    result = tarrafa("state-hash", "--home", tmp_path / "file")
    assert result.status == 2
    assert "cannot be used" in result.err
    assert "give another one with --home" in result.err


def test_the_key_is_made_once_apart_from_the_data_and_shared_by_all_homes(
    tarrafa: Tarrafa, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TARRAFA_IDENTITY_SECRET")
    for name in ("one", "other"):
        tarrafa("state-hash", "--home", tmp_path / name).well()
    key = tmp_path / "person" / ".config" / "tarrafa" / "identifier.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    ids = {(tmp_path / name / "key-id").read_text() for name in ("one", "other")}
    assert len(ids) == 1
    secret = key.read_bytes()
    assert not any(secret in path.read_bytes() for path in tmp_path.glob("o*/**/*") if path.is_file())


def test_another_key_is_refused_before_anything_is_written(
    tarrafa: Tarrafa, played_home: PlayedHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TARRAFA_IDENTITY_SECRET", "quite another secret")
    result = tarrafa("state-hash", "--home", played_home.home)
    assert result.status == 2
    assert "TARRAFA_IDENTITY_KEY_FILE" in result.err
    monkeypatch.undo()


def test_a_neo4j_that_does_not_run_is_named_with_what_to_start(
    tarrafa: Tarrafa, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TARRAFA_NEO4J_URI", "bolt://127.0.0.1:9")
    result = tarrafa("state-hash", "--home", home, "--store", "neo4j")
    assert result.status == 2
    assert "bolt://127.0.0.1:9" in result.err
    assert "start" in result.err


@pytest.mark.parametrize("command", [("serve",), ("demo",), ("run", "payments.csv")])
def test_an_address_that_others_reach_is_refused_without_a_token_before_anything_opens(
    tarrafa: Tarrafa, home: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv("TARRAFA_API_HOST", "0.0.0.0")
    result = tarrafa(*command, "--home", home)
    assert result.status == 2
    assert "refusing to listen on 0.0.0.0 without credentials" in result.err
    assert not home.exists()


def test_a_port_in_use_is_said_before_the_work_not_after(tarrafa: Tarrafa, home: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        result = tarrafa("serve", "--port", other.getsockname()[1], "--home", home)
    assert result.status == 2
    assert "TARRAFA_API_PORT" in result.err
    assert not home.exists()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[tuple[Path, Callable[[], None] | None]]:
    """A folder where 1 MB fits, and what a process must call first for that to hold (None on a real small disk)."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if shutil.which("mount") and subprocess.run(mount, capture_output=True, check=False).returncode == 0:
        yield folder, None
        subprocess.run(["umount", str(folder)], check=True)
    else:
        yield folder, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, resource.RLIM_INFINITY))


@pytest.mark.slow
def test_a_full_disk_is_said_and_more_room_ends_in_the_undisturbed_state(
    small_disk: tuple[Path, Callable[[], None] | None], demo_home: PlayedHome
) -> None:
    folder, limit = small_disk
    full = ended(start(*DEMO, folder / "home", limit=limit))
    assert full.status == 2, full.err
    assert "error: no room left" in full.err
    assert "Traceback" not in full.err
    if limit is None:
        subprocess.run(["mount", "-o", "remount,size=500m", str(folder)], check=True)
    again = ended(start(*DEMO, folder / "home")).well()
    assert demo_home.state_hash in again.out
