"""`tarrafa job`: link analysis on demand and on a schedule, and an analyst's own queries."""

from __future__ import annotations

import getpass
import json
import re
from pathlib import Path
from typing import Annotated

import typer

from cypher.jobs import JOBS
from graph.errors import ConfigurationError
from ledger.records import JobRun
from service.found import standing
from service.jobs import ROWS, Done, JobDesk
from service.run import iso
from service.settings import load_settings
from service.show import cell, show_rows
from service.terminal import Home, KnownOn, StoreOption, complaints, console, opened, opened_for_reading

job_app = typer.Typer(help="Link-analysis jobs over the graph.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Name of a job or saved query, see `tarrafa job list` and `job saved`.")]
Given = Annotated[list[str] | None, typer.Option("--param", help="NAME=VALUE; may be repeated.")]
Rows = Annotated[int, typer.Option(min=1, help="Most rows to return.")]
Seconds = Annotated[float, typer.Option(min=0.1, help="Time budget.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print rows as JSON lines.")]
Publish = Annotated[bool, typer.Option("--publish", help="Let what is found become signals and rings.")]
Author = Annotated[str | None, typer.Option("--author", help="Who asks; you, when not given.")]
UNITS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


@job_app.command("list")
def job_list() -> None:
    """List the link-analysis jobs with their parameters."""
    show_rows(
        console,
        ("job", "version", "finds", "parameters"),
        [
            (job.name, str(job.version), job.meaning, ", ".join(f"{p.name}={p.default}" for p in job.params))
            for job in JOBS.values()
        ],
    )


