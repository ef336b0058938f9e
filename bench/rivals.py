"""Two ways to write the same stream that the sink is measured against.

`plain` is the ingest transaction that both engines run best when increments are added in Cypher: rows aggregated per
batch, MERGE, `coalesce(count, 0) + n`, CASE for first and last seen, watermark in the same transaction. `one_by_one`
is what a first version does: one transaction and one statement per money movement.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graph.events import Movement
from graph.log.protocol import LogEntry
from graph.store.protocol import GraphStore, Transaction

SEEN = (
    "SET {x}.first_seen = CASE WHEN {x}.first_seen IS NULL OR r.first < {x}.first_seen "
    "THEN r.first ELSE {x}.first_seen END, "
    "{x}.last_seen = CASE WHEN {x}.last_seen IS NULL OR r.last > {x}.last_seen THEN r.last ELSE {x}.last_seen END"
)
LINKS = (("USED_DEVICE", "Device", "device"), ("FROM_IP", "Ip", "ip"), ("BET_AT", "Domain", "domain"))
SENT_VALUES = (
    "tx_id: r.tx_id, ts: r.ts, amount_cents: r.amount_cents, currency: r.currency, kind: r.kind, channel: r.channel"
)
SENT = (
    "UNWIND $rows AS r MATCH (a:Account {id: r.source}) MATCH (b:Account {id: r.target}) "
    f"CREATE (a)-[s:SENT {{{SENT_VALUES}}}]->(b) RETURN count(*) AS n"
)
CLAIM = "MERGE (w:Source {id: 'bench'}) ON CREATE SET w.position = 0 SET w.claimed = true RETURN w.position AS position"
ADVANCE = "MATCH (w:Source {id: 'bench'}) SET w.position = $position"


def plain(store: GraphStore, entries: Sequence[LogEntry], *, batch: int) -> None:
    """Write `entries` with increments added in Cypher."""
    for start in range(0, len(entries), batch):
        part = entries[start : start + batch]
        statements = _plain_statements([entry.event for entry in part])

        def work(transaction: Transaction, statements: Any = statements, end: int = part[-1].offset) -> None:
            transaction.run(CLAIM, {})
            for text, rows in statements:
                transaction.run(text, {"rows": rows})
            transaction.run(ADVANCE, {"position": end})

        store.transact(work)


def one_by_one(store: GraphStore, entries: Sequence[LogEntry]) -> None:
    """Write `entries` with one statement in one transaction each."""
    merges = [
        "MERGE (a:Account {id: r.source})",
        SEEN.format(x="a"),
        "MERGE (b:Account {id: r.target})",
        SEEN.format(x="b"),
    ]
    for type_, label, field in LINKS:
        merges += [f"MERGE ({field}:{label} {{id: r.{field}}})", SEEN.format(x=field)]
        merges += [
            f"MERGE (a)-[u_{field}:{type_}]->({field})",
            f"SET u_{field}.count = coalesce(u_{field}.count, 0) + 1, "
            f"u_{field}.sum_cents = coalesce(u_{field}.sum_cents, 0) + r.amount_cents",
            SEEN.format(x=f"u_{field}"),
        ]
    text = "\n".join(["UNWIND $rows AS r", *merges, f"CREATE (a)-[:SENT {{{SENT_VALUES}}}]->(b)"])
    for entry in entries:
        row = _sent(entry.event) | {"first": entry.event.ts, "last": entry.event.ts}
        store.transact(lambda transaction, row=row: transaction.run(text, {"rows": [row]}))  # type: ignore[misc]  # default


def _plain_statements(events: Sequence[Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    nodes: dict[str, dict[str, list[int]]] = {"Account": {}, "Device": {}, "Ip": {}, "Domain": {}}
    links: dict[tuple[str, str], dict[tuple[str, str], list[int]]] = {(type_, label): {} for type_, label, _ in LINKS}
    for event in events:
        for account in (event.source, event.target):
            _widen(nodes["Account"].setdefault(account, [event.ts, event.ts]), event.ts)
        for type_, label, field in LINKS:
            end = getattr(event, field)
            _widen(nodes[label].setdefault(end, [event.ts, event.ts]), event.ts)
            sums = links[type_, label].setdefault((event.source, end), [event.ts, event.ts, 0, 0])
            _widen(sums, event.ts)
            sums[2] += 1
            sums[3] += event.amount_cents
    found: list[tuple[str, list[dict[str, Any]]]] = [
        (
            f"UNWIND $rows AS r MERGE (n:{label} {{id: r.id}}) {SEEN.format(x='n')}",
            [{"id": key, "first": first, "last": last} for key, (first, last) in rows.items()],
        )
        for label, rows in nodes.items()
    ]
    found.append((SENT, [_sent(event) for event in events]))
    for (type_, label), sums_of in links.items():
        text = (
            f"UNWIND $rows AS r MATCH (a:Account {{id: r.source}}) MATCH (b:{label} {{id: r.target}}) "
            f"MERGE (a)-[u:{type_}]->(b) SET u.count = coalesce(u.count, 0) + r.n, "
            f"u.sum_cents = coalesce(u.sum_cents, 0) + r.sum {SEEN.format(x='u')}"
        )
        found.append(
            (
                text,
                [
                    {"source": a, "target": b, "first": first, "last": last, "n": n, "sum": cents}
                    for (a, b), (first, last, n, cents) in sums_of.items()
                ],
            )
        )
    return found


def _widen(seen: list[int], ts: int) -> None:
    seen[0] = min(seen[0], ts)
    seen[1] = max(seen[1], ts)


def _sent(event: Any) -> dict[str, Any]:
    movement: Movement = event
    return {
        "source": movement.source,
        "target": movement.target,
        "tx_id": movement.tx_id,
        "ts": movement.ts,
        "amount_cents": movement.amount_cents,
        "currency": movement.currency,
        "kind": movement.kind.value,
        "channel": movement.channel,
        "device": movement.device,
        "ip": movement.ip,
        "domain": movement.domain,
    }
