"""`tarrafa nodes`: how well models tell the fraudulent accounts of a static graph (no time, no amounts)."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer

from graph.errors import ConfigurationError
from service.run import progress_bar
from service.show import show_rows
from service.terminal import console

if TYPE_CHECKING:
    from gnn.node_backtest import NodeTried
    from gnn.nodes import NodeGraph, NodeSplit


def nodes(
    path: Annotated[Path, typer.Argument(help="Graph of accounts: an .npz file, or the folder of one.")],
    splits: Annotated[
        str, typer.Option(help="Which of its splits: `all`, a number from 0, or a range as 0-4.")
    ] = "all",
    seed: Annotated[int, typer.Option(help="Seed of everything drawn by chance.")] = 1,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for scores.csv and metrics.json.")] = None,
) -> None:
    """Train on each split of a graph of accounts, choose on its validation part, measure once on its test part."""
    try:
        from gnn.node_backtest import try_nodes
        from gnn.node_columns import node_columns
        from gnn.nodes import read_nodes
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"models need {error.name}, which is not installed", cure="install the extra gnn, or run `make setup`"
        ) from error
    graph, held = read_nodes(path)
    chosen = chosen_splits(splits, len(held))
    tried: dict[int, tuple[NodeTried, ...]] = {}
    with progress_bar() as bar:
        task = bar.add_task("columns", total=len(chosen))
        columns = node_columns(graph)
        for number in chosen:
            bar.update(task, description=f"split {number}")
            tried[number] = try_nodes(graph, columns, held[number], seed=seed)
            bar.advance(task)
            together = tried[number][-1]
            bar.console.print(f"split {number}: AUROC {together.test_auc:.4f}", highlight=False)
    show_rows(console, ("model", "AUROC valid", "AUROC test", "sd", "AP test"), _table(list(tried.values())))
    if out is not None:
        _write(out, graph, {number: held[number] for number in chosen}, tried, seed)
        console.print(f"wrote scores.csv and metrics.json to {out}", highlight=False, markup=False)


def chosen_splits(text: str, count: int) -> list[int]:
    """Numbers of the splits that `text` asks for. Raises ConfigurationError for those that are not there."""
    first, _, last = text.partition("-")
    if text == "all":
        return list(range(count))
    if first.isdigit() and (last.isdigit() or "-" not in text):
        numbers = list(range(int(first), int(last or first) + 1))
        if numbers and numbers[-1] < count:
            return numbers
    raise ConfigurationError(
        f"--splits {text} is not among the {count} splits", cure=f"write all, or numbers from 0 to {count - 1}"
    )


def _table(tried: list[tuple[NodeTried, ...]]) -> list[tuple[str, ...]]:
    """Means over splits, and the standard deviation of the test figure, of every model."""
    rows = []
    for models in zip(*tried, strict=True):
        test = [model.test_auc for model in models]
        means = (np.mean([model.valid_auc for model in models]), np.mean(test), np.std(test))
        precision = np.mean([model.test_ap for model in models])
        rows.append((models[0].name, *(f"{value:.4f}" for value in (*means, precision))))
    return rows


def _write(
    out: Path,
    graph: NodeGraph,
    splits: dict[int, NodeSplit],
    tried: dict[int, tuple[NodeTried, ...]],
    seed: int,
) -> None:
    """scores.csv (split, account, score, label, part) of the chosen mean, and metrics.json of every model."""
    out.mkdir(parents=True, exist_ok=True)
    with (out / "scores.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("split", "account", "score", "label", "part"))
        for number, split in splits.items():
            raw = tried[number][-1].raw
            for part, accounts in (("train", split.train), ("valid", split.valid), ("test", split.test)):
                scores = 1 / (1 + np.exp(-raw[accounts]))
                for account, score in zip(accounts.tolist(), scores.tolist(), strict=True):
                    writer.writerow((number, account, repr(score), int(graph.label[account]), part))
    record = {
        "seed": seed,
        "accounts": len(graph),
        "links": len(graph.links) // 2,
        "splits": {
            str(number): {
                model.name: {
                    "valid_auc": model.valid_auc,
                    "test_auc": model.test_auc,
                    "test_average_precision": model.test_ap,
                }
                for model in models
            }
            for number, models in tried.items()
        },
    }
    (out / "metrics.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
