"""A row or message that could not be accepted, kept with the reason, so that nothing is silently lost."""

from __future__ import annotations

from dataclasses import dataclass

RAW_LIMIT = 4_000


@dataclass(frozen=True, slots=True)
class SetAside:
    """Where it came from (`source`, 1-based `line` or message offset), why (`reason` code and `message` that says what
    to change) and the raw text (cut at `RAW_LIMIT` characters; `raw_length` is its full length)."""

    source: str
    line: int
    reason: str
    message: str
    raw: str
    raw_length: int
