"""What happened in the hand-made world, as plain records: movements, rings, scores."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from graph.events import Movement, MovementKind
from graph.evidence import Decision, Evidence, Member, Ring, RingKind, RingLink, Role, Score, Signal
from graph.identity import IdentifierKeys

START = 1_767_268_800_000  # 2026-01-01 12:00 UTC
HOUR = 3_600_000
NOW = START + 30 * 24 * HOUR
KEYS = IdentifierKeys("test", b"0123456789abcdef")
OPERATOR = "op-luckyfox"
SITE = "luckyfox.example"
KIOSK = "kiosk-terminal-7"
FARM_DEVICE = "device-farm-1"
COLLECTION, FARM = "ring-collection", "ring-farm"
VERSIONS = (("features", "1"), ("model", "absent"), ("rules", "1"))


def movement(tx_id: str, source: str, target: str, cents: int, hours: float, **more: Any) -> Movement:
    """A movement `hours` after `START`."""
    return Movement(
        event_id=f"tx:{tx_id}", ts=START + int(hours * HOUR), source=source, target=target, amount_cents=cents, **more
    )


def collection_movements() -> list[Movement]:
    """Fourteen payers pay three mules over eight days; the mules pass on to a collector, who cashes out twice."""
    found = []
    for number in range(14):
        mule = f"mule-{number % 3}"
        for turn in range(2):
            found.append(
                movement(
                    f"pay-{number}-{turn}",
                    f"payer-{number:02d}",
                    mule,
                    12_350 + 4_111 * number + 900 * turn,
                    5 * number + 83 * turn,
                    kind=MovementKind.DEPOSIT,
                    device=KIOSK,
                    ip=f"198.51.100.{number + 1}",
                    domain=SITE,
                    operator=OPERATOR,
                )
            )
    for number in range(9):
        found.append(movement(f"fwd-{number}", f"mule-{number % 3}", "collector-1", 118_000, 12 + 20 * number))
    for number in range(4):
        found.append(movement(f"out-{number}", "collector-1", f"cash-{number % 2}", 240_000, 40 + 45 * number))
    return found


def farm_movements() -> list[Movement]:
    """Six accounts on one device bet with each other's money."""
    pairs = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0), (0, 3)]
    return [
        movement(f"farm-{place}", f"farm-{a}", f"farm-{b}", 50_000 + place, 200 + 3 * place, device=FARM_DEVICE)
        for place, (a, b) in enumerate(pairs)
    ]


def make_ring(
    ring_id: str,
    kind: RingKind,
    movements: Sequence[Movement],
    roles: Mapping[str, Role],
    *,
    score: float,
    shared: Sequence[RingLink] = (),
    suppressed: tuple[Evidence, ...] = (),
) -> Ring:
    """A ring whose sums are those of its movements."""
    pairs: dict[tuple[str, str], list[Movement]] = defaultdict(list)
    for event in movements:
        pairs[event.source, event.target].append(event)
    links = [_sent(source, target, events) for (source, target), events in pairs.items()]
    sources, targets = {event.source for event in movements}, {event.target for event in movements}
    entered = sum(event.amount_cents for event in movements if event.source not in targets)
    left = sum(event.amount_cents for event in movements if event.target not in sources)
    ids = tuple(event.event_id for event in movements)
    founding = Evidence(f"ring_{kind}", (("accounts", len(roles)), ("count", len(movements))), ids[:50], len(ids))
    return Ring(
        ring_id=ring_id,
        kind=kind,
        kinds=(kind, RingKind.LAYERED) if kind is RingKind.FAN_IN else (kind,),
        score=score,
        members=tuple(_member(account, role, movements) for account, role in sorted(roles.items())),
        links=tuple(sorted((*links, *shared), key=lambda link: (link.kind, link.source, link.target))),
        in_cents=entered,
        out_cents=left,
        retained_cents=entered - left,
        first_ts=min(event.ts for event in movements),
        last_ts=max(event.ts for event in movements),
        contributions=(
            Signal(f"ring_{kind}", float(len(movements)), score - 12.5, founding),
            Signal("ring_speed", 6.5, 12.5, Evidence("ring_speed", (("hours", 6.5),), ids[:3], 3)),
        ),
        evidence=(founding,),
        suppressed=suppressed,
    )


def _sent(source: str, target: str, events: Sequence[Movement]) -> RingLink:
    return RingLink(
        ("Account", source),
        ("Account", target),
        "SENT",
        len(events),
        sum(event.amount_cents for event in events),
        min(event.ts for event in events),
        max(event.ts for event in events),
        tuple(event.event_id for event in sorted(events, key=lambda event: event.ts)),
    )


def _member(account: str, role: Role, movements: Sequence[Movement]) -> Member:
    own = [event for event in movements if account in (event.source, event.target)]
    received = sum(event.amount_cents for event in own if event.target == account)
    sent = sum(event.amount_cents for event in own if event.source == account)
    reason = Evidence(f"role_{role}", (("amount_cents", max(received, sent)),), (own[0].event_id,), len(own))
    return Member(account, role, 0.5 + min(len(own), 9) / 20, received, sent, own[0].ts, own[-1].ts, (reason,))


def shared_link(account: str, label: str, thing: str, kind: str) -> RingLink:
    """A member on a shared thing."""
    return RingLink(("Account", account), (label, thing), kind, 3, 0, START, START + 9 * HOUR)


def make_score(event: Movement, value: float) -> Score:
    """A score that one rule and, above 100, a cap add up to."""
    signals = []
    if value:
        proof = Evidence("velocity", (("count", 7), ("hours", 1)), (event.event_id,), 1)
        signals.append(Signal("velocity", 7.0, value, proof))
    decision = Decision.APPROVE if value <= 30 else Decision.REVIEW if value <= 70 else Decision.DENY
    return Score(event.tx_id, event.ts, value, decision, tuple(signals), VERSIONS)


def copies(ring: Ring, count: int) -> list[Ring]:
    """Rings like `ring` under other ids and falling scores, for lists longer than a page."""
    return [replace(ring, ring_id=f"copy-{number:03d}", score=50 - number / 10) for number in range(count)]
