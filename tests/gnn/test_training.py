"""What a model learns from: labels as known then, no more from one source than it may give, never the canary set."""

from __future__ import annotations

import numpy as np
import pytest

from gnn.canary import SLACK, Canary, canary_objection, draw_canary
from gnn.candidates import BOOSTED
from gnn.drift import bin_edges, bin_shares, stability, verdict
from gnn.kept_stages import Kept, StageFolder
from gnn.known_labels import KnownLabels, capped
from gnn.line import ALARMING, HIGHEST, MILDEST, log_odds, points_line
from gnn.log_rows import in_spans, rows_of_log
from gnn.packing import pack, unpack
from gnn.pieces import ModelRefused, Packed
from gnn.stages import Once
from gnn.training import UNKNOWN, Known, candidates_of, lesson_of
from graph.errors import ConfigurationError
from graph.events import LATEST_TS, GovernanceChanged, LabelGiven
from graph.verdicts import GIVEN_BY, Act, Verdict, content_of
from graph.verdicts import PART as VERDICTS
from graph.window.records import WindowSettings
from tests.gnn.lessons import DAY_MS, START_MS, known_of, made_from, movements, played

EVENTS = movements(300)


def label(tx: str, value: int, *, ts: int, by: str = "file", subject: str = "tx") -> LabelGiven:
    return LabelGiven(
        event_id=f"label:{subject}{tx}{ts}{by}", ts=ts, subject=subject, subject_id=tx, label=value, given_by=by
    )


def test_of_several_labels_the_newest_known_at_the_moment_holds() -> None:
    labels = KnownLabels()
    labels.note([label("0", 0, ts=START_MS + 30), label("0", 1, ts=START_MS + 10)])
    for by, expected in ((9, None), (10, 1), (29, 1), (30, 0)):
        found = labels.of(EVENTS[0], by=START_MS + by)
        assert (None if found is None else found[0].value) == expected


def test_where_only_accounts_are_labelled_both_ends_speak() -> None:
    labels = KnownLabels()
    first = EVENTS[0]
    labels.note([label(first.source, 1, ts=START_MS, subject="account")])
    assert labels.of(first, by=LATEST_TS) is None
    labels.note([label(first.target, 1, ts=START_MS + 5, by="ana", subject="account")])
    found = labels.of(first, by=LATEST_TS)
    assert found is not None
    assert (found[0].value, found[1]) == (1, "file and ana")


def test_labels_of_a_verdict_that_was_undone_count_until_then() -> None:
    labels, first = KnownLabels(), EVENTS[0]
    source = f"{GIVEN_BY}governance:1"
    undo = content_of(Verdict(act=Act.UNDO, ring="R-1", of="governance:1"))
    labels.note([label("0", 0, ts=START_MS), label("0", 1, ts=START_MS + 5, by=source)])
    labels.note(
        [GovernanceChanged(event_id="governance:2", ts=START_MS + 9, part=VERDICTS, content=undo, author="ana")]
    )
    values = []
    for by in (0, 5, 8, 9):
        found = labels.of(first, by=START_MS + by)
        assert found is not None
        values.append(found[0].value)
    assert values == [0, 1, 1, 0]


def test_a_source_gives_at_most_its_share_of_each_class() -> None:
    rows = np.arange(100)
    values = (rows % 2).astype(np.int8)
    giver = ["stranger" if row < 60 else "file" for row in rows.tolist()]
    kept, left_out = capped(rows, values, giver, share=0.2, trusted=("file",), seed=1)
    mine = [row for row in kept.tolist() if giver[row] == "stranger"]
    assert [sum(values[row] == value for row in mine) for value in (0, 1)] == [10, 10]
    assert left_out == {"stranger": 40}
    assert set(range(60, 100)) <= set(kept.tolist())
    again, _ = capped(rows, values, giver, share=0.2, trusted=("file",), seed=1)
    assert kept.tolist() == again.tolist()
    assert len(capped(rows, values, giver, share=0.2, trusted=("file", "stranger"), seed=1)[0]) == 100


@pytest.fixture(scope="module")
def rows():  # type: ignore[no-untyped-def]
    return played(EVENTS)


