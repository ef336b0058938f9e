"""Typologies add up the signals they weigh exactly as a plain sum does, and what they cannot weigh is refused."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.errors import ConfigurationError
from graph.events import GovernanceChanged
from graph.evidence import Decision, Evidence, Signal
from graph.identity import IdentifierKeys
from reports.formats import Language
from reports.phrases import phrase
from scoring.declared import canonical_text
from scoring.policy import Bands
from scoring.sources import Rows
from scoring.standard import standard_judging
from scoring.typologies import (
    PART,
    Meaning,
    Typologies,
    Typology,
    TypologySet,
    TypologySource,
    shipped_typologies,
    typologies_of,
)

NAMES = ("velocity", "new_device", "block_list", "fan_in")
WEIGHTS = st.integers(-50, 100).filter(bool).map(float)


@st.composite
def typologies(draw: st.DrawFn) -> Typology:
    weights = draw(st.dictionaries(st.sampled_from(NAMES), WEIGHTS, min_size=1))
    weights[draw(st.sampled_from(NAMES))] = float(draw(st.integers(1, 100)))
    reach = sum(weight for weight in weights.values() if weight > 0)
    alert = float(draw(st.integers(1, int(reach))))
    return Typology(
        id=draw(st.sampled_from(("first", "second", "third"))),
        meaning=Meaning("a", "b"),
        weights=weights,
        alert=alert,
        points=draw(st.integers(0, 10_000)) / 100,
        interdict=draw(st.none() | st.integers(int(alert), int(reach)).map(float)),
        at_least=draw(st.sampled_from(("review", "deny"))),
    )


SETS = st.lists(typologies(), max_size=3, unique_by=lambda one: one.id).map(lambda found: TypologySet(tuple(found)))
PRESENT = st.dictionaries(st.sampled_from((*NAMES, "other")), st.booleans())  # signal -> its source is missing


def rows_of(given_signals: list[dict[str, bool]], marks: list[int]) -> Rows:
    """Rows of which only the signals given so far, the marks and the ids matter."""
    window = SimpleNamespace(event_ids=lambda seqs: [f"tx:{seq}" for seq in seqs])
    answers = SimpleNamespace(seqs=np.arange(len(marks)))
    found = {
        row: [
            Signal(
                name,
                1.0,
                0.0 if missing else 5.0,
                Evidence(name, (), (f"tx:{row}", f"ev:{name}"), 2),
                "x" if missing else None,
            )
            for name, missing in signals.items()
        ]
        for row, signals in enumerate(given_signals)
        if signals
    }
    return Rows(answers, window, np.array(marks, dtype=np.int32), found)  # type: ignore[arg-type]


def book_of(*sets: TypologySet) -> Typologies:
    book = Typologies(lambda: NAMES)
    for number, found in enumerate(sets, start=1):
        text = canonical_text(found)
        book.check(text)
        event = GovernanceChanged(event_id=f"g:{number}", ts=1_790_000_000_000, part=PART, content=text, author="ana")
        book.apply(event, number)
    return book


@settings(deadline=None)
@given(SETS, SETS, st.lists(st.tuples(PRESENT, st.integers(1, 2)), max_size=4))
def test_a_typology_is_met_where_the_plain_sum_of_its_weights_says_so(
    first: TypologySet, second: TypologySet, rows: list[tuple[dict[str, bool], int]]
) -> None:
    batch = rows_of([present for present, _ in rows], [mark for _, mark in rows])
    found = TypologySource(book_of(first, second)).signals(batch)
    for row, (present, mark) in enumerate(rows):
        expected, floor = {}, None
        for one in (first, second)[mark - 1].typologies:
            total = sum(Fraction(one.weights.get(name, 0.0)) for name, missing in present.items() if not missing)
            if total >= one.alert:
                expected[f"typology:{one.id}"] = (one.points, float(total))
                if one.interdict is not None and total >= one.interdict and floor is not Decision.DENY:
                    floor = Decision(one.at_least)
        assert {signal.name: (signal.points, signal.value) for signal in found.get(row, [])} == expected
        assert batch.floors.get(row) is floor


def test_what_proves_a_typology_are_the_events_of_its_signals_and_its_words_are_its_meaning() -> None:
    one = Typology(
        id="one",
        meaning=Meaning("Conta tomada", "Account takeover"),
        weights={"velocity": 30.0, "new_device": 30.0},
        alert=50.0,
        points=7.0,
        interdict=60.0,
    )
    batch = rows_of([{"velocity": False, "new_device": False, "fan_in": False}], [1])
    (signal,) = TypologySource(book_of(TypologySet((one,)))).signals(batch)[0]
    assert signal.evidence.event_ids == ("tx:0", "ev:new_device", "ev:velocity")
    assert dict(signal.evidence.params)["signals"] == "new_device, velocity"
    assert phrase(signal.evidence, Language.EN) == (
        "It fits a typology: Account takeover; sum 60, alert from 50, interdiction from 60."
    )
    assert "Conta tomada" in phrase(signal.evidence, Language.PT)


def test_the_shipped_typologies_weigh_signals_that_exist_and_speak_both_languages() -> None:
    shipped = shipped_typologies()
    assert len(shipped.typologies) >= 6
    judging = standard_judging(Bands(), IdentifierKeys("k1", b"0123456789abcdef"))
    (part,) = [part for part in judging.parts if part.name == PART]
    part.check(canonical_text(shipped))
    assert part.version_at(0) == "shipped"


GOOD = {"meaning": {"pt": "a", "en": "b"}, "weights": {"velocity": 30.0}, "alert": 10.0, "points": 5.0}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"weights": {"velocty": 30.0}}, "did you mean velocity?"),
        ({"weight": {"velocity": 30.0}}, "did you mean weights?"),
        ({"weights": {}}, "needs weights"),
        ({"weights": {"velocity": 0.0}}, "needs weights"),
        ({"alert": 31.0}, "can never be met"),
        ({"alert": 0.0}, "can never be met"),
        ({"interdict": 5.0}, "interdiction that is not between"),
        ({"interdict": 31.0}, "interdiction that is not between"),
        ({"points": 0.001}, "whole hundredths"),
        ({"points": -1.0}, "0 to 100"),
        ({"alert": 1e9}, "beyond 1,000"),
        ({"meaning": {"pt": " ", "en": "b"}}, "both languages"),
        ({"at_least": "approve"}, "$.typologies"),
        ({"id": "Bad Id"}, "no proper id"),
    ],
)
def test_a_typology_that_cannot_work_is_refused_and_says_what_to_change(change: dict[str, object], says: str) -> None:
    text = msgspec.json.encode({"typologies": [{"id": "one", **GOOD, **change}]}).decode()
    with pytest.raises(ConfigurationError) as caught:
        book_of().check(text)
    assert says in str(caught.value)


def test_ids_are_given_once_and_sets_have_a_bound() -> None:
    twice = msgspec.json.encode({"typologies": [{"id": "one", **GOOD}] * 2}).decode()
    many = msgspec.json.encode({"typologies": [{"id": f"t{n}", **GOOD} for n in range(201)]}).decode()
    for text, says in ((twice, "twice"), (many, "at most 200")):
        with pytest.raises(ConfigurationError, match=says):
            typologies_of(text)
