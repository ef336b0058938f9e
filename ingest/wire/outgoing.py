"""Messages that this service publishes, each with an `id` made from its content: a reader can discard repeats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from graph.events import GovernanceChanged
from graph.evidence import Ring, Score
from graph.set_aside import SetAside


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message on its way: its topic, key and body."""

    topic: str
    key: bytes
    value: bytes


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """Base of what is published: `id` is equal for equal content, `published_at` (UTC epoch ms) is not part of it."""

    id: str
    published_at: int
    schema_version: int = 1


class SignalOut(msgspec.Struct, frozen=True, kw_only=True):
    """One signal that counted, with its share of the score."""

    name: str
    points: float


class ScoreOut(Published, frozen=True, kw_only=True):
    """The score of a transaction as it stands: of several for one transaction the last published holds.

    `signals` are those that counted, strongest first; `ts` is when the transaction happened (UTC epoch ms).
    """

    transaction_id: str
    ts: int
    score: float
    decision: str
    signals: list[SignalOut]
    versions: dict[str, str]
    degraded: list[str]
    truncated: list[str]
    tenant: str = ""


class RingOut(Published, frozen=True, kw_only=True):
    """A ring that came or changed (`change` is "changed"), or went ("gone": `survivor` holds its members, if any)."""

    ring_id: str
    change: str
    kind: str = ""
    score: float = 0.0
    members: list[str] = []
    in_cents: int = 0
    out_cents: int = 0
    retained_cents: int = 0
    first_ts: int | None = None
    last_ts: int | None = None
    survivor: str | None = None


class DeadLetterOut(Published, frozen=True, kw_only=True):
    """A message that was set aside: where it stands, why, and what to change. Its text is not repeated here."""

    source: str
    offset: int
    reason: str
    message: str


class AuditOut(Published, frozen=True, kw_only=True):
    """Something that people changed. `content` is what was put in force, personal values as keyed hashes."""

    event_id: str
    ts: int
    part: str
    author: str
    approver: str
    reason: str
    content: Any


SHOWN_SIGNALS = 10


def score_message(score: Score, *, id: str, now_ms: int) -> ScoreOut:
    """The message about a score."""
    counted = sorted((one for one in score.signals if one.points), key=lambda one: (-abs(one.points), one.name))
    return ScoreOut(
        id=id,
        published_at=now_ms,
        transaction_id=score.tx_id,
        ts=score.ts,
        score=score.value,
        decision=str(score.decision),
        signals=[SignalOut(name=one.name, points=one.points) for one in counted[:SHOWN_SIGNALS]],
        versions=dict(score.versions),
        degraded=list(score.degraded),
        truncated=list(score.truncated),
        tenant=score.tenant,
    )


def ring_message(ring: Ring, *, id: str, now_ms: int) -> RingOut:
    """The message about a ring that came or changed."""
    return RingOut(
        id=id,
        published_at=now_ms,
        ring_id=ring.ring_id,
        change="changed",
        kind=str(ring.kind),
        score=ring.score,
        members=[member.account for member in ring.members],
        in_cents=ring.in_cents,
        out_cents=ring.out_cents,
        retained_cents=ring.retained_cents,
        first_ts=ring.first_ts,
        last_ts=ring.last_ts,
    )


def ring_gone_message(ring_id: str, survivor: str | None, *, id: str, now_ms: int) -> RingOut:
    """The message about a ring that is no more."""
    return RingOut(id=id, published_at=now_ms, ring_id=ring_id, change="gone", survivor=survivor)


def dead_letter_message(row: SetAside, *, id: str, now_ms: int) -> DeadLetterOut:
    """The message about a message that was set aside."""
    return DeadLetterOut(
        id=id, published_at=now_ms, source=row.source, offset=row.line, reason=row.reason, message=row.message
    )


def audit_message(change: GovernanceChanged, *, id: str, now_ms: int) -> AuditOut:
    """The message about something that people changed."""
    return AuditOut(
        id=id,
        published_at=now_ms,
        event_id=change.event_id,
        ts=change.ts,
        part=change.part,
        author=change.author,
        approver=change.approver,
        reason=change.reason,
        content=msgspec.json.decode(change.content),
    )
