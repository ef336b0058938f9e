"""What is said about learnt models to whoever asks: which there are, how two compare, how far the world moved on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ModelState = Literal["live", "shadow", "saved", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRecord:
    """A saved model: `state` is live, shadow, saved or refused, then `problem` says why. `trained_until` is epoch ms;
    the measures are those on its own test part, `canary` the average precision on the canary set."""

    version: str
    state: ModelState
    kind: str = ""
    trained_until: int = 0
    log_offset: int = 0
    average_precision: float | None = None
    f1: float | None = None
    calibration_error: float | None = None
    canary: float | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelComparison:
    """Two models on the newest transactions for which the scores of both were recorded.

    The average precisions are over those with a known label, None while these are of one class.
    """

    first: ModelRecord
    second: ModelRecord
    transactions: int
    mean_first: float | None = None
    mean_second: float | None = None
    largest_difference: float | None = None
    correlation: float | None = None
    labelled: int = 0
    fraud: int = 0
    precision_first: float | None = None
    precision_second: float | None = None


@dataclass(frozen=True, slots=True)
class ColumnDrift:
    """A feature's population stability index, and what it means: settled, shifting or moved."""

    name: str
    index: float
    verdict: str


@dataclass(frozen=True, slots=True)
class CalibrationWeek:
    """Labelled transactions of a week (first day, ISO) with a score of the model: mean probability, share of fraud."""

    week: str
    labelled: int
    said: float
    was: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftReport:
    """How far the newest transactions are from what a model was trained on. `score` is its own scores' drift, None
    while it has hardly given any; `columns` come most moved first."""

    version: str
    transactions: int
    scored: int
    score: ColumnDrift | None
    columns: tuple[ColumnDrift, ...]
    calibration: tuple[CalibrationWeek, ...]
    fallback: dict[str, int]
