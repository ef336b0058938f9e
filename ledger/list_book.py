"""Entries of the block, watch and allow lists that stand now."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, delete, func, select, tuple_

from graph.events import GovernanceChanged, ListKind
from graph.listings import ADD, PART, EntryKind, changes_of
from ledger.dialect import upsert
from ledger.paging import Page, make_cursor, read_cursor
from ledger.records import ListEntry
from ledger.tables import list_entries

_ORDER = "list_entries"
_Key = tuple[str, str, str]


def write_entries(connection: Connection, events: Iterable[GovernanceChanged]) -> None:
    """Bring the entries to where `events`, in log order, leave them; the same events again change nothing."""
    left: dict[_Key, dict[str, object] | None] = {}
    for event in events:
        if event.part == PART:
            for change in changes_of(event.content):
                key = {"list_name": str(change.list), "kind": str(change.kind), "value": change.value}
                left[str(change.list), str(change.kind), change.value] = (
                    {
                        **key,
                        "reason": change.reason,
                        "author": event.author,
                        "added_ts": event.ts,
                        "expires_ts": change.expires_ts,
                        "event_id": event.event_id,
                    }
                    if change.action == ADD
                    else None
                )
    upsert(connection, list_entries, [row for row in left.values() if row is not None])
    gone = [key for key, row in left.items() if row is None]
    if gone:
        names = ("list_name", "kind", "value")
        one = delete(list_entries).where(*(list_entries.c[name] == bindparam(f"gone_{name}") for name in names))
        connection.execute(one, [{f"gone_{name}": part for name, part in zip(names, key, strict=True)} for key in gone])


def find_entry(connection: Connection, listed: ListKind, kind: EntryKind, value: str) -> ListEntry | None:
    """The entry of that list, kind and canonical value, or None."""
    if not value.isprintable():
        return None
    row = connection.execute(
        select(list_entries).where(
            list_entries.c.list_name == str(listed), list_entries.c.kind == str(kind), list_entries.c.value == value
        )
    ).first()
    return None if row is None else ListEntry(ListKind(row[0]), EntryKind(row[1]), *row[2:])


def page_of_entries(
    connection: Connection, listed: ListKind, *, kind: EntryKind | None, after: str | None, limit: int
) -> Page[ListEntry]:
    """Entries of a list by kind and value; both stand in the primary key, so a page costs the same anywhere."""
    order = (list_entries.c.kind, list_entries.c.value)
    wanted = select(list_entries).where(list_entries.c.list_name == str(listed))
    if kind is not None:
        wanted = wanted.where(list_entries.c.kind == str(kind))
    if after is not None:
        wanted = wanted.where(tuple_(*order) > tuple_(*read_cursor(_ORDER, after, tuple[str, str])))
    rows = connection.execute(wanted.order_by(*order).limit(limit + 1)).fetchall()
    more = make_cursor(_ORDER, rows[limit - 1].kind, rows[limit - 1].value) if len(rows) > limit else None
    return Page(tuple(ListEntry(ListKind(row[0]), EntryKind(row[1]), *row[2:]) for row in rows[:limit]), more)


def entry_counts(connection: Connection) -> dict[str, int]:
    """How many entries stand on each list that has any."""
    rows = connection.execute(select(list_entries.c.list_name, func.count()).group_by(list_entries.c.list_name))
    return dict(rows.all())


def forget_entries(connection: Connection) -> None:
    """Remove every entry."""
    connection.execute(delete(list_entries))
