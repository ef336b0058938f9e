"""How much is stored, counted."""

from __future__ import annotations

from collections.abc import Mapping

import strawberry


@strawberry.type(description="A count under a name.")
class Count:
    name: str
    count: int


@strawberry.type(description="Counts of what is stored.")
class Summary:
    transactions: int
    degraded: int
    decisions: list[Count]
    rings: list[Count]
    set_aside: list[Count]


def counts(found: Mapping[str, int]) -> list[Count]:
    """By name."""
    return [Count(name=str(name), count=count) for name, count in sorted(found.items())]
