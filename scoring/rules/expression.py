"""The rule language: typed, checked when it is read, run over whole columns.

Numbers, texts and truths; comparisons (also chained), and / or / not, + - * /, `in` on lists of literals, and the
functions of `FUNCTIONS`. Units meet only their like; `hours(6)` is seconds, `money(10)` cents.

**Unknown.** A feature that was not measured, and a division by zero, are unknown. Arithmetic with an unknown is
unknown; so is a comparison, and `not` of it; `and` / `or` follow Kleene: what the other side decides alone is decided.
A rule holds only where it is surely true. `known(x)` asks, `coalesce(x, y)` puts y in its place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.float64]
Truths: TypeAlias = NDArray[np.bool_]
Texts: TypeAlias = NDArray[np.object_]


class Batch(Protocol):
    """Columns of n movements: numbers with NaN where unknown, texts, truths."""

    def __len__(self) -> int: ...
    def number(self, name: str) -> Numbers: ...
    def text(self, name: str) -> Texts: ...
    def truth(self, name: str) -> Truths: ...


class Kleene(NamedTuple):
    """Where something is surely true and where surely false; unknown where neither."""

    yes: Truths
    no: Truths


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a unit ("" plain); `literal` is its value where it is written out."""

    unit: str
    of: Callable[[Batch], Numbers]
    literal: float | None = None


@dataclass(frozen=True, slots=True)
class Truth:
    """A statement."""

    of: Callable[[Batch], Kleene]


@dataclass(frozen=True, slots=True)
class Text:
    """A text field, or a text that is written out (`literal`)."""

    name: str = ""
    values: tuple[str, ...] = ()
    literal: str | None = None


Typed: TypeAlias = Number | Truth | Text


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression: `fields` are the names it reads, in their order."""

    text: str
    fields: tuple[str, ...]
    statement: Truth

    def holds(self, batch: Batch) -> Truths:
        """Where the expression is surely true, bool[len(batch)]."""
        with np.errstate(all="ignore"):
            yes = self.statement.of(batch).yes
        return np.broadcast_to(yes, (len(batch),))


def compared(sign: str, left: Number, right: Number) -> Truth:
    """The comparison of two numbers of one unit."""
    holds, fails = _COMPARED[sign]
    a, b = left.of, right.of

    def of(batch: Batch) -> Kleene:
        x, y = a(batch), b(batch)
        return Kleene(holds(x, y), fails(x, y))  # both false with a NaN

    return Truth(of)


def both(parts: list[Truth]) -> Truth:
    """True where all are, false where one is."""

    def of(batch: Batch) -> Kleene:
        yes, no = parts[0].of(batch)
        for part in parts[1:]:
            other = part.of(batch)
            yes, no = yes & other.yes, no | other.no
        return Kleene(yes, no)

    return Truth(of) if len(parts) > 1 else parts[0]


def opposite(part: Truth) -> Truth:
    """True where `part` is false and the other way round."""

    def of(batch: Batch) -> Kleene:
        yes, no = part.of(batch)
        return Kleene(no, yes)

    return Truth(of)


def either(parts: list[Truth]) -> Truth:
    """True where one is, false where all are."""
    return opposite(both([opposite(part) for part in parts]))


def among(name: str, wanted: frozenset[str]) -> Truth:
    """Whether a text field is one of `wanted`."""

    def of(batch: Batch) -> Kleene:
        column = batch.text(name)
        yes = np.zeros(len(column), dtype=np.bool_)
        for text in sorted(wanted):
            yes |= column == text
        return Kleene(yes, ~yes)

    return Truth(of)


def stated(name: str) -> Truth:
    """A truth field; it is always known."""

    def of(batch: Batch) -> Kleene:
        yes = batch.truth(name)
        return Kleene(yes, ~yes)

    return Truth(of)


def known(part: Number) -> Truth:
    """Whether a number is known."""

    def of(batch: Batch) -> Kleene:
        missing = np.isnan(part.of(batch))
        return Kleene(~missing, missing)

    return Truth(of)


def calculated(operation: Callable[..., Any], unit: str, *parts: Number) -> Number:
    """A number worked out from others, unknown where one of them is or the result is not finite."""

    def of(batch: Batch) -> Numbers:
        result = operation(*(part.of(batch) for part in parts))
        finite: Numbers = np.where(np.isfinite(result), result, np.nan)
        return finite

    return Number(unit, of)


def coalesced(unit: str, first: Number, second: Number) -> Number:
    """`first` where it is known, else `second`."""

    def of(batch: Batch) -> Numbers:
        x = first.of(batch)
        return np.where(np.isnan(x), second.of(batch), x)

    return Number(unit, of)


def literal(value: float, unit: str = "") -> Number:
    """A number that is written out."""
    constant = np.asarray(value, dtype=np.float64)
    return Number(unit, lambda _batch: constant, value)


def _unequal(x: Numbers, y: Numbers) -> Truths:
    result: Truths = (x < y) | (x > y)
    return result


_COMPARED: dict[str, tuple[Callable[[Numbers, Numbers], Truths], Callable[[Numbers, Numbers], Truths]]] = {
    "<": (np.less, np.greater_equal),
    "<=": (np.less_equal, np.greater),
    ">": (np.greater, np.less_equal),
    ">=": (np.greater_equal, np.less),
    "==": (np.equal, _unequal),
    "!=": (_unequal, np.equal),
}
