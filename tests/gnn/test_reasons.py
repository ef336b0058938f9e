"""Reasons add up to the answer, have words, and name the most suspicious earlier movements, counted again by hand."""

from __future__ import annotations

import lightgbm
import numpy as np
import pytest

from gnn.carried import GROUPS, MOST, REACH_MS, carried
from gnn.dataset import COLUMNS
from gnn.forest import read_forest
from gnn.propagation import NEWEST, PROPAGATED, WIDTH, cut, empty_trail, extend
from gnn.reasons import REASONS, SIDE_REASONS, grouped, names_in, reason_of, sides_of, strongest
from reports.formats import Language
from reports.phrases import known_codes, words
from tests.gnn.streams import random_edges


def test_every_column_has_a_reason_and_every_reason_words_in_both_languages() -> None:
    found = {reason_of(column) for column in (*COLUMNS, *PROPAGATED)}
    assert found <= set(REASONS)
    assert set(REASONS) - found <= {"because_account"}
    assert set(REASONS) <= known_codes()
    said = {words(code, {}, language) for code in REASONS for language in Language}
    assert len(said) == 2 * len(REASONS)
    sentence = words("model", {"first": REASONS[0], "second": REASONS[1]}, Language.EN)
    assert words(REASONS[0], {}, Language.EN) in sentence
    assert words(REASONS[1], {}, Language.EN) in sentence


def test_parts_of_reasons_add_up_to_the_trees_answer() -> None:
    rng = np.random.default_rng(1)
    names = [*COLUMNS[:40], *PROPAGATED]
    rows = rng.normal(size=(500, len(names))).astype(np.float32)
    label = (rows[:, 0] + rows[:, 45] > 1).astype(int)
    data = lightgbm.Dataset(rows, label, feature_name=names)
    booster = lightgbm.train({"objective": "binary", "verbose": -1, "num_threads": 1}, data, 30)
    text = booster.model_to_string()
    assert names_in(text) == names
    told = grouped(read_forest(text, width=len(names)), names_in(text))
    parts = told.parts(rows[:40])
    assert told.paths.base + parts.sum(axis=1) == pytest.approx(booster.predict(rows[:40], raw_score=True), abs=1e-9)
    for row in parts:
        chosen = strongest(row)
        assert all(row[REASONS.index(code)] > 0 for code in chosen)
        assert [row[REASONS.index(code)] for code in chosen] == sorted(row[row > 0], reverse=True)[: len(chosen)]
        assert sides_of(row).tolist() == [row[REASONS.index(code)] > 0 for code in SIDE_REASONS]


def test_movements_that_carried_an_answer_are_the_most_suspicious_ones_that_a_person_would_find() -> None:
    edges = random_edges(3, movements=400, accounts=9)
    count = len(edges.ts)
    score = cut(np.random.default_rng(2).normal(size=count))
    trail = empty_trail(count, 9)
    trail.source[:], trail.target[:], trail.ts[:], trail.score[:] = edges.source, edges.target, edges.ts, score
    extend(trail, 0, count, np.full((count, WIDTH), np.nan, dtype=np.float32))
    for place in (0, 1, 50, 200, 399):
        for group in range(GROUPS):
            wanted = np.zeros(GROUPS, dtype=bool)
            wanted[group] = True
            end = (edges.source if group < 2 else edges.target)[place]
            side = edges.source if group % 2 == 0 else edges.target
            before = [row for row in range(place - 1, -1, -1) if side[row] == end][:NEWEST]
            before = [row for row in before if edges.ts[place] - edges.ts[row] < REACH_MS]
            best = sorted(before, key=lambda row: -score[row])[:MOST]
            assert carried(trail, place, wanted).tolist() == sorted(best)
    assert carried(trail, 399, np.zeros(GROUPS, dtype=bool)).tolist() == []
