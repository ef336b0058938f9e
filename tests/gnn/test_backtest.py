"""A backtest never learns from what it is measured on."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from tests.service.command import Tarrafa

pytestmark = pytest.mark.slow
START = 1_740_000_000


@pytest.fixture
def tarrafa(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Tarrafa:
    return Tarrafa(monkeypatch, capsys)


def stream(path: Path, *, seed: int = 1, rows: int = 1_500) -> Path:
    """Ordinary payments among 60 accounts over 60 days; fraud comes in bursts from fresh payers to one collector."""
    rng = np.random.default_rng(seed)
    lines = []
    for number in range(rows):
        ts = START + number * 60 * 86_400 // rows
        if number % 50 < 5:
            ring = number // 50
            lines.append((f"t{number}", ts, f"mule{number}", f"collector{ring}", 900 + number % 7, 1, f"burst-{ring}"))
        else:
            pair = rng.integers(0, 60, 2)
            lines.append((f"t{number}", ts, f"a{pair[0]}", f"a{pair[1]}", int(rng.integers(10, 900)), 0, ""))
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("tx_id", "ts", "source", "target", "amount", "label", "ring"))
        writer.writerows(lines)
    return path


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_scrambled_test_labels_move_no_score_by_one_bit(tarrafa: Tarrafa, tmp_path: Path) -> None:
    whole = stream(tmp_path / "whole.csv")
    tarrafa("backtest", whole, "--out", tmp_path / "one", "--explain", "8").well()
    scores = read(tmp_path / "one" / "scores.csv")
    test = {row["tx_id"] for row in scores if row["part"] == "test"}
    rows = read(whole)
    turned = tmp_path / "turned.csv"
    with turned.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        for row in rows:
            other = {"label": str(1 - int(row["label"])), "ring": "x"} if row["tx_id"] in test else {}
            writer.writerow(row | other)
    tarrafa("backtest", turned, "--out", tmp_path / "two").well()
    again = read(tmp_path / "two" / "scores.csv")
    assert [row["score"] for row in again] == [row["score"] for row in scores]
    assert [row["part"] for row in again] == [row["part"] for row in scores]
    found = json.loads((tmp_path / "one" / "metrics.json").read_text())
    assert found["models"][found["chosen"]]["test"]["average_precision"] > 0.9
    assert found["rows"]["rated"] == 1_500
    assert set(found["models"][found["chosen"]]["ring_kinds"]) == {"burst"}
    said = json.loads((tmp_path / "one" / "explained.json").read_text())
    best = sorted((row for row in scores if row["part"] == "test"), key=lambda row: -float(row["score"]))[:8]
    assert {row["tx_id"] for row in said} == {row["tx_id"] for row in best}
    assert all(row["reasons"][0]["pt-BR"] != row["reasons"][0]["en"] for row in said)
    times = {row["tx_id"]: row["ts"] for row in scores}
    links = [(row["tx_id"], tx) for row in said for link in row["links"] for tx in link["tx_ids"]]
    assert links
    assert all(times[tx] <= times[own] for own, tx in links)
    assert [row["part"] for row in scores] == sorted(
        (row["part"] for row in scores), key=["train", "valid", "test"].index
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda row: row | {"label": "", "ring": ""}, "nothing in it is labelled"),
        (lambda row: row | {"label": "0", "ring": ""}, "one class only"),
    ],
)
def test_a_file_that_teaches_nothing_is_said(tarrafa: Tarrafa, tmp_path: Path, change: object, words: str) -> None:
    rows = [change(row) for row in read(stream(tmp_path / "whole.csv", rows=300))]  # type: ignore[operator]
    path = tmp_path / "changed.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    ended = tarrafa("backtest", path)
    assert ended.status == 2
    assert words in ended.err


def test_two_rows_are_said_to_be_too_few(tarrafa: Tarrafa, tmp_path: Path) -> None:
    path = tmp_path / "two.csv"
    rows = [f"{number},{START + number},1,2,5.00,{number % 2}\n" for number in range(2)]
    path.write_text("tx_id,ts,source,target,amount,label\n" + "".join(rows))
    ended = tarrafa("backtest", path)
    assert ended.status == 2
    assert "2 labelled rows are too few" in ended.err


def test_numbers_as_ids_one_amount_for_all_unknown_columns_and_gaps_in_labels_are_borne(
    tarrafa: Tarrafa, tmp_path: Path
) -> None:
    path, labelled = tmp_path / "plain.csv", 0
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("note", "label", "ring", "amount", "target", "source", "ts", "tx_id"))
        for number, row in enumerate(read(stream(tmp_path / "whole.csv", rows=900))):
            label, ring = ("nan", "") if number % 3 == 0 else (row["label"], row["ring"])
            ends = (str(sum(map(ord, row[end])) * 1_000 + len(row[end])) for end in ("target", "source"))
            labelled += label != "nan"
            writer.writerow(("x", label, ring, "7", *ends, row["ts"], number))
    tarrafa("backtest", path, "--out", tmp_path / "out").well()
    scores = read(tmp_path / "out" / "scores.csv")
    found = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert len(scores) == found["rows"]["rated"] == labelled
    assert found["rows"]["not_labelled"] == 900 - labelled
    assert {"raw fields", "causal counters", "boosted features", "network", "hybrid"} <= set(found["models"])
    assert all(0.0 <= float(row["score"]) <= 1.0 for row in scores)
