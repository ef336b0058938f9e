"""`tarrafa backtest`: how well models would have done on a stream with known answers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from graph.errors import ConfigurationError
from graph.identity import IdentifierKeys
from graph.window.records import WindowSettings
from ingest.formats import open_source
from service.bootstrap import now_ms
from service.run import progress_bar
from service.show import show_rows
from service.terminal import console

#: The file is read and forgotten: hashes made while it is played join with nothing.
_SECRET = b"hashes of a backtest, which nobody keeps"

#: A file is replayed with nothing forgotten of pairs and counterparties for two years.
WINDOW = WindowSettings(horizon_days=800, pair_lookback_days=795)


def backtest(
    path: Annotated[Path, typer.Argument(help="File or folder of a supported format, with labels.")],
    split: Annotated[str, typer.Option(help="Shares of train, validation and test, in time order.")] = "60/20/20",
    seed: Annotated[int, typer.Option(help="Seed of everything drawn by chance.")] = 1,
    label_delay_days: Annotated[float, typer.Option(min=0, help="Days until a label is known.")] = 7.0,
    format_name: Annotated[str | None, typer.Option("--format", help="Format; found out when absent.")] = None,
    known_labels: Annotated[
        str, typer.Option(help="Labels of earlier rows that models may see: none, before-test or running.")
    ] = "none",
    only: Annotated[
        list[str] | None, typer.Option(help="Name of a model to train, as in the table; may be repeated.")
    ] = None,
    explain: Annotated[int, typer.Option(min=0, help="Say why of so many of the best test rows; with --out.")] = 0,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for scores.csv and metrics.json.")] = None,
) -> None:
    """Train models on the first part of a labelled stream, choose on the second, measure on the third."""
    try:
        from gnn.earlier_labels import parse_known
        from gnn.split import parse_shares
        from service.backtest import backtest_source, write_backtest
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"models need {error.name}, which is not installed", cure="install the extra gnn, or run `make setup`"
        ) from error
    if explain and out is None:
        raise ConfigurationError("--explain writes explained.json, and there is no folder", cure="give --out")
    shares = parse_shares(split)
    source = open_source(path, format=format_name, keys=IdentifierKeys.from_secret(_SECRET), now_ms=now_ms())
    with progress_bar() as bar:
        judged = backtest_source(
            source,
            shares=shares,
            label_delay_days=label_delay_days,
            seed=seed,
            window=WINDOW,
            progress=bar,
            known=parse_known(known_labels),
            only=only or (),
            told=lambda name: bar.console.print(f"training: {name}", highlight=False),
        )
    rows = []
    for tried in judged.backtest.tried:
        mark = " (chosen)" if tried is judged.backtest.chosen else ""
        test, valid = tried.test, tried.valid
        rows.append(
            (
                tried.name + mark,
                _number(valid["average_precision"]),
                _number(test["average_precision"]),
                "" if tried.spread is None else f"{tried.spread[0]:.3f}-{tried.spread[1]:.3f}",
                _number(test["roc_auc"]),
                _number(test["f1"]),
                f"{_number(test['budget_recall'])} of {_number(test['budget_most'])}",
                _number(test["ring_recall"]),
                f"{test['calibration_error']:.4f}",
                f"{tried.seconds:.0f} s",
            )
        )
    columns = ("model", "AP valid", "AP test", "95 %", "AUC", "F1", "recall at 0.5 %", "rings", "ECE", "took")
    show_rows(console, columns, rows)
    if out is not None:
        write_backtest(judged, out, seed=seed, explain=explain)
        also = ", explained.json" if explain else ""
        console.print(f"wrote scores.csv{also} and metrics.json to {out}", highlight=False, markup=False)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
