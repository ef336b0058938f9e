"""`tarrafa dead-letters`: what was set aside, mended and sent again."""

from __future__ import annotations

import getpass
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from graph.errors import ConfigurationError
from ledger.records import DeadLetter
from service.letter_desk import LetterDesk
from service.settings import load_settings
from service.show import show_rows
from service.terminal import Home, StoreOption, complaints, console, opened

letter_app = typer.Typer(help="Messages and rows that were set aside: read, mend, send again.", no_args_is_help=True)

Reason = Annotated[str | None, typer.Option("--reason", help="Only those set aside for this reason.")]
Source = Annotated[
    str | None, typer.Option("--source", help="Only those whose source begins so: kafka:TOPIC/PARTITION.")
]


@letter_app.command("list")
def list_letters(
    reason: Reason = None,
    source: Source = None,
    every: Annotated[bool, typer.Option("--all", help="Also those that were sent again.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="Most letters.")] = 50,
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """List what was set aside, first ones first."""
    with opened(load_settings(home=home, store=store), work=False) as service:
        page = LetterDesk(service).letters(reason=reason, source=source, waiting=not every, limit=limit)
        rows = [
            (
                str(one.letter_id),
                f"{one.source}@{one.line}",
                one.reason,
                one.message,
                "" if one.redrive is None else f"sent again by {one.redrive.author}",
            )
            for one in page.items
        ]
        show_rows(console, ("id", "where", "reason", "what to change", "state"), rows)
        if page.next is not None:
            complaints.print(f"there are more than {limit}; raise --limit", highlight=False)


@letter_app.command("show")
def show(letter_id: Annotated[int, typer.Argument(metavar="ID")], home: Home = None, store: StoreOption = None) -> None:
    """Show one letter whole, as far as its text is kept."""
    with opened(load_settings(home=home, store=store), work=False) as service:
        letter = LetterDesk(service).letter(letter_id)
        if letter is None:
            complaints.print(f"no dead letter is known as {letter_id}", highlight=False)
            raise typer.Exit(1)
        show_rows(console, ("dead letter", str(letter_id)), _lines(letter))
        typer.echo(letter.raw)


@letter_app.command("fields")
def fields(home: Home = None, store: StoreOption = None) -> None:
    """Count fields of messages that their form does not know."""
    with opened(load_settings(home=home, store=store), work=False) as service:
        found = LetterDesk(service).drift()
        rows = [(one.topic, one.field, f"{one.count:,}", f"{one.last_source}@{one.last_offset}") for one in found]
        show_rows(console, ("topic", "field", "messages", "last seen from"), rows)


@letter_app.command("redrive")
def redrive(
    letter_ids: Annotated[
        list[int] | None, typer.Argument(metavar="[ID]...", help="Those to send; else by filter.")
    ] = None,
    reason: Reason = None,
    source: Source = None,
    change: Annotated[
        list[str] | None,
        typer.Option("--set", help="NAME=JSON: this value in place of the one it has; null takes it out."),
    ] = None,
    message: Annotated[
        Path | None, typer.Option("--message", help="File with a whole new message for one letter.")
    ] = None,
    why: Annotated[str, typer.Option("--why", help="Why, in one line.")] = "",
    author: Annotated[str | None, typer.Option("--author", help="Who does it; you, when not given.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Most letters of a filter.")] = 1_000,
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """Send letters again, mended or as they are; status 1 when some are still refused."""
    if not letter_ids and reason is None and source is None:
        raise ConfigurationError("no letter is named", cure="give ids, or a filter with --reason or --source")
    changes = dict(_change(text) for text in change or ())
    text = message.read_text(encoding="utf-8") if message else None
    with opened(load_settings(home=home, store=store)) as service:
        desk = LetterDesk(service)
        wanted = letter_ids or list(desk.matching(reason=reason, source=source, limit=limit))
        outcomes = desk.redrive(wanted, changes=changes, message=text, author=author or getpass.getuser(), reason=why)
    rows = [(str(one.letter_id), one.event_id or "stays", one.problem) for one in outcomes]
    show_rows(console, ("id", "event", "still wrong"), rows)
    if any(one.problem for one in outcomes):
        raise typer.Exit(1)


def _change(text: str) -> tuple[str, Any]:
    name, separator, value = text.partition("=")
    if not separator or not name:
        raise ConfigurationError(f"--set {text} is not NAME=JSON", cure="write for example --set amount_brl=12.50")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value  # a word needs no quotes


def _lines(letter: DeadLetter) -> list[tuple[str, str]]:
    lines = [
        ("where", f"{letter.source}@{letter.line}"),
        ("reason", letter.reason),
        ("what to change", letter.message),
        ("characters", f"{letter.raw_length:,}, {len(letter.raw):,} kept"),
    ]
    if letter.redrive is not None:
        at = datetime.fromtimestamp(letter.redrive.at_ms / 1000, UTC).isoformat(timespec="seconds")
        lines += [
            ("sent again", f"{at} by {letter.redrive.author}: {letter.redrive.reason or 'no reason given'}"),
            ("changed", letter.redrive.changes),
            ("event", letter.redrive.event_id),
        ]
    return lines
