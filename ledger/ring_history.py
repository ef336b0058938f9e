"""How each ring looked as it changed: its versions, all of the recent ones and ever fewer of the older."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, delete, func, select, tuple_

from graph.evidence import Ring
from ledger.dialect import among, upsert
from ledger.records import RingVersion, restore
from ledger.tables import ring_versions

RECENT_VERSIONS = 32


def append_versions(
    connection: Connection, records: Mapping[str, bytes], numbers: Mapping[str, int], *, position: int
) -> None:
    """Add the new version of each ring in `records` and drop those that need not be kept any longer."""
    upsert(
        connection,
        ring_versions,
        [
            {"ring_id": ring_id, "version": numbers[ring_id], "position": position, "record": record}
            for ring_id, record in records.items()
        ],
    )
    old = [(ring_id, version) for ring_id in records for version in outdated(numbers[ring_id])]
    if old:
        key = tuple_(ring_versions.c.ring_id, ring_versions.c.version)
        connection.execute(delete(ring_versions).where(key.in_(old)))


def newest_versions(connection: Connection, ring_ids: Sequence[str]) -> dict[str, int]:
    """The newest version number of each ring that ever was; a ring that comes back counts on from it."""
    rows = connection.execute(
        select(ring_versions.c.ring_id, func.max(ring_versions.c.version))
        .where(among(connection, ring_versions.c.ring_id, ring_ids))
        .group_by(ring_versions.c.ring_id)
    )
    return dict(rows.all())


def versions_of(connection: Connection, ring_id: str) -> list[RingVersion]:
    """The kept versions of exactly this id, oldest first, also when the ring is gone."""
    rows = connection.execute(
        select(ring_versions.c.version, ring_versions.c.position, ring_versions.c.record)
        .where(among(connection, ring_versions.c.ring_id, (ring_id,)))
        .order_by(ring_versions.c.version)
    )
    return [
        RingVersion(ring_id, version, position, restore(Ring, record, name=f"ring {ring_id}"))
        for version, position, record in rows
    ]


def outdated(newest: int) -> list[int]:
    """Return the versions that need not be kept once there is version `newest`.

    The last `RECENT_VERSIONS` stay, then every 2nd of as many before, every 4th of twice as many, and so on, and the
    first: a ring that changed n times keeps about 16 * log2(n) versions. Asked at every version, each version is
    named at most once, when it reaches the distance at which its number is not round enough.
    """
    found: list[int] = []
    spacing, distance = 2, RECENT_VERSIONS
    while (version := newest - distance) > 1:
        if version % spacing:
            found.append(version)
        spacing, distance = spacing * 2, distance * 2
    return found
