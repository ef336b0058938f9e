"""Rows as the oracles make them: added up over movements, and ordered by keys."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graph.events import Movement

Rows = list[dict[str, Any]]
MEANS = ("USED_DEVICE", "FROM_IP", "HAS_IDENTIFIER")


def added(movements: Iterable[Movement]) -> dict[str, int]:
    """Count, cents, first and last time of some movements."""
    own = list(movements)
    times = [movement.ts for movement in own]
    cents = sum(movement.amount_cents for movement in own)
    return {"count": len(own), "sum_cents": cents, "first_seen": min(times), "last_seen": max(times)}


def ordered(rows: Rows, *keys: str, limit: int = 10**9) -> Rows:
    """Sort by keys, "-" before a key for descending; the last keys are unique, so the result is too."""
    for key in reversed(keys):
        rows = sorted(rows, key=lambda row: row[key.lstrip("-")], reverse=key.startswith("-"))
    return rows[:limit]
