"""Memory has a bound: the oldest events go, by a rule about the log, and the scores that miss them say so."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.events import Event
from graph.evidence import Score
from graph.log.protocol import LogEntry
from graph.window.bound import LOOKS, Bound, span_of, trimmed
from graph.window.columns import Columns, empty_columns
from graph.window.features import FEATURE_INDEX
from graph.window.records import WindowSettings
from scoring.projection import Projection
from tests.rings.worlds import HOUR, Notebook, shuffled
from tests.window.worlds import streams


def entries(events: list[Event]) -> list[LogEntry]:
    return [LogEntry(offset, 0, event) for offset, event in enumerate(events, 1)]


def scored(events: list[Event], *, most: int, batches: list[int]) -> tuple[dict[str, Score], Projection]:
    """Final scores after applying `events` in batches of the given sizes, over and over."""
    found: dict[str, Score] = {}
    projection, waiting, turn = Projection(window=WindowSettings(max_events=most)), entries(events), 0
    while waiting:
        size = batches[turn % len(batches)]
        turn += 1
        found.update((score.tx_id, score) for score in projection.apply(waiting[:size]).scores)
        waiting = waiting[size:]
    return found, projection


def steady(count: int) -> list[Event]:
    """One payment an hour between the same few accounts."""
    book = Notebook()
    for n in range(count):
        book.pay(f"a{n % 3}", f"b{n % 2}", 10_000 + n, n * HOUR)
    return book.events


@settings(max_examples=30, deadline=None)
@given(
    events=streams(),
    seed=st.integers(0, 99),
    most=st.integers(LOOKS, 2 * LOOKS),
    batches=st.lists(st.integers(1, 40), min_size=1, max_size=4),
)
def test_batches_do_not_change_what_is_dropped_or_any_score(
    events: list[Event], seed: int, most: int, batches: list[int]
) -> None:
    late = shuffled(events, seed)
    one, first = scored(late, most=most, batches=[1])
    other, second = scored(late, most=most, batches=batches)
    assert one == other
    assert (first.window._bound.since_ms, first.window._bound.dropped) == (
        second.window._bound.since_ms,
        second.window._bound.dropped,
    )


@pytest.mark.parametrize("most", [64, 200])
def test_a_long_stream_never_holds_more_and_says_what_was_cut(most: int) -> None:
    found, projection = scored(steady(600), most=most, batches=[1])
    window = projection.window
    assert window.end - window.first <= most
    assert window._bound.dropped >= 600 - most
    cut = [score for score in found.values() if "window" in score.truncated]
    assert cut
    assert max(score.ts for score in found.values()) in {score.ts for score in cut}


def test_an_unbounded_window_says_nothing_of_memory() -> None:
    found, projection = scored(steady(100), most=10_000, batches=[7])
    assert projection.window._bound.dropped == 0
    assert all("window" not in score.truncated for score in found.values())


def test_movements_see_nothing_of_what_was_dropped_and_all_that_was_kept() -> None:
    _, projection = scored(steady(600), most=64, batches=[1])
    window = projection.window
    kept = [event for event in steady(600) if event.ts >= window._bound.since_ms]
    _, other = scored(kept, most=10_000, batches=[1])
    last = window.answer(np.array([window.end - 1], dtype=np.int64))
    same = other.window.answer(np.array([other.window.end - 1], dtype=np.int64))
    other_values = {
        name
        for name, place in FEATURE_INDEX.items()
        if last.features[0, place] != same.features[0, place] and "age" not in name.split("_")
    }
    assert other_values == set()  # since when an account is known is kept with the account


def test_what_is_dropped_is_a_function_of_the_times_held() -> None:
    cols: Columns = empty_columns(128)
    cols.ts[:100] = np.random.default_rng(1).permutation(100) + 1
    bound = trimmed(Bound(), cols, 100, first=0, end=100, oldest=0, most=64)
    kept = sorted(cols.ts[:100][cols.ts[:100] > 0].tolist())
    assert kept == list(range(101 - len(kept), 101))
    assert (len(kept), bound.dropped, bound.settled) == (64 - 4 * span_of(64), 100 - len(kept), 100)
