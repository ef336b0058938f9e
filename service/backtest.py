"""`tarrafa backtest`: a labelled file played in time order, models trained on its beginning and measured on its end."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from gnn.backtest import Backtest, Tried, run_backtest
from gnn.candidates import BOOSTED, candidates
from gnn.dataset import Rated, replay
from gnn.earlier_labels import Known, Traits, earlier_labels
from gnn.earlier_trees import EarlierTrees
from gnn.explained import Explained, explained
from gnn.labels import Labels
from gnn.metrics import budget_rows
from gnn.split import DAY_MS, Split, split_by_time
from graph.errors import ConfigurationError
from graph.events import Event
from graph.window.records import WindowSettings
from ingest.source import Source
from reports.formats import Language
from reports.phrases import words
from service.run import iso

BATCH_ROWS = 2_000
_NUMBER = re.compile(r"[-_:#/ ]*\d+$")


@dataclass(frozen=True, slots=True)
class Judged:
    """A backtest with the rows it was made on."""

    rated: Rated
    split: Split
    backtest: Backtest
    known: Known


def backtest_source(
    source: Source,
    *,
    shares: tuple[int, int, int],
    label_delay_days: float,
    seed: int,
    window: WindowSettings,
    progress: Progress,
    known: Known = Known.NONE,
    only: Sequence[str] = (),
    told: Callable[[str], None],
) -> Judged:
    """Read the labels of `source`, replay it, split it, train and measure.

    With `known` another than none there is one more model, over labels of earlier rows as they were known. With `only`
    no others than those are trained.

    Raises ConfigurationError when it has no labels, too few rows or one class only.
    """
    traits = None if known is Known.NONE else Traits()
    rated = replayed(source, window, progress, traits=traits)
    split = split_by_time(rated.ts, rated.known, shares, label_delay_ms=int(label_delay_days * DAY_MS))
    models = list(candidates())
    if traits is not None:
        table = earlier_labels(rated, split, traits, known=known, delay_ms=int(label_delay_days * DAY_MS))
        models.append(EarlierTrees(BOOSTED.columns, table))
    unknown = set(only) - {model.name for model in models}
    if unknown:
        names = ", ".join(model.name for model in models)
        raise ConfigurationError(f"there is no model {', '.join(sorted(unknown))}", cure=f"name some of {names}")
    models = [model for model in models if not only or model.name in only]
    return Judged(rated, split, run_backtest(rated, split, models, seed=seed, told=told), known)


def replayed(source: Source, window: WindowSettings, progress: Progress, *, traits: Traits | None = None) -> Rated:
    """The labelled movements of `source` as the window saw them; raises ConfigurationError when it has no labels."""
    labels = Labels()
    reading = progress.add_task("reading labels", total=source.total_rows)
    for batch in source.batches(BATCH_ROWS):
        labels.note(batch.events)
        progress.advance(reading, batch.rows)
    replaying = progress.add_task("replaying", total=source.total_rows)
    return replay(
        _events(source, traits), labels, settings=window, progress=lambda count: progress.advance(replaying, count)
    )


def _events(source: Source, traits: Traits | None) -> Iterator[Sequence[Event]]:
    for batch in source.batches(BATCH_ROWS):
        if traits is not None:
            traits.note(batch.events)
        yield batch.events


def write_backtest(judged: Judged, out: Path, *, seed: int, explain: int = 0) -> None:
    """Write scores.csv (tx_id, ts, score, label, part), of the chosen model, and metrics.json, of all.

    With `explain` also explained.json: why the models said what they said of that many test rows, the highest first.
    """
    rated, chosen = judged.rated, judged.backtest.chosen
    parts = judged.split.parts(len(rated))
    out.mkdir(parents=True, exist_ok=True)
    with (out / "scores.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("tx_id", "ts", "score", "label", "part"))
        for row, tx_id in enumerate(rated.tx_ids):
            score = float(chosen.probability[row])
            writer.writerow((tx_id, iso(int(rated.ts[row])), repr(score), int(rated.label[row]), parts[row]))
    record = {
        "seed": seed,
        "known_labels": judged.known,
        "rows": {
            "rated": len(rated),
            "not_labelled": rated.left_out,
            "train": len(judged.split.train),
            "valid": len(judged.split.valid),
            "test": len(judged.split.test),
            "label_not_yet_known": judged.split.dropped,
        },
        "chosen": chosen.name,
        "models": {tried.name: _record(judged, tried) for tried in judged.backtest.tried},
    }
    (out / "metrics.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    if explain:
        said = [_explained_record(row) for row in _explained(judged, explain)]
        (out / "explained.json").write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _explained(judged: Judged, most: int) -> list[Explained]:
    test = judged.split.test
    best = np.argsort(-judged.backtest.chosen.probability[test], kind="stable")[:most]
    return explained(judged.backtest, judged.rated, test[best])


def _explained_record(row: Explained) -> dict[str, object]:
    """Reasons and links of a row, strongest first, in numbers and words."""
    reasons = sorted(row.reasons.items(), key=lambda item: -abs(item[1]))
    return {
        "tx_id": row.tx_id,
        "reasons": [
            {"code": code, "log_odds": part, **{language: words(code, {}, language) for language in Language}}
            for code, part in reasons
        ],
        "links": [
            {
                "of": ("source", "target")[link.end],
                "tx_ids": link.tx_ids,
                "log_odds": link.part,
                **{
                    language: words(f"network_link_{link.end}", {"count": len(link.tx_ids)}, language)
                    for language in Language
                },
            }
            for link in row.links
        ],
    }


def _record(judged: Judged, tried: Tried) -> dict[str, object]:
    return {
        "valid": tried.valid,
        "test": tried.test,
        "test_average_precision_95": tried.spread,
        "threshold": tried.threshold,
        "ring_kinds": _by_kind(judged.rated, tried, judged.split.test),
        "seconds": round(tried.seconds, 1),
    }


def _by_kind(rated: Rated, tried: Tried, rows: NDArray[np.int64]) -> dict[str, dict[str, float]]:
    """Recall of rows at the threshold, and of rings within the alert budget, by kind of ring.

    The kind is what a ring's id says before its number.
    """
    budget = set(rows[budget_rows(tried.probability[rows])].tolist())
    called = tried.probability >= tried.threshold
    found: dict[str, list[tuple[str, bool, bool]]] = {}
    for row in rows.tolist():
        if rated.ring[row]:
            kind = _NUMBER.sub("", rated.ring[row]) or "ring"
            found.setdefault(kind, []).append((rated.ring[row], bool(called[row]), row in budget))
    return {
        kind: {
            "rows": len(seen),
            "row_recall": sum(hit for _, hit, _ in seen) / len(seen),
            "rings": len({ring for ring, _, _ in seen}),
            "ring_recall": len({ring for ring, _, caught in seen if caught}) / len({ring for ring, _, _ in seen}),
        }
        for kind, seen in sorted(found.items())
    }
