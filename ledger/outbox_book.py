"""What must be published and was not yet: written with the batch it comes from, taken out when the broker has it.

A row names its subject; what is said about it is read when it is published. So of two changes in a row one message may
be enough: a reader always ends with the newest. Each message's id is a hash of what it says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Final

import msgspec
from sqlalchemy import Connection, delete, func, select

from graph.events import GovernanceChanged
from graph.evidence import RingChanges
from graph.set_aside import SetAside
from ledger.dialect import insert_new
from ledger.engine import Database
from ledger.records import Waiting, canonical
from ledger.tables import outbox

SCORE, ALERT, RING, RING_GONE, DEAD_LETTER, AUDIT = "score", "alert", "ring", "ring_gone", "dead_letter", "audit"
KINDS: Final = (SCORE, ALERT, RING, RING_GONE, DEAD_LETTER, AUDIT)


class OutboxBook:
    """The outbox of one ledger database; safe to share between threads.

    Guarantees: what was put in with a batch is there if and only if the batch is; it stays until `sent`; the order is
    that of the batches.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def waiting(self, limit: int) -> list[Waiting]:
        """The oldest that wait, at most `limit`."""
        with self._database.reading() as connection:
            rows = connection.execute(select(outbox).order_by(outbox.c.seq).limit(limit)).fetchall()
        return [Waiting(row.seq, row.kind, row.subject, row.message_id, row.body) for row in rows]

    def sent(self, up_to: int) -> None:
        """Take out everything up to `up_to` (`Waiting.seq`): the broker has it."""
        with self._database.writing() as connection:
            connection.execute(delete(outbox).where(outbox.c.seq <= up_to))

    def size(self) -> int:
        """How many wait."""
        with self._database.reading() as connection:
            return int(connection.execute(select(func.count()).select_from(outbox)).scalar_one())


def put_scores(connection: Connection, changed: Mapping[str, bytes], *, alerts: Sequence[str]) -> None:
    """Let changed scores (transaction -> record) be published; those of `alerts` also as alerts."""
    rows = [_row(SCORE, tx_id, record) for tx_id, record in changed.items()]
    rows += [_row(ALERT, tx_id, changed[tx_id]) for tx_id in alerts if tx_id in changed]
    insert_new(connection, outbox, rows)


def put_rings(connection: Connection, altered: Mapping[str, bytes], changes: RingChanges, *, position: int) -> None:
    """Let altered rings (id -> record) be published, and those that are gone."""
    rows = [_row(RING, ring_id, record) for ring_id, record in altered.items()]
    for ring_id, survivor in changes.gone:
        body = msgspec.json.encode(survivor)
        rows.append(_row(RING_GONE, ring_id, body + b"@%d" % position) | {"body": body})
    insert_new(connection, outbox, rows)


def put_letters(connection: Connection, rows: Sequence[SetAside]) -> None:
    """Let messages that were set aside be told."""
    bodies = [(f"{row.source}/{row.line}", canonical(row)) for row in rows]
    insert_new(connection, outbox, [_row(DEAD_LETTER, place, body) | {"body": body} for place, body in bodies])


def put_audit(connection: Connection, governed: Sequence[GovernanceChanged]) -> None:
    """Let what people changed be told."""
    bodies = [(change.event_id, canonical(change)) for change in governed]
    insert_new(connection, outbox, [_row(AUDIT, event_id, body) | {"body": body} for event_id, body in bodies])


def message_id(kind: str, subject: str, said: bytes) -> str:
    """The id of a message that says `said` about a subject."""
    return f"{kind}:{subject}:{blake2b(said, digest_size=8).hexdigest()}"


def _row(kind: str, subject: str, said: bytes) -> dict[str, object]:
    return {"kind": kind, "subject": subject, "message_id": message_id(kind, subject, said), "body": None}