def test_training_rows_carry_the_label_known_when_validation_began(rows) -> None:  # type: ignore[no-untyped-def]
    asked: list[int] = []

    def known_at(by: int) -> Known:
        asked.append(by)
        found = known_of(rows, noise=0.0)
        late = np.zeros(len(rows), dtype=bool)
        late[:40] = True  # known at the end only
        if len(asked) > 1:
            found.label[late] = UNKNOWN
        return found

    canary = Canary((rows.tx_ids[100], rows.tx_ids[200]), (0, 0))
    lesson = lesson_of(
        rows, known_at, since=0, until=LATEST_TS, delay_ms=DAY_MS, canary=canary, cap=1.0, trusted=(), seed=1
    )
    assert asked == [LATEST_TS - DAY_MS, int(rows.edges.ts[lesson.split.valid[0]]) - DAY_MS]
    assert lesson.split.train.min() >= 40
    assert lesson.left_out["label came too late"] == 20
    learnt = {rows.tx_ids[row] for part in (lesson.split.train, lesson.split.valid, lesson.split.test) for row in part}
    assert not learnt & set(canary.tx_ids)
    assert all(int(tx) % 2 == 0 for tx in learnt)  # the others are rows without a label
    assert len(lesson.rated) == len(rows)
    assert lesson.split.train.max() < lesson.split.valid.min() <= lesson.split.valid.max() < lesson.split.test.min()


@pytest.mark.parametrize(("since", "until"), [(0, START_MS), (START_MS + 400 * DAY_MS, LATEST_TS)])
def test_a_range_without_labels_is_said(rows, since: int, until: int) -> None:  # type: ignore[no-untyped-def]
    known = known_of(rows)
    with pytest.raises(ConfigurationError, match="nothing in that range is labelled"):
        lesson_of(
            rows, lambda _by: known, since=since, until=until, delay_ms=0, canary=None, cap=1.0, trusted=(), seed=1
        )


def test_rows_of_a_log_are_the_same_in_any_order_and_batches(rows) -> None:  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(5)
    shuffled = [EVENTS[place] for place in np.argsort(np.arange(300) + rng.normal(0, 40, 300)).tolist()]
    settings = WindowSettings()
    pieces = [piece for low in range(0, 300, 37) for piece in in_spans(low + 1, shuffled[low : low + 37], settings)]
    other = rows_of_log(pieces, settings=settings, most=300)
    assert other.tx_ids == rows.tx_ids
    assert other.features.tobytes() == rows.features.tobytes()
    assert other.edges.ts.tolist() == rows.edges.ts.tolist()


def test_batches_are_cut_where_the_window_looks_to_its_bound() -> None:
    settings = WindowSettings(max_events=320)  # a look every 10 entries
    assert [(first, len(events)) for first, events in in_spans(8, EVENTS[:15], settings)] == [(8, 2), (10, 10), (20, 3)]


@pytest.mark.slow
def test_equal_seeds_give_equal_models_and_saved_ones_score_the_same(rows) -> None:  # type: ignore[no-untyped-def]
    first, second = (made_from(rows, wanted="propagated scores") for _ in range(2))
    assert first.manifest.version == second.manifest.version
    known = known_of(rows)
    lesson = lesson_of(
        rows, lambda _by: known, since=0, until=LATEST_TS, delay_ms=0, canary=None, cap=1.0, trusted=(), seed=1
    )
    for tried in first.backtest.tried:
        packed = pack(tried.fitted)
        assert unpack(packed).raw(lesson.rated).tobytes() == tried.fitted.raw(lesson.rated).tobytes()
        gone = dict(list(packed.boosters.items())[1:])
        with pytest.raises(ModelRefused, match="do not fit together"):
            unpack(Packed(packed.nodes, packed.tops, gone, packed.arrays))


