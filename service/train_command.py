"""`tarrafa train`: learn from what the home's log holds."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from graph.days import parse_moment
from graph.errors import ConfigurationError, HomeInUse
from graph.events import EARLIEST_TS
from service.bootstrap import now_ms
from service.model_desk import ModelDesk
from service.model_store import choice_in_force
from service.run import progress_bar
from service.settings import load_settings
from service.show import show_rows
from service.terminal import Home, StoreOption, complaints, console, opened


def train(
    since: Annotated[str | None, typer.Option("--from", help="Learn from movements since: day or ISO time.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Learn from what was and was known before: same.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of everything drawn by chance.")] = 1,
    label_delay_days: Annotated[
        float | None, typer.Option(min=0, help="Days until a label is known; the setting when not given.")
    ] = None,
    wanted: Annotated[
        str | None, typer.Option("--model", help="Save this one, such as hybrid; the best on validation when absent.")
    ] = None,
    promote_if_better: Annotated[
        bool, typer.Option("--promote-if-better", help="Promote it where it beats the model in force.")
    ] = False,
    by: Annotated[str | None, typer.Option("--by", help="Who promotes it; you, when not given.")] = None,
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """Train a model on the log of the home and save it with its card; go on where a training was killed."""
    settings = load_settings(home=home, store=store)
    begin = EARLIEST_TS if since is None else parse_moment(since, field="from")
    end = now_ms() // 86_400_000 * 86_400_000 if until is None else parse_moment(until, field="to")
    if begin >= end:
        raise ConfigurationError("--from lies behind --to", cure="give a start before the end")
    try:
        from service.training import measured_again, summary_rows, train_home
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"models need {error.name}, which is not installed", cure="install the extra gnn, or run `make setup`"
        ) from error
    delay = settings.models.label_delay_days if label_delay_days is None else label_delay_days
    with progress_bar() as bar:
        trained = train_home(
            settings,
            since=begin,
            until=end,
            seed=seed,
            delay_days=delay,
            progress=bar,
            told=lambda name: bar.console.print(f"training: {name}", highlight=False),
            wanted=wanted,
        )
    show_rows(console, ("model", "AP valid", "AP test", "F1", "recall at 0.5 %", "ECE"), summary_rows(trained))
    version = trained.manifest.version
    console.print(f"saved {version}; see it with: tarrafa models show {version}", highlight=False, soft_wrap=True)
    if not promote_if_better:
        return
    try:
        with opened(settings) as service:
            live = choice_in_force(service.ledger).live
            if live is not None and live.version != version:
                theirs = measured_again(settings, live.version, trained.lesson)
                mine = trained.made.chosen.valid["average_precision"]
                if mine is None or (theirs is not None and mine <= theirs):
                    console.print(
                        f"not promoted: average precision {mine:.3f}, that of {live.version} in force is {theirs:.3f}",
                        highlight=False,
                    )
                    return
            ModelDesk(service).promote(version, by=by or getpass.getuser(), reason="better on the validation part")
            console.print(f"promoted {version}", highlight=False)
    except HomeInUse as error:
        complaints.print(f"{error}; promote it there: POST /api/v1/models/{version}/promote", highlight=False)
        raise typer.Exit(1) from error
