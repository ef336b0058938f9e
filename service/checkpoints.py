"""The checkpoints of a home, and whom they hold for: the same program with the same settings of memory."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path

from graph.checkpoint import Checkpoints
from graph.window.records import WindowSettings
from service.home import HomePaths
from service.settings import Settings

#: Rooms whose code decides what memory holds.
ROOMS = ("gnn", "graph", "rings", "scoring")
SOURCES = frozenset({".cypher", ".py"})


def window_settings(settings: Settings) -> WindowSettings:
    """How much the window of this service remembers."""
    return WindowSettings(horizon_days=settings.window.horizon_days, max_events=settings.window.max_events)


def home_checkpoints(settings: Settings, paths: HomePaths) -> Checkpoints:
    """The checkpoints of this home for this program and these settings."""
    made_by = {
        "code": code_digest(),
        **{f"window {name}": str(value) for name, value in asdict(window_settings(settings)).items()},
        "keep_movements": str(settings.keep_movements),
    }
    return Checkpoints(paths.checkpoints, made_by)


@cache
def code_digest(rooms: tuple[str, ...] = ROOMS) -> str:
    """Hash of the source files of `rooms`: another release works out anew what this one kept."""
    found = blake2b(digest_size=8)
    for room in rooms:
        spec = find_spec(room)
        assert spec is not None
        for folder in spec.submodule_search_locations or ():
            for path in sorted(path for path in Path(folder).rglob("*") if path.suffix in SOURCES):
                found.update(f"{room}/{path.relative_to(folder)}\0".encode() + path.read_bytes() + b"\0")
    return found.hexdigest()
