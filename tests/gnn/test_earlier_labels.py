"""Labels of the past as columns: from the moment each was known, never its own, none of the test part unasked."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gnn.dataset import Rated
from gnn.earlier_labels import HOUR_MS, OF_KEY, Known, Traits, earlier_labels
from gnn.split import Split, split_by_time
from graph.events import Movement, tie_of
from tests.gnn.streams import random_edges, rated_over
from tests.service.command import Tarrafa

START_MS = 1_740_000_000_000
WHERE = ("here", "there", "")


def world(seed: int, movements: int = 160) -> tuple[Rated, Split, Traits]:
    """Movements of twelve accounts, every second one labelled, with a channel and a place each."""
    rng = np.random.default_rng(seed)
    edges = random_edges(seed, movements=movements, accounts=12)
    edges = replace(edges, ts=edges.ts + START_MS)
    ids = sorted(range(movements), key=lambda place: (int(edges.ts[place]), tie_of(f"tx:{place}")))
    rated = rated_over(edges, every=2, features=np.zeros((movements // 2, 1)), label=rng.random(movements // 2) < 0.4)
    traits = Traits()
    shuffled = [
        Movement(
            event_id=f"tx:{name}",
            ts=int(edges.ts[place]),
            source=f"a{edges.source[place]}",
            target=f"a{edges.target[place]}",
            amount_cents=int(edges.cents[place]),
            channel=("pos", "web")[place % 3 == 0],
            attributes=(("place", WHERE[place % 3]),) if WHERE[place % 3] else (),
        )
        for place, name in enumerate(ids)
    ]
    traits.note([shuffled[place] for place in rng.permutation(movements).tolist()])
    return rated, split_by_time(rated.ts, rated.known, (50, 20, 30), label_delay_ms=0), traits


@pytest.mark.parametrize(("known", "delay_hours"), [(Known.RUNNING, 0), (Known.RUNNING, 30), (Known.BEFORE_TEST, 0)])
def test_columns_are_what_a_person_would_count_from_labels_known_by_then(known: Known, delay_hours: float) -> None:
    rated, split, traits = world(1)
    delay = int(delay_hours * HOUR_MS)
    found = earlier_labels(rated, split, traits, known=known, delay_ms=delay)
    edges = rated.edges
    first_test = int(split.test[0])
    for key, codes in traits.keys(rated).items():
        at = {name: found.names.index(f"{key}_{name}") for name in OF_KEY}
        for row, edge in enumerate(rated.edge.tolist()):
            line = found.table[row]
            before = [place for place in range(edge) if codes[place] == codes[edge]]
            assert line[at["movements"]] == len(before)
            if before:
                assert line[at["hours_since"]] == pytest.approx((edges.ts[edge] - edges.ts[before[-1]]) / HOUR_MS, 1e-4)
                faded = sum(0.5 ** ((edges.ts[edge] - edges.ts[place]) / HOUR_MS / 6) for place in before)
                assert line[at["faded_6h"]] == pytest.approx(faded, rel=1e-3, abs=1e-6)
            told = [
                other
                for other in range(row)
                if codes[rated.edge[other]] == codes[edge]
                and rated.known[other] + delay <= rated.ts[row]
                and (known is Known.RUNNING or other < first_test)
            ]
            frauds = [other for other in told if rated.label[other]]
            if not told:
                assert np.isnan(line[at["fraud_share"]])
                continue
            assert line[at["frauds"]] == len(frauds)
            assert line[at["fraud_share"]] == pytest.approx((len(frauds) + 0.1) / (len(told) + 1), rel=1e-5)
            assert line[at["last_label"]] == rated.label[told[-1]]
            if frauds:
                since = (rated.ts[row] - rated.ts[frauds[-1]]) / HOUR_MS
                assert line[at["hours_since_fraud"]] == pytest.approx(since, rel=1e-4, abs=1e-4)


def test_a_label_changes_no_row_up_to_its_own_and_those_of_the_test_part_none_unless_asked_for() -> None:
    rated, split, traits = world(2)
    for row in (3, 30, int(split.test[4])):
        other = replace(rated, label=rated.label.copy())
        other.label[row] = 1 - other.label[row]
        for known in (Known.RUNNING, Known.BEFORE_TEST):
            one = earlier_labels(rated, split, traits, known=known, delay_ms=0).table
            two = earlier_labels(other, split, traits, known=known, delay_ms=0).table
            assert np.array_equal(one[: row + 1], two[: row + 1], equal_nan=True)
            unread = known is Known.BEFORE_TEST and row >= split.test[0]
            assert np.array_equal(one, two, equal_nan=True) == unread


def test_what_is_in_common_is_read_from_channel_and_attributes() -> None:
    rated, _, traits = world(3)
    keys = traits.keys(rated)
    assert {"channel", "place", "how", "target_how", "source_place"} <= keys.keys()
    assert len(np.unique(keys["place"])) == 3


@pytest.mark.slow
def test_a_backtest_uses_known_labels_only_when_it_is_told_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(1)
    lines, bad = ["tx_id,ts,source,target,amount,channel,label"], False
    for row in range(900):
        bad = bad if rng.random() < 0.95 else not bad  # fraud comes in runs, and nothing else tells it
        fraud = int(bad and rng.random() < 0.6)
        lines.append(f"t{row},{1_740_000_000 + row * 600},a{rng.integers(40)},b{rng.integers(9)},10.00,pos,{fraud}")
    path = tmp_path / "runs.csv"
    path.write_text("\n".join(lines))
    tarrafa = Tarrafa(monkeypatch, capsys)
    arguments = ("backtest", path, "--label-delay-days", "0", "--known-labels", "running", "--out", tmp_path / "out")
    assert "there is no model trees" in tarrafa(*arguments, "--only", "trees").err
    only = [text for name in ("boosted features", "trees over earlier labels") for text in ("--only", name)]
    tarrafa(*arguments, *only).well()
    found = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert found["known_labels"] == "running"
    assert found["chosen"] == "trees over earlier labels"
    assert set(found["models"]) == {"boosted features", "trees over earlier labels"}
    quality = {name: model["test"]["roc_auc"] for name, model in found["models"].items()}
    assert quality["trees over earlier labels"] > quality["boosted features"] + 0.1
