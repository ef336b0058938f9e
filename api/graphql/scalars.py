"""Scalars of the schema: money in cents and moments in time, both wider than GraphQL's 32-bit Int."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from graph.errors import RejectedRecord

Cents = NewType("Cents", int)
Instant = NewType("Instant", int)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant_text(ts: int) -> str:
    """UTC epoch milliseconds as ISO 8601 with Z."""
    return (_EPOCH + timedelta(milliseconds=ts)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_instant(value: object) -> Instant:
    """ISO 8601 with zone, or epoch milliseconds, to epoch milliseconds."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Instant(value)
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise RejectedRecord("bad_time", value=value, cure="give ISO 8601 with zone") from error
    if moment.tzinfo is None:
        raise RejectedRecord("no_time_zone", value=value, cure="append Z for UTC or an offset such as -03:00")
    return Instant((moment - _EPOCH) // timedelta(milliseconds=1))


SCALARS: dict[object, ScalarDefinition] = {
    Cents: strawberry.scalar(
        name="Cents", description="Money in hundredths of its currency's unit, exact.", serialize=int, parse_value=int
    ),
    Instant: strawberry.scalar(
        name="Instant",
        description="A moment as ISO 8601 in UTC with milliseconds; epoch milliseconds are accepted too.",
        serialize=instant_text,
        parse_value=parse_instant,
    ),
}

Json = dict[str, Any]
