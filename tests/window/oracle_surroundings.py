"""Shared means, identifiers, sites, operators and counterparties worked out the plain way."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Sequence

from graph.events import (
    Access,
    AuthenticationAttempt,
    Event,
    IdentifierHeld,
    IndicatorListed,
    ListKind,
    Movement,
    MovementKind,
    NodeKind,
)
from tests.window.oracle import DAY, before, first_seen
from tests.window.oracle import _services as services_at

Columns = dict[str, float]
Acting = Movement | Access | AuthenticationAttempt


def surroundings(events: Sequence[Event], tx: Movement) -> Columns:
    """Every feature of these groups by name."""
    return _means(events, tx) | _identifiers(events, tx) | _site(events, tx) | _neighbours(events, tx)


def actor(event: Acting) -> str:
    return event.source if isinstance(event, Movement) else event.account


def _acting(events: Sequence[Event], tx: Movement) -> list[Acting]:
    """Events of accounts up to and with `tx`, newest first, in 30 days."""
    past = [e for e in before(events, tx) if isinstance(e, Acting) and tx.ts - e.ts <= 30 * DAY]
    return [tx, *past]


def _failed(events: Sequence[Acting], tx: Movement, days: int) -> int:
    return sum(isinstance(e, AuthenticationAttempt) and not e.succeeded and tx.ts - e.ts <= days * DAY for e in events)


def _entropy(users: Sequence[str]) -> float:
    return -sum(n / len(users) * math.log2(n / len(users)) for n in Counter(users).values())


def _weight(accounts: int) -> float:
    return 1 / math.log2(2 + accounts) if accounts > 1 else 0.0


def _means(events: Sequence[Event], tx: Movement) -> Columns:
    acting = _acting(events, tx)
    mine = [e for e in acting[1:] if actor(e) == tx.source]
    result: Columns = {
        "devices_30d": len({e.device for e in mine} - {None}),
        "ips_30d": len({e.ip for e in mine} - {None}),
        "ip_known_30d": -1.0 if tx.ip is None else any(e.ip == tx.ip for e in mine),
    }
    for name, field in (("device", "device"), ("ip", "ip")):
        value = getattr(tx, field)
        there = [e for e in acting if value is not None and getattr(e, field) == value]
        users = [actor(e) for e in there]
        result[f"{name}_weight_30d"] = _weight(len(set(users)))
        result[f"{name}_own_share_30d"] = users.count(tx.source) / len(users) if users else -1.0
        result[f"{name}_of_target_30d"] = tx.target in users and tx.target != tx.source
        result[f"{name}_failed_24h"] = _failed(there, tx, 1)
        if name == "ip":
            result["ip_entropy_30d"] = _entropy(users) if users else 0.0
    return result


def _holdings(events: Sequence[Event], ts: int) -> dict[tuple[str, str], int]:
    """Since when each account holds each identifier, stated by `ts`."""
    stated: list[tuple[str, str, int]] = []
    for event in events:
        if isinstance(event, IdentifierHeld):
            stated.append((event.account, event.identifier.id, event.ts))
        elif isinstance(event, Movement):
            for ref in event.identifiers:
                stated.append((event.source if ref.holder == "source" else event.target, ref.id, event.ts))
    since: dict[tuple[str, str], int] = {}
    for account, identifier, at in stated:
        if at <= ts:
            since[account, identifier] = min(at, since.get((account, identifier), at))
    return since


def _identifiers(events: Sequence[Event], tx: Movement) -> Columns:
    holdings = _holdings(events, tx.ts)
    shared = Counter(identifier for _, identifier in holdings)
    own = {end: {i for account, i in holdings if account == end} for end in (tx.source, tx.target)}
    result: Columns = {
        "identifiers": len(own[tx.source]),
        "identifiers_of_target": len(own[tx.source] & own[tx.target]) if tx.source != tx.target else 0,
    }
    for prefix, end in (("", tx.source), ("target_", tx.target)):
        result[f"{prefix}identifier_accounts"] = max((shared[i] for i in own[end]), default=0)
        result[f"{prefix}identifier_weight"] = sum(_weight(shared[i]) for i in own[end])
    return result


def _site(events: Sequence[Event], tx: Movement) -> Columns:
    acting = _acting(events, tx)
    result: Columns = {
        "failed_attempts_7d": _failed([e for e in acting if actor(e) == tx.source], tx, 7),
        "target_failed_attempts_24h": _failed([e for e in acting if actor(e) == tx.target], tx, 1),
    }
    listed = {
        (e.entity_kind, e.entity_id)
        for e in events
        if isinstance(e, IndicatorListed) and e.ts <= tx.ts and e.list_kind in (ListKind.BLOCK, ListKind.WATCH)
    }
    for prefix, field, kind in (("site", "domain", NodeKind.DOMAIN), ("operator", "operator", NodeKind.OPERATOR)):
        value = getattr(tx, field)
        there = [e for e in acting if value is not None and getattr(e, field, None) == value]
        users = [actor(e) for e in there]
        first = {actor(e): tx.ts - e.ts for e in there}  # the oldest is last
        result[f"{prefix}_listed"] = (kind, value) in listed
        result[f"{prefix}_accounts_30d"] = len(first)
        result[f"{prefix}_newcomers_30d"] = sum(a <= 7 * DAY for a in first.values()) / len(first) if first else -1.0
        result[f"{prefix}_entropy_30d"] = _entropy(users) if users else 0.0
    return result


def _history(events: Sequence[Event], account: str, tx: Movement) -> list[tuple[Acting, bool]]:
    """Events of `account` before `tx`, newest first, and whether it acted; of a transfer to itself, receiving first."""
    found: list[tuple[Acting, bool]] = []
    for event in _acting(events, tx)[1:]:
        if isinstance(event, Movement) and event.target == account:
            found.append((event, False))
        if actor(event) == account:
            found.append((event, True))
    return found


def _neighbours(events: Sequence[Event], tx: Movement) -> Columns:
    result: Columns = {}
    services = services_at(events, tx.ts)
    for prefix, end, out in (
        ("payees", tx.source, True),
        ("payers", tx.source, False),
        ("target_payees", tx.target, True),
        ("target_payers", tx.target, False),
    ):
        contacts: dict[str, Movement] = {}
        for event, acted in _history(events, end, tx):
            if isinstance(event, Movement) and acted == out:
                contacts.setdefault(event.target if out else event.source, event)
        for name in (*services, tx.source, tx.target):
            contacts.pop(name, None)
        profiles = [_profile(events, name, move, not out, tx) for name, move in list(contacts.items())[:6]]
        result |= {f"{prefix}_{name}": value for name, value in _summary(profiles).items()}
    return result


def _profile(events: Sequence[Event], account: str, contact: Movement, acted: bool, tx: Movement) -> list[float]:
    history = _history(events, account, tx)
    place = next(i for i, (event, role) in enumerate(history) if event is contact and role == acted)
    moves = [(e, role) for e, role in history[max(0, place - 10) : place + 10] if isinstance(e, Movement)]
    money = [m.amount_cents for m, _ in moves]
    span = (max(m.ts for m, _ in moves) - min(m.ts for m, _ in moves)) / DAY
    other = sum(m.kind not in (MovementKind.TRANSFER, MovementKind.LINK) for m, _ in moves)
    return [
        len({m.target if role else m.source for m, role in moves}),
        sum(m.amount_cents for m, role in moves if role) / sum(money) if sum(money) else 0.0,
        statistics.fmean(money) / max(1, tx.amount_cents),
        (tx.ts - first_seen(events, account)) / DAY,
        len(moves) / max(1.0, span),
        other / len(moves),
        _quartiles(
            [m.amount_cents for m, role in moves if role and m.kind not in (MovementKind.TRANSFER, MovementKind.LINK)]
        ),
    ]


def _quartiles(amounts: list[int]) -> float:
    amounts, last = sorted(amounts), len(amounts) - 1
    if len(amounts) < 4 or amounts[last // 2] == 0:
        return -1.0
    return (amounts[3 * last // 4] - amounts[last // 4]) / amounts[last // 2]


def _summary(profiles: list[list[float]]) -> Columns:
    medians = ("degree", "sent_share", "amount", "age", "rate", "other_money", "spend_quartiles")
    if not profiles:
        names = [
            *(f"{name}_median" for name in medians),
            "degree_max",
            "amount_max",
            "rate_max",
            "spend_quartiles_max",
            "sent_share_spread",
        ]
        return dict.fromkeys(names, -1.0)
    columns: dict[str, Sequence[float]] = dict(zip(medians, zip(*profiles, strict=True), strict=True))
    columns["spend_quartiles"] = [value for value in columns["spend_quartiles"] if value >= 0] or [-1.0]
    result = {f"{name}_median": statistics.median(values) for name, values in columns.items()}
    result |= {f"{name}_max": max(columns[name]) for name in ("degree", "amount", "rate", "spend_quartiles")}
    result["sent_share_spread"] = max(columns["sent_share"]) - min(columns["sent_share"])
    return result
