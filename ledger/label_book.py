"""Labels: what someone who knows said a transaction or an account was. For evaluation; scoring never reads them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, literal, select

from graph.events import LabelGiven
from graph.verdicts import GIVEN_BY
from ledger.dialect import insert_new
from ledger.tables import labels, ring_verdicts

STREAM_ROWS = 2_000


def write_labels(connection: Connection, given: Sequence[LabelGiven]) -> None:
    """Keep the labels; one whose event id is known already changes nothing."""
    insert_new(
        connection,
        labels,
        [
            {
                "event_id": label.event_id,
                "subject": label.subject,
                "subject_id": label.subject_id,
                "label": label.label,
                "ring": label.ring,
                "known_ts": label.ts,
                "given_by": label.given_by,
            }
            for label in given
        ],
    )


def read_labels(connection: Connection, *, subject: str, known_by: int | None) -> Iterator[LabelGiven]:
    """Stream the labels of one kind of subject, by subject and then in the order in which they became known.

    Labels that a verdict about a ring gave are left out when it was undone by then.
    """
    wanted = select(labels).where(labels.c.subject == subject)
    undone = select(literal(GIVEN_BY) + ring_verdicts.c.event_id).where(ring_verdicts.c.undone_by != "")
    if known_by is not None:
        wanted = wanted.where(labels.c.known_ts <= known_by)
        undone = undone.where(ring_verdicts.c.undone_ts <= known_by)
    wanted = wanted.where(labels.c.given_by.not_in(undone))
    rows = connection.execution_options(yield_per=STREAM_ROWS).execute(
        wanted.order_by(labels.c.subject_id, labels.c.known_ts, labels.c.event_id)
    )
    for row in rows:
        yield LabelGiven(
            event_id=row.event_id,
            ts=row.known_ts,
            subject=row.subject,
            subject_id=row.subject_id,
            label=row.label,
            ring=row.ring,
            given_by=row.given_by,
        )
