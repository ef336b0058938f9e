"""Pages of a stable order, and the opaque cursors that continue them.

A cursor holds the order's key of the last row that was given: rows that come or go between two pages never make
another row appear twice or not at all.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from graph.errors import RejectedRecord

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """`items` in the order asked for, and the cursor of the page after it (None at the end)."""

    items: tuple[T, ...]
    next: str | None


def make_cursor(order: str, *key: str | float) -> str:
    """Return the cursor that stands behind the row with this key in this order."""
    return urlsafe_b64encode(msgspec.json.encode([order, *key])).decode().rstrip("=")


def read_cursor(order: str, text: str, kinds: type[T]) -> T:
    """Return the key inside a cursor of this order, as the tuple type `kinds`; raise `RejectedRecord` for any other."""
    try:
        found, *key = msgspec.json.decode(urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=list[object])
        if found == order:
            return msgspec.convert(key, kinds)
    except ValueError:  # also what msgspec and base64 raise for anything malformed
        pass
    raise RejectedRecord("bad_cursor", field="after", value=text, cure="give back the cursor of the page before")


def check_limit(limit: int) -> int:
    """Return `limit`; raise `RejectedRecord` when no row could come."""
    if limit < 1:
        raise RejectedRecord("bad_limit", field="limit", value=limit, cure="ask for at least 1")
    return limit
