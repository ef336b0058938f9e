"""The movements inside a ring, and its money over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.context import EventReader
from graph.events import Movement
from graph.evidence import Ring

MAX_MOVEMENTS = 3_000
MAX_BUCKETS = 60
HOUR_MS = 3_600_000
#: Widths of a bar, smallest first; local midnight of the reader's zone (UTC-3 all year since 2019) begins a day.
BUCKETS_MS = tuple(hours * HOUR_MS for hours in (1, 6, 24, 7 * 24, 30 * 24, 365 * 24))
LOCAL_OFFSET_MS = 3 * HOUR_MS


@dataclass(frozen=True, slots=True)
class Bucket:
    """Cents that entered, left, and moved between members from `start` (epoch ms) on."""

    start: int
    in_cents: int
    out_cents: int
    inside_cents: int


@dataclass(frozen=True, slots=True)
class MoneyOverTime:
    """Buckets without gaps, each `width_ms` wide, and how many of the ring's movements they show."""

    buckets: tuple[Bucket, ...]
    width_ms: int
    shown: int
    total: int


def event_ids_of(ring: Ring) -> list[str]:
    """Event ids of the movements that the ring's links cite, each once, at most `MAX_MOVEMENTS`."""
    cited = (event_id for link in ring.links if link.kind == "SENT" for event_id in link.event_ids)
    return list(dict.fromkeys(cited))[:MAX_MOVEMENTS]


def movements_of(ring: Ring, events: EventReader) -> list[Movement]:
    """The movements that the ring's links cite, in canonical order."""
    entries = (events.event(event_id) for event_id in event_ids_of(ring))
    found = [entry.event for entry in entries if entry is not None and isinstance(entry.event, Movement)]
    return sorted(found, key=lambda event: (event.ts, event.event_id))


def money_over_time(ring: Ring, movements: Sequence[Movement]) -> MoneyOverTime:
    """Sum the movements into at most `MAX_BUCKETS` bars. Money enters from accounts that only pay and leaves to
    accounts that only receive (as the ring's own totals count it); the rest moves between members."""
    total = sum(link.count for link in ring.links if link.kind == "SENT")
    if not movements:
        return MoneyOverTime((), BUCKETS_MS[0], 0, total)
    sent = [link for link in ring.links if link.kind == "SENT"]
    sources, targets = {link.source[1] for link in sent}, {link.target[1] for link in sent}
    first, last = movements[0].ts, movements[-1].ts
    width = next((width for width in BUCKETS_MS if (last - first) // width < MAX_BUCKETS - 1), BUCKETS_MS[-1])
    start = (first - LOCAL_OFFSET_MS) // width * width + LOCAL_OFFSET_MS
    sums = [[0, 0, 0] for _ in range((last - start) // width + 1)]
    for movement in movements:
        bucket = sums[(movement.ts - start) // width]
        enters, leaves = movement.source not in targets, movement.target not in sources
        bucket[0] += movement.amount_cents if enters else 0
        bucket[1] += movement.amount_cents if leaves else 0
        bucket[2] += 0 if enters or leaves else movement.amount_cents
    buckets = tuple(Bucket(start + place * width, *parts) for place, parts in enumerate(sums))
    return MoneyOverTime(buckets, width, len(movements), total)
