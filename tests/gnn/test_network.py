"""The network and the models that stand on others: causal, inductive, repeatable, of use. One module: torch is slow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.metrics import average_precision_score

from gnn.candidates import Fitted, Trees
from gnn.dataset import COLUMNS, Edges, Rated
from gnn.hybrid import standing_on
from gnn.network import RingNetwork
from gnn.network_inputs import Columns, Scale, Stream, columns_by_end, fit_scale, stream_of
from gnn.network_training import Course, repeatable, score, train_network
from gnn.split import Split, split_by_time
from tests.gnn.streams import poisoned, random_edges, rated_over

COLUMNS_HERE = Columns(source=(0, 1), target=(2, 3), row=(4,))
SHORT = Course(epochs=2, fewest=200, batch=64)


def stream(seed: int, rows: int = 240, accounts: int = 12) -> Rated:
    rng = np.random.default_rng(seed)
    edges = random_edges(seed, movements=2 * rows, accounts=accounts)
    return rated_over(edges, every=2, features=rng.normal(size=(rows, 5)), label=rng.random(rows) < 0.2)


def ready(rated: Rated) -> Stream:
    return stream_of(rated, COLUMNS_HERE, Scale(np.zeros(5, np.float32), np.ones(5, np.float32)))


def untrained(rated: Stream) -> RingNetwork:
    with repeatable(3):
        return RingNetwork(*rated.widths)


@pytest.mark.parametrize("row", [0, 1, 57, 200, 239])
def test_nothing_newer_than_a_movement_changes_its_score(row: int) -> None:
    rated = stream(1)
    rng = np.random.default_rng(row)
    features = rated.features.copy()
    features[row + 1 :] = rng.normal(size=(len(rated) - row - 1, 5)) * 50
    other = rated_over(poisoned(rated.edges, int(rated.edge[row])), every=2, features=features, label=rated.label)
    network = untrained(ready(rated))
    rows = np.array([row])
    assert np.array_equal(score(network, ready(rated), rows), score(network, ready(other), rows))


def test_what_is_known_of_a_neighbour_is_its_newest_earlier_rated_movement() -> None:
    edges = Edges(
        source=np.array([0, 1, 0, 2], dtype=np.int32),
        target=np.array([1, 2, 2, 0], dtype=np.int32),
        ts=np.arange(4, dtype=np.int64) * 86_400_000,
        cents=np.full(4, 100, dtype=np.int64),
        kind=np.zeros(4, dtype=np.int32),
    )
    values = np.arange(20, dtype=np.float32).reshape(4, 5) / 10
    ready_stream = ready(rated_over(edges, every=1, features=values, label=np.zeros(4)))
    node = ready_stream.batch(np.array([3]), torch.device("cpu")).node1.numpy()[:, 5:]
    # 2 pays 0: before it, 2 was paid by 0 (row 2) and by 1 (row 1); 0 paid 2 (row 2) and 1 (row 0)
    known = np.log1p(values)
    paid_by_0, paid_by_1 = [*known[2, :2], 1, np.log1p(1)], [*known[1, :2], 1, np.log1p(2)]
    paid_2, paid_1 = [*known[2, 2:4], 1, np.log1p(1)], [*known[1, :2], 1, np.log1p(2)]
    assert node == pytest.approx(np.array([paid_by_0, paid_by_1, paid_2, paid_1]), abs=1e-6)


def test_scores_do_not_depend_on_the_numbers_of_accounts_nor_on_the_batch() -> None:
    rated = stream(2)
    swapped = np.random.default_rng(0).permutation(12).astype(np.int32)
    edges = replace(rated.edges, source=swapped[rated.edges.source], target=swapped[rated.edges.target])
    network, rows = untrained(ready(rated)), np.arange(len(rated))
    whole = score(network, ready(rated), rows)
    assert score(network, ready(replace(rated, edges=edges)), rows) == pytest.approx(whole, abs=1e-4)
    assert score(network, ready(rated), rows, batch=7) == pytest.approx(whole, abs=1e-4)


def test_equal_seeds_give_equal_networks_and_other_seeds_others() -> None:
    rated = stream(3)
    rows, train, valid = np.arange(240), np.arange(150), np.arange(150, 200)

    def scores(seed: int) -> np.ndarray:
        network = train_network(ready(rated), rated.label, train, valid, seed=seed, course=SHORT)
        return score(network, ready(rated), rows)

    assert np.array_equal(scores(1), scores(1))
    assert not np.array_equal(scores(1), scores(2))


def test_the_network_learns_what_only_the_neighbourhood_tells() -> None:
    """Fraud is what accounts send that were paid a single cent before; no column says so."""
    rng = np.random.default_rng(4)
    edges = random_edges(4, movements=1_200, accounts=300)
    cents = rng.integers(1_000, 100_000, 1_200)
    label = np.zeros(1_200)
    marked: set[int] = set()
    for row, (source, target) in enumerate(zip(edges.source.tolist(), edges.target.tolist(), strict=True)):
        label[row] = source in marked
        if rng.random() < 0.03:
            cents[row] = 1
            marked.add(target)
    rated = rated_over(replace(edges, cents=cents), every=1, features=np.zeros((1_200, 5)), label=label)
    train, valid, test = np.arange(720), np.arange(720, 960), np.arange(960, 1_200)
    course = Course(epochs=6, fewest=600, batch=32)
    network = train_network(ready(rated), rated.label, train, valid, seed=0, course=course)
    found = score(network, ready(rated), test)[:, 0]
    assert average_precision_score(label[test], found) > 2 * label[test].mean()


def test_columns_of_the_two_ends_are_paired_by_name_and_no_column_is_lost() -> None:
    columns = columns_by_end(COLUMNS)
    for source, target in zip(columns.source, columns.target, strict=True):
        assert COLUMNS[target].replace("target_", "", 1) == COLUMNS[source]
    assert len(columns.source) > 50
    assert sorted((*columns.source, *columns.target, *columns.row)) == list(range(len(COLUMNS)))


def test_missing_and_constant_columns_scale_to_zero() -> None:
    table = np.array([[1, np.nan, 5], [3, np.nan, 5], [np.inf, np.nan, 5]], dtype=np.float32)
    scaled = fit_scale(table)(table, np.arange(len(table)), range(table.shape[1]))
    assert np.isfinite(scaled).all()
    assert not scaled[:, 1:].any()
    assert scaled[2, 0] == 0


def widened(rated: Rated) -> Rated:
    """With as many columns as the registry has; the others are constant."""
    return replace(rated, features=np.hstack((rated.features, np.zeros((len(rated), len(COLUMNS) - 5), np.float32))))


def hybrids(rated: Rated, split: Split) -> dict[str, Fitted]:
    columns = (0, 1, 2, 3, 4)
    models = standing_on(Trees("boosted features", columns), columns, course=SHORT)
    return {model.name: model.fit(rated, split, 1) for model in models}


def test_models_that_stand_on_others_are_blind_to_test_labels_and_the_future_and_the_hybrid_is_the_best() -> None:
    rated = widened(stream(5))
    split = split_by_time(rated.ts, rated.known, (60, 20, 20), label_delay_ms=0)
    scrambled = replace(rated, label=rated.label.copy())
    scrambled.label[split.test] = 1 - scrambled.label[split.test]
    first, second = hybrids(rated, split), hybrids(scrambled, split)
    found = {name: model.raw(rated) for name, model in first.items()}
    assert all(np.array_equal(found[name], second[name].raw(scrambled)) for name in found)

    label = rated.label[split.valid]
    quality = {name: average_precision_score(label, raw[split.valid]) for name, raw in found.items()}
    assert len(quality) == 5
    assert quality["hybrid"] >= max(quality.values()) - 1e-12

    row = int(split.test[10])
    features = rated.features.copy()
    features[row + 1 :, :5] = 40
    edges = poisoned(rated.edges, int(rated.edge[row]))
    other = replace(rated, features=features, edges=edges, ts=edges.ts[rated.edge])
    for name, model in first.items():
        assert np.array_equal(model.raw(other)[: row + 1], found[name][: row + 1]), name
