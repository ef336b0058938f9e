"""The window's answers worked out the plain way: whole lists, no linked histories, no limits but the stated ones."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from graph.events import (
    Access,
    AuthenticationAttempt,
    DomainObservation,
    Event,
    IndicatorListed,
    ListKind,
    Movement,
    MovementKind,
    NodeKind,
    OperatorFact,
    OperatorFactKind,
    tie_of,
)

HOUR = 3_600_000
DAY = 24 * HOUR


def key(event: Event) -> tuple[int, int]:
    return event.ts, tie_of(event.event_id)


def before(events: Sequence[Event], tx: Movement) -> list[Event]:
    """Events before `tx` in canonical order, newest first."""
    return sorted((event for event in events if key(event) < key(tx)), key=key, reverse=True)


def features(events: Sequence[Event], tx: Movement) -> dict[str, float]:
    """Every feature of `tx` by name."""
    past = before(events, tx)
    moves = [event for event in past if isinstance(event, Movement)]

    def age(event: Event) -> int:
        return tx.ts - event.ts

    out = [m for m in moves if m.source == tx.source and age(m) <= 30 * DAY]
    into = [m for m in moves if m.target == tx.source and age(m) <= 30 * DAY]
    to_target = [m for m in moves if m.target == tx.target and age(m) <= 3 * DAY]
    by_target = [m for m in moves if m.source == tx.target and age(m) <= 3 * DAY]
    mean = sum(m.amount_cents for m in out) / len(out) if out else 0.0
    spread = math.sqrt(max(0.0, sum(m.amount_cents**2 for m in out) / len(out) - mean * mean)) if out else 0.0
    actors = [event for event in (*past, tx) if age(event) <= 30 * DAY]
    on_device = [_actor(e) for e in actors if tx.device is not None and getattr(e, "device", None) == tx.device]
    on_ip = [_actor(e) for e in actors if tx.ip is not None and getattr(e, "ip", None) == tx.ip and _acts(e)]
    mine = [e for e in past if _acts(e) and _actor(e) == tx.source]
    result = {
        "amount": float(tx.amount_cents),
        "seconds_since_last": age(out[0]) / 1000 if out else -1.0,
        "out_count_1h": sum(age(m) <= HOUR for m in out),
        "out_count_24h": sum(age(m) <= DAY for m in out),
        "out_sum_72h": sum(m.amount_cents for m in out if age(m) <= 3 * DAY),
        "in_count_24h": sum(age(m) <= DAY for m in into),
        "in_sum_24h": sum(m.amount_cents for m in into if age(m) <= DAY),
        "in_sum_72h": sum(m.amount_cents for m in into if age(m) <= 3 * DAY),
        "distinct_sources_72h": len({m.source for m in into if age(m) <= 3 * DAY}),
        "distinct_targets_72h": len({m.target for m in out if age(m) <= 3 * DAY}),
        "out_count_30d": len(out),
        "out_mean_30d": mean,
        "out_sd_30d": spread,
        "pair_count_30d": sum(m.target == tx.target for m in out),
        "seconds_since_in": age(into[0]) / 1000 if into else -1.0,
        "failed_attempts_24h": sum(
            isinstance(e, AuthenticationAttempt) and not e.succeeded and age(e) <= DAY for e in mine
        ),
        "device_known": -1.0
        if tx.device is None
        else float(any(getattr(e, "device", None) == tx.device and age(e) <= 30 * DAY for e in mine)),
        "device_accounts_30d": len(set(on_device)),
        "device_entropy": _entropy(on_device),
        "ip_accounts_30d": len(set(on_ip)),
        "target_distinct_sources_72h": len({m.source for m in to_target}),
        "target_in_sum_72h": sum(m.amount_cents for m in to_target),
        "target_out_sum_72h": sum(m.amount_cents for m in by_target),
    }
    result |= _ages(events, tx) | _listings(events, tx)
    return {name: float(value) for name, value in result.items()}


def _acts(event: Event) -> bool:
    return hasattr(event, "source") or hasattr(event, "account")


def _actor(event: Event) -> str:
    return str(event.source) if isinstance(event, Movement) else str(getattr(event, "account", ""))


def _entropy(users: list[str]) -> float:
    return -sum(n / len(users) * math.log2(n / len(users)) for n in Counter(users).values()) if users else 0.0


def first_seen(events: Sequence[Event], account: str) -> int:
    """When the account first did something or was paid."""
    seen = [e.ts for e in events if isinstance(e, Movement) and account in (e.source, e.target)]
    return min(seen + [e.ts for e in events if isinstance(e, Access | AuthenticationAttempt) and e.account == account])


def _ages(events: Sequence[Event], tx: Movement) -> dict[str, float]:
    def days(since: float) -> float:
        return (tx.ts - since) / DAY if since < tx.ts else -1.0

    result = {
        "account_age_days": days(first_seen(events, tx.source)),
        "target_age_days": days(first_seen(events, tx.target)),
        "site_age_days": -1.0,
    }
    if tx.domain is not None:
        seen = [e.ts for e in events if getattr(e, "domain", None) == tx.domain]
        observed = [
            e
            for e in events
            if isinstance(e, DomainObservation) and e.domain == tx.domain and e.registered_ts is not None
        ]
        born = min(*seen, tx.ts)
        if observed and min(e.ts for e in observed) <= tx.ts:
            born = min(*(e.registered_ts or 0 for e in observed), tx.ts)
        result["site_age_days"] = (tx.ts - born) / DAY
    return result


def _listings(events: Sequence[Event], tx: Movement) -> dict[str, float]:
    on = [(e.list_kind, e.entity_kind, e.entity_id) for e in events if isinstance(e, IndicatorListed) and e.ts <= tx.ts]

    def count(kind: ListKind, *entities: tuple[NodeKind, str | None]) -> int:
        return sum((kind, label, name) in on for label, name in entities)

    ends = ((NodeKind.ACCOUNT, tx.source), (NodeKind.ACCOUNT, tx.target))
    means = (
        (NodeKind.DEVICE, tx.device),
        (NodeKind.IP, tx.ip),
        (NodeKind.DOMAIN, tx.domain),
        (NodeKind.OPERATOR, tx.operator),
    )
    address = (NodeKind.IP, tx.ip)
    reputation = 0
    if count(ListKind.BLOCK, address):
        reputation = -2
    elif count(ListKind.WATCH, address):
        reputation = -1
    elif count(ListKind.ALLOW, address):
        reputation = 1
    unlicensed = any(
        isinstance(e, OperatorFact)
        and e.fact is OperatorFactKind.LICENCE
        and not e.licensed
        and e.operator == tx.operator
        and e.ts <= tx.ts
        for e in events
    )
    return {
        "ip_reputation": reputation,
        "listed_block": count(ListKind.BLOCK, *ends, *means),
        "listed_watch": count(ListKind.WATCH, *ends, *means),
        "listed_allow": count(ListKind.ALLOW, *ends),
        "operator_unlicensed": unlicensed,
    }


def _services(events: Sequence[Event], ts: int) -> set[str]:
    return {
        e.entity_id
        for e in events
        if isinstance(e, IndicatorListed)
        and e.entity_kind is NodeKind.ACCOUNT
        and e.list_kind is ListKind.SERVICE
        and e.ts <= ts
    }


def back_paths(
    events: Sequence[Event], tx: Movement, *, hop_gap: int, span: int, kept: float, longest: int
) -> list[list[Movement]]:
    """Every backward path of transfers from `tx` through distinct payers, newest first, `tx` included."""
    services = _services(events, tx.ts)
    transfers = [e for e in events if isinstance(e, Movement) and e.kind is not MovementKind.BET]
    found: list[list[Movement]] = []

    def extend(path: list[Movement]) -> None:
        found.append(path)
        last = path[-1]
        if len(path) >= longest or (len(path) > 1 and last.source == tx.target):
            return
        for other in transfers:
            if (
                other.target == last.source
                and key(other) < key(last)
                and last.ts - other.ts <= hop_gap
                and tx.ts - other.ts <= span
                and other.amount_cents * (1 - kept) <= last.amount_cents <= other.amount_cents * 1.02
                and other.source not in services
                and other.source not in {m.source for m in path}
            ):
                extend([*path, other])

    extend([tx])
    return found


def closes_cycle(paths: list[list[Movement]], tx: Movement, longest: int) -> bool:
    """Whether some path of 3 to `longest` movements starts at the target of `tx`."""
    return any(3 <= len(path) <= longest and path[-1].source == tx.target for path in paths)


def longest_chain(paths: list[list[Movement]], tx: Movement) -> int:
    """Most movements of a path that never touches the target of `tx`."""
    return max(len(path) for path in paths if all(m.source != tx.target for m in path[1:]))


def rises(path: Sequence[Movement]) -> bool:
    """Whether a newest-first path is joined hop by hop and in time order."""
    return all(older.target == newer.source and key(older) < key(newer) for newer, older in pairwise(path))
