"""Train on the beginning of a labelled stream, choose on what follows, and measure once on the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from gnn.calibration import Calibration, calibrate
from gnn.candidates import Candidate, Fitted
from gnn.dataset import Rated
from gnn.metrics import Quality, best_threshold, measure, spread_by_ring
from gnn.split import Split
from graph.errors import ConfigurationError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tried:
    """One model on all parts. `probability` is of every row, float64[n]; `seconds` what training and scoring took.

    `spread` is the 95 % interval of the test's average precision when whole rings are drawn again.
    """

    name: str
    fitted: Fitted
    calibration: Calibration
    probability: Floats
    threshold: float
    valid: Quality
    test: Quality
    spread: tuple[float, float] | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Backtest:
    """All models, and the one that the validation part chose."""

    tried: tuple[Tried, ...]
    chosen: Tried


def run_backtest(
    rated: Rated,
    split: Split,
    candidates: Sequence[Candidate],
    *,
    seed: int,
    told: Callable[[str], None] | None = None,
) -> Backtest:
    """Train every candidate. Labels of the test part only go into `Tried.test` and `Tried.spread`.

    `told` hears the name of each candidate before it is trained. Raises ConfigurationError where there is nothing to
    learn or to choose by.
    """
    for part, rows in (("training", split.train), ("validation", split.valid)):
        if not 0 < int(rated.label[rows].sum()) < len(rows):
            raise ConfigurationError(
                f"the {part} part has one class only", cure="give a stream with fraud and honest rows in each part"
            )
    tried = []
    for candidate in candidates:
        if told is not None:
            told(candidate.name)
        tried.append(_try(rated, split, candidate, seed))
    chosen = max(tried, key=lambda one: one.valid["average_precision"] or 0.0)
    return Backtest(tuple(tried), chosen)


def _try(rated: Rated, split: Split, candidate: Candidate, seed: int) -> Tried:
    started = perf_counter()
    fitted = candidate.fit(hidden(rated, split), split, seed)
    raw = fitted.raw(hidden(rated, split))
    seconds = perf_counter() - started
    calibration = calibrate(raw[split.valid], rated.label[split.valid])
    probability = calibration(raw)
    threshold = best_threshold(rated.label[split.valid], probability[split.valid])

    def quality(rows: NDArray[np.int64]) -> Quality:
        rings = [rated.ring[row] for row in rows.tolist()]
        return measure(rated.label[rows], probability[rows], rings, threshold=threshold)

    rings = [rated.ring[row] for row in split.test.tolist()]
    return Tried(
        name=candidate.name,
        fitted=fitted,
        calibration=calibration,
        probability=probability,
        threshold=threshold,
        valid=quality(split.valid),
        test=quality(split.test),
        spread=spread_by_ring(rated.label[split.test], probability[split.test], rings, seed=seed),
        seconds=seconds,
    )


def hidden(rated: Rated, split: Split) -> Rated:
    """The same rows without the labels and rings of the test part: what a model may see."""
    label, rings = rated.label.copy(), list(rated.ring)
    label[split.test] = 0
    for row in split.test.tolist():
        rings[row] = ""
    return Rated(
        tx_ids=rated.tx_ids,
        ts=rated.ts,
        label=label,
        known=rated.known,
        ring=rings,
        features=rated.features,
        edge=rated.edge,
        edges=rated.edges,
        left_out=rated.left_out,
    )