@job_app.command("run")
def job_run(
    name: Name,
    param: Given = None,
    rows: Rows = ROWS,
    seconds: Seconds = 60.0,
    publish: Publish = False,
    as_json: AsJson = False,
    author: Author = None,
    as_known_on: KnownOn = None,
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """Run a job or saved query and print what it finds."""
    given = dict(name_value(text) for text in param or ())
    if publish and as_known_on is not None:
        raise ConfigurationError("what was known then cannot be changed", cure="leave out --publish or --as-known-on")
    settings = load_settings(home=home, store=store)
    with opened(settings) if publish else opened_for_reading(settings, as_known_on) as service:
        done = JobDesk(service).run_now(
            name,
            given,
            caller=author or getpass.getuser(),
            rows=rows,
            time_ms=int(seconds * 1000),
            publish=publish,
        )
        _show(done, as_json=as_json)


@job_app.command("runs")
def job_runs(
    name: Annotated[str | None, typer.Option("--name", help="Only runs of this job.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="Most runs.")] = 20,
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """List the newest runs: who asked for what, how it went, and what it met."""
    with opened(load_settings(home=home, store=store), work=False) as service:
        columns = ("run", "job", "by", "when", "state", "rows", "published", "cut", "error")
        show_rows(console, columns, [_line(run) for run in JobDesk(service).runs(name=name, limit=limit)])


@job_app.command("resume")
def job_resume(home: Home = None, store: StoreOption = None) -> None:
    """Do the runs that wait or that a killed process left undone."""
    with opened(load_settings(home=home, store=store)) as service:
        desk = JobDesk(service)
        for run_id in desk.unfinished():
            done = desk.do(run_id)
            if done is not None:
                console.print(f"run {run_id} of {done.run.name}: {done.run.rows} rows", highlight=False)


@job_app.command("cancel")
def job_cancel(
    run_id: Annotated[int, typer.Argument(help="Number of the run.")], home: Home = None, store: StoreOption = None
) -> None:
    """Drop a run that waits or was interrupted; one that `tarrafa serve` does is cancelled over HTTP."""
    with opened(load_settings(home=home, store=store), work=False) as service:
        console.print(f"run {run_id}: {JobDesk(service).cancel(run_id).status}", highlight=False)


@job_app.command("schedule")
def job_schedule(
    name: Name,
    every: Annotated[str, typer.Option("--every", help="How often, such as 15m, 6h or 1d.")],
    param: Given = None,
    publish: Publish = False,
    author: Author = None,
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """Let a job run from time to time while `tarrafa serve` runs."""
    given = dict(name_value(text) for text in param or ())
    every_ms = interval(every)
    with opened(load_settings(home=home, store=store), work=False) as service:
        JobDesk(service).schedule(name, given, every_ms=every_ms, author=author or getpass.getuser(), publish=publish)
        console.print(f"{name} runs every {every} while `tarrafa serve` runs", highlight=False)


@job_app.command("schedules")
def job_schedules(home: Home = None, store: StoreOption = None) -> None:
    """List what runs by itself, and when next."""
    with opened(load_settings(home=home, store=store), work=False) as service:
        show_rows(
            console,
            ("job", "every", "next", "publishes", "by", "parameters"),
            [
                (
                    each.name,
                    f"{each.every_ms / 1000:g} s",
                    iso(each.next_at),
                    "yes" if each.publish else "no",
                    each.author,
                    ", ".join(f"{key}={value}" for key, value in each.params),
                )
                for each in JobDesk(service).schedules()
            ],
        )


@job_app.command("unschedule")
def job_unschedule(name: Name, home: Home = None, store: StoreOption = None) -> None:
    """Let a job no longer run by itself."""
    with opened(load_settings(home=home, store=store), work=False) as service:
        JobDesk(service).unschedule(name)


@job_app.command("save")
def job_save(
    name: Annotated[str, typer.Argument(help="Name to save it under.")],
    file: Annotated[Path, typer.Argument(help="File with one reading Cypher statement.")],
    meaning: Annotated[str, typer.Option("--meaning", help="What it answers, in one line.")] = "",
    author: Author = None,
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """Save a Cypher query of your own as a job; one that writes or is not portable is refused."""
    text = file.read_text(encoding="utf-8")
    with opened(load_settings(home=home, store=store), work=False) as service:
        saved = JobDesk(service).save(name, text, author=author or getpass.getuser(), meaning=meaning)
        console.print(f"{saved.name} version {saved.version}", highlight=False)


@job_app.command("saved")
def job_saved(home: Home = None, store: StoreOption = None) -> None:
    """List saved queries."""
    with opened(load_settings(home=home, store=store), work=False) as service:
        show_rows(
            console,
            ("query", "version", "answers", "by", "since", "text"),
            [
                (each.name, str(each.version), each.meaning, each.author, iso(each.saved_at), each.text)
                for each in JobDesk(service).saved()
            ],
        )


@job_app.command("forget")
def job_forget(name: Name, home: Home = None, store: StoreOption = None) -> None:
    """Drop a saved query; its runs stay on record."""
    with opened(load_settings(home=home, store=store), work=False) as service:
        JobDesk(service).forget(name)


@job_app.command("findings")
def job_findings(home: Home = None, store: StoreOption = None) -> None:
    """List the published findings that stand."""
    with opened(load_settings(home=home, store=store), work=False) as service:
        show_rows(
            console,
            ("finding", "job", "shape", "core", "others", "movements"),
            [
                (
                    each.id,
                    f"{each.job}@{each.version}",
                    str(each.kind or "-"),
                    ", ".join(each.core[:5]),
                    str(len(each.others)),
                    str(len(each.movements)),
                )
                for each in standing(service)
            ],
        )


@job_app.command("withdraw")
def job_withdraw(
    name: Name,
    reason: Annotated[str, typer.Option("--reason", help="Why, in one line.")] = "",
    author: Author = None,
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """Let everything a job published stand no more: its signals and its part in rings go."""
    with opened(load_settings(home=home, store=store)) as service:
        count = JobDesk(service).withdraw(name, caller=author or getpass.getuser(), reason=reason)
        console.print(f"{count} findings of {name} withdrawn", highlight=False)


def interval(text: str) -> int:
    """Milliseconds of a text such as 15m, 6h or 1d."""
    found = re.fullmatch(r"([1-9]\d{0,5})([smhd])", text)
    if found is None:
        raise ConfigurationError(f"--every {text} is not a time", cure="write for example 15m, 6h or 1d")
    return int(found[1]) * UNITS[found[2]]


def name_value(text: str) -> tuple[str, str]:
    """The two sides of NAME=VALUE."""
    name, separator, value = text.partition("=")
    if not separator:
        raise ConfigurationError(f"--param {text} is not NAME=VALUE", cure="write for example --param min_accounts=5")
    return name, value


def _show(done: Done, *, as_json: bool) -> None:
    rows = done.result.rows
    if as_json:
        for row in rows:
            typer.echo(json.dumps(row, ensure_ascii=False))
    else:
        columns = tuple(rows[0]) if rows else ("nothing found",)
        show_rows(console, columns, [tuple(cell(*item) for item in row.items()) for row in rows])
    if done.run.publish:
        complaints.print(f"{done.run.published} new findings published", highlight=False)
    if done.run.cut:
        complaints.print(
            f"truncated: a budget was met ({', '.join(done.run.cut)}); raise --rows or --seconds", highlight=False
        )


def _line(run: JobRun) -> tuple[str, ...]:
    return (
        str(run.run_id),
        f"{run.name}@{run.version}",
        run.caller,
        iso(run.started_at),
        f"{run.status} {run.progress}" if run.status == "running" else str(run.status),
        str(run.rows),
        str(run.published),
        ", ".join(run.cut),
        run.error,
    )
