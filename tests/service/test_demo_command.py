"""`tarrafa demo`: plays the seeded world, says what it found, and picks its state up again."""

from __future__ import annotations

from pathlib import Path

from tests.service.command import Tarrafa
from tests.service.conftest import PlayedHome


def test_a_second_demo_picks_up_the_state_of_the_first(home: Path, tarrafa: Tarrafa, demo_home: PlayedHome) -> None:
    demo = ("demo", "--events", 3_000, "--no-serve", "--home", home)
    first, second = tarrafa(*demo).well(), tarrafa(*demo).well()
    assert _shown(first.out, "events accepted") == "3,000"
    assert _shown(second.out, "events accepted") == "0"
    assert _shown(first.out, "state hash") == _shown(second.out, "state hash") == demo_home.state_hash
    assert "rings planted / found" in second.out
    assert demo_home.ring_id in second.out


def test_another_seed_is_another_world(home: Path, tarrafa: Tarrafa, demo_home: PlayedHome) -> None:
    out = tarrafa("demo", "--events", 1_000, "--seed", 2, "--no-serve", "--home", home).well().out
    assert _shown(out, "state hash") != demo_home.state_hash


def _shown(out: str, name: str) -> str:
    """The value beside `name` in the printed table."""
    return next(line.split("│")[2].strip() for line in out.splitlines() if f" {name} " in line)
