"""How well transactions are ranked, beside GFP + LightGBM: `python -m bench.quality_rival PATH...`.

Every file is replayed once. IBM Snap ML's Graph Feature Preprocessor sees the same rated movements in the same honest
order, in batches of 128, and the same LightGBM with the same split, stopping and refitting learns from its columns; the
models of `tarrafa backtest` stand beside it. The rival is proprietary and only measured: it is installed by pip into a
throw-away environment (`--rival-home`); where that fails its line stays out and the reason is printed. `--seeds` gives
the mean and the spread over several trainings.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from bench.snapml_process import RivalMissing, Worker, environment, parameters
from gnn.backtest import Tried, run_backtest
from gnn.boosted import Boosted, fit_boosted
from gnn.candidates import Candidate, candidates
from gnn.dataset import Rated
from gnn.split import DAY_MS, Split, split_by_time
from graph.identity import IdentifierKeys
from ingest.formats import open_source
from service.backtest import replayed
from service.model_commands import WINDOW

F32 = NDArray[np.float32]
FAMILIES = ("fan", "degree", "scatter-gather", "temp-cycle", "vertex_stats")
WINDOW_S = 20 * 86_400
GIVEN = 4  # columns of a rival's answer that are ids and times
LIMIT_S = 1_800.0
SHOWN = ("average_precision", "roc_auc", "f1", "budget_recall", "budget_most", "ring_recall", "calibration_error")


@dataclass(frozen=True)
class RivalTrees:
    """The same trees as ours over the rival's columns, which belong to one stream."""

    table: F32
    name: str = "GFP + LightGBM"

    def fit(self, rated: Rated, split: Split, seed: int) -> FittedRival:
        """Train as our boosted trees are."""
        names = [f"gfp_{column}" for column in range(self.table.shape[1])]
        columns = range(self.table.shape[1])
        boosted = fit_boosted(
            lambda rows: self.table[rows], rated.label, split, ts=rated.ts, columns=columns, names=names, seed=seed
        )
        return FittedRival(boosted, self.table)


@dataclass(frozen=True)
class FittedRival:
    """Trees over the rival's columns."""

    boosted: Boosted
    table: F32

    def raw(self, rated: Rated) -> NDArray[np.float64]:
        """Log odds, float64[n]."""
        return self.boosted.raw(self.table, rated.ts)


def main() -> None:
    """Replay, train, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path, default=[Path("../shared/data/amlgentex-template10k")])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--models", nargs="+", help="names of our models; all when absent")
    parser.add_argument("--rival-home", type=Path, default=Path("out/rival-env"))
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    keys = IdentifierKeys.from_secret(b"hashes of a benchmark, which nobody keeps")
    found = {}
    for path in arguments.paths:
        source = open_source(path, keys=keys, now_ms=int(time.time() * 1000))
        rated = replayed(source, WINDOW, Progress(disable=True))
        split = split_by_time(rated.ts, rated.known, (60, 20, 20), label_delay_ms=7 * DAY_MS)
        models: list[Candidate] = [
            model for model in candidates() if arguments.models is None or model.name in arguments.models
        ]
        try:
            models.insert(0, RivalTrees(rival_columns(rated, environment(arguments.rival_home))))
        except RivalMissing as missing:
            print(f"no rival: {missing}")
        tried = [run_backtest(rated, split, models, seed=seed).tried for seed in arguments.seeds]
        positives = int(rated.label[split.test].sum())
        print(f"\n{path.name}: {len(rated):,} rated rows, {positives} fraudulent ones in the test part")
        found[path.name] = table(tried)
    if arguments.out is not None:
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def rival_columns(rated: Rated, python: Path) -> F32:
    """What the rival says of every rated movement, float32[n, width], each batch of 128 after the ones before it."""
    edge, edges = rated.edge, rated.edges
    number = np.arange(len(edge), dtype=np.float64)
    columns = (number, edges.source[edge], edges.target[edge], rated.ts // 1_000, edges.cents[edge])
    with tempfile.TemporaryDirectory(prefix="tarrafa-bench-") as folder:
        stream, answers = Path(folder) / "stream.npy", Path(folder) / "answers.npy"
        np.save(stream, np.stack(columns, axis=1).astype(np.float64))
        with Worker(python) as worker:
            settings = parameters(WINDOW_S, families=FAMILIES)
            worker.ask("open", name="one", stream=str(stream), params=settings)
            play = {"name": "one", "batch": 128, "start": 0, "end": len(edge), "limit_s": LIMIT_S}
            done = worker.ask("play", **play, save=str(answers))["done"]
        if done < len(edge):
            raise RivalMissing(f"stopped after {LIMIT_S:.0f} s at row {done:,} of {len(edge):,}")
        found: F32 = np.load(answers)[:, GIVEN:].astype(np.float32)
    return found


def table(runs: list[tuple[Tried, ...]]) -> dict[str, dict[str, object]]:
    """Print and return mean and standard deviation over seeds of what the test part says of each model."""
    print("| model | AP valid | AP test | 95 % by ring | AUC | F1 | recall at 0.5 % | of possible | rings | ECE |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    found: dict[str, dict[str, object]] = {}
    for same in zip(*runs, strict=True):
        values = {name: [one.test[name] or 0.0 for one in same] for name in SHOWN}
        valid = float(np.mean([one.valid["average_precision"] or 0.0 for one in same]))
        mean = {name: float(np.mean(some)) for name, some in values.items()}
        spread = "" if same[0].spread is None else f"{same[0].spread[0]:.3f}-{same[0].spread[1]:.3f}"
        deviation = f" ± {np.std(values['average_precision']):.3f}" if len(same) > 1 else ""
        print(
            f"| {same[0].name} | {valid:.3f} | {mean['average_precision']:.3f}{deviation} | {spread} "
            f"| {mean['roc_auc']:.3f} | {mean['f1']:.3f} | {mean['budget_recall']:.3f} | {mean['budget_most']:.3f} "
            f"| {mean['ring_recall']:.3f} | {mean['calibration_error']:.4f} |"
        )
        found[same[0].name] = {"valid_average_precision": valid, "test": values, "mean": mean}
    return found


if __name__ == "__main__":
    main()
