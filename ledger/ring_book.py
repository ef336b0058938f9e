"""Rings as they are answered: the current ones, who is in them, and where merged ones went."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, delete, func, or_, select

from graph.evidence import Ring, RingChanges, RingKind, Standing
from ledger.dialect import among, upsert
from ledger.paging import Page, make_cursor, read_cursor
from ledger.records import canonical, check_finite, restore
from ledger.tables import ring_aliases, ring_members, rings

STREAM_ROWS = 200

_HIGHEST = "rings"
_INT64 = (1 << 63) - 1


class _Key(NamedTuple):
    score: float
    ring_id: str


def apply_changes(connection: Connection, changes: RingChanges) -> dict[str, bytes]:
    """Make the current rings those of `changes`: first the ones that are gone, then the ones created or changed.
    Return the records that are new or other than before, by ring.

    A ring that comes back is no alias any longer.
    """
    changed = {ring.ring_id: ring for ring in changes.changed}
    for ring in changed.values():
        check_finite(ring)
    _remove(connection, {ring_id: survivor for ring_id, survivor in changes.gone if ring_id not in changed})
    before = {
        ring_id: bytes(record)
        for ring_id, record in connection.execute(
            select(rings.c.ring_id, rings.c.record).where(among(connection, rings.c.ring_id, changed))
        )
    }
    records = {ring_id: canonical(ring) for ring_id, ring in changed.items()}
    altered = {ring_id: record for ring_id, record in records.items() if before.get(ring_id) != record}
    if not altered:
        return altered
    upsert(connection, rings, [_row(changed[ring_id], record=record) for ring_id, record in altered.items()])
    connection.execute(delete(ring_aliases).where(among(connection, ring_aliases.c.gone, altered)))
    _write_members(connection, [changed[ring_id] for ring_id in altered])
    return altered


def find_ring(connection: Connection, ring_id: str) -> Ring | None:
    """The ring with this id; one that was merged away answers with the ring that holds its members now."""
    seen: set[str] = set()
    while ring_id not in seen:
        seen.add(ring_id)
        record = connection.execute(
            select(rings.c.record).where(among(connection, rings.c.ring_id, (ring_id,)))
        ).scalar()
        if record is not None:
            return _ring(ring_id, record)
        survivor = connection.execute(
            select(ring_aliases.c.survivor).where(among(connection, ring_aliases.c.gone, (ring_id,)))
        ).scalar()
        if survivor is None:
            return None
        ring_id = survivor
    return None


def page_of_rings(
    connection: Connection,
    *,
    kind: RingKind | None,
    min_score: float | None,
    standing: Collection[Standing] | None,
    after: str | None,
    limit: int,
) -> Page[Ring]:
    """Highest score first, equal ones by ring id."""
    wanted = select(rings.c.score, rings.c.ring_id, rings.c.record)
    if standing is not None:
        wanted = wanted.where(rings.c.standing.in_([str(one) for one in standing]))
    if kind is not None:
        wanted = wanted.where(rings.c.kind == str(kind))
    if min_score is not None:
        wanted = wanted.where(rings.c.score >= min_score)
    if after is not None:
        last = read_cursor(_HIGHEST, after, _Key)
        tied = and_(rings.c.score == last.score, rings.c.ring_id > last.ring_id)
        wanted = wanted.where(or_(rings.c.score < last.score, tied))
    rows = connection.execute(wanted.order_by(rings.c.score.desc(), rings.c.ring_id).limit(limit + 1)).fetchall()
    more = make_cursor(_HIGHEST, *rows[limit - 1][:2]) if len(rows) > limit else None
    return Page(tuple(_ring(ring_id, record) for _, ring_id, record in rows[:limit]), more)


def current_ids(connection: Connection) -> list[str]:
    """Ids of the current rings, sorted."""
    return list(connection.execute(select(rings.c.ring_id).order_by(rings.c.ring_id)).scalars())


def ids_by_account(connection: Connection, accounts: Sequence[str]) -> dict[str, list[str]]:
    """Current ring ids of each account asked for, sorted; an account in no ring has an empty list."""
    found: dict[str, list[str]] = {account: [] for account in accounts}
    for account, ring_id in connection.execute(
        select(ring_members.c.account, ring_members.c.ring_id)
        .where(among(connection, ring_members.c.account, found))
        .order_by(ring_members.c.account, ring_members.c.ring_id)
    ):
        found[account].append(ring_id)
    return found


def ring_counts(connection: Connection) -> dict[str, int]:
    """Current rings by kind."""
    rows = connection.execute(select(rings.c.kind, func.count()).group_by(rings.c.kind).order_by(rings.c.kind))
    return dict(rows.all())


def ring_records(connection: Connection) -> Iterator[bytes]:
    """Every current ring's canonical bytes, streamed in no particular order."""
    rows = connection.execution_options(yield_per=STREAM_ROWS).execute(select(rings.c.record))
    return (bytes(record) for (record,) in rows)


def forget_rings(connection: Connection) -> None:
    """Remove rings, members and aliases."""
    for table in (rings, ring_members, ring_aliases):
        connection.execute(delete(table))


def _remove(connection: Connection, gone: dict[str, str | None]) -> None:
    if gone:
        connection.execute(delete(rings).where(among(connection, rings.c.ring_id, gone)))
        connection.execute(delete(ring_members).where(among(connection, ring_members.c.ring_id, gone)))
        upsert(connection, ring_aliases, [{"gone": one, "survivor": survivor} for one, survivor in gone.items()])


def _row(ring: Ring, *, record: bytes) -> dict[str, Any]:
    return {
        "ring_id": ring.ring_id,
        "kind": str(ring.kind),
        "score": ring.score,
        "size": len(ring.members),
        "in_cents": _column(ring.in_cents),
        "out_cents": _column(ring.out_cents),
        "retained_cents": _column(ring.retained_cents),
        "first_ts": ring.first_ts,
        "last_ts": ring.last_ts,
        "record": record,
        "standing": str(ring.standing.state),
    }


def _column(cents: int) -> int:
    """A column holds 64 bits; the record beside it keeps the exact amount."""
    return max(-_INT64, min(_INT64, cents))


def _write_members(connection: Connection, altered: Sequence[Ring]) -> None:
    """Bring the member rows of these rings up to date, touching only those that differ."""
    wanted = {
        (ring.ring_id, member.account): (str(member.role), member.score) for ring in altered for member in ring.members
    }
    present = {
        (ring_id, account): (role, score)
        for ring_id, account, role, score in connection.execute(
            select(ring_members).where(among(connection, ring_members.c.ring_id, [ring.ring_id for ring in altered]))
        )
    }
    left: defaultdict[str, list[str]] = defaultdict(list)
    for ring_id, account in present.keys() - wanted.keys():
        left[ring_id].append(account)
    for ring_id, accounts in left.items():
        connection.execute(
            delete(ring_members).where(
                ring_members.c.ring_id == ring_id, among(connection, ring_members.c.account, accounts)
            )
        )
    upsert(
        connection,
        ring_members,
        [
            {"ring_id": key[0], "account": key[1], "role": role, "score": score}
            for key, (role, score) in wanted.items()
            if present.get(key) != (role, score)
        ],
    )


def _ring(ring_id: str, record: bytes) -> Ring:
    return restore(Ring, record, name=f"ring {ring_id}")
