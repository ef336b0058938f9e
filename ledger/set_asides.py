"""Rows and messages that could not be accepted, each kept once however often its file is read."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

from sqlalchemy import Connection, func, select

from graph.set_aside import SetAside
from ledger.dialect import insert_new
from ledger.paging import Page, make_cursor, read_cursor
from ledger.tables import set_aside

_ORDER = "set_asides"


def write_set_asides(connection: Connection, rows: Sequence[SetAside]) -> None:
    """Keep the rows; the same source, line, reason and text again changes nothing.

    Raw text may hold what a database cannot: NUL and lone surrogates are kept as their escapes.
    """
    insert_new(
        connection,
        set_aside,
        [
            {
                "source": _storable(row.source),
                "line": row.line,
                "reason": row.reason,
                "hash": blake2b(_storable(f"{row.message}\n{row.raw}").encode(), digest_size=16).digest(),
                "message": _storable(row.message),
                "raw": _storable(row.raw),
                "raw_length": row.raw_length,
            }
            for row in rows
        ],
    )


def page_of_set_asides(connection: Connection, *, after: str | None, limit: int) -> Page[SetAside]:
    """In the order in which they were set aside."""
    wanted = select(set_aside)
    if after is not None:
        (seq,) = read_cursor(_ORDER, after, tuple[int])
        wanted = wanted.where(set_aside.c.seq > seq)
    rows = connection.execute(wanted.order_by(set_aside.c.seq).limit(limit + 1)).fetchall()
    more = make_cursor(_ORDER, rows[limit - 1].seq) if len(rows) > limit else None
    items = (
        SetAside(
            source=row.source,
            line=row.line,
            reason=row.reason,
            message=row.message,
            raw=row.raw,
            raw_length=row.raw_length,
        )
        for row in rows[:limit]
    )
    return Page(tuple(items), more)


def set_aside_counts(connection: Connection) -> dict[str, int]:
    """Rows set aside by reason, counted on the index over reasons."""
    rows = connection.execute(
        select(set_aside.c.reason, func.count()).group_by(set_aside.c.reason).order_by(set_aside.c.reason)
    )
    return dict(rows.all())


def _storable(text: str) -> str:
    return text.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode()
