"""From the outbox to topics: what the ledger says must be told, told once or more, never not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

import msgspec

from graph.events import GovernanceChanged
from graph.evidence import Ring, Score
from graph.set_aside import SetAside
from ingest import topics
from ingest.wire import outgoing
from ingest.wire.outgoing import Outgoing
from ledger import outbox_book
from ledger.outbox_book import ALERT, AUDIT, DEAD_LETTER, RING, RING_GONE, SCORE, message_id
from ledger.records import Waiting, canonical

TOPIC_OF: Final = {
    SCORE: topics.SCORES,
    ALERT: topics.ALERTS,
    RING: topics.RING_CHANGES,
    RING_GONE: topics.RING_CHANGES,
    DEAD_LETTER: topics.DEAD_LETTERS,
    AUDIT: topics.AUDIT,
}
assert set(TOPIC_OF) == set(outbox_book.KINDS)

_ENCODER = msgspec.json.Encoder(order="deterministic")


class Outbox(Protocol):
    """What waits, oldest first, until it is `sent`."""

    def waiting(self, limit: int) -> Sequence[Waiting]: ...
    def sent(self, up_to: int) -> None: ...


class Records(Protocol):
    """What stands now. A ring that went answers with its survivor or None."""

    def scores_of(self, tx_ids: Sequence[str]) -> Mapping[str, Score]: ...
    def ring(self, ring_id: str) -> Ring | None: ...


class Sender(Protocol):
    """Sends messages; on return the broker has all of them."""

    def send(self, messages: Sequence[Outgoing]) -> None: ...


def publish_waiting(outbox: Outbox, records: Records, sender: Sender, *, prefix: str, now_ms: int, size: int) -> int:
    """Publish the oldest `size` that wait and take them out; return how many there were.

    Killed between the two, the same messages come again with the same ids.
    """
    rows = outbox.waiting(size)
    if not rows:
        return 0
    scores = records.scores_of([row.subject for row in rows if row.kind in (SCORE, ALERT)])
    messages: dict[str, Outgoing] = {}
    for row in rows:
        message = _message(row, scores, records, now_ms)
        if message is not None:
            topic = prefix + TOPIC_OF[row.kind]
            messages[f"{row.kind}/{message.id}"] = Outgoing(topic, _key(row), _ENCODER.encode(message))
    sender.send(list(messages.values()))
    outbox.sent(rows[-1].seq)
    return len(rows)


def _key(row: Waiting) -> bytes:
    return (row.subject.rpartition("/")[0] if row.kind == DEAD_LETTER else row.subject).encode()


def _message(row: Waiting, scores: Mapping[str, Score], records: Records, now_ms: int) -> outgoing.Published | None:
    """What to say about a row as things stand; None where a later row says it."""
    if row.kind in (SCORE, ALERT):
        score = scores.get(row.subject)
        if score is None:
            return None
        return outgoing.score_message(score, id=message_id(row.kind, row.subject, canonical(score)), now_ms=now_ms)
    if row.kind == RING:
        ring = records.ring(row.subject)
        if ring is None or ring.ring_id != row.subject:
            return None
        return outgoing.ring_message(ring, id=message_id(RING, ring.ring_id, canonical(ring)), now_ms=now_ms)
    body = row.body or b"null"
    if row.kind == RING_GONE:
        survivor = msgspec.json.decode(body, type=str | None)
        return outgoing.ring_gone_message(row.subject, survivor, id=row.message_id, now_ms=now_ms)
    if row.kind == DEAD_LETTER:
        return outgoing.dead_letter_message(msgspec.json.decode(body, type=SetAside), id=row.message_id, now_ms=now_ms)
    change = msgspec.json.decode(body, type=GovernanceChanged)
    return outgoing.audit_message(change, id=row.message_id, now_ms=now_ms)
