"""The few things that SQLite and Postgres say differently: upserts, and a long list of ids as one parameter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, Text, any_, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite


def upsert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows; where the primary key is taken, the new row replaces the old. No rows, no statement."""
    if rows:
        keys = [column.name for column in table.primary_key]
        statement = _insert(connection, table)
        replaced = {column.name: statement.excluded[column.name] for column in table.c if column.name not in keys}
        connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=replaced), list(rows))


def insert_new(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows; where the primary key or a unique constraint is taken, the old row stays."""
    if rows:
        connection.execute(_insert(connection, table).on_conflict_do_nothing(), list(rows))


def among(connection: Connection, column: ColumnElement[str], ids: Iterable[str]) -> ColumnElement[bool]:
    """Return the condition that `column` is one of `ids`, sent as one parameter however many there are.

    Ids that no record can have (control characters, lone surrogates) are left out: databases refuse to look for them.
    """
    wanted = [one for one in ids if one.isprintable()]
    if connection.dialect.name == "sqlite":
        listed = func.json_each(msgspec.json.encode(wanted).decode()).table_valued("value")
        return column.in_(select(listed.c.value))
    return column == any_(bindparam(None, wanted, type_=postgresql.ARRAY(Text)))


def _insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)
