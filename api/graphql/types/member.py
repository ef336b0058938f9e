"""An account in a ring."""

from __future__ import annotations

import strawberry

from api.graphql.scalars import Cents, Instant
from api.graphql.types.account import Account
from api.graphql.types.evidence import Evidence, evidence_list
from graph import evidence as records

Role = strawberry.enum(records.Role, description="What a member does in the ring.")


@strawberry.type(description="An account in a ring: its role with reasons, how sure, the money it moved in the ring.")
class Member:
    account: Account
    role: records.Role
    score: float = strawberry.field(description="Strength of membership, 0 to 1.")
    role_certainty: float = strawberry.field(description="How sure the role is, 0 to 1.")
    in_cents: Cents
    out_cents: Cents
    first_ts: Instant
    last_ts: Instant
    reasons: list[Evidence]

    @classmethod
    def of(cls, record: records.Member) -> Member:
        """From its record."""
        return cls(
            account=Account(id=strawberry.ID(record.account)),
            role=record.role,
            score=record.score,
            role_certainty=record.role_certainty,
            in_cents=Cents(record.in_cents),
            out_cents=Cents(record.out_cents),
            first_ts=Instant(record.first_ts),
            last_ts=Instant(record.last_ts),
            reasons=evidence_list(record.reasons),
        )
