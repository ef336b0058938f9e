"""What a score says of patterns before it: right as of the movement, whatever the order of arrival."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from graph.events import Event, Movement, tie_of
from graph.evidence import Score
from graph.window.window import Window
from rings.findings import KIND_OF_HIT, finding_of_hit
from scoring.projection import Projection
from scoring.ring_context import REACH_MS
from tests.rings.test_any_order import worlds
from tests.rings.worlds import DAY, HOUR, Notebook, cycle, entries, shuffled


def scores_in(batches: list[list[Event]]) -> tuple[Projection, dict[str, Score]]:
    """The last word on every movement."""
    projection = Projection()
    last: dict[str, Score] = {}
    for batch in batches:
        last.update((score.tx_id, score) for score in projection.apply(entries(batch)).scores)
    return projection, last


def context_of(score: Score) -> str:
    names = [signal.name for signal in score.signals if signal.name in ("ring_member", "ring_neighbour")]
    assert len(names) <= 1
    return names[0] if names else ""


@settings(max_examples=80, deadline=None)
@given(worlds(), st.integers(0, 1 << 30), st.integers(1, 40))
def test_any_order_and_batches_end_in_the_same_scores(events: list[Event], seed: int, batch: int) -> None:
    mixed = shuffled(events, seed)
    _, found = scores_in([mixed[start : start + batch] for start in range(0, len(mixed), batch)])
    _, wanted = scores_in([sorted(events, key=lambda event: event.ts)])
    assert found == wanted


@settings(max_examples=80, deadline=None)
@given(worlds())
def test_membership_is_that_of_patterns_completed_before(events: list[Event]) -> None:
    window = Window()
    answers = window.answer(window.apply(events))
    parts: list[tuple[tuple[int, int], frozenset[str]]] = []
    for hit in answers.hits:
        if hit.kind in KIND_OF_HIT:
            edges = tuple(window.movement(seq) for seq in hit.edges)
            parts.append((window.key_of(hit.owner), finding_of_hit(window.movement(hit.owner), hit.kind, edges).core))
    _, scores = scores_in([events])
    for event in events:
        if isinstance(event, Movement):
            key = (event.ts, tie_of(event.event_id))
            earlier = {name for part, core in parts if part < key and part[0] >= event.ts - REACH_MS for name in core}
            inside = bool({event.source, event.target} & earlier)
            assert (context_of(scores[event.tx_id]) == "ring_member") == inside


def test_a_payment_to_a_ring_and_one_hop_from_it_are_told_apart() -> None:
    book = Notebook()
    cycle(book, ["a", "b", "c"])
    book.pay("outsider", "a", 5_000, DAY)
    book.pay("friend", "outsider", 5_000, DAY + HOUR)
    book.pay("friend", "stranger", 5_000, DAY + 2 * HOUR)
    _, scores = scores_in([book.events])
    last = [context_of(scores[event.tx_id]) for event in book.events[-3:] if isinstance(event, Movement)]
    assert last == ["ring_member", "ring_neighbour", ""]


def test_a_pattern_that_completes_late_changes_the_scores_after_it() -> None:
    book = Notebook()
    cycle(book, ["a", "b", "c"])
    missing = book.events.pop(1)
    book.pay("outsider", "a", 5_000, DAY)
    projection, before = scores_in([book.events])
    tx = book.events[-1].event_id[3:]
    assert context_of(before[tx]) == ""
    scored = projection.apply(entries([missing])).scores
    assert context_of({score.tx_id: score for score in scored}[tx]) == "ring_member"
