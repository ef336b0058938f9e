"""Corrections: scores that events later than the lateness bound changed after they had been given."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, select

from graph.evidence import Score
from ledger.decisions import Written
from ledger.dialect import insert_new
from ledger.engine import Database
from ledger.paging import Page, check_limit, make_cursor, read_cursor
from ledger.records import Correction, LateEvent
from ledger.tables import corrections

MAX_CAUSES = 20
_ORDER = "corrections"


class CorrectionBook:
    """The corrections of one ledger database; safe to share between threads. Guarantee: newest first."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def corrections(self, *, tx_id: str | None = None, after: str | None = None, limit: int = 50) -> Page[Correction]:
        """Corrections, newest first; with `tx_id` those of one transaction."""
        wanted = select(corrections)
        if tx_id is not None:
            wanted = wanted.where(corrections.c.tx_id == tx_id)
        if after is not None:
            (seq,) = read_cursor(_ORDER, after, tuple[int])
            wanted = wanted.where(corrections.c.seq < seq)
        with self._database.reading() as connection:
            rows = connection.execute(
                wanted.order_by(corrections.c.seq.desc()).limit(check_limit(limit) + 1)
            ).fetchall()
        more = make_cursor(_ORDER, rows[limit - 1].seq) if len(rows) > limit else None
        items = (
            Correction(
                tx_id=row.tx_id,
                position=row.position,
                old_score=row.old_score,
                old_decision=row.old_decision,
                new_score=row.new_score,
                new_decision=row.new_decision,
                causes=msgspec.json.decode(row.causes, type=tuple[LateEvent, ...]),
            )
            for row in rows[:limit]
        )
        return Page(tuple(items), more)


def corrections_of(
    scores: Sequence[Score], written: Written, late: Sequence[LateEvent], *, position: int
) -> list[Correction]:
    """The scores that stand in place of others because something earlier than their transaction came late; of many
    causes the last ones before it."""
    if not late:
        return []
    ordered = sorted(late, key=lambda event: (event.ts, event.event_id))
    times = [event.ts for event in ordered]
    found = []
    for score in scores:
        before = written.before.get(score.tx_id)
        if before is None or score.tx_id not in written.changed:
            continue
        end = bisect_right(times, score.ts)
        causes = [one for one in ordered[max(0, end - MAX_CAUSES) : end] if one.event_id != f"tx:{score.tx_id}"]
        if causes:
            found.append(
                Correction(
                    tx_id=score.tx_id,
                    position=position,
                    old_score=before.value,
                    old_decision=before.decision,
                    new_score=score.value,
                    new_decision=str(score.decision),
                    causes=tuple(causes),
                )
            )
    return found


def write_corrections(connection: Connection, found: Sequence[Correction]) -> None:
    """Keep corrections; the same one again changes nothing."""
    rows = [
        {
            "tx_id": one.tx_id,
            "position": one.position,
            "old_score": one.old_score,
            "old_decision": one.old_decision,
            "new_score": one.new_score,
            "new_decision": one.new_decision,
            "causes": msgspec.json.encode(one.causes).decode(),
        }
        for one in found
    ]
    insert_new(connection, corrections, rows)
