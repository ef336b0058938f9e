"""The answer that was given about a transaction."""

from __future__ import annotations

import strawberry

from api.graphql.types.signal import Signal
from graph import evidence as records

Decision = strawberry.enum(records.Decision, description="What the real-time caller is told to do.")


@strawberry.type(description="Which version of a part took part in an answer.")
class Version:
    part: str
    version: str


@strawberry.type(description="The answer about one transaction: score 0-100 as a sum of signals, and the decision.")
class Score:
    value: float
    decision: records.Decision
    signals: list[Signal] = strawberry.field(description="Largest contribution first.")
    versions: list[Version]
    degraded: list[str] = strawberry.field(description="Causes that kept a source from answering.")
    truncated: list[str] = strawberry.field(description="Searches that hit a budget.")

    @classmethod
    def of(cls, record: records.Score) -> Score:
        """From its record."""
        return cls(
            value=record.value,
            decision=record.decision,
            signals=[Signal.of(signal) for signal in sorted(record.signals, key=lambda s: (-abs(s.points), s.name))],
            versions=[Version(part=part, version=version) for part, version in record.versions],
            degraded=list(record.degraded),
            truncated=list(record.truncated),
        )
