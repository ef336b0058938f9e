"""Columns of movements made by hand, and what an expression means for one of them in plain Python."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from scoring.rules.expression import Numbers, Texts, Truths
from scoring.rules.fields import FieldType, fields

Row = Mapping[str, float | str | bool]


class Columns:
    """Rows of a test as the columns an expression reads; a name that a row does not give is unknown, "" or false."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def number(self, name: str) -> Numbers:
        assert fields()[name].type is FieldType.NUMBER
        return np.array([row.get(name, math.nan) for row in self._rows], dtype=np.float64)

    def text(self, name: str) -> Texts:
        return np.array([row.get(name, "") for row in self._rows], dtype=object)

    def truth(self, name: str) -> Truths:
        return np.array([row.get(name, False) for row in self._rows], dtype=np.bool_)
