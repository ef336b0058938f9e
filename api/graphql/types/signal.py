"""One named, signed contribution to a score."""

from __future__ import annotations

import strawberry

from api.graphql.types.evidence import Evidence
from graph import evidence as records


@strawberry.type(description="A named contribution to a score; the points of all signals add up to the score.")
class Signal:
    name: str
    value: float = strawberry.field(description="What was measured, in the unit of the signal.")
    points: float = strawberry.field(description="Signed share of the 0-100 score.")
    missing: str | None = strawberry.field(description="Why the source could not answer; then points are 0.")
    evidence: Evidence

    @classmethod
    def of(cls, record: records.Signal) -> Signal:
        """From its record."""
        return cls(
            name=record.name,
            value=record.value,
            points=record.points,
            missing=record.missing,
            evidence=Evidence(record=record.evidence),
        )
