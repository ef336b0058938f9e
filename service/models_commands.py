"""`tarrafa models`: which learnt models there are, which one is in force, and how it does."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from graph.errors import ConfigurationError
from scoring.model_records import ModelRecord
from service.model_desk import ModelDesk
from service.model_store import ModelStore, choice_in_force
from service.run import iso
from service.settings import load_settings
from service.show import show_rows
from service.terminal import Home, StoreOption, complaints, console, opened

models_app = typer.Typer(
    help="Learnt models: list, compare, promote, try in the shadow, roll back.", no_args_is_help=True
)

Version = Annotated[str, typer.Argument(metavar="VERSION", help="Version of the model, see `tarrafa models list`.")]
By = Annotated[str | None, typer.Option("--by", help="Who does this; the person logged in, when not given.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, in one line.")]
SHOWN_COLUMNS = 15


@models_app.command("list")
def list_models(home: Home = None, store: StoreOption = None) -> None:
    """List the saved models, the newest training first."""
    with _desk(home, store, work=False) as desk:
        columns = ("model", "state", "kind", "trained until", "AP test", "F1", "ECE", "canary AP")
        show_rows(console, columns, [_row(record) for record in desk.models()])


@models_app.command("show")
def show(version: Version, home: Home = None, store: StoreOption = None) -> None:
    """Print the card of a model, and where it stands."""
    with _desk(home, store, work=False) as desk:
        card = desk.card(version)
        if card is None:
            raise ConfigurationError(f"there is no model {version}", cure="list them with tarrafa models list")
        record = next(one for one in desk.models() if one.version == version)
        typer.echo(card)
        console.print(f"state: {record.state}{': ' + record.problem if record.problem else ''}", highlight=False)
        for event in desk.history():
            if version in event.content:
                console.print(f"{iso(event.ts)} {event.author}: {event.content} {event.reason}", highlight=False)


@models_app.command("compare")
def compare(first: Version, second: Version, home: Home = None, store: StoreOption = None) -> None:
    """Compare two models: their own tests, and the transactions that both of them scored (one live, one shadow)."""
    with _desk(home, store, work=False) as desk:
        found = desk.compare(first, second)
        columns = ("model", "state", "kind", "trained until", "AP test", "F1", "ECE", "canary AP")
        show_rows(console, columns, [_row(found.first), _row(found.second)])
        if not found.transactions:
            console.print("no transaction was scored by both; run one of them in the shadow", highlight=False)
            return
        show_rows(
            console,
            ("scored by both", ""),
            [
                ("transactions", f"{found.transactions:,}"),
                ("mean probability", f"{_number(found.mean_first)} and {_number(found.mean_second)}"),
                ("largest difference", _number(found.largest_difference)),
                ("correlation", _number(found.correlation)),
                ("labelled, fraud", f"{found.labelled:,}, {found.fraud:,}"),
                ("AP on those", f"{_number(found.precision_first)} and {_number(found.precision_second)}"),
            ],
        )


@models_app.command("promote")
def promote(version: Version, by: By = None, reason: Reason = "", home: Home = None, store: StoreOption = None) -> None:
    """Put a model in force for everything that arrives from now on."""
    with _desk(home, store) as desk:
        desk.promote(version, by=by or getpass.getuser(), reason=reason)
        console.print(f"{version} is in force", highlight=False)


@models_app.command("shadow")
def shadow(
    version: Annotated[str | None, typer.Argument(metavar="VERSION", help="The model; none with --stop.")] = None,
    stop: Annotated[bool, typer.Option("--stop", help="End the trial.")] = False,
    by: By = None,
    reason: Reason = "",
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """Record a model's scores beside those of the one in force, without points."""
    if (version is None) is not stop:
        raise ConfigurationError("say which model, or --stop", cure="give one of the two")
    with _desk(home, store) as desk:
        desk.shadow(version, by=by or getpass.getuser(), reason=reason)
        console.print("nothing runs in the shadow" if stop else f"{version} runs in the shadow", highlight=False)


@models_app.command("rollback")
def rollback(by: By = None, reason: Reason = "", home: Home = None, store: StoreOption = None) -> None:
    """Put back what was in force before."""
    with _desk(home, store) as desk:
        found = desk.rollback(by=by or getpass.getuser(), reason=reason)
        console.print("no model is in force" if found is None else f"{found.version} is in force", highlight=False)


@models_app.command("drift")
def drift(
    version: Annotated[str | None, typer.Argument(metavar="VERSION", help="The model; the one in force.")] = None,
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """Tell how far the newest transactions are from what a model was trained on, and how its probabilities held."""
    with _desk(home, store, work=False) as desk:
        found = desk.drift(version)
        shown = ([] if found.score is None else [found.score]) + list(found.columns[:SHOWN_COLUMNS])
        console.print(
            f"{found.version}: {found.transactions:,} newest transactions, {found.scored:,} scored by it",
            highlight=False,
        )
        show_rows(console, ("column", "PSI", ""), [(one.name, f"{one.index:.3f}", one.verdict) for one in shown])
        weeks = [(one.week, f"{one.labelled:,}", f"{one.said:.4f}", f"{one.was:.4f}") for one in found.calibration]
        if weeks:
            show_rows(console, ("week", "labelled", "probability said", "share that was fraud"), weeks)
        for why, count in found.fallback.items():
            console.print(f"the plain model answered, {why.replace('_', ' ')}: {count:,}", highlight=False)


@models_app.command("canary")
def canary(
    new: Annotated[bool, typer.Option("--new", help="Forget the set; the next training draws another.")] = False,
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """Show the frozen set that every model must still get right, or have another one drawn."""
    models = ModelStore(load_settings(home=home, store=store))
    if new:
        models.keep_canary(None)
    found = models.canary()
    if found is None:
        console.print("there is no canary set; the next training draws one", highlight=False)
        return
    fraud = sum(found.labels)
    console.print(f"{len(found.tx_ids):,} transactions, {fraud:,} fraud; sha256 {found.digest}", highlight=False)


@contextmanager
def _desk(home: Path | None, store: str | None, *, work: bool = True) -> Iterator[ModelDesk]:
    with opened(load_settings(home=home, store=store), work=work) as service:
        live = choice_in_force(service.ledger).live
        desk = ModelDesk(service)
        if live is not None and all(one.version != live.version or one.problem for one in desk.models()):
            complaints.print(f"[red]the model in force, {live.version}, is refused[/red]", highlight=False)
        yield desk


def _row(record: ModelRecord) -> tuple[str, ...]:
    if record.problem:
        return (record.version, f"refused: {record.problem}", "", "", "", "", "", "")
    numbers = (record.average_precision, record.f1, record.calibration_error, record.canary)
    return (record.version, record.state, record.kind, iso(record.trained_until), *map(_number, numbers))


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
