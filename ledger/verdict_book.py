"""What people decided about rings: every verdict in log order, who approved it, and what took it back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from graph.events import GovernanceChanged
from graph.verdicts import PART, Act, content_of, verdict_of
from ledger.dialect import among, insert_new
from ledger.paging import Page, make_cursor, read_cursor
from ledger.records import RingVerdict
from ledger.tables import ring_verdicts

_ORDER = "ring_verdicts"


def write_verdicts(connection: Connection, events: Iterable[GovernanceChanged]) -> None:
    """Keep the verdicts among `events`, in log order; the same again change nothing."""
    for event in events:
        if event.part != PART:
            continue
        verdict = verdict_of(event.content)
        earlier = ring_verdicts.c.event_id == verdict.of
        if verdict.act is Act.APPROVE:
            free = earlier & (ring_verdicts.c.approver == "") & (ring_verdicts.c.author != event.author)
            connection.execute(update(ring_verdicts).where(free).values(approver=event.author))
        elif verdict.act is Act.UNDO:
            free = earlier & (ring_verdicts.c.undone_by == "")
            connection.execute(update(ring_verdicts).where(free).values(undone_by=event.event_id, undone_ts=event.ts))
        insert_new(
            connection,
            ring_verdicts,
            [
                {
                    "event_id": event.event_id,
                    "ring_id": verdict.ring,
                    "act": str(verdict.act),
                    "ts": event.ts,
                    "author": event.author,
                    "reason": event.reason.replace("\0", ""),
                    "content": content_of(verdict).encode(),
                    "approver": "",
                    "undone_by": "",
                    "undone_ts": None,
                }
            ],
        )


def find_verdict(connection: Connection, event_id: str) -> RingVerdict | None:
    """The verdict of this event, or None."""
    row = connection.execute(
        select(ring_verdicts).where(among(connection, ring_verdicts.c.event_id, (event_id,)))
    ).first()
    return None if row is None else _verdict(row)


def page_of_verdicts(
    connection: Connection, *, ring_id: str | None, after: str | None, limit: int
) -> Page[RingVerdict]:
    """Verdicts, newest first, of one ring where that is asked for."""
    wanted = select(ring_verdicts)
    if ring_id is not None:
        wanted = wanted.where(among(connection, ring_verdicts.c.ring_id, (ring_id,)))
    if after is not None:
        wanted = wanted.where(ring_verdicts.c.seq < read_cursor(_ORDER, after, tuple[int])[0])
    rows = connection.execute(wanted.order_by(ring_verdicts.c.seq.desc()).limit(limit + 1)).fetchall()
    more = make_cursor(_ORDER, rows[limit - 1].seq) if len(rows) > limit else None
    return Page(tuple(map(_verdict, rows[:limit])), more)


def forget_verdicts(connection: Connection) -> None:
    """Remove every verdict."""
    connection.execute(delete(ring_verdicts))


def _verdict(row: Row[Any]) -> RingVerdict:
    return RingVerdict(
        event_id=row.event_id,
        verdict=verdict_of(bytes(row.content).decode()),
        ts=row.ts,
        author=row.author,
        reason=row.reason,
        approver=row.approver,
        undone_by=row.undone_by,
    )
