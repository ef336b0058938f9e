"""The commands of `tarrafa`, one function each."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.markup import escape

from graph.errors import TarrafaError
from ingest.formats import FORMATS, open_source
from ingest.simulator.world import World
from ingest.source import Source
from reports.formats import Language
from service.bootstrap import Service, now_ms
from service.correction_commands import corrections
from service.doctor import examine
from service.export_commands import export_piece
from service.flow_commands import flow, plan
from service.garbage import collect_rarely
from service.governed_commands import alerts, policy_app, typology_app
from service.job_commands import job_app
from service.letter_commands import letter_app
from service.list_commands import list_app
from service.log_commands import log_app
from service.model_commands import backtest
from service.models_commands import models_app
from service.node_commands import nodes
from service.operator_commands import operator_app
from service.ring_commands import ring_app
from service.ring_evaluate_command import evaluate
from service.ring_head_commands import learn, score
from service.ring_shapes import shapes
from service.rules_commands import rules_app
from service.run import Played, Scratch, play, progress_bar, summarise, write_outputs
from service.score_commands import score_app
from service.settings import Settings, load_settings
from service.show import show_evaluation, show_played, show_rings, show_rows
from service.stream_commands import consume, produce
from service.terminal import Home, KnownOn, StoreOption, complaints, console, opened, opened_for_reading
from service.topic_commands import topics
from service.train_command import train

app = typer.Typer(
    name="tarrafa",
    help="Finds fraud rings in payments and bets, and shows the evidence.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(job_app, name="job")
app.add_typer(score_app, name="score")
ring_app.command()(evaluate)
ring_app.command()(shapes)
ring_app.command()(learn)
ring_app.command("score")(score)
ring_app.command("plan")(plan)
app.command("flow")(flow)
app.command()(backtest)
app.command()(nodes)
app.command()(train)
app.add_typer(models_app, name="models")
app.add_typer(letter_app, name="dead-letters")
app.add_typer(list_app, name="list")
app.add_typer(log_app, name="log")
app.add_typer(operator_app, name="operators")
app.add_typer(policy_app, name="policy")
app.add_typer(ring_app, name="rings")
app.add_typer(rules_app, name="rules")
app.add_typer(typology_app, name="typologies")
app.command("alerts")(alerts)
app.command("consume")(consume)
app.command("corrections")(corrections)
app.command("produce")(produce)
app.command("topics")(topics)
app.command("export")(export_piece)
FORMAT_NAMES = ", ".join(form.name for form in FORMATS)
Serve = Annotated[bool, typer.Option("--serve/--no-serve", help="Serve the result as web pages afterwards.")]
Out = Annotated[Path | None, typer.Option("--out", help="Folder for the result files.")]
Speech = Annotated[Language, typer.Option("--language", help="Language of the report.")]

DEFAULT_DEMO_EVENTS = 60_000
INTERRUPTED = 130  # the status with which Typer ends on Ctrl-C


def run_app() -> None:
    """Run the app; errors of ours end it with their words and status 2, Ctrl-C with 130."""
    collect_rarely()
    try:
        app()
    except TarrafaError as error:
        complaints.print(f"[red]error:[/red] {escape(str(error))}", highlight=False, soft_wrap=True)
        sys.exit(2)
    except OSError as error:  # of files that a person named: what and which says enough
        complaints.print(f"[red]error:[/red] {escape(str(error))}", highlight=False, soft_wrap=True)
        sys.exit(2)
    except SystemExit as end:
        if end.code == INTERRUPTED:
            complaints.print("stopped; run the same command again to go on", highlight=False)
        raise


@app.command()
def demo(
    events: Annotated[int, typer.Option(min=1_000, help="About how many events to play.")] = DEFAULT_DEMO_EVENTS,
    seed: Annotated[int, typer.Option(help="Seed of the world.")] = 1,
    serve: Serve = True,
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """Play a seeded betting world through the whole path, compare with the planted truth, and serve it."""
    settings = _settings(home, store, serve=serve)
    world = World(seed=seed, events=events)
    with opened(settings) as service:
        played = _play(service, world, resume=True)
        show_played(console, played, service.ledger.summary(), service.state_hash())
        show_rings(console, service)
        show_evaluation(console, service, world)
        if serve:
            _serve(service)


@app.command()
def run(
    path: Annotated[Path, typer.Argument(help="A file or folder in any supported format.")],
    format_name: Annotated[
        str | None, typer.Option("--format", help=f"One of {FORMAT_NAMES}; found out when absent.")
    ] = None,
    out: Out = None,
    serve: Serve = True,
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """Play any supported file or folder through the whole path."""
    settings = _settings(home, store, serve=serve)
    if out:
        out.mkdir(parents=True, exist_ok=True)  # before any work: a folder that cannot be made is said at once
    with opened(settings) as service, tempfile.TemporaryDirectory() as folder:
        source = open_source(path, format=format_name, keys=service.keys, now_ms=now_ms())
        scratch = Scratch(Path(folder))
        played = _play(service, source, resume=False, scratch=scratch)
        played.notes.update(source.notes)
        summary = (
            write_outputs(service, source, played, scratch=scratch, out=out) if out else summarise(service, played)
        )
        show_played(console, played, service.ledger.summary(), str(summary["state_hash"]))
        show_rings(console, service)
        if out:
            console.print(
                f"wrote scores.csv, rings.csv, set_aside.csv and summary.json to {out}", highlight=False, markup=False
            )
        if serve:
            _serve(service)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65_535, help="Port to listen on; 0 takes a free one.")] = None,
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """Serve pages, GraphQL and REST over what the home holds, and score new transactions."""
    settings = load_settings(home=home, store=store)
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = settings.model_copy(update={"api": settings.api.model_copy(update=given)})
    _check_serving(settings)
    with opened(settings) as service:
        _serve(service)


@app.command()
def report(
    subject: Annotated[Literal["ring", "operator"], typer.Argument(help="What the report is about.")],
    subject_id: Annotated[str, typer.Argument(metavar="ID", help="Ring or operator id.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the PDF, HTML and JSON.")],
    language: Speech = Language.PT,
    as_known_on: KnownOn = None,
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """Write the report about a ring or an operator as PDF, HTML and JSON."""
    from service.reporting import Reporter

    with opened_for_reading(load_settings(home=home, store=store), as_known_on) as service:
        for path in Reporter(service).write(subject, subject_id, language=language, out=out):
            console.print(str(path), highlight=False, soft_wrap=True, markup=False)


@app.command()
def rebuild(home: Home = None, store: StoreOption = None) -> None:
    """Work out graph, window, rings and scores anew from the log."""
    from service.known import forget_known

    with opened(load_settings(home=home, store=store), rebuild=True) as service:
        forget_known(service.paths)
        console.print(f"rebuilt from {service.log.head()} events; state hash {service.state_hash()}", highlight=False)


@app.command("state-hash")
def state_hash(as_known_on: KnownOn = None, home: Home = None, store: StoreOption = None) -> None:
    """Print one hash over graph, rings and scores."""
    with opened_for_reading(load_settings(home=home, store=store), as_known_on) as service:
        typer.echo(service.state_hash())


@app.command()
def doctor(home: Home = None, store: StoreOption = None) -> None:
    """Say what is installed, reachable and healthy; status 1 when something needed is not."""
    checks = examine(load_settings(home=home, store=store))
    show_rows(
        console,
        ("part", "state", "detail"),
        [
            (check.part, "ok" if check.ok else "absent" if check.optional else "PROBLEM", check.detail)
            for check in checks
        ],
    )
    if not all(check.ok or check.optional for check in checks):
        raise typer.Exit(1)


def _play(service: Service, source: Source, *, resume: bool, scratch: Scratch | None = None) -> Played:
    with progress_bar() as bar:
        return play(service, source, progress=bar, resume=resume, scratch=scratch)


def _settings(home: Path | None, store: str | None, *, serve: bool) -> Settings:
    """The settings of a command that may serve when its work is done: what would refuse that is said before."""
    settings = load_settings(home=home, store=store)
    if serve:
        _check_serving(settings)
    return settings


def _check_serving(settings: Settings) -> None:
    from service.web import check_serving

    check_serving(settings)


def _serve(service: Service) -> None:
    from service.web import serve_until_stopped

    serve_until_stopped(service, console)
