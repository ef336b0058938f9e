"""What every catalogued read must answer, said again in plain Python over a `Model`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from graph.events import Movement
from tests.cypher.oracle_subgraphs import account_rings, neighbourhood, ring, ring_members, ring_subgraph
from tests.cypher.rows import MEANS, Rows, added, ordered
from tests.cypher.worlds import Model


def _tx(movement: Movement) -> dict[str, Any]:
    return {
        "tx_id": movement.tx_id,
        "ts": movement.ts,
        "amount_cents": movement.amount_cents,
        "currency": movement.currency,
        "kind": str(movement.kind),
        "channel": movement.channel,
        "source": movement.source,
        "target": movement.target,
    }


def _merge(links: Iterable[dict[str, int]]) -> dict[str, int]:
    own = list(links)
    return {
        "count": sum(link["count"] for link in own),
        "sum_cents": sum(link["sum_cents"] for link in own),
        "first_seen": min(link["first_seen"] for link in own),
        "last_seen": max(link["last_seen"] for link in own),
    }


def account(model: Model, *, id: str) -> Rows:
    node = model.nodes.get(("Account", id))
    if node is None:
        return []
    received = [movement.amount_cents for movement in model.sent if movement.target == id]
    sent = [movement.amount_cents for movement in model.sent if movement.source == id]
    return [
        {
            "id": id,
            **node,
            "in_count": len(received),
            "in_cents": sum(received),
            "out_count": len(sent),
            "out_cents": sum(sent),
        }
    ]


def account_totals(model: Model, *, ids: list[str]) -> Rows:
    return [row for name in sorted(ids) for row in account(model, id=name)]


def account_means(model: Model, *, id: str, limit: int) -> Rows:
    rows = [
        {"kind": kind, "label": target[0], "id": target[1], **link}
        for (kind, source, target), link in model.links.items()
        if source == ("Account", id) and kind in (*MEANS, "BET_AT")
    ]
    return ordered(rows, "-count", "kind", "label", "id", limit=limit)


def account_transactions(model: Model, *, id: str, lo: int, hi: int, limit: int) -> Rows:
    rows = [_tx(each) for each in model.sent if id in (each.source, each.target) and lo <= each.ts < hi]
    return ordered(rows, "-ts", "tx_id", limit=limit)


def transaction(model: Model, *, tx_id: str) -> Rows:
    return [_tx(each) for each in model.sent if each.tx_id == tx_id]


def transactions_between(model: Model, *, source: str, target: str, lo: int, hi: int, limit: int) -> Rows:
    rows = [_tx(each) for each in model.sent if (each.source, each.target) == (source, target) and lo <= each.ts < hi]
    return ordered(rows, "ts", "tx_id", limit=limit)


def counterparties(model: Model, *, id: str, limit: int) -> Rows:
    rows: Rows = []
    for other in model.ids("Account"):
        for direction, pair in (("in", (other, id)), ("out", (id, other))):
            own = [each for each in model.sent if (each.source, each.target) == pair]
            if own:
                rows.append({"id": other, "direction": direction, **added(own)})
    return ordered(rows, "-sum_cents", "direction", "id", limit=limit)


def top_counterparties(model: Model, *, id: str, lo: int, hi: int, limit: int) -> Rows:
    rows: Rows = []
    inside = [each for each in model.sent if lo <= each.ts < hi]
    for other in model.ids("Account"):
        received = [each for each in inside if (each.source, each.target) == (other, id)]
        sent = [each for each in inside if (each.source, each.target) == (id, other)]
        if received or sent:
            total = added([*received, *sent])
            rows.append(
                {
                    "id": other,
                    "in_count": len(received),
                    "in_cents": sum(each.amount_cents for each in received),
                    "out_count": len(sent),
                    "out_cents": sum(each.amount_cents for each in sent),
                    "first_seen": total["first_seen"],
                    "last_seen": total["last_seen"],
                }
            )
    rows = sorted(rows, key=lambda row: (-row["in_cents"] - row["out_cents"], row["id"]))
    return rows[:limit]


def shared_means(model: Model, *, id: str, limit: int) -> Rows:
    rows: Rows = []
    for kind, source, target in model.links:
        if source == ("Account", id) and kind in MEANS:
            users = {(k, s): link for (k, s, t), link in model.links.items() if t == target and k in MEANS}
            rows += [
                {"kind": k, "label": target[0], "means_id": target[1], "other": s[1], "holders": len(users), **link}
                for (k, s), link in users.items()
                if s[1] != id
            ]
    return ordered(rows, "holders", "label", "means_id", "other", limit=limit)


def holders(model: Model, *, label: str, id: str, limit: int) -> Rows:
    kinds = {"Device": "USED_DEVICE", "Ip": "FROM_IP", "Identifier": "HAS_IDENTIFIER", "Domain": "BET_AT"}
    rows = [
        {"id": source[1], **link}
        for (kind, source, target), link in model.links.items()
        if kind == kinds[label] and target == (label, id)
    ]
    return ordered(rows, "-count", "id", limit=limit)


def operator(model: Model, *, id: str) -> Rows:
    node = model.nodes.get(("Operator", id))
    if node is None:
        return []
    return [
        {
            "id": id,
            "licensed": node.get("licensed"),
            "first_seen": node["first_seen"],
            "last_seen": node["last_seen"],
        }
    ]


def operators(model: Model, *, after: str, limit: int) -> Rows:
    rows = []
    for name in model.ids("Operator"):
        if name > after:
            (row,) = operator(model, id=name)
            own = [kind for kind, source, _ in model.links if source == ("Operator", name)]
            rows.append({**row, "domains": own.count("OWNS"), "collectors": own.count("COLLECTS_WITH")})
    return rows[:limit]


def operator_footprint(model: Model, *, id: str, limit: int) -> Rows:
    rows: Rows = []
    addresses: dict[str, list[dict[str, int]]] = {}
    for (kind, source, target), link in model.links.items():
        if source == ("Operator", id) and kind in ("OWNS", "COLLECTS_WITH"):
            rows.append({"kind": kind, "label": target[0], "id": target[1], **link})
        if kind == "RESOLVES_TO" and ("OWNS", ("Operator", id), source) in model.links:
            addresses.setdefault(target[1], []).append(link)
    rows += [{"kind": "RESOLVES_TO", "label": "Ip", "id": ip, **_merge(own)} for ip, own in addresses.items()]
    return ordered(rows, "kind", "-count", "label", "id", limit=limit)


def operator_things(model: Model) -> dict[tuple[str, str, str], set[str]]:
    """Return (kind, label, id) -> operators that reach the thing by collecting, hosting or a collector's means."""
    found: dict[tuple[str, str, str], set[str]] = {}
    for first, start, middle in model.links:
        if first == "COLLECTS_WITH":
            found.setdefault(("collector", *middle), set()).add(start[1])
        for second, source, end in model.links:
            if source == middle and first == "OWNS" and second == "RESOLVES_TO":
                found.setdefault(("hosting", *end), set()).add(start[1])
            if source == middle and first == "COLLECTS_WITH" and second in ("USED_DEVICE", "HAS_IDENTIFIER"):
                found.setdefault(("means", *end), set()).add(start[1])
    return found


