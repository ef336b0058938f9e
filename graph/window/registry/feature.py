"""What is written down about a feature."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Cost(StrEnum):
    """What a feature takes to work out."""

    ROW = "row"  # the movement and its nodes alone
    HISTORY = "history"  # the walk over the histories of source and target, once for all of these
    PAIR = "pair"  # the walk over the movements between the two
    MEANS = "means"  # walks over device, address and identifiers
    SITE = "site"  # walks over site and operator
    NEIGHBOURS = "neighbours"  # short walks over the histories of counterparties


@dataclass(frozen=True, slots=True)
class Feature:
    """A column of the feature row: `unknown` is the value when there is nothing to measure.

    `window`: how far it looks back, cut by the window's lookback; empty where time plays no part.
    """

    name: str
    unit: str
    meaning: str
    unknown: float = 0.0
    window: str = ""
    cost: Cost = Cost.HISTORY
