"""`tarrafa export`: a ring, the neighbourhood of an account, or a query's links as a file for other tools."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated, Literal

import typer

from cypher.export import FORMS, export
from service.job_commands import name_value
from service.settings import load_settings
from service.terminal import Home, KnownOn, StoreOption, complaints, console, opened_for_reading


def export_piece(
    subject: Annotated[Literal["ring", "account", "query", "run"], typer.Argument(help="What NAME is.")],
    name: Annotated[str, typer.Argument(help="Ring or account id, name of a job or saved query, number of a run.")],
    form: Annotated[str, typer.Option("--format", help=f"One of {', '.join(FORMS)}.")] = "graphml",
    out: Annotated[Path | None, typer.Option("--out", help="File to write; named after NAME when not given.")] = None,
    hops: Annotated[int, typer.Option(help="How far around an account.")] = 1,
    param: Annotated[list[str] | None, typer.Option("--param", help="NAME=VALUE of a query; may be repeated.")] = None,
    as_known_on: KnownOn = None,
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """Write a piece of the graph as GraphML, GEXF, CSV, Parquet or a page to look at."""
    from service.exporting import Exporter

    given = dict(name_value(text) for text in param or ())
    with opened_for_reading(load_settings(home=home, store=store), as_known_on) as service:
        extract = Exporter(service).extract(subject, name, hops=hops, given=given, caller=getpass.getuser())
        content = export(extract, form)
    safe = "".join(char if char.isascii() and char.isalnum() else "-" for char in name)[:80]
    path = out or Path(f"{subject}-{safe}.{FORMS[form][1]}")
    path.write_bytes(content)
    console.print(
        f"{len(extract.nodes)} nodes and {len(extract.links)} links in {path}", highlight=False, soft_wrap=True
    )
    if extract.truncated:
        complaints.print(f"truncated: {', '.join(extract.truncated)}", highlight=False)
