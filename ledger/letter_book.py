"""Dead letters: messages that were set aside, what a person made of them, and fields that forms do not know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from ledger.dialect import insert_new, upsert
from ledger.engine import Database
from ledger.paging import Page, check_limit, make_cursor, read_cursor
from ledger.records import DeadLetter, FieldDrift, Redrive
from ledger.tables import field_drift, redrives, set_aside

_ORDER = "letters"


class LetterBook:
    """The letters of one ledger database; safe to share between threads.

    Guarantees: an unknown id gives None; pages come in the order in which letters were set aside; a letter is sent
    again once, the first time stands; counts of unknown fields never lose a message and may count one twice when a
    process is killed.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def letter(self, letter_id: int) -> DeadLetter | None:
        """The letter, with what became of it."""
        with self._database.reading() as connection:
            row = connection.execute(_letters().where(set_aside.c.seq == letter_id)).first()
        return None if row is None else _letter(row)

    def letters(
        self,
        *,
        reason: str | None = None,
        source: str | None = None,
        waiting: bool = True,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[DeadLetter]:
        """Letters first set aside first; `source` is the beginning of a source's name, `waiting` leaves out those that
        were sent again."""
        wanted = _letters()
        if reason is not None:
            wanted = wanted.where(set_aside.c.reason == reason)
        if source is not None:
            wanted = wanted.where(func.substr(set_aside.c.source, 1, len(source)) == source)
        if waiting:
            wanted = wanted.where(redrives.c.letter.is_(None))
        if after is not None:
            (seq,) = read_cursor(_ORDER, after, tuple[int])
            wanted = wanted.where(set_aside.c.seq > seq)
        with self._database.reading() as connection:
            rows = connection.execute(wanted.order_by(set_aside.c.seq).limit(check_limit(limit) + 1)).fetchall()
        more = make_cursor(_ORDER, rows[limit - 1].seq) if len(rows) > limit else None
        return Page(tuple(_letter(row) for row in rows[:limit]), more)

    def redriven(self, letter_id: int, redrive: Redrive) -> None:
        """Note that a letter was sent again; where it was already, the first note stands."""
        with self._database.writing() as connection:
            row = {
                "letter": letter_id,
                "author": redrive.author,
                "at_ms": redrive.at_ms,
                "reason": redrive.reason,
                "changes": redrive.changes,
                "event_id": redrive.event_id,
            }
            insert_new(connection, redrives, [row])

    def note_drift(self, source: str, unknown: Mapping[str, int], *, topic: str, offset: int) -> None:
        """Count unknown fields of a topic's messages; `source` and `offset` are where they were seen last."""
        with self._database.writing() as connection:
            known = _drift_counts(connection, topic)
            rows = [
                {
                    "topic": topic,
                    "field": field,
                    "count": known.get(field, 0) + count,
                    "last_source": source,
                    "last_offset": offset,
                }
                for field, count in unknown.items()
            ]
            upsert(connection, field_drift, rows)

    def drift(self) -> list[FieldDrift]:
        """Every field that came and is not known, by topic and name."""
        with self._database.reading() as connection:
            rows = connection.execute(select(field_drift).order_by(field_drift.c.topic, field_drift.c.field))
            return [FieldDrift(**row) for row in rows.mappings()]


def _drift_counts(connection: Connection, topic: str) -> dict[str, int]:
    found = select(field_drift.c.field, field_drift.c.count).where(field_drift.c.topic == topic)
    return dict(connection.execute(found).all())


def _letters() -> Select[Any]:
    return select(set_aside, redrives).outerjoin(redrives, redrives.c.letter == set_aside.c.seq)


def _letter(row: Row[Any]) -> DeadLetter:
    values = row._mapping
    redrive = None
    if values[redrives.c.letter] is not None:
        redrive = Redrive(
            author=values[redrives.c.author],
            at_ms=values[redrives.c.at_ms],
            reason=values[redrives.c.reason],
            changes=values[redrives.c.changes],
            event_id=values[redrives.c.event_id],
        )
    return DeadLetter(
        letter_id=values[set_aside.c.seq],
        source=values[set_aside.c.source],
        line=values[set_aside.c.line],
        reason=values[set_aside.c.reason],
        message=values[set_aside.c.message],
        raw=values[set_aside.c.raw],
        raw_length=values[set_aside.c.raw_length],
        redrive=redrive,
    )
