"""The ring head: how likely a found ring is a fraud ring and no honest look-alike, and what speaks for it.

Boosted trees over RING_COLUMNS, which do not depend on the order of members or links; few hundred rings are learnt
from, so trees are small and several seeds are averaged. Saved as LightGBM's own texts with a manifest and hashes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from gnn.calibration import Calibration, calibrate
from gnn.ring_columns import RING_COLUMNS, ring_table
from gnn.ring_examples import RingExamples
from graph.errors import ConfigurationError
from graph.evidence import Ring

F64 = NDArray[np.float64]

FORMAT = 1
MANIFEST = "manifest.json"
SEEDS = 5
ROUNDS = 150
FEWEST = 5  # rings of each class to learn from, and to calibrate with
PARAMETERS: dict[str, object] = {
    "objective": "binary",
    "learning_rate": 0.05,
    "num_leaves": 6,
    "min_data_in_leaf": 8,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 2.0,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbose": -1,
    "monotone_constraints": [int(name == "own_score") for name in RING_COLUMNS],
}


@dataclass(frozen=True)
class RingHead:
    """A fitted head. `about` says what it was trained on and how good it was."""

    boosters: tuple[lightgbm.Booster, ...]
    calibration: Calibration
    about: Mapping[str, Any]

    def raw(self, rows: NDArray[np.float32]) -> F64:
        """Log odds of rows RING_COLUMNS, float64[n]."""
        found: F64 = np.mean(
            [booster.predict(rows, raw_score=True, num_threads=1) for booster in self.boosters], axis=0
        )
        return found

    def score(self, rings: Sequence[Ring], scores: Mapping[str, float]) -> F64:
        """Probability that each ring is a fraud ring, float64[n]; `scores` as in `ring_table`."""
        if not rings:
            return np.empty(0)
        return self.calibration(self.raw(ring_table(rings, scores)))

    def parts(self, rings: Sequence[Ring], scores: Mapping[str, float]) -> F64:
        """What each of RING_COLUMNS gave to the log odds, exactly; float64[n, len(RING_COLUMNS)]."""
        table = ring_table(rings, scores)
        found = [np.asarray(booster.predict(table, pred_contrib=True, num_threads=1)) for booster in self.boosters]
        parts: F64 = np.mean(found, axis=0)[:, :-1]
        return parts

    # --- on disk --------------------------------------------------------------------------------------------------

    def save(self, folder: Path) -> str:
        """Write the head to `folder` and return its version, a hash of what it computes."""
        folder.mkdir(parents=True, exist_ok=True)
        files = {f"trees-{place}.txt": booster.model_to_string() for place, booster in enumerate(self.boosters)}
        hashes = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in files.items()}
        line = {"raw": self.calibration.raw.tolist(), "probability": self.calibration.probability.tolist()}
        version = hashlib.sha256(json.dumps([hashes, line, RING_COLUMNS]).encode()).hexdigest()[:12]
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        record = {
            "format": FORMAT,
            "version": version,
            "columns": RING_COLUMNS,
            "files": hashes,
            "calibration": line,
            "about": self.about,
        }
        (folder / MANIFEST).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        return version


def load_ring_head(folder: Path) -> RingHead:
    """The head saved in `folder`. Raises ConfigurationError where it is not there, changed or of other columns."""
    cure = "train it again: tarrafa rings learn"
    try:
        record = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        texts = {name: (folder / Path(name).name).read_text(encoding="utf-8") for name in record["files"]}
        if record["format"] != FORMAT or tuple(record["columns"]) != RING_COLUMNS:
            raise ConfigurationError(f"the ring head in {folder} is of another version of this program", cure=cure)
        for name, text in texts.items():
            if hashlib.sha256(text.encode()).hexdigest() != record["files"][name]:
                raise ConfigurationError(f"{name} of the ring head in {folder} is not what was written", cure=cure)
        boosters = tuple(lightgbm.Booster(model_str=text) for _, text in sorted(texts.items()))
        line = record["calibration"]
        calibration = Calibration(np.array(line["raw"], float), np.array(line["probability"], float))
    except FileNotFoundError as error:
        raise ConfigurationError(f"there is no ring head in {folder}", cure=cure) from error
    except (ValueError, KeyError, TypeError, AttributeError, lightgbm.basic.LightGBMError) as error:
        raise ConfigurationError(f"the ring head in {folder} cannot be read: {error}", cure=cure) from error
    return RingHead(boosters, calibration, record["about"])


def fit_ring_head(train: RingExamples, valid: RingExamples, *, seed: int, about: Mapping[str, Any]) -> RingHead:
    """Learn from `train`, calibrate on `valid`. Raises ConfigurationError where either has too few of a class."""
    for name, part in (("learn from", train), ("calibrate with", valid)):
        true = int(part.label.sum())
        if min(true, len(part) - true) < FEWEST:
            raise ConfigurationError(
                f"{true} rings and {len(part) - true} look-alikes are too few to {name}",
                cure=f"give worlds or labels with at least {FEWEST} of each",
            )
    boosters = []
    for number in range(SEEDS):
        data = lightgbm.Dataset(train.rows, train.label, feature_name=list(RING_COLUMNS))
        boosters.append(lightgbm.train(PARAMETERS | {"seed": SEEDS * seed + number}, data, ROUNDS))
    bare = RingHead(tuple(boosters), Calibration(np.array([-1.0, 1.0]), np.array([0.0, 1.0])), about)
    return RingHead(bare.boosters, calibrate(bare.raw(valid.rows), valid.label), about)
