"""From a saved model to one at work, and the arrays that both sides of a file name alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gnn.artefact import Artefact
from gnn.heads import head_of
from gnn.line import Line
from gnn.live import LiveModel, Spoken, Usual
from gnn.pieces import ModelRefused

Arrays = Mapping[str, NDArray[Any]]


def open_model(artefact: Artefact) -> LiveModel:
    """The model at work. Raises ModelRefused where its pieces do not fit together."""
    arrays = artefact.arrays
    try:
        whole, plain = (
            Spoken(
                head_of(artefact.packed, head.node),
                line_of(arrays, f"head{number}.probability"),
                line_of(arrays, f"head{number}.points"),
            )
            for number, head in enumerate(artefact.manifest.heads)
        )
        usual = Usual(
            arrays["usual.columns"].astype(np.int64),
            arrays["usual.low"].astype(np.float32),
            arrays["usual.high"].astype(np.float32),
            artefact.manifest.most_outside,
        )
    except (KeyError, ValueError, TypeError) as error:
        raise ModelRefused(f"the pieces of {artefact.manifest.version} do not fit together: {error}") from error
    if plain.head.first is not None:
        raise ModelRefused(f"the plain head of {artefact.manifest.version} stands on another")
    model = LiveModel(artefact.manifest.version, whole=whole, plain=plain, usual=usual)
    model.warm()
    return model


def line_arrays(name: str, line: Line) -> dict[str, NDArray[Any]]:
    """The arrays of a line."""
    return {f"{name}.at": line.at, f"{name}.value": line.value}


def line_of(arrays: Arrays, name: str) -> Line:
    """The line that `line_arrays` wrote; ValueError where it does not rise."""
    at, value = arrays[f"{name}.at"].astype(np.float64), arrays[f"{name}.value"].astype(np.float64)
    if len(at) != len(value) or not len(at) or (np.diff(at) < 0).any() or not np.isfinite(value).all():
        raise ValueError(f"{name} is no rising line")
    return Line(at, value)


def usual_of(
    features: NDArray[np.float32], train: NDArray[np.int64], valid: NDArray[np.int64], columns: NDArray[np.int64]
) -> Usual:
    """The range of `columns` in the training rows, and the number outside that one validation row in a thousand has."""
    own = features[:, columns]
    low, high = own[train].min(axis=0), own[train].max(axis=0)
    outside = ((own[valid] < low) | (own[valid] > high)).sum(axis=1)
    return Usual(columns, low, high, max(2, int(np.quantile(outside, 0.999))))