def operators_joined(model: Model, *, id: str, limit: int) -> Rows:
    rows = [
        {"other": other, "kind": kind, "label": label, "means_id": thing, "operators": len(names)}
        for (kind, label, thing), names in operator_things(model).items()
        if id in names
        for other in names - {id}
    ]
    return ordered(rows, "operators", "kind", "label", "means_id", "other", limit=limit)


def domain_operators(model: Model, *, id: str, limit: int) -> Rows:
    rows = [
        {"id": source[1], **link}
        for (kind, source, target), link in model.links.items()
        if kind == "OWNS" and target == ("Domain", id)
    ]
    return ordered(rows, "-count", "id", limit=limit)


def domain(model: Model, *, id: str) -> Rows:
    node = model.nodes.get(("Domain", id))
    if node is None:
        return []
    bets = [link for (kind, _, target), link in model.links.items() if kind == "BET_AT" and target == ("Domain", id)]
    return [
        {
            "id": id,
            "registered_ts": node.get("registered_ts"),
            "first_seen": node["first_seen"],
            "last_seen": node["last_seen"],
            "bettors": len(bets),
            "bet_cents": sum(link["sum_cents"] for link in bets),
        }
    ]


def flagged(model: Model, *, id: str, label: str | None = None) -> Rows:
    rows = [
        {
            "label": source[0],
            "indicator": target[1],
            "list_kind": model.nodes[target]["list_kind"],
            "list_name": model.nodes[target]["list_name"],
            "first_seen": link["first_seen"],
            "last_seen": link["last_seen"],
        }
        for (kind, source, target), link in model.links.items()
        if kind == "FLAGGED_BY" and source[1] == id and label in (None, source[0])
    ]
    return ordered(rows, "list_kind", "list_name", "label", "indicator")


def path_hop(model: Model, *, ids: list[str], lo: int, hi: int, limit: int) -> Rows:
    via: dict[str, str] = {}
    for each in model.sent:
        if each.source in ids and lo <= each.ts < hi:
            via[each.target] = min(via.get(each.target, each.source), each.source)
    return [{"id": name, "via": via[name]} for name in sorted(via)][:limit]


def flow_out_hop(model: Model, *, rows: Rows, hi: int, limit: int) -> Rows:
    found: dict[tuple[str, str], list[Movement]] = {}
    for start in rows:
        for each in model.sent:
            if each.source == start["id"] and start["ts"] < each.ts < hi:
                found.setdefault((each.source, each.target), []).append(each)
    out = [{"id": pair[0], "other": pair[1], **added(own)} for pair, own in found.items()]
    return ordered(out, "-sum_cents", "id", "other", limit=limit)


def flow_in_hop(model: Model, *, rows: Rows, lo: int, limit: int) -> Rows:
    found: dict[tuple[str, str], list[Movement]] = {}
    for start in rows:
        for each in model.sent:
            if each.target == start["id"] and lo <= each.ts < start["ts"]:
                found.setdefault((each.target, each.source), []).append(each)
    out = [{"id": pair[0], "other": pair[1], **added(own)} for pair, own in found.items()]
    return ordered(out, "-sum_cents", "id", "other", limit=limit)


ORACLES: dict[str, Callable[..., Rows]] = {
    f"read/{function.__name__}": function
    for function in (
        account,
        account_means,
        account_rings,
        account_totals,
        account_transactions,
        counterparties,
        domain,
        domain_operators,
        flagged,
        flow_in_hop,
        flow_out_hop,
        holders,
        neighbourhood,
        operator,
        operator_footprint,
        operators,
        operators_joined,
        path_hop,
        ring,
        ring_members,
        ring_subgraph,
        shared_means,
        top_counterparties,
        transaction,
        transactions_between,
    )
}
