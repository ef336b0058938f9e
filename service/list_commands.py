"""`tarrafa list`: the block, watch and allow lists."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import Annotated

import typer

from graph.events import ListKind
from graph.listings import LISTS, EntryKind
from scoring.list_entries import expiry_of, kind_of, list_of
from service.governing import Governed
from service.run import iso
from service.settings import load_settings
from service.show import show_rows
from service.terminal import Home, StoreOption, complaints, console, opened

list_app = typer.Typer(help="Block, watch and allow lists; they hold for the very next score.", no_args_is_help=True)

ListName = Annotated[str, typer.Argument(metavar="LIST", help="block, watch or allow.")]
KindName = Annotated[str, typer.Argument(metavar="KIND", help=f"One of {', '.join(EntryKind)}.")]
Value = Annotated[str, typer.Argument(help="What to list; - reads it from the input, where no history keeps it.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, in one line.")]
Author = Annotated[str | None, typer.Option("--author", help="Who says so; you, when not given.")]
OnlyKind = Annotated[str | None, typer.Option("--kind", help="Only this kind.")]


@list_app.command("add")
def add(
    listed: ListName,
    kind: KindName,
    value: Value,
    reason: Reason = "",
    expires: Annotated[str | None, typer.Option("--expires", help="ISO 8601 time with zone it holds until.")] = None,
    author: Author = None,
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """Put a value on a list; an entry that stands for it is replaced."""
    name, what = list_of(listed), kind_of(kind)
    until = expiry_of(expires) if expires else None
    with opened(load_settings(home=home, store=store)) as service:
        entry = Governed(service).add_entry(
            name, what, _given(value), author=_who(author), reason=reason, expires_ts=until
        )
        console.print(f"{entry.list} list: {entry.kind} {entry.value}", highlight=False, markup=False)


@list_app.command("remove")
def remove(
    listed: ListName,
    kind: KindName,
    value: Value,
    reason: Reason = "",
    author: Author = None,
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """Take a value off a list; status 1 when it is not on it."""
    name, what = list_of(listed), kind_of(kind)
    with opened(load_settings(home=home, store=store)) as service:
        entry = Governed(service).remove_entry(name, what, _given(value), author=_who(author), reason=reason)
        if entry is None:
            complaints.print(f"nothing on the {name} list is that {what}", highlight=False)
            raise typer.Exit(1)
        console.print(f"no longer on the {name} list: {entry.kind} {entry.value}", highlight=False, markup=False)


@list_app.command("show")
def show(
    listed: Annotated[str | None, typer.Argument(metavar="LIST", help="block, watch or allow; all, counted.")] = None,
    kind: OnlyKind = None,
    limit: Annotated[int, typer.Option(min=1, help="Most entries.")] = 100,
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """Show what stands on a list, by kind and value; without LIST how much stands on each."""
    name, what = None if listed is None else list_of(listed), None if kind is None else kind_of(kind)
    with opened(load_settings(home=home, store=store), work=False) as service:
        if name is None:
            counts = service.ledger.list_counts()
            show_rows(console, ("list", "entries"), [(one, f"{counts.get(one, 0):,}") for one in LISTS])
            return
        page = Governed(service).entries(name, kind=what, limit=limit)
        show_rows(
            console,
            ("kind", "value", "reason", "author", "since", "until"),
            [
                (
                    entry.kind,
                    entry.value,
                    entry.reason,
                    entry.author,
                    iso(entry.added_ts),
                    "" if entry.expires_ts is None else iso(entry.expires_ts),
                )
                for entry in page.items
            ],
        )
        if page.next is not None:
            complaints.print(f"there are more than {limit}; raise --limit", highlight=False)


@list_app.command("import")
def import_file(
    listed: ListName,
    file: Annotated[Path, typer.Argument(help="CSV with columns kind, value, reason, expires; or a value per line.")],
    kind: Annotated[str | None, typer.Option("--kind", help="Kind of values whose line says none.")] = None,
    reason: Reason = "",
    author: Author = None,
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """Put all values of a file on a list; lines that cannot be listed are told, status 1 when there are any."""
    name, what = list_of(listed), None if kind is None else kind_of(kind)
    with (
        file.open(encoding="utf-8", errors="replace", newline="") as lines,
        opened(load_settings(home=home, store=store)) as service,
    ):
        found = Governed(service).import_entries(name, lines, author=_who(author), kind=what, reason=reason)
    console.print(f"{found.added:,} entries on the {ListKind(name)} list", highlight=False)
    for line in found.first_rejected:
        complaints.print(f"line {line.line}: {line.message}", highlight=False, markup=False)
    if found.rejected:
        complaints.print(f"{found.rejected:,} lines could not be listed", highlight=False)
        raise typer.Exit(1)


def _who(author: str | None) -> str:
    return author or getpass.getuser()


def _given(value: str) -> str:
    return sys.stdin.readline().strip() if value == "-" else value
