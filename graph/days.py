"""The days that alerts are counted in: those of the people who work through them, in America/Sao_Paulo."""

from __future__ import annotations

from datetime import date, datetime
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
