"""How money got from one account to another."""

from __future__ import annotations

import strawberry

from api.graphql.scalars import Cents, Instant


@strawberry.type(description="One movement of a path.")
class PathStep:
    transaction_id: strawberry.ID
    ts: Instant
    amount_cents: Cents
    source: strawberry.ID
    target: strawberry.ID


@strawberry.type(description="A shortest chain of movements between two accounts; `found` false where there is none.")
class Path:
    found: bool
    steps: list[PathStep]
    truncated: list[str] = strawberry.field(description="Budgets the search hit: then `found` false proves nothing.")
