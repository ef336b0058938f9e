"""The checkpoints of a home, and whom they hold for: the same program with the same settings of memory."""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path

from graph.checkpoint import Checkpoints
from service.home import HomePaths
from service.settings import Settings

#: Rooms whose code decides what memory holds.
ROOMS = ("graph", "rings", "scoring")


def home_checkpoints(settings: Settings, paths: HomePaths) -> Checkpoints:
    """The checkpoints of this home for this program and these settings."""
    made_by = {
        "code": code_digest(),
        "horizon_days": str(settings.window.horizon_days),
        "max_events": str(settings.window.max_events),
        "keep_movements": str(settings.keep_movements),
    }
    return Checkpoints(paths.checkpoints, made_by)


@cache
def code_digest() -> str:
    """Hash of the source files of `ROOMS`: another release works out anew what this one kept."""
    found = blake2b(digest_size=8)
    for room in ROOMS:
        spec = find_spec(room)
        assert spec is not None
        for folder in spec.submodule_search_locations or ():
            for path in sorted(Path(folder).rglob("*.py")):
                found.update(f"{room}/{path.relative_to(folder)}\0".encode() + path.read_bytes() + b"\0")
    return found.hexdigest()
