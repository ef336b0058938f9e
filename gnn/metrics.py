"""How good scores are: ranking, decisions at a threshold, the alert budget, rings, calibration, with their spread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score

Floats = NDArray[np.float64]
Labels = NDArray[np.int8]

BUDGET = 0.005  # share of rows that may be alerted
BINS = 15
DRAWS = 200


class Quality(TypedDict):
    """Metrics of one model on one part; None where they are not defined (one class only)."""

    rows: int
    positives: int
    average_precision: float | None
    roc_auc: float | None
    f1: float | None
    precision: float | None
    recall: float | None
    budget_recall: float | None
    budget_most: float | None
    ring_recall: float | None
    calibration_error: float


def best_threshold(label: Labels, score: Floats) -> float:
    """The score from which on calling fraud has the best F1; above all scores when there is no positive."""
    if not label.any():
        return float(np.max(score, initial=0.0)) + 1.0
    precision, recall, thresholds = precision_recall_curve(label, score)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    return float(thresholds[int(np.argmax(f1[:-1]))])


def budget_rows(score: Floats, share: float = BUDGET) -> NDArray[np.int64]:
    """The rows with the highest scores that an alert budget holds; of equal scores the earlier rows."""
    return np.argsort(-score, kind="stable")[: max(1, int(share * len(score)))]


def measure(label: Labels, score: Floats, ring: Sequence[str], *, threshold: float) -> Quality:
    """Measure calibrated scores (0-1) against labels; `ring` names the ring of each row, '' if none.

    `budget_recall` is the recall among the best 0.5 % of rows, `budget_most` what it could be at best; `ring_recall`
    the share of rings with a row in that budget.
    """
    positives = int(label.sum())
    both = 0 < positives < len(label)
    called = score >= threshold
    hit = int((called & (label == 1)).sum())
    top = budget_rows(score)
    rings = {name for name in ring if name}
    caught = {ring[row] for row in top.tolist() if ring[row]}
    return Quality(
        rows=len(label),
        positives=positives,
        average_precision=float(average_precision_score(label, score)) if both else None,
        roc_auc=float(roc_auc_score(label, score)) if both else None,
        f1=2 * hit / (int(called.sum()) + positives) if positives else None,
        precision=hit / int(called.sum()) if called.any() else None,
        recall=hit / positives if positives else None,
        budget_recall=float(label[top].sum()) / positives if positives else None,
        budget_most=min(1.0, len(top) / positives) if positives else None,
        ring_recall=len(caught) / len(rings) if rings else None,
        calibration_error=calibration_error(label, score),
    )


def calibration_error(label: Labels, score: Floats, bins: int = BINS) -> float:
    """Expected calibration error over bins of equal width (Naeini et al., 2015)."""
    place = np.minimum((score * bins).astype(np.int64), bins - 1)
    count = np.bincount(place, minlength=bins)
    gap = np.abs(np.bincount(place, weights=score - label, minlength=bins))
    return float(gap.sum() / max(1, count.sum()))


def spread_by_ring(label: Labels, score: Floats, ring: Sequence[str], *, seed: int) -> tuple[float, float] | None:
    """The 2.5 % and 97.5 % points of average precision when whole rings are drawn with replacement.

    Rows of no ring stay as they are. None with fewer than two rings.
    """
    names, number = np.unique(np.array(ring, dtype=np.str_), return_inverse=True)
    rings = np.flatnonzero(names != "")
    if len(rings) < 2 or not 0 < int(label.sum()) < len(label):
        return None
    order = np.argsort(-score, kind="stable")
    last = np.append(np.diff(score[order]) != 0, [True])  # of rows of equal score
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(DRAWS):
        times = np.bincount(rng.integers(0, len(rings), len(rings)), minlength=len(rings))
        weight = np.ones(len(names))
        weight[rings] = times
        drawn = weight[number][order]
        hits, seen = (np.cumsum(part)[last] for part in (drawn * label[order], drawn))
        if 0 < hits[-1] < seen[-1]:
            precision = hits / np.maximum(seen, 1.0)
            found.append(float(np.sum(np.diff(hits, prepend=0.0) * precision) / hits[-1]))
    low, high = np.percentile(found, [2.5, 97.5])
    return float(low), float(high)
