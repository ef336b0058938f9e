"""Days and moments as people write them; days are those of America/Sao_Paulo, where alerts are worked through."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from graph.errors import RejectedRecord

ZONE = ZoneInfo("America/Sao_Paulo")


def day_of(ts: int) -> date:
    """Return the day that a time (UTC epoch ms) falls on."""
    return datetime.fromtimestamp(ts / 1000, ZONE).date()


def parse_day(text: str) -> date:
    """Return the day written as YYYY-MM-DD; raise `RejectedRecord` for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise RejectedRecord("bad_day", field="day", value=text, cure="write it as 2026-01-31") from error


def parse_moment(text: str, *, field: str) -> int:
    """Return UTC epoch ms of an ISO 8601 time with zone, or of the beginning of a day written as YYYY-MM-DD."""
    cure = "write 2026-01-31, or 2026-01-31T08:00:00-03:00"
    try:
        moment = datetime.fromisoformat(text.strip())
        if len(text.strip()) <= len("2026-01-31"):
            moment = datetime.combine(moment, time(), ZONE)
    except ValueError as error:
        raise RejectedRecord("bad_time", field=field, value=text, cure=cure) from error
    if moment.tzinfo is None:
        raise RejectedRecord("no_time_zone", field=field, value=text, cure=cure)
    return round(moment.timestamp() * 1_000)
