"""Files with entries for a list: CSV with a header, or one value per line; a bad line never sinks the file."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Final

from graph.errors import ConfigurationError, RejectedRecord
from graph.events import ListKind
from graph.identity import IdentifierKeys
from graph.listings import Change, EntryKind
from scoring.declared import nearest
from scoring.list_entries import entry_change, expiry_of

COLUMNS: Final = ("kind", "value", "reason", "expires")


def read_list_file(
    lines: Iterable[str], listed: ListKind, *, keys: IdentifierKeys, kind: EntryKind | None = None, reason: str = ""
) -> Iterator[tuple[int, Change | RejectedRecord]]:
    """Yield (line number from 1, the change or why there is none) of every line that says something.

    With a first line that names a column `value`, the columns are those of COLUMNS in any order; `kind` and `reason`
    hold where a line says none. Else every line is a value of `kind`. Empty lines and those beginning with # are left
    out. Raises `ConfigurationError` for an unknown column, or when nothing says the kind.
    """
    columns: list[str] | None = None
    for number, line in enumerate(lines, start=1):
        text = line.strip().removeprefix("\ufeff")
        if not text or text.startswith("#"):
            continue
        if columns is None:
            header = [name.strip().lower() for name in _cells(text)]
            columns = _checked(header) if "value" in header else ["value"]
            if "kind" not in columns and kind is None:
                raise ConfigurationError("nothing says what kind the values are", cure="give a kind, or a column kind")
            if header == columns and "value" in header:
                continue
        try:
            yield number, _change(_cells(text) if len(columns) > 1 else [text], columns, listed, keys, kind, reason)
        except RejectedRecord as error:
            yield number, error


def _change(
    cells: list[str],
    columns: list[str],
    listed: ListKind,
    keys: IdentifierKeys,
    kind: EntryKind | None,
    reason: str,
) -> Change:
    if len(cells) > len(columns):
        raise RejectedRecord(
            "too_many_columns", field="value", cure=f"give {', '.join(columns)}; quote values with commas"
        )
    said = {name: cell.strip() for name, cell in zip(columns, cells, strict=False)}
    expires = said.get("expires", "")
    return entry_change(
        listed,
        said.get("kind") or kind or "",
        said.get("value", ""),
        keys=keys,
        reason=said.get("reason") or reason,
        expires_ts=expiry_of(expires) if expires else None,
    )


def _cells(text: str) -> list[str]:
    try:
        return next(csv.reader([text]))
    except (csv.Error, StopIteration) as error:
        raise RejectedRecord("bad_line", field="value", cure="write it as CSV") from error


def _checked(header: list[str]) -> list[str]:
    for name in header:
        if name not in COLUMNS:
            raise ConfigurationError(f"unknown column {name}", cure=nearest(name, COLUMNS))
    return header
