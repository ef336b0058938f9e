"""The life of a ring: how it stands, its versions, what differs, and where its members went."""

# strawberry gives its field decorators no types:
# mypy: disallow-untyped-decorators=False

from __future__ import annotations

import strawberry

from api.graphql.scalars import Cents, Instant
from api.graphql.types.evidence import Evidence, evidence_list
from graph import evidence as facts
from graph import lineage as records
from graph.verdicts import Act
from ledger.records import RingVerdict as VerdictRecord

Standing = strawberry.enum(facts.Standing, description="What people said about a ring.")
Change = strawberry.enum(records.Change, description="What a version brought.")
TieKind = strawberry.enum(records.TieKind, description="How one ring became (part of) another.")
strawberry.enum(Act, name="RingAct", description="What people can say about a ring.")


@strawberry.type(description="What people said about a ring; `changed` says in what a dismissed one is another now.")
class RingStanding:
    state: facts.Standing
    author: str
    approver: str
    at: Instant | None
    reason: str
    verdict: strawberry.ID | None
    pinned: bool
    changed: list[Evidence]
    verdicts: list[strawberry.ID] = strawberry.field(description="Pins, removals, splits and merges in force.")

    @classmethod
    def of(cls, record: facts.RingStanding) -> RingStanding:
        """From its record."""
        return cls(
            state=record.state,
            author=record.author,
            approver=record.approver,
            at=Instant(record.at) if record.event_id else None,
            reason=record.reason,
            verdict=strawberry.ID(record.event_id) if record.event_id else None,
            pinned=record.pinned,
            changed=evidence_list(record.changed),
            verdicts=[strawberry.ID(event_id) for event_id in record.verdicts],
        )


@strawberry.type(description="A ring from a place of the log on, until its next version.")
class RingVersion:
    record: strawberry.Private[records.RingVersion]

    @strawberry.field
    def version(self) -> int:
        return self.record.version

    @strawberry.field(description="Log offset from which it stood.")
    def position(self) -> int:
        return self.record.position

    @strawberry.field(description="How far the events' own time had come.")
    def ts(self) -> Instant:
        return Instant(self.record.ts)

    @strawberry.field(description="When that place of the log was written.")
    def learned_at(self) -> Instant:
        return Instant(self.record.learned_at)

    @strawberry.field
    def changes(self) -> list[records.Change]:
        return list(self.record.changes)

    @strawberry.field(description="Evidence that was new, or what was lost.")
    def because(self) -> list[Evidence]:
        return evidence_list(self.record.because)

    @strawberry.field(description="Whether nothing had moved in it for long.")
    def closed(self) -> bool:
        return self.record.closed

    @strawberry.field(description="Members at the time; null where it was no more or its record was thinned out.")
    def accounts(self) -> list[strawberry.ID] | None:
        ring = self.record.ring
        return None if ring is None else [strawberry.ID(member.account) for member in ring.members]

    @strawberry.field
    def score(self) -> float | None:
        return None if self.record.ring is None else self.record.ring.score


@strawberry.type(description="Accounts of `source` that are in `target` from `position` on.")
class RingTie:
    kind: records.TieKind
    source: strawberry.ID
    target: strawberry.ID
    position: int
    ts: Instant
    shared: int
    share: float = strawberry.field(description="Share of the source's accounts that went this way, 0 to 1.")

    @classmethod
    def of(cls, tie: records.Tie) -> RingTie:
        """From its record."""
        return cls(
            kind=tie.kind,
            source=strawberry.ID(tie.source),
            target=strawberry.ID(tie.target),
            position=tie.position,
            ts=Instant(tie.ts),
            shared=tie.shared,
            share=tie.share,
        )


@strawberry.type(description="Members asked about that are in ring `ringId` now; null for those in none.")
class Whereabouts:
    ring_id: strawberry.ID | None
    accounts: list[strawberry.ID]


@strawberry.type(description="Rings tied to one another over any number of steps, oldest tie first.")
class RingLineage:
    rings: list[strawberry.ID]
    ties: list[RingTie]
    now: list[Whereabouts]
    truncated: bool

    @classmethod
    def of(cls, graph: records.LineageGraph) -> RingLineage:
        """From its record."""
        return cls(
            rings=[strawberry.ID(ring_id) for ring_id in graph.rings],
            ties=[RingTie.of(tie) for tie in graph.ties],
            now=[
                Whereabouts(
                    ring_id=None if one.ring_id is None else strawberry.ID(one.ring_id),
                    accounts=[strawberry.ID(account) for account in one.accounts],
                )
                for one in graph.now
            ],
            truncated=graph.truncated,
        )


@strawberry.type(description="What differs between two moments: later minus earlier.")
class RingDiff:
    joined: list[strawberry.ID]
    left: list[strawberry.ID]
    links_added: int
    links_removed: int
    in_cents: Cents
    out_cents: Cents
    retained_cents: Cents
    score: float
    reasons_added: list[str]
    reasons_removed: list[str]


@strawberry.type(description="What a person decided about a ring.")
class RingVerdict:
    id: strawberry.ID
    act: Act
    ring: strawberry.ID
    accounts: list[strawberry.ID]
    ts: Instant
    author: str
    reason: str
    approver: str
    undone_by: strawberry.ID | None

    @classmethod
    def of(cls, record: VerdictRecord) -> RingVerdict:
        """From its record."""
        return cls(
            id=strawberry.ID(record.event_id),
            act=record.verdict.act,
            ring=strawberry.ID(record.verdict.ring),
            accounts=[strawberry.ID(account) for account in record.verdict.accounts],
            ts=Instant(record.ts),
            author=record.author,
            reason=record.reason,
            approver=record.approver,
            undone_by=strawberry.ID(record.undone_by) if record.undone_by else None,
        )
