"""Learnt models, how two compare, and how far the world moved on since one was trained."""

from __future__ import annotations

import strawberry

from api.graphql.scalars import Instant
from api.graphql.types.summary import Count, counts
from scoring import model_records as records


@strawberry.type(description="A saved model; measures are those on its own test part.")
class Model:
    version: str
    state: str = strawberry.field(description="live, shadow, saved or refused.")
    kind: str
    trained_until: Instant | None
    average_precision: float | None
    f1: float | None
    calibration_error: float | None
    canary: float | None = strawberry.field(description="Average precision on the frozen canary set.")
    problem: str = strawberry.field(description="Why it is refused.")

    @classmethod
    def of(cls, record: records.ModelRecord) -> Model:
        """From its record."""
        return cls(
            version=record.version,
            state=record.state,
            kind=record.kind,
            trained_until=Instant(record.trained_until) if record.trained_until else None,
            average_precision=record.average_precision,
            f1=record.f1,
            calibration_error=record.calibration_error,
            canary=record.canary,
            problem=record.problem,
        )


@strawberry.type(description="Two models on the newest transactions for which the scores of both were recorded.")
class ModelComparison:
    first: Model
    second: Model
    transactions: int
    mean_first: float | None
    mean_second: float | None
    largest_difference: float | None
    correlation: float | None
    labelled: int
    fraud: int
    precision_first: float | None = strawberry.field(description="Average precision on those with a label.")
    precision_second: float | None

    @classmethod
    def of(cls, record: records.ModelComparison) -> ModelComparison:
        """From its record."""
        return cls(
            first=Model.of(record.first),
            second=Model.of(record.second),
            transactions=record.transactions,
            mean_first=record.mean_first,
            mean_second=record.mean_second,
            largest_difference=record.largest_difference,
            correlation=record.correlation,
            labelled=record.labelled,
            fraud=record.fraud,
            precision_first=record.precision_first,
            precision_second=record.precision_second,
        )


@strawberry.type(description="Population stability index of a feature or of the score.")
class ColumnDrift:
    name: str
    index: float
    verdict: str = strawberry.field(description="settled, shifting or moved.")

    @classmethod
    def of(cls, record: records.ColumnDrift) -> ColumnDrift:
        """From its record."""
        return cls(name=record.name, index=record.index, verdict=record.verdict)


@strawberry.type(description="Labelled transactions of a week: what the model said, and what was.")
class CalibrationWeek:
    week: str
    labelled: int
    said: float
    was: float


@strawberry.type(description="How far the newest transactions are from what a model was trained on.")
class Drift:
    version: str
    transactions: int
    scored: int
    score: ColumnDrift | None
    columns: list[ColumnDrift] = strawberry.field(description="Most moved first.")
    calibration: list[CalibrationWeek]
    fallback: list[Count] = strawberry.field(description="Why the plain model answered, and how often.")

    @classmethod
    def of(cls, record: records.DriftReport) -> Drift:
        """From its record."""
        return cls(
            version=record.version,
            transactions=record.transactions,
            scored=record.scored,
            score=None if record.score is None else ColumnDrift.of(record.score),
            columns=[ColumnDrift.of(column) for column in record.columns],
            calibration=[
                CalibrationWeek(week=one.week, labelled=one.labelled, said=one.said, was=one.was)
                for one in record.calibration
            ],
            fallback=counts(record.fallback),
        )
