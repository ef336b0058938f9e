"""Rings as rows for a store: what changed against what the store holds, each ring written absolutely."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from graph.evidence import Ring
from graph.links import NODE_PROPERTIES, N
from graph.store.delta import Row
from graph.store.holdings import Write
from graph.store.protocol import GraphReader

PAGE_RINGS = 500
READ_TIMEOUT_MS = 60_000
_PROPERTIES = tuple(name for name, _ in NODE_PROPERTIES[N.RING])

RINGS_TEXT = (
    "MATCH (r:Ring) WHERE r.id > $after RETURN r.id AS id, "
    + ", ".join(f"r.{name} AS {name}" for name in _PROPERTIES)
    + " ORDER BY id LIMIT $limit"
)
MEMBERS_TEXT = (
    "UNWIND $ids AS i MATCH (r:Ring {id: i}) MATCH (a:Account)-[m:MEMBER_OF]->(r) "
    "RETURN i AS ring, a.id AS account, m.role AS role, m.score AS score, m.since AS since, m.until AS until "
    "ORDER BY ring, account"
)


@dataclass(frozen=True, slots=True)
class RingState:
    """One ring as rows: its node, and its memberships by account."""

    node: Row
    members: Mapping[str, Row]


def ring_state(ring: Ring) -> RingState:
    """Return the rows of `ring`."""
    node: Row = {
        "id": ring.ring_id,
        "first_seen": ring.first_ts,
        "last_seen": ring.last_ts,
        "kind": ring.kind.value,
        "score": float(ring.score),
        "size": len(ring.members),
        "in_cents": ring.in_cents,
        "out_cents": ring.out_cents,
        "retained_cents": ring.retained_cents,
    }
    members: dict[str, Row] = {
        member.account: _member(
            ring.ring_id, member.account, member.role.value, float(member.score), member.first_ts, member.last_ts
        )
        for member in ring.members
    }
    return RingState(node, members)


def stored_rings(store: GraphReader) -> dict[str, RingState]:
    """Read every ring the store holds, a page at a time."""
    found: dict[str, RingState] = {}
    after = ""
    while True:
        page = store.read(
            RINGS_TEXT, {"after": after, "limit": PAGE_RINGS}, timeout_ms=READ_TIMEOUT_MS, query="stored rings"
        )
        if not page:
            return found
        after = page[-1]["id"]
        members: dict[str, dict[str, Row]] = {row["id"]: {} for row in page}
        for row in store.read(
            MEMBERS_TEXT, {"ids": list(members)}, timeout_ms=READ_TIMEOUT_MS, query="stored ring members"
        ):
            members[row["ring"]][row["account"]] = _member(
                row["ring"], row["account"], row["role"], row["score"], row["since"], row["until"]
            )
        for row in page:
            found[row["id"]] = RingState(row, members[row["id"]])


def ring_writes(wanted: Mapping[str, RingState | None], held: Mapping[str, RingState]) -> list[Write]:
    """Return the rows that make the store hold `wanted`, where None means the ring is gone."""
    gone: list[Row] = []
    nodes: list[Row] = []
    ended: list[Row] = []
    members: list[Row] = []
    for ring_id, state in sorted(wanted.items()):
        before = held.get(ring_id)
        if state is None:
            if before is not None:
                gone.append({"id": ring_id})
            continue
        known = before.members if before is not None else {}
        if before is None or before.node != state.node:
            nodes.append(state.node)
        ended += [{"source": account, "target": ring_id} for account in sorted(known) if account not in state.members]
        members += [row for account, row in sorted(state.members.items()) if known.get(account) != row]
    found = (
        Write("ring_delete", gone),
        Write("ring_upsert", nodes),
        Write("member_delete", ended),
        Write("member_upsert", members),
    )
    return [write for write in found if write.rows]


def wanted_rings(rings: Iterable[Ring]) -> dict[str, RingState | None]:
    """Return {ring id: rows} for `rings`."""
    return {ring.ring_id: ring_state(ring) for ring in rings}


def _member(ring: object, account: object, role: object, score: object, since: object, until: object) -> Row:
    return {"source": account, "target": ring, "role": role, "score": score, "since": since, "until": until}
