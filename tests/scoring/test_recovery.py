"""A process that starts from a checkpoint goes on exactly as one that never stopped; a doubtful one is refused."""

from __future__ import annotations

import json
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.checkpoint import KEPT, CheckpointRefused, Checkpoints
from graph.events import Event, Movement
from graph.log.sqlite import SqliteEventLog
from graph.window.window import Window
from scoring.pipeline import Pipeline
from tests.rings.worlds import shuffled
from tests.scoring.fakes import Bench
from tests.scoring.test_pipeline import story
from tests.window.worlds import streams


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.log.close()


def played(bench: Bench, events: list[Event], *, cuts: list[int], checkpoint_events: int) -> tuple[object, ...]:
    """Submit `events` in batches of 7, stopping and starting again at `cuts`; return all that can be seen."""
    pipeline = bench.open(flush_events=5, checkpoint_events=checkpoint_events)
    for number, start in enumerate(range(0, len(events), 7)):
        pipeline.submit(events[start : start + 7])
        if number in cuts:
            (pipeline.close if number % 2 else pipeline.abandon)()
            pipeline = bench.open(flush_events=5, checkpoint_events=checkpoint_events)
    pipeline.close()
    return (*bench.state(), {tx: row.tobytes() for tx, row in bench.book.features.items()}, memory(pipeline))


def memory(pipeline: Pipeline) -> tuple[object, ...]:
    """What the window answers about everything it holds, bit for bit, and the rings."""
    window: Window = pipeline._projection.window
    seqs = np.arange(window.first, window.end, dtype=np.int64)
    moves = seqs[window._cols.kind[seqs & window._mask] <= 7]
    answers = window.answer(moves)
    by_id = {window.event_id(seq): row.tobytes() for seq, row in zip(moves.tolist(), answers.features, strict=True)}
    hits = {(window.event_id(hit.owner), hit.kind, *map(window.event_id, hit.edges)) for hit in answers.hits}
    return by_id, hits, pipeline._projection.rings()


@settings(max_examples=25, deadline=None)
@given(
    events=streams(),
    cuts=st.lists(st.integers(0, 12), max_size=4),
    every=st.integers(1, 30),
    seed=st.integers(0, 99),
)
def test_stopped_anywhere_and_late_events_the_state_is_that_of_an_unbroken_run(
    events: list[Event], cuts: list[int], every: int, seed: int
) -> None:
    late = shuffled(events, seed)
    with tempfile.TemporaryDirectory() as folder:
        (one, two) = (Path(folder, name) for name in ("unbroken", "stopped"))
        one.mkdir()
        two.mkdir()
        unbroken, stopped = Bench(one), Bench(two)
        assert played(stopped, late, cuts=cuts, checkpoint_events=every) == played(
            unbroken, late, cuts=[], checkpoint_events=0
        )
        unbroken.log.close()
        stopped.log.close()


def test_rings_of_a_story_live_on_across_checkpoints(bench: Bench, tmp_path: Path) -> None:
    events = story()
    random.Random(3).shuffle(events)
    (tmp_path / "other").mkdir()
    other = Bench(tmp_path / "other")
    broken = played(bench, events, cuts=[1, 2, 5, 6], checkpoint_events=10)
    assert broken == played(other, events, cuts=[], checkpoint_events=0)
    assert bench.book.rings
    other.log.close()


def test_only_the_rest_of_the_log_is_read_after_a_clean_stop(bench: Bench) -> None:
    pipeline = bench.open(checkpoint_events=1_000)
    pipeline.submit(story())
    pipeline.close()
    head = bench.log.head()
    again = bench.open(checkpoint_events=1_000)
    assert (again.checkpoints.newest, again.checkpoints.refused) == (head, [])
    assert bench.sink.primed == []
    again.close()
    assert bench.stages.count(("checkpointed", head)) == 1  # nothing new came: nothing is written


def test_only_the_newest_checkpoints_stay(bench: Bench) -> None:
    pipeline = bench.open(flush_events=5, checkpoint_events=10)
    for event in story():
        pipeline.submit([event])
    pipeline.close()
    assert len(bench.checkpoints.offsets()) == KEPT
    assert bench.checkpoints.offsets()[0] == bench.log.head()


def test_no_checkpoints_are_kept_when_none_are_wanted(bench: Bench) -> None:
    pipeline = bench.open(checkpoint_events=0)
    pipeline.submit(story())
    pipeline.close()
    assert bench.checkpoints.offsets() == []