@pytest.mark.slow
def test_a_killed_training_goes_on_after_its_last_finished_stage(rows, tmp_path) -> None:  # type: ignore[no-untyped-def]
    known = known_of(rows)
    lesson = lesson_of(
        rows, lambda _by: known, since=0, until=LATEST_TS, delay_ms=0, canary=None, cap=1.0, trusted=(), seed=1
    )
    trained: list[str] = []

    def fitted() -> list[bytes]:
        folder = StageFolder.of(tmp_path, {"seed": 1})
        assert len(folder.rows(lambda: rows)) == len(rows)
        models = [
            candidate.fit(lesson.rated, lesson.split, 1)
            for candidate in candidates_of(lambda one: Once(Kept(one, folder, trained.append)))
        ]
        return [model.raw(lesson.rated).tobytes() for model in models]

    first = fitted()
    assert trained == ["boosted features", "propagated scores", "accounts", "first stage"]
    assert fitted() == first
    assert len(trained) == 4  # nothing was trained again
    (torn,) = tmp_path.glob("*/boosted_features/recipe.json")
    torn.write_text(torn.read_text()[:100])
    assert fitted() == first
    assert trained[4:] == ["boosted features"]
    StageFolder.of(tmp_path, {"seed": 2})
    assert not list(tmp_path.glob("*/boosted_features"))  # another training does not take them


def test_the_canary_set_stops_what_it_was_frozen_for() -> None:
    canary = Canary(("a", "b"), (1, 0))
    good = {"digest": canary.digest, "size": 2, "scored": 2, "average_precision": 0.9}
    assert canary_objection(good, None, None) == ""
    assert canary_objection(good, None, canary.digest) == ""
    assert canary_objection(good, good | {"average_precision": 0.9 + SLACK - 0.001}, canary.digest) == ""
    worse = good | {"average_precision": 0.9 - SLACK - 0.001}
    assert "average precision is 0.849, that of the model in force 0.900" in canary_objection(
        worse, good, canary.digest
    )
    assert "not tried on the canary set" in canary_objection(good | {"digest": "old"}, good, canary.digest)
    assert "only 1 of the 2" in canary_objection(good | {"scored": 1}, good, canary.digest)


def test_a_canary_set_is_drawn_once_of_both_classes() -> None:
    values = (np.arange(50) < 2).astype(np.int8)
    names = [str(number) for number in range(50)]
    drawn = draw_canary(names, values, np.arange(50), seed=1)
    assert drawn is not None
    assert (sum(drawn.labels), len(drawn.labels)) == (2, 42)
    assert drawn == draw_canary(names, values, np.arange(50), seed=1)
    assert draw_canary(names, values, np.arange(10, 50), seed=1) is None


def test_the_stability_index_is_its_definition_and_nought_where_nothing_moved() -> None:
    rng = np.random.default_rng(1)
    then, now = rng.normal(size=(5_000, 2)), rng.normal(size=(5_000, 2))
    now[:, 1] += 1.0
    edges = bin_edges(then)
    before, after = bin_shares(then, edges), bin_shares(now, edges)
    by_hand = [sum((a - b) * np.log(a / b) for a, b in zip(after[c], before[c], strict=True)) for c in (0, 1)]
    found = stability(before, after).tolist()
    assert found == pytest.approx(by_hand)
    assert [verdict(index) for index in found] == ["settled", "moved"]
    assert stability(before, before).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(("usual", "alarm"), [(0.005, 0.2), (0.0, 0.0), (0.9, 0.1), (0.001, 1.0)])
def test_points_rise_with_the_probability_and_stay_within_their_ends(usual: float, alarm: float) -> None:
    line = points_line(usual=usual, alarm=alarm)
    points = line(log_odds(np.linspace(0.0, 1.0, 1_001)))
    assert (np.diff(line.at) > 0).all()
    assert (np.diff(points) >= 0).all()
    assert (points[0], points[-1]) == (MILDEST, HIGHEST)
    assert ALARMING in line.value


def test_every_column_of_a_recipe_is_written_by_name() -> None:
    assert len(BOOSTED.columns) == len({*BOOSTED.columns})
    node = {"kind": "trees", "booster": "trees1", "columns": ["no_such_column"]}
    with pytest.raises(ModelRefused, match="needs no_such_column, which this program does not compute"):
        unpack(Packed({"model0": node}, ("model0",), {"trees1": ""}, {}))
