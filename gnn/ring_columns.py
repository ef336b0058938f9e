"""A ring as one row: its shapes, roles, flow, timing and shared means, whatever the order of members and links.

Everything is read from the ring's own record, so the same ring gives the same row when it is learnt from and when it is
scored. Counts are kept; sums are in logs, because rings of ten accounts move very different money.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from graph.evidence import Ring, RingKind, RingLink, Role
from graph.links import SENT

F32 = NDArray[np.float32]

HOUR_MS = 3_600_000.0
DAY_MS = 24 * HOUR_MS
SURE = 0.9  # a member of this strength is at the core
#: Parts of the ring's own score whose measured value is a column.
MEASURED = ("ring_size", "ring_amount", "ring_joined", "ring_repeats", "ring_listed")
MEANS = ("Device", "Identifier", "Ip")
KINDS = tuple(RingKind)

RING_COLUMNS: tuple[str, ...] = (
    *(f"kind_{kind}" for kind in KINDS),
    *(f"role_{role}" for role in Role),
    *MEASURED,
    *(f"shared_{thing.lower()}" for thing in MEANS),
    "own_score",
    "members",
    "core_share",
    "outsiders",
    "pairs",
    "pairs_per_member",
    "movements",
    "movements_per_pair",
    "busiest_pair_share",
    "both_ways_share",
    "single_share",
    "most_payers_share",
    "most_payees_share",
    "mean_amount",
    "amount_spread",
    "money_in",
    "retained_share",
    "passed_on_share",
    "member_money_spread",
    "days",
    "movements_per_day",
    "hours_in_pair",
    "member_days",
    "start_spread",
    "widest_thing_share",
    "means_share",
    "hubs_left_out",
    "cut",
    "score_mean",
    "score_most",
    "score_unusual_share",
)
UNUSUAL = 30.0  # points from which the shipped policy sends a movement to review


def ring_table(rings: Sequence[Ring], scores: Mapping[str, float]) -> F32:
    """Rows of rings, float32[n, len(RING_COLUMNS)]; `scores` are those of movements (0-100) by event id, if known."""
    table = np.zeros((len(rings), len(RING_COLUMNS)), dtype=np.float32)
    for place, ring in enumerate(rings):
        row = _row(ring, scores)
        table[place] = [row[name] for name in RING_COLUMNS]
    return table


def _row(ring: Ring, scores: Mapping[str, float]) -> dict[str, float]:
    members = max(1, len(ring.members))
    roles = Counter(member.role for member in ring.members)
    measured = {signal.name: signal.value for signal in ring.contributions}
    sent = [link for link in ring.links if link.kind == SENT.name]
    shared = [link for link in ring.links if link.kind != SENT.name]
    things = Counter(link.target for link in shared)
    row: dict[str, float] = {f"kind_{kind}": float(kind in ring.kinds) for kind in KINDS}
    row |= {f"role_{role}": roles[role] / members for role in Role}
    row |= {name: math.log1p(max(0.0, measured.get(name, 0.0))) for name in MEASURED}
    row |= {f"shared_{label.lower()}": float(sum(thing[0] == label for thing in things)) for label in MEANS}
    row |= _shape(ring, sent, members) | _money(ring, sent) | _timing(ring, sent)
    row |= {
        "own_score": ring.score,
        "widest_thing_share": max(things.values(), default=0) / members,
        "means_share": len({link.source for link in shared}) / members,
        "hubs_left_out": float(len(ring.suppressed)),
        "cut": float(bool(ring.truncated)),
    }
    known = [scores[event] for link in sent for event in link.event_ids if event in scores]
    row |= {
        "score_mean": float(np.mean(known)) if known else math.nan,
        "score_most": max(known, default=math.nan),
        "score_unusual_share": float(np.mean([score > UNUSUAL for score in known])) if known else math.nan,
    }
    return row


def _shape(ring: Ring, sent: Sequence[RingLink], members: int) -> dict[str, float]:
    inside = {member.account for member in ring.members}
    pairs = {(link.source[1], link.target[1]) for link in sent}
    payers, payees = defaultdict(set), defaultdict(set)
    for source, target in pairs:
        payers[target].add(source)
        payees[source].add(target)
    counts = [link.count for link in sent]
    whole = max(1, sum(counts))
    return {
        "members": math.log1p(len(inside)),
        "core_share": sum(member.score >= SURE for member in ring.members) / members,
        "outsiders": float(len({account for pair in pairs for account in pair} - inside)),
        "pairs": math.log1p(len(pairs)),
        "pairs_per_member": len(pairs) / members,
        "movements": math.log1p(sum(counts)),
        "movements_per_pair": whole / max(1, len(pairs)),
        "busiest_pair_share": max(counts, default=0) / whole,
        "both_ways_share": sum((target, source) in pairs for source, target in pairs) / max(1, len(pairs)),
        "single_share": sum(count == 1 for count in counts) / max(1, len(pairs)),
        "most_payers_share": max(map(len, payers.values()), default=0) / members,
        "most_payees_share": max(map(len, payees.values()), default=0) / members,
    }


def _money(ring: Ring, sent: Sequence[RingLink]) -> dict[str, float]:
    means = np.array([link.sum_cents / link.count for link in sent if link.count], dtype=np.float64)
    through = [(member.in_cents, member.out_cents) for member in ring.members]
    passing = [min(into, out) / max(into, out) for into, out in through if into and out]
    moved = np.array([into + out for into, out in through], dtype=np.float64)
    return {
        "mean_amount": math.log1p(means.mean() / 100) if len(means) else 0.0,
        "amount_spread": float(means.std() / means.mean()) if len(means) and means.mean() else 0.0,
        "money_in": math.log1p(ring.in_cents / 100),
        "retained_share": ring.retained_cents / ring.in_cents if ring.in_cents else 0.0,
        "passed_on_share": float(np.mean(passing)) if passing else 0.0,
        "member_money_spread": float(moved.std() / moved.mean()) if len(moved) and moved.mean() else 0.0,
    }


def _timing(ring: Ring, sent: Sequence[RingLink]) -> dict[str, float]:
    days = (ring.last_ts - ring.first_ts) / DAY_MS
    starts = np.array([member.first_ts for member in ring.members], dtype=np.float64)
    stays = [(member.last_ts - member.first_ts) / DAY_MS for member in ring.members]
    lasting = [(link.last_ts - link.first_ts) / HOUR_MS for link in sent]
    return {
        "days": days,
        "movements_per_day": sum(link.count for link in sent) / (days + 1.0),
        "hours_in_pair": float(np.mean(lasting)) if lasting else 0.0,
        "member_days": float(np.mean(stays)) if stays else 0.0,
        "start_spread": float(starts.std() / DAY_MS) if len(starts) else 0.0,
    }
