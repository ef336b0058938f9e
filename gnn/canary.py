"""A frozen set of movements with known answers that every model must still get right before it may be promoted.

It is drawn once from the newest labelled rows of trusted sources and never learnt from. Its answers are its own: labels
that change later, or that somebody made up, do not reach it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

MOST_FRAUD: Final = 300
HONEST_PER_FRAUD: Final = 20
SLACK: Final = 0.05  # average precision that a new model may lose on the canary set


class Canary(msgspec.Struct, frozen=True):
    """Transactions, and whether each was fraud (1) or honest (0)."""

    tx_ids: tuple[str, ...]
    labels: tuple[int, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of the set."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()


def draw_canary(tx_ids: Sequence[str], label: NDArray[np.int8], rows: NDArray[np.int64], *, seed: int) -> Canary | None:
    """Draw a set from `rows`; None where they are of one class only."""
    rng = np.random.default_rng(seed)
    fraud, honest = rows[label[rows] == 1], rows[label[rows] == 0]
    if not len(fraud) or not len(honest):
        return None
    fraud = rng.choice(fraud, min(len(fraud), MOST_FRAUD), replace=False)
    honest = rng.choice(honest, min(len(honest), HONEST_PER_FRAUD * len(fraud)), replace=False)
    chosen = np.sort(np.concatenate((fraud, honest)))
    return Canary(tuple(tx_ids[row] for row in chosen.tolist()), tuple(int(label[row]) for row in chosen.tolist()))


def canary_quality(
    canary: Canary, tx_ids: Sequence[str], probability: NDArray[np.float64]
) -> dict[str, float | int | str | None]:
    """What is written of a model: the set's digest, how many of it were scored, and the average precision on these."""
    place = {tx_id: row for row, tx_id in enumerate(tx_ids)}
    found = [(place[tx_id], label) for tx_id, label in zip(canary.tx_ids, canary.labels, strict=True) if tx_id in place]
    labels = np.array([label for _, label in found], dtype=np.int8)
    scores = probability[[row for row, _ in found]]
    both = 0 < int(labels.sum()) < len(labels)
    return {
        "digest": canary.digest,
        "size": len(canary.tx_ids),
        "scored": len(found),
        "average_precision": float(average_precision_score(labels, scores)) if both else None,
    }


def canary_objection(new: dict[str, object], live: dict[str, object] | None, digest: str | None) -> str:
    """Why a model must not be promoted, '' when nothing stands against it.

    `digest` is that of the set in force, None while there is none; `live` what the model in force got on it.
    """
    if digest is None:
        return ""
    if new.get("digest") != digest:
        return "it was not tried on the canary set in force; train it again"
    if new.get("scored") != new.get("size"):
        return f"only {new.get('scored')} of the {new.get('size')} movements of the canary set were scored"
    mine, theirs = new.get("average_precision"), None if live is None else live.get("average_precision")
    if not isinstance(mine, float):
        return "it has no average precision on the canary set"
    if live is not None and live.get("digest") == digest and isinstance(theirs, float) and mine < theirs - SLACK:
        return f"on the canary set its average precision is {mine:.3f}, that of the model in force {theirs:.3f}"
    return ""
