"""Typologies: named ways of committing fraud, each a weighted sum of signals with alert and interdiction thresholds.

The form is that of open transaction monitors (rules -> typologies -> decision, as in Tazama). A typology looks at the
signals that all other sources gave a movement; where the weights of those present add up to its alert threshold it
adds its points, and from its interdiction threshold on it demands a decision.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from importlib.resources import files
from math import isfinite
from typing import Final, Literal

import msgspec

from graph.errors import ConfigurationError
from graph.events import GovernanceChanged
from graph.evidence import EVIDENCE_LIMIT, Decision, Evidence, Params, Signal
from scoring.declared import canonical_text, name_of_text, nearest, read_declared
from scoring.governance import SHIPPED, Versions
from scoring.policy import stricter
from scoring.sources import Given, Rows

PART: Final = "typologies"
SIGNAL: Final = "typology:"
MAX_TYPOLOGIES: Final = 200
SCALE: Final = 1_000_000

_ID = re.compile(r"[a-z][a-z0-9_]{1,63}")
_MAX_WORDS = 500


class Meaning(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What it looks like, for people."""

    pt: str
    en: str


class Typology(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """One typology. `weights` are by name of signal; `points` (whole hundredths) are added from `alert` on; from
    `interdict` on the decision is at least `at_least`."""

    id: str
    meaning: Meaning
    weights: dict[str, float]
    alert: float
    points: float
    interdict: float | None = None
    at_least: Literal["review", "deny"] = "review"


class TypologySet(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, dict=True):
    """Every typology in force, in the order in which they were written."""

    typologies: tuple[Typology, ...] = ()

    @cached_property
    def by_signal(self) -> dict[str, tuple[tuple[int, int], ...]]:
        """Where each signal counts: place of the typology, weight in millionths (whole, so that sums are exact)."""
        found: dict[str, list[tuple[int, int]]] = {}
        for place, typology in enumerate(self.typologies):
            for name, weight in typology.weights.items():
                found.setdefault(name, []).append((place, round(weight * SCALE)))
        return {name: tuple(counts) for name, counts in found.items()}

    def met(self, present: Iterable[str]) -> list[tuple[Typology, float]]:
        """Return the typologies whose alert threshold the signals present reach, with their sums."""
        sums: dict[int, int] = {}
        for name in present:
            for place, weight in self.by_signal[name]:
                sums[place] = sums.get(place, 0) + weight
        summed = ((self.typologies[place], sums[place] / SCALE) for place in sorted(sums))
        return [(typology, total) for typology, total in summed if total >= typology.alert]


_FIELDS = frozenset({*TypologySet.__struct_fields__, *Typology.__struct_fields__, *Meaning.__struct_fields__})


class Typologies:
    """Every set of typologies so far. A `Part` of what is governed.

    `known` gives the names of the signals that there can be; a weight for any other is refused, with the nearest name.
    """

    name = PART

    def __init__(self, known: Callable[[], Iterable[str]]) -> None:
        self._known = known
        shipped = shipped_typologies()
        self._shipped = canonical_text(shipped)
        self._sets: Versions[TypologySet] = Versions(shipped)

    def check(self, content: str) -> None:
        """Raise `ConfigurationError` when `content` is no set of typologies, or weighs a signal that never comes."""
        known = frozenset(self._known())
        for typology in typologies_of(content).typologies:
            for name in typology.weights:
                if name not in known:
                    raise ConfigurationError(
                        f"typology {typology.id} weighs {name}, which no source gives", cure=nearest(name, known)
                    )

    def apply(self, event: GovernanceChanged, version: int) -> None:
        """Let the typologies of the event hold from `version` on."""
        self._sets.add(version, typologies_of(event.content))

    def version_at(self, mark: int) -> str:
        text = self.text_at(mark)
        return SHIPPED if text == self._shipped else name_of_text(text)

    def text_at(self, mark: int) -> str:
        """Return the typologies that hold under `mark` as canonical JSON."""
        return canonical_text(self.at(mark))

    def at(self, mark: int) -> TypologySet:
        """Return the typologies that hold under `mark`."""
        return self._sets.at(mark)


class TypologySource:
    """Says which typologies the signals given so far add up to. A `Source`; it must be asked last."""

    name = PART

    def __init__(self, typologies: Typologies) -> None:
        self._typologies = typologies

    def version_at(self, mark: int) -> str:
        return self._typologies.version_at(mark)

    def signals(self, rows: Rows) -> Given:
        found: dict[int, list[Signal]] = {}
        for mark, places in rows.by_mark():
            current = self._typologies.at(mark)
            among = rows.given if len(places) == len(rows) else rows.given.keys() & set(places.tolist())
            for row in among:  # a row without signals meets nothing
                present = present_signals(rows.given[row], current)
                for typology, total in current.met(present) if present else ():
                    found.setdefault(row, []).append(typology_signal(typology, total, present, rows.event_id(row)))
                    if typology.interdict is not None and total >= typology.interdict:
                        rows.floors[row] = stricter(rows.floors.get(row), Decision(typology.at_least))
        return found


def present_signals(given: Sequence[Signal], current: TypologySet) -> dict[str, Signal]:
    """Return by name the signals that count somewhere and say something: sources that are missing do not."""
    counting = current.by_signal
    return {signal.name: signal for signal in given if signal.name in counting and signal.missing is None}


def typology_signal(typology: Typology, total: float, present: dict[str, Signal], event_id: str) -> Signal:
    """Return the signal of a typology that the `present` signals meet with `total`; their events prove it."""
    parts = [present[name].evidence for name in sorted(present) if name in typology.weights]
    events = tuple(dict.fromkeys((event_id, *(event for part in parts for event in part.event_ids))))
    params: Params = (
        ("alert", typology.alert),
        ("id", typology.id),
        ("meaning_en", typology.meaning.en),
        ("meaning_pt", typology.meaning.pt),
        ("signals", ", ".join(sorted(name for name in present if name in typology.weights))),
        ("sum", total),
    )
    if typology.interdict is not None and total >= typology.interdict:
        params += (("interdict", typology.interdict),)
    evidence = Evidence("typology", tuple(sorted(params)), events[:EVIDENCE_LIMIT], len(events))
    return Signal(SIGNAL + typology.id, total, typology.points, evidence)


def shipped_typologies() -> TypologySet:
    """Return the typologies that the package ships."""
    return typologies_of(files("scoring").joinpath("typologies.toml").read_text(encoding="utf-8"))


def typologies_of(text: str) -> TypologySet:
    """Return the typologies that a TOML or JSON text declares; raise `ConfigurationError` for what cannot hold."""
    found = read_declared(text, TypologySet, fields=_FIELDS)
    if len(found.typologies) > MAX_TYPOLOGIES:
        raise ConfigurationError(f"{len(found.typologies)} typologies", cure=f"give at most {MAX_TYPOLOGIES}")
    seen: set[str] = set()
    for typology in found.typologies:
        problem = _problem(typology)
        if typology.id in seen:
            problem = "is there twice; give each its own id"
        if problem:
            raise ConfigurationError(f"typology {typology.id!r} {problem}", cure="change it there")
        seen.add(typology.id)
    return found


def _problem(typology: Typology) -> str:
    """What is wrong with a typology, or nothing."""
    words = (typology.meaning.pt, typology.meaning.en)
    numbers = (typology.alert, typology.points, typology.interdict or 0.0, *typology.weights.values())
    if not _ID.fullmatch(typology.id):
        return "has no proper id; give small letters, digits and _"
    if not all(text.strip() and text.isprintable() and len(text) <= _MAX_WORDS for text in words):
        return f"needs a meaning in both languages, of at most {_MAX_WORDS} characters"
    if not all(isfinite(number) and abs(number) <= 1_000 for number in numbers):
        return "has a number beyond 1,000"
    if not typology.weights or 0.0 in typology.weights.values():
        return "needs weights other than 0"
    if not 0 <= typology.points <= 100 or round(typology.points, 2) != typology.points:
        return "adds points that are not 0 to 100 in whole hundredths"
    reach = sum(weight for weight in typology.weights.values() if weight > 0)
    if not 0 < typology.alert <= reach:
        return f"can never be met, or always: give an alert above 0 and up to {reach:g}, the sum of its weights"
    if typology.interdict is not None and not typology.alert <= typology.interdict <= reach:
        return f"has an interdiction that is not between its alert and {reach:g}, the sum of its weights"
    return ""
