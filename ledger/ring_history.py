"""How each ring looked at the steps of the log, what changed and why, and how rings became one another.

What is written here depends on the log alone (ADR 0031). Whole records thin out with age; what a version brought stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, delete, or_, select, tuple_, update

from graph.evidence import Evidence, Ring
from graph.lineage import Change, LineageStep, RingVersion, Tie, TieKind
from ledger.dialect import among, upsert
from ledger.records import canonical, restore
from ledger.tables import ring_ties, ring_versions

RECENT_VERSIONS = 32


class _Note(msgspec.Struct, frozen=True):
    changes: tuple[Change, ...]
    because: tuple[Evidence, ...]


def write_steps(connection: Connection, steps: Iterable[LineageStep]) -> None:
    """Keep versions and ties; the same steps again change nothing. Records that need not be kept any longer go."""
    for step in steps:
        upsert(connection, ring_versions, [_row(version) for version in step.versions])
        upsert(
            connection,
            ring_ties,
            [
                {
                    "source": tie.source,
                    "target": tie.target,
                    "position": tie.position,
                    "kind": str(tie.kind),
                    "ts": tie.ts,
                    "shared": tie.shared,
                    "source_size": tie.source_size,
                    "target_size": tie.target_size,
                }
                for tie in step.ties
            ],
        )
        old = [(one.ring_id, version) for one in step.versions for version in outdated(one.version)]
        if old:
            key = tuple_(ring_versions.c.ring_id, ring_versions.c.version)
            connection.execute(update(ring_versions).where(key.in_(old)).values(record=None))


def versions_of(connection: Connection, ring_id: str, *, limit: int) -> list[RingVersion]:
    """The newest versions of exactly this id, oldest first, also when the ring is gone; thinned ones without ring."""
    rows = connection.execute(
        _versions(connection, ring_id).order_by(ring_versions.c.version.desc()).limit(limit)
    ).fetchall()
    return [_version(row) for row in reversed(rows)]


def version_at(
    connection: Connection, ring_id: str, *, position: int | None, ts: int | None, known: int | None
) -> RingVersion | None:
    """The newest version up to a log offset, a moment of the events' time, and one of the log's clock, where given.

    One whose record was thinned out answers with the newest one before it that was kept.
    """
    wanted = _versions(connection, ring_id)
    for column, limit in (
        (ring_versions.c.position, position),
        (ring_versions.c.ts, ts),
        (ring_versions.c.learned_at, known),
    ):
        if limit is not None:
            wanted = wanted.where(column <= limit)
    for row in connection.execute(wanted.order_by(ring_versions.c.version.desc())):
        version = _version(row)
        gone = version.changes and version.changes[-1] in (Change.DISSOLVED, Change.WENT_INTO, Change.CAME_APART)
        if version.ring is not None or gone:
            return version
    return None


def ties_around(connection: Connection, ring_ids: Sequence[str], *, limit: int) -> list[Tie]:
    """Ties from or to any of these rings, oldest first, at most `limit`."""
    rows = connection.execute(
        select(ring_ties)
        .where(or_(among(connection, ring_ties.c.source, ring_ids), among(connection, ring_ties.c.target, ring_ids)))
        .order_by(ring_ties.c.position, ring_ties.c.source, ring_ties.c.target)
        .limit(limit)
    )
    return [
        Tie(
            TieKind(row.kind),
            row.source,
            row.target,
            row.position,
            row.ts,
            row.shared,
            row.source_size,
            row.target_size,
        )
        for row in rows
    ]


def forget_history(connection: Connection) -> None:
    """Remove versions and ties."""
    connection.execute(delete(ring_versions))
    connection.execute(delete(ring_ties))


def outdated(newest: int) -> list[int]:
    """Return the versions whose record need not be kept once there is version `newest`.

    The last `RECENT_VERSIONS` stay, then every 2nd of as many before, every 4th of twice as many, and so on, and the
    first: a ring that changed n times keeps about 16 * log2(n) records. Asked at every version, each version is
    named at most once, when it reaches the distance at which its number is not round enough.
    """
    found: list[int] = []
    spacing, distance = 2, RECENT_VERSIONS
    while (version := newest - distance) > 1:
        if version % spacing:
            found.append(version)
        spacing, distance = spacing * 2, distance * 2
    return found


def _versions(connection: Connection, ring_id: str) -> Select[Any]:
    return select(ring_versions).where(among(connection, ring_versions.c.ring_id, (ring_id,)))


def _row(version: RingVersion) -> dict[str, Any]:
    return {
        "ring_id": version.ring_id,
        "version": version.version,
        "position": version.position,
        "ts": version.ts,
        "learned_at": version.learned_at,
        "closed": version.closed,
        "note": canonical(_Note(version.changes, version.because)),
        "record": None if version.ring is None else canonical(version.ring),
    }


def _version(row: Row[Any]) -> RingVersion:
    note = restore(_Note, bytes(row.note), name=f"version {row.version} of ring {row.ring_id}")
    return RingVersion(
        ring_id=row.ring_id,
        version=row.version,
        position=row.position,
        ts=row.ts,
        learned_at=row.learned_at,
        changes=note.changes,
        because=note.because,
        closed=bool(row.closed),
        ring=None if row.record is None else restore(Ring, bytes(row.record), name=f"ring {row.ring_id}"),
    )
