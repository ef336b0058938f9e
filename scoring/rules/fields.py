"""What a rule may read by name: every feature, what the movement says of itself, and the patterns it completes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final

from graph.events import MovementKind
from graph.window.features import FEATURES
from scoring.signals import PATTERN_SIGNALS

#: Units that must agree where two numbers meet; numbers in any other unit are plain.
UNITS: Final = frozenset({"cents", "s", "days", "hours", "count", "bits"})
PATTERN: Final = "pattern_"


class FieldType(StrEnum):
    """What a field holds."""

    NUMBER = "number"
    TEXT = "text"
    TRUTH = "truth"


@dataclass(frozen=True, slots=True)
class Field:
    """A name in the language. `values` are all a text can be (empty: anything); `unknown` stands for "not measured"."""

    name: str
    type: FieldType
    unit: str
    meaning: str
    values: tuple[str, ...] = ()
    unknown: float | None = None


@cache
def fields() -> dict[str, Field]:
    """Return every field by name, features first."""
    numbers = [
        Field(
            feature.name,
            FieldType.NUMBER,
            feature.unit,
            feature.meaning,
            unknown=feature.unknown if feature.unknown != 0 else None,
        )
        for feature in FEATURES
    ]
    texts = [
        Field("kind", FieldType.TEXT, "", "kind of this movement", tuple(map(str, MovementKind))),
        Field("channel", FieldType.TEXT, "", "channel that this movement came by, empty where it does not say"),
        Field("currency", FieldType.TEXT, "", "ISO 4217 code of this movement's currency"),
    ]
    patterns = [
        Field(PATTERN + name, FieldType.TRUTH, "", f"this movement completes a {name.replace('_', ' ')}")
        for name in pattern_codes()
    ]
    return {field.name: field for field in (*numbers, *texts, *patterns)}


@cache
def pattern_codes() -> dict[str, int]:
    """Return the code of each pattern by the name of its signal."""
    return {name: code for code, (name, _) in PATTERN_SIGNALS.items()}
