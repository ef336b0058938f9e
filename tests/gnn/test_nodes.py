"""Graphs of accounts: what neighbours say is used, labels to be measured on are not, and files say what is wrong."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gnn.node_backtest import try_nodes
from gnn.node_columns import node_columns
from gnn.node_network import NodeCourse, drawn_links, network_scores
from gnn.nodes import NodeGraph, NodeSplit, both_ways, read_nodes
from graph.errors import ConfigurationError
from tests.service.command import Tarrafa

SHORT = NodeCourse(epochs=30, hidden=16)


def graph_of(seed: int = 1, n: int = 300) -> tuple[NodeGraph, NodeSplit]:
    """Fraudulent accounts hang together and are told only by what others' features say: own features are noise."""
    rng = np.random.default_rng(seed)
    label = (rng.random(n) < 0.3).astype(np.int8)
    pairs = rng.integers(0, n, (12 * n, 2))
    same = label[pairs[:, 0]] == label[pairs[:, 1]]
    pairs = pairs[same | (rng.random(len(pairs)) < 0.25)]
    features = rng.normal(size=(n, 3)).astype(np.float32)
    features[:, 0] += label * 0.5
    order = rng.permutation(n)
    split = NodeSplit(*(np.sort(part) for part in np.split(order, [n // 2, 3 * n // 4])))
    return NodeGraph(features, label, both_ways(pairs)), split


def test_columns_are_what_a_plain_walk_over_the_neighbours_says() -> None:
    graph, split = graph_of(n=60)
    columns = node_columns(graph)
    table = columns.with_known(graph.label, split.train)
    around = {node: graph.links[graph.links[:, 0] == node, 1] for node in range(60)}
    known = set(split.train.tolist())
    for node in range(60):
        near = graph.features[around[node]]
        row, width = table[node], columns.table.shape[1]
        assert row[3] == pytest.approx(np.log(max(1, len(near))), abs=1e-5)
        assert row[4:7] == pytest.approx(near.mean(axis=0) if len(near) else np.zeros(3), abs=1e-5)
        assert row[7:10] == pytest.approx(near.std(axis=0) if len(near) else np.zeros(3), abs=1e-4)
        told = [graph.label[other] for other in around[node].tolist() if other in known]
        assert row[width] == len(told)
        assert row[width + 1] == sum(told)


def test_no_account_sees_its_own_label_nor_one_that_is_not_known() -> None:
    graph, split = graph_of()
    columns = node_columns(graph)
    before = columns.with_known(graph.label, split.train)
    for node in (int(split.train[0]), int(split.valid[0]), int(split.test[0])):
        other = graph.label.copy()
        other[node] = 1 - other[node]
        after = columns.with_known(other, split.train)
        changed = np.flatnonzero(np.abs(after - before).max(axis=1) > 0.02)
        assert node not in changed
        assert len(changed) == 0 or node in split.train


def test_labels_to_be_measured_on_move_no_score_and_the_mean_is_best_on_validation() -> None:
    graph, split = graph_of()
    columns = node_columns(graph)
    scrambled = graph.label.copy()
    scrambled[split.test] = 1 - scrambled[split.test]
    one = try_nodes(graph, columns, split, seed=1, course=SHORT)
    two = try_nodes(replace(graph, label=scrambled), columns, split, seed=1, course=SHORT)
    assert all(np.array_equal(left.raw, right.raw) for left, right in zip(one, two, strict=True))
    by_name = {tried.name: tried for tried in one}
    assert by_name["together"].valid_auc >= max(tried.valid_auc for tried in one[1:]) - 1e-12
    assert by_name["together"].test_auc > by_name["own features"].test_auc + 0.1


def test_the_network_learns_what_only_neighbours_tell_and_repeats_with_its_seed() -> None:
    graph, split = graph_of(2)
    table = np.zeros((len(graph), 1), np.float32)
    raw = network_scores(graph, table, split, seed=1, course=SHORT)
    fraud = graph.label[split.test] == 1
    assert raw[split.test][fraud].mean() > raw[split.test][~fraud].mean()
    assert np.array_equal(raw, network_scores(graph, table, split, seed=1, course=SHORT))


def test_drawn_links_are_real_links_and_few_ones_are_all_there() -> None:
    graph, _ = graph_of(3)
    start = np.searchsorted(graph.links[:, 0], np.arange(len(graph) + 1))
    drawn = drawn_links(graph.links, start, 5, np.random.default_rng(0)).numpy()
    real = {tuple(pair) for pair in graph.links.tolist()}
    assert all((receiver, sender) in real for sender, receiver in drawn.T.tolist())
    for node in range(len(graph)):
        degree = start[node + 1] - start[node]
        heard = drawn[0, drawn[1] == node]
        assert len(heard) == min(degree, 5)
        if degree <= 5:
            assert sorted(heard.tolist()) == sorted(graph.links[start[node] : start[node + 1], 1].tolist())


def save(path: Path, **other: np.ndarray | None) -> Path:
    graph, split = graph_of(n=80)
    masks: dict[str, np.ndarray | None] = {}
    for name, part in (("train", split.train), ("val", split.valid), ("test", split.test)):
        mask = np.zeros((2, 80), bool)
        mask[:, part] = True
        masks[f"{name}_masks"] = mask
    own: dict[str, np.ndarray | None] = {
        "node_features": graph.features,
        "node_labels": graph.label,
        "edges": graph.links,
    }
    arrays: dict[str, np.ndarray] = {name: array for name, array in (own | masks | other).items() if array is not None}
    np.savez(path, allow_pickle=False, **arrays)
    return path


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"edges": None}, "it lacks edges"),
        ({"edges": np.array([[0, 900]])}, "pairs of places from 0 to 79"),
        ({"node_labels": np.full(80, 2)}, "must be 0 or 1"),
        ({"node_labels": np.zeros(80, int)}, "one class only"),
        ({"node_features": np.full((80, 2), np.nan)}, "finite"),
        ({"train_masks": np.ones((2, 80), bool)}, "two parts"),
        ({"val_masks": np.ones((2, 7), bool)}, "one column for each account"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused_with_what_is_wrong(
    tmp_path: Path, other: dict[str, np.ndarray | None], words: str
) -> None:
    with pytest.raises(ConfigurationError, match=words):
        read_nodes(save(tmp_path / "graph.npz", **other))


def test_something_else_than_arrays_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "graph.npz"
    path.write_text("tx_id,ts")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_nodes(path)
    with pytest.raises(ConfigurationError, match="not one"):
        read_nodes(tmp_path / "nothing")


def test_the_command_measures_each_split_and_writes_scores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tarrafa = Tarrafa(monkeypatch, capsys)
    path = save(tmp_path / "graph.npz")
    ended = tarrafa("nodes", path, "--splits", "0", "--out", tmp_path / "out").well()
    assert "together" in ended.out
    with (tmp_path / "out" / "scores.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 80
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert set(metrics["splits"]) == {"0"}
    assert "splits" in tarrafa("nodes", path, "--splits", "2").err
