"""Finished stages of a training on disk, so that one that was killed goes on where it was.

A stage is written beside its place and renamed when whole. The folder is named after everything that training depends
on; a training with anything else goes into another folder.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from gnn.candidates import Candidate, Fitted
from gnn.dataset import Edges, Rated
from gnn.log_rows import LogRows
from gnn.packing import pack, unpack
from gnn.pieces import ModelRefused, Node, Packed
from gnn.split import Split

EDGES = tuple(Edges.__dataclass_fields__)


class _Recipe(msgspec.Struct):
    nodes: dict[str, Node]
    tops: tuple[str, ...]
    boosters: dict[str, str]


@dataclass(frozen=True, slots=True)
class StageFolder:
    """The finished stages of one training."""

    root: Path

    @classmethod
    def of(cls, below: Path, what: Mapping[str, Any]) -> StageFolder:
        """The folder below `below` for a training that depends on `what`; those of other trainings are removed."""
        name = hashlib.sha256(msgspec.json.encode(what, order="sorted")).hexdigest()[:16]
        if below.is_dir():
            for other in below.iterdir():
                if other.name != name:
                    shutil.rmtree(other, ignore_errors=True)
        (below / name).mkdir(parents=True, exist_ok=True)
        return cls(below / name)

    def remove(self) -> None:
        """Forget all stages."""
        shutil.rmtree(self.root, ignore_errors=True)
        with suppress(OSError):
            self.root.parent.rmdir()

    def rows(self, make: Callable[[], LogRows]) -> LogRows:
        """The rows of the log: read where they are kept, else made and kept."""
        folder = self.root / "rows"
        if not folder.exists():
            found = make()
            waiting = _waiting(folder)
            np.save(waiting / "features.npy", found.features, allow_pickle=False)
            parts = {name: np.ascontiguousarray(getattr(found.edges, name)) for name in EDGES}
            save_file(parts, waiting / "edges.safetensors")
            (waiting / "tx_ids").write_bytes(msgspec.json.encode(found.tx_ids))
            waiting.rename(folder)
            return found
        features = np.load(folder / "features.npy", allow_pickle=False)
        edges = Edges(**load_file(folder / "edges.safetensors"))
        return LogRows(msgspec.json.decode((folder / "tx_ids").read_bytes(), type=list[str]), features, edges)

    def fitted(self, name: str, make: Callable[[], Fitted]) -> Fitted:
        """A fitted model: read where it is kept and whole, else made and kept."""
        folder = self.root / name.replace(" ", "_")
        if folder.exists():
            with suppress(OSError, msgspec.MsgspecError, SafetensorError, ModelRefused):
                return unpack(_read(folder))
            shutil.rmtree(folder)
        found = make()
        packed = pack(found)
        waiting = _waiting(folder)
        save_file({**packed.arrays, "no_array": np.zeros(1)}, waiting / "arrays.safetensors")
        recipe = _Recipe(dict(packed.nodes), packed.tops, dict(packed.boosters))
        (waiting / "recipe.json").write_bytes(msgspec.json.encode(recipe))
        waiting.rename(folder)
        return found


@dataclass(frozen=True, slots=True)
class Kept:
    """A candidate whose model is kept in a folder."""

    candidate: Candidate
    folder: StageFolder
    told: Callable[[str], None]

    @property
    def name(self) -> str:
        """The candidate's own name."""
        return self.candidate.name

    def fit(self, rated: Rated, split: Split, seed: int) -> Fitted:
        """As the candidate's, trained only where it is not kept yet."""

        def make() -> Fitted:
            self.told(self.name)
            return self.candidate.fit(rated, split, seed)

        return self.folder.fitted(self.name, make)


def _read(folder: Path) -> Packed:
    recipe = msgspec.json.decode((folder / "recipe.json").read_bytes(), type=_Recipe)
    return Packed(recipe.nodes, recipe.tops, recipe.boosters, load_file(folder / "arrays.safetensors"))


def _waiting(folder: Path) -> Path:
    waiting = folder.with_name(f".{folder.name}-{os.getpid()}")
    shutil.rmtree(waiting, ignore_errors=True)
    waiting.mkdir(parents=True)
    return waiting
