"""What a saved model consists of, and how one is refused; nothing here needs torch or LightGBM."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

from numpy.typing import NDArray

from gnn.dataset import COLUMNS
from graph.errors import StopWork

#: One model of a recipe: its `kind`, and by name what it is made of. JSON.
Node: TypeAlias = dict[str, Any]


class ModelRefused(StopWork):
    """A saved model does not fit this program, or its files are not what was written."""

    http_status = 409


@dataclass(frozen=True, slots=True)
class Packed:
    """Fitted models in pieces: `nodes` name each other, boosters (LightGBM texts) and arrays; `tops` are the models."""

    nodes: Mapping[str, Node]
    tops: tuple[str, ...]
    boosters: Mapping[str, str]
    arrays: Mapping[str, NDArray[Any]]


def columns_named(names: Sequence[str]) -> tuple[int, ...]:
    """Places of columns; raises ModelRefused naming one that this program does not compute."""
    place = _places()
    missing = [name for name in names if name not in place]
    if missing:
        raise ModelRefused(f"it needs {missing[0]}, which this program does not compute", cure="train it again")
    return tuple(place[name] for name in names)


@cache
def _places() -> dict[str, int]:
    return {name: number for number, name in enumerate(COLUMNS)}
