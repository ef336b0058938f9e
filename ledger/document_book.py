"""Parts that are governed as a whole (policy, typologies): every state they had, and who brought it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, delete, select

from graph.events import GovernanceChanged
from graph.listings import PART as LISTS_PART
from graph.verdicts import PART as VERDICTS_PART
from ledger.dialect import insert_new
from ledger.tables import documents


def write_documents(connection: Connection, events: Iterable[GovernanceChanged]) -> None:
    """Keep the changes in log order; one that is known already changes nothing. Lists and verdicts have
    books of their own."""
    insert_new(
        connection,
        documents,
        [
            {
                "event_id": event.event_id,
                "part": event.part,
                "ts": event.ts,
                "author": event.author,
                "approver": _storable(event.approver),
                "reason": _storable(event.reason),
                "content": event.content,
            }
            for event in events
            if event.part not in (LISTS_PART, VERDICTS_PART)
        ],
    )


def read_documents(connection: Connection, part: str, *, limit: int) -> list[GovernanceChanged]:
    """The newest `limit` states of a part, newest first."""
    rows = connection.execute(
        select(documents).where(documents.c.part == part).order_by(documents.c.seq.desc()).limit(limit)
    )
    return [
        GovernanceChanged(
            event_id=row.event_id,
            ts=row.ts,
            part=row.part,
            content=row.content,
            author=row.author,
            approver=row.approver,
            reason=row.reason,
        )
        for row in rows
    ]


def forget_documents(connection: Connection) -> None:
    """Remove every state."""
    connection.execute(delete(documents))


def _storable(text: str) -> str:
    return text.replace("\0", "").encode("utf-8", "backslashreplace").decode()
