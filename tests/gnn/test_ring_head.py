"""The ring head: one row for a ring however it is written down, look-alikes told by the truth, saved and read equal."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gnn.ring_columns import RING_COLUMNS, ring_table
from gnn.ring_examples import RingExamples, told_apart
from gnn.ring_head import MANIFEST, RingHead, fit_ring_head, load_ring_head
from graph.errors import ConfigurationError
from graph.evidence import Ring, RingKind
from tests.rings.worlds import Notebook, chain, cycle, farm, only_ring
from tests.service.command import Tarrafa


def rings() -> list[Ring]:
    """A chain, a cycle and a farm, from three notebooks."""
    one, two, three = Notebook("a"), Notebook("b"), Notebook("c")
    chain(one, ["i", "j", "k", "l", "m"])
    cycle(two, ["a", "b", "c", "d"])
    farm(three, ["e", "f", "g", "h"], "phone")
    found = [only_ring(book) for book in (one, two, three)]
    assert len(found) == 3
    return found


def column(table: np.ndarray, name: str) -> list[float]:
    return [float(value) for value in table[:, RING_COLUMNS.index(name)]]


def test_a_ring_gives_one_row_whatever_the_order_of_its_members_and_links() -> None:
    for ring in rings():
        members, links, signals = list(ring.members), list(ring.links), list(ring.contributions)
        for parts in (members, links, signals):
            random.Random(1).shuffle(parts)
        other = replace(ring, members=tuple(members), links=tuple(links), contributions=tuple(signals))
        assert ring_table([other], {}) == pytest.approx(ring_table([ring], {}), nan_ok=True)


def test_columns_say_shapes_roles_money_and_scores_of_the_ring() -> None:
    found = rings()
    events = [event for ring in found for link in ring.links for event in link.event_ids]
    table = ring_table(found, dict.fromkeys(events, 40.0))
    for kind in RingKind:
        assert column(table, f"kind_{kind}") == [float(kind in ring.kinds) for ring in found]
    for place, ring in enumerate(found):
        assert column(table, "members")[place] == pytest.approx(np.log1p(len(ring.members)))
        assert column(table, "own_score")[place] == pytest.approx(ring.score)
        shares = [column(table, name)[place] for name in RING_COLUMNS if name.startswith("role_")]
        assert sum(shares) == pytest.approx(1.0)
        assert 0 <= column(table, "retained_share")[place] <= 1
    assert column(table, "both_ways_share") == [0.0, 0.0, 0.0]
    assert column(table, "score_mean")[:2] == [40.0, 40.0]
    assert column(table, "score_unusual_share")[0] == 1.0
    assert np.isnan(column(ring_table(found, {}), "score_mean")).all()


def test_rings_are_true_by_overlap_look_alikes_by_none_and_left_out_in_between() -> None:
    one, two, three = rings()
    accounts = [frozenset(member.account for member in ring.members) for ring in (one, two, three)]
    few = frozenset(sorted(accounts[1])[:1])
    found = told_apart([one, two, three], {"r1": accounts[0] | {"x"}, "r2": few | set("vwxyz")}, {})
    assert dict(zip(found.ring_ids, found.label.tolist(), strict=True)) == {one.ring_id: 1, three.ring_id: 0}
    assert found.partial == 1


def examples(seed: int, count: int = 120) -> RingExamples:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(count, len(RING_COLUMNS))).astype(np.float32)
    label = (rows[:, RING_COLUMNS.index("core_share")] + 0.3 * rng.normal(size=count) > 0).astype(np.int8)
    ids = tuple(f"R-{place}" for place in range(count))
    return RingExamples(rows, label, np.zeros(count), np.arange(count, dtype=np.int64), ids, 0)


@pytest.fixture(scope="module")
def head() -> RingHead:
    return fit_ring_head(examples(1), examples(2), seed=1, about={"seeds": "1"})


def test_a_head_learns_ranks_and_explains_by_parts_that_add_up(head: RingHead) -> None:
    unseen = examples(3)
    raw = head.raw(unseen.rows)
    assert raw[unseen.label == 1].mean() > raw[unseen.label == 0].mean() + 1
    found = rings()
    parts = head.parts(found, {})
    base = head.raw(ring_table(found, {})) - parts.sum(axis=1)
    assert base == pytest.approx(np.full(3, base[0]), abs=1e-9)
    probability = head.score(found, {})
    assert ((probability > 0) & (probability < 1)).all()
    assert len(head.score([], {})) == 0


def test_a_saved_head_scores_equally_and_equal_training_has_one_version(head: RingHead, tmp_path: Path) -> None:
    version = head.save(tmp_path / "one")
    again = load_ring_head(tmp_path / "one")
    rows = examples(4).rows
    assert np.array_equal(again.raw(rows), head.raw(rows))
    assert np.array_equal(again.calibration(again.raw(rows)), head.calibration(head.raw(rows)))
    assert fit_ring_head(examples(1), examples(2), seed=1, about={}).save(tmp_path / "two") == version


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda folder: (folder / "trees-0.txt").write_text("tree"), "not what was written"),
        (lambda folder: (folder / MANIFEST).write_text("{"), "cannot be read"),
        (lambda folder: (folder / MANIFEST).unlink(), "no ring head"),
        (lambda folder: edited(folder, "columns", ["a"]), "another version"),
        (lambda folder: edited(folder, "calibration", None), "cannot be read"),
    ],
)
def test_a_head_that_is_not_what_was_saved_is_refused(
    head: RingHead, tmp_path: Path, spoil: object, words: str
) -> None:
    head.save(tmp_path)
    spoil(tmp_path)  # type: ignore[operator]
    with pytest.raises(ConfigurationError, match=words):
        load_ring_head(tmp_path)


def edited(folder: Path, name: str, value: object) -> None:
    record = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps(record | {name: value}))


def test_too_few_of_a_class_is_said() -> None:
    one_sided = examples(1)
    one_sided.label[:] = 1
    with pytest.raises(ConfigurationError, match="too few to learn from"):
        fit_ring_head(one_sided, examples(2), seed=1, about={})


@pytest.mark.slow
def test_a_head_learnt_from_worlds_ranks_rings_of_other_worlds_and_scores_those_of_a_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tarrafa = Tarrafa(monkeypatch, capsys)
    home = ("--home", tmp_path / "home")
    assert "no ring head" in tarrafa("rings", "score", *home).err
    seeds = ("--seeds", "1-2", "--valid", "3", "--test", "4", "--events", "20000")
    tarrafa("rings", "learn", *seeds, *home).well()
    measured = json.loads((tmp_path / "home" / "ring-head" / MANIFEST).read_text())["about"]["measured"]
    assert measured["world 4"]["average_precision"] > 0.8
    assert "two parts" in tarrafa("rings", "learn", "--seeds", "1", "--valid", "1", *home).err
    assert "there are no rings" in tarrafa("rings", "score", *home).well().err
    tarrafa("demo", "--no-serve", "--events", "10000", "--seed", "5", *home).well()
    lines = [json.loads(line) for line in tarrafa("rings", "score", "--json", *home).well().out.splitlines()]
    assert lines == sorted(lines, key=lambda line: -line["probability"])
    assert all(0 <= line["probability"] <= 1 and len(line["log_odds_of"]) == 3 for line in lines)
