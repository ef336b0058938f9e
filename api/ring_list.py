"""Rings for a list: by kind and score as the reader pages them, or those of one account."""

from __future__ import annotations

from dataclasses import dataclass

from api.context import RingPage, RingReader
from graph.errors import RejectedRecord
from graph.evidence import Ring, RingKind, Standing

KEPT = frozenset(Standing) - {Standing.DISMISSED}


@dataclass(frozen=True, slots=True)
class Found:
    """A page of an account's rings."""

    items: tuple[Ring, ...]
    next: str | None


def list_rings(
    reader: RingReader,
    *,
    kind: RingKind | None = None,
    min_score: float | None = None,
    account: str | None = None,
    dismissed: bool = False,
    after: str | None = None,
    limit: int,
) -> RingPage:
    """A page by falling score, then id. An account is in few rings, so those are read whole and cut here; their cursor
    is the last ring's id. Dismissed rings are listed only where they are asked for. Raises `RejectedRecord` for a
    cursor that is none."""
    standing = {Standing.DISMISSED} if dismissed else KEPT
    if account is None:
        return reader.rings(kind=kind, min_score=min_score, standing=standing, after=after, limit=limit)
    ids = reader.rings_of([account]).get(account, ())
    known = {ring.ring_id: ring for ring in map(reader.ring, ids) if ring is not None}
    rings = sorted(
        (
            ring
            for ring in known.values()
            if (kind is None or kind in ring.kinds)
            and (min_score is None or ring.score >= min_score)
            and ring.standing.state in standing
        ),
        key=lambda ring: (-ring.score, ring.ring_id),
    )
    start = 0
    if after is not None:
        places = [place for place, ring in enumerate(rings) if ring.ring_id == after]
        if not places:
            raise RejectedRecord(
                "bad_cursor", field="after", value=after, cure="give back the cursor of the page before"
            )
        start = places[0] + 1
    page = tuple(rings[start : start + limit])
    return Found(page, page[-1].ring_id if start + limit < len(rings) else None)
