"""The path of events: what is logged survives, what fails is heard, and a restart ends where an unbroken run ends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from graph.errors import StopWork, StorageFull, StoreMismatch, StoreUnavailable
from graph.events import Event, LabelGiven, Movement
from scoring import patience
from scoring import pipeline as pipeline_module
from scoring.pipeline import Pipeline
from scoring.projection import Projection
from scoring.waiting import Waiting
from tests.rings.worlds import DAY, HOUR, START, Notebook, chain, cycle, entries, farm
from tests.scoring.fakes import Bench

FULL = StorageFull("no room", cure="free some")
DOWN = StoreUnavailable(store="graph store", address="here", cause="stopped", cure="start it")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.log.close()


def story() -> list[Event]:
    """Rings that grow, merge and hold accounts of one device; a label; 60 and more events."""
    book = Notebook()
    cycle(book, ["a", "b", "c"])
    cycle(book, ["x", "y", "z"], at=DAY)
    for n in range(40):
        book.pay(f"n{n % 9}", f"m{n % 7}", 10_000 + 900 * n, n * HOUR)
    cycle(book, ["c", "m", "x"], at=2 * DAY)
    chain(book, ["q", "r", "s", "t", "u"], at=3 * DAY)
    farm(book, ["a", "k1", "k2"], "handed-round", at=3 * DAY)
    book.events.append(LabelGiven(event_id="label:1", ts=START, subject="account", subject_id="a", label=1))
    return book.events


def moves(events: list[Event]) -> list[Movement]:
    return [event for event in events if isinstance(event, Movement)]


def test_what_is_flushed_is_in_store_and_ledger(bench: Bench) -> None:
    pipeline = bench.open()
    events = story()
    taken = pipeline.submit(events)
    pipeline.flush(settle=True)
    assert (taken.accepted, taken.repeats, taken.conflicts) == (len(events), 0, ())
    assert bench.sink.position() == bench.book.at == bench.log.head() == len(events)
    assert set(bench.book.scores) == {move.tx_id for move in moves(events)}
    assert bench.sink.rings == bench.book.rings != {}
    assert set(bench.book.labels) == {"label:1"}
    pipeline.close()


def test_one_event_at_a_time_ends_like_all_at_once(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Bench(tmp_path / "other")
    whole, single = bench.open(), other.open(flush_events=3)
    whole.submit(story())
    for event in story():
        single.submit([event])
    whole.close()
    single.close()
    assert bench.state() == other.state()
    other.log.close()


def test_stages_come_in_their_order_and_the_log_is_first(bench: Bench) -> None:
    pipeline = bench.open(flush_events=1)
    pipeline.submit(story()[:5])
    pipeline.close()
    assert bench.stages == [("logged", 5), ("applied", 5), ("stored", 5), ("recorded", 5)]


def test_small_batches_wait_until_there_are_enough(bench: Bench) -> None:
    pipeline = bench.open(flush_events=10)
    pipeline.submit(story()[:9])
    assert bench.sink.writes == 0
    pipeline.submit(story()[9:11])
    pipeline.flush(settle=False)
    assert bench.sink.position() == 11
    pipeline.close()


def test_a_repeated_transaction_returns_its_first_score_wherever_it_is(bench: Bench) -> None:
    pipeline = bench.open(flush_events=1_000)
    wanted = moves(story())[:4]
    first = pipeline.score(wanted)
    assert [score.tx_id for score in first] == [move.tx_id for move in wanted]
    assert pipeline.score(list(reversed(wanted))) == list(reversed(first))  # not handed over yet
    bench.sink.gate.clear()
    waiting = threading.Thread(target=pipeline.flush, kwargs={"settle": False})
    waiting.start()
    assert pipeline.score(wanted) == first  # on its way
    bench.sink.gate.set()
    waiting.join(20)
    assert pipeline.score(wanted) == first  # in the ledger
    assert bench.log.head() == 4
    pipeline.close()


def test_a_transaction_that_changed_its_content_keeps_the_first_and_is_reported(bench: Bench) -> None:
    pipeline = bench.open()
    (one,) = moves(story())[:1]
    (score,) = pipeline.score([one])
    fake = Movement(event_id=one.event_id, ts=one.ts, source=one.source, target=one.target, amount_cents=1)
    taken = pipeline.submit([fake])
    assert (taken.accepted, len(taken.conflicts)) == (0, 1)
    assert pipeline.score([one]) == [score]
    pipeline.close()


@pytest.mark.parametrize("part", ["sink", "book"])
def test_a_failed_write_is_heard_by_the_next_caller_and_nothing_more_is_written(bench: Bench, part: str) -> None:
    pipeline = bench.open(flush_events=1)
    (bench.sink if part == "sink" else bench.book).failure = FULL
    pipeline.submit(story()[:3])
    with pytest.raises(StorageFull):
        pipeline.flush(settle=False)
    bench.sink.failure = bench.book.failure = None
    writes, at = bench.sink.writes, bench.book.at
    calls: list[Callable[[], object]] = [
        lambda: pipeline.submit(story()[3:6]),
        lambda: pipeline.flush(settle=True),
        pipeline.close,
    ]
    for call in calls:
        with pytest.raises(StorageFull):
            call()
    assert (bench.sink.writes, bench.book.at) == (writes, at)
    assert bench.log.head() == 3  # what was refused was not logged either


@pytest.mark.parametrize("part", ["sink", "book"])
def test_a_store_that_is_down_is_caught_up_with_when_it_answers_again(
    bench: Bench, part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "STUCK_SECONDS", 0.2)
    (tmp_path / "other").mkdir()
    other = Bench(tmp_path / "other")
    unbroken = other.open()
    unbroken.submit(story())
    unbroken.close()

    events = story()
    pipeline = bench.open(flush_events=20)
    broken = bench.sink if part == "sink" else bench.book
    broken.failure = DOWN
    pipeline.submit(events[:20])  # handed over, and asked for again and again
    with pytest.raises(StoreUnavailable):
        pipeline.flush(settle=False)
    (score,) = pipeline.score(moves(events[20:])[:1])  # scoring goes on: it needs neither
    assert score.value >= 0
    pipeline.submit(events[20:])  # two batches may wait
    assert bench.book.at == 0
    assert pipeline.waiting().events == len(events)
    assert pipeline.patience.retries.keys() == {"store" if part == "sink" else "ledger"}
    broken.failure = None
    pipeline.close()
    assert pipeline.waiting() == Waiting(0, None)
    assert bench.sink.position() == bench.book.at == bench.log.head() == len(events)
    assert bench.state() == other.state()
    other.log.close()


def test_closing_tells_a_failure_that_nobody_heard_yet(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline_module, "CLOSING_SECONDS", 0.2)
    pipeline = bench.open(flush_events=1)
    bench.sink.failure = DOWN
    pipeline.submit(story()[:3])
    with pytest.raises(StoreUnavailable):
        pipeline.close()


def test_a_failure_nobody_foresaw_stops_with_a_cure(bench: Bench) -> None:
    pipeline = bench.open(flush_events=1)
    bench.book.failure = KeyError("surprise")
    pipeline.submit(story()[:3])
    with pytest.raises(StopWork, match="surprise"):
        pipeline.flush(settle=False)
    pipeline.abandon()


def test_after_a_failure_a_restart_catches_up_and_nothing_is_lost(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "STUCK_SECONDS", 0.2)
    (tmp_path / "other").mkdir()
    other = Bench(tmp_path / "other")
    unbroken = other.open()
    unbroken.submit(story())
    unbroken.close()

    events = story()
    pipeline = bench.open(flush_events=7)
    pipeline.submit(events[:20])
    pipeline.flush(settle=False)
    bench.book.failure = DOWN  # the store gets ahead of the ledger
    pipeline.submit(events[20:40])
    with pytest.raises(StoreUnavailable):
        pipeline.flush(settle=False)
    pipeline.abandon()
    bench.book.failure = None
    assert bench.sink.position() > bench.book.at
    again = bench.open(flush_events=7)
    assert bench.sink.position() == bench.book.at == bench.log.head() == 40
    again.submit(events[40:])
    again.close()
    assert bench.state() == other.state()
    other.log.close()


@pytest.mark.parametrize(("stored", "recorded"), [(0, 0), (0, 30), (30, 0), (13, 30), (30, 13), (60, 60), (71, 71)])
def test_wherever_store_and_ledger_stand_recovery_ends_in_the_same_state(
    bench: Bench, stored: int, recorded: int, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = Bench(tmp_path / "other")
    events = story()
    unbroken = other.open()
    unbroken.submit(events)
    unbroken.close()

    bench.log.append(events, learned_at=1_700_000_000_000)
    head = bench.log.head()
    stored, recorded = min(stored, head), min(recorded, head)
    bench.sink.held = {offset: entry for offset, entry in other.sink.held.items() if offset <= stored}
    by_offset = {f"tx:{score}": value for score, value in other.book.scores.items()}
    bench.book.at = recorded
    for entry in other.sink.held.values():
        if entry.offset <= recorded and entry.event.event_id in by_offset:
            bench.book.scores[entry.event.event_id[3:]] = by_offset[entry.event.event_id]
        if entry.offset <= recorded and isinstance(entry.event, LabelGiven):
            bench.book.labels[entry.event.event_id] = entry.event
    bench.open(flush_events=10).close()
    assert bench.sink.primed == list(range(1, stored + 1))
    assert bench.state() == other.state()
    other.log.close()


def test_a_ring_that_merged_while_the_ledger_was_behind_still_names_its_survivor(bench: Bench) -> None:
    events = story()
    pipeline = bench.open()
    pipeline.submit(events[:6])
    pipeline.flush(settle=True)
    older, younger = sorted(bench.book.rings.values(), key=lambda ring: ring.first_ts)
    pipeline.abandon()
    bench.log.append(events[6:49], learned_at=1_700_000_000_000)
    bench.open().close()
    assert bench.book.gone == {younger.ring_id: older.ring_id}
    assert set(bench.sink.rings) == set(bench.book.rings)
    assert older.ring_id in bench.book.rings


def test_a_log_shorter_than_the_store_stops_the_work(bench: Bench) -> None:
    bench.log.append(story()[:5], learned_at=1)
    bench.sink.held = {entry.offset: entry for entry in entries(story()[:6])}
    with pytest.raises(StopWork, match="ends at 5"):
        bench.open()
    bench.sink.held = {}
    bench.book.at = 6
    with pytest.raises(StopWork, match="holds 6"):
        bench.open()


def test_a_store_that_disagrees_with_the_log_stops_recovery_before_the_ledger_moves(bench: Bench) -> None:
    bench.log.append(story(), learned_at=1)
    bench.sink.mismatch = StoreMismatch("another log")
    with pytest.raises(StoreMismatch):
        bench.open(flush_events=1_000)
    assert bench.book.rings == {}


def test_when_the_store_is_slow_callers_wait_and_memory_does_not_grow(bench: Bench) -> None:
    pipeline = bench.open(flush_events=1)
    bench.sink.gate.clear()
    events = story()
    done = threading.Event()

    def submit_all() -> None:
        for event in events[:12]:
            pipeline.submit([event])
        done.set()

    caller = threading.Thread(target=submit_all)
    caller.start()
    assert not done.wait(0.3)
    assert bench.log.head() <= 4  # one being written, two waiting, one whose caller waits
    bench.sink.gate.set()
    assert done.wait(20)
    caller.join(20)
    pipeline.close()
    assert bench.sink.position() == bench.book.at == 12


def test_closing_twice_and_abandoning_after_closing_do_nothing(bench: Bench) -> None:
    pipeline = bench.open()
    pipeline.submit(story()[:12])
    pipeline.close()
    before = bench.state()
    pipeline.close()
    pipeline.abandon()
    assert bench.state() == before


def test_abandoning_leaves_what_waits_to_the_log(bench: Bench) -> None:
    pipeline = bench.open(flush_events=1_000)
    pipeline.submit(story())
    pipeline.abandon()
    assert bench.sink.held == {}
    with pytest.raises(StopWork):
        pipeline.submit(story()[:1])
    bench.open().close()
    assert bench.sink.position() == bench.log.head() == len(story())


def test_recovery_says_how_far_it_is(bench: Bench) -> None:
    bench.log.append(story()[:25], learned_at=1)
    bench.open().close()
    told: list[tuple[int, int]] = []
    pipeline = Pipeline(
        log=bench.log,
        projection=Projection(),
        sink=bench.sink,
        book=bench.book,
        clock_ms=lambda: 1,
        flush_events=10,
    )
    assert pipeline.recover(lambda done, head: told.append((done, head))) == 25
    pipeline.close()
    assert told == [(10, 25), (20, 25)]


def test_events_of_a_source_are_logged_with_its_position(bench: Bench) -> None:
    pipeline = bench.open()
    pipeline.submit(story()[:5], source="file.csv", position=5)
    assert bench.log.source_position("file.csv") == 5
    pipeline.close()