def test_a_full_disk_leaves_out_the_checkpoint_and_says_so(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    pipeline = bench.open(flush_events=5, checkpoint_events=10)
    with monkeypatch.context() as patch:
        patch.setattr(np, "save", full)
        pipeline.submit(story())
        pipeline.flush(settle=True)
    assert "No space left" in pipeline.checkpoints.problem
    assert bench.checkpoints.offsets() == []
    assert bench.sink.position() == bench.log.head()
    pipeline.close()


def truncate(folder: Path) -> None:
    file = folder / "parts"
    file.write_bytes(file.read_bytes()[:-1])


def edit(folder: Path) -> None:
    file = folder / "parts"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def lose(folder: Path) -> None:
    (folder / "parts").unlink()


def lose_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def rewrite(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["body"]["place"]["offset"] += 1
    (folder / "manifest.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (truncate, "its part store.position is not what was written"),
        (edit, "is not what was written"),
        (lose, "its parts cannot be read"),
        (lose_manifest, "its manifest cannot be read"),
        (rewrite, "its manifest was changed"),
    ],
)
def test_a_spoilt_checkpoint_is_refused_in_words_and_the_log_says_it_all(
    bench: Bench, spoil: Callable[[Path], None], words: str
) -> None:
    pipeline = bench.open(checkpoint_events=1_000)
    pipeline.submit(story())
    pipeline.close()
    before, head = (bench.state(), memory(pipeline)), bench.log.head()
    spoil(bench.path.parent / "checkpoints" / f"checkpoint-{head}")
    again = bench.open(checkpoint_events=1_000)
    assert words in again.checkpoints.refused[0]
    assert again.checkpoints.newest == 0
    assert bench.sink.primed == list(range(1, head + 1))
    again.close()
    assert (bench.state(), memory(again)) == before


def test_the_older_checkpoint_serves_when_the_newest_is_spoilt(bench: Bench) -> None:
    pipeline = bench.open(flush_events=5, checkpoint_events=10)
    for event in story():
        pipeline.submit([event])
    pipeline.close()
    newest, older = bench.checkpoints.offsets()
    truncate(bench.path.parent / "checkpoints" / f"checkpoint-{newest}")
    again = bench.open(checkpoint_events=1_000)
    assert again.checkpoints.newest == older
    assert len(again.checkpoints.refused) == 1
    again.abandon()


def test_a_checkpoint_of_another_log_is_refused(tmp_path: Path) -> None:
    for folder in ("here", "there"):
        (tmp_path / folder).mkdir()
    here, there = Bench(tmp_path / "here"), Bench(tmp_path / "there")
    for each in (here, there):
        pipeline = each.open(checkpoint_events=1_000)
        pipeline.submit(story())
        pipeline.close()
    shutil.rmtree(tmp_path / "here" / "checkpoints")
    shutil.copytree(tmp_path / "there" / "checkpoints", tmp_path / "here" / "checkpoints")
    again = here.open(checkpoint_events=1_000)
    assert "another log" in again.checkpoints.refused[0]
    again.abandon()
    here.log.close()
    there.log.close()


def test_a_checkpoint_of_another_release_or_other_settings_is_refused(bench: Bench) -> None:
    pipeline = bench.open(checkpoint_events=1_000)
    pipeline.submit(story())
    pipeline.close()
    other = Checkpoints(bench.path.parent / "checkpoints", {"code": "newer"})
    with pytest.raises(CheckpointRefused, match="made with code tests, now it is newer"):
        other.read(bench.log.head(), bench.log)


def test_a_checkpoint_ahead_of_a_store_that_was_put_back_is_refused(bench: Bench) -> None:
    pipeline = bench.open(checkpoint_events=1_000)
    pipeline.submit(story())
    pipeline.close()
    before, head = bench.state(), bench.log.head()
    bench.sink.held = {offset: entry for offset, entry in bench.sink.held.items() if offset <= 20}
    again = bench.open(checkpoint_events=1_000)
    assert "hold the log only up to entry 20" in again.checkpoints.refused[0]
    assert bench.sink.position() == head
    again.close()
    assert bench.state() == before


def test_a_log_put_back_and_gone_on_with_other_events_refuses_the_checkpoint(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    pipeline = bench.open(flush_events=5, checkpoint_events=1_000)
    pipeline.submit(story()[:30])
    pipeline.flush(settle=True)
    bench.log.close()
    shutil.copy(bench.path, tmp_path / "backup.sqlite")
    bench.log = SqliteEventLog(bench.path)
    pipeline = bench.open(flush_events=5, checkpoint_events=1_000)
    pipeline.submit(story()[30:40])
    pipeline.close()
    bench.log.close()
    shutil.copy(tmp_path / "backup.sqlite", bench.path)
    bench.log = SqliteEventLog(bench.path)
    others = [event for event in story()[40:] if isinstance(event, Movement)][:10]
    bench.log.append(others, learned_at=1)
    again = bench.open(checkpoint_events=1_000)
    assert "another log, or the log was replaced" in again.checkpoints.refused[0]
    again.abandon()
    bench.log.close()
