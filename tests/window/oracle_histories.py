"""Own history, flow, kinds of money, pairs and ports worked out the plain way."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from itertools import pairwise

from graph.events import Event, Movement, MovementKind, tie_of
from tests.window.oracle import DAY, before

SPANS = {"24h": DAY, "72h": 3 * DAY, "7d": 7 * DAY, "30d": 30 * DAY}
Columns = dict[str, float]


def histories(events: Sequence[Event], tx: Movement) -> Columns:
    """Every feature of these groups by name."""
    past = [m for m in before(events, tx) if isinstance(m, Movement) and tx.ts - m.ts <= 30 * DAY]
    sides = {
        "alike_out": [m for m in past if m.source == tx.source],
        "alike_in": [m for m in past if m.target == tx.source],
        "alike_target_out": [m for m in past if m.source == tx.target],
        "alike_target_in": [m for m in past if m.target == tx.target],
    }
    result: Columns = {}
    for prefix, moves in sides.items():
        alike = [m for m in moves if _class(m) == _class(tx)]
        result |= {f"{prefix}_{name}": value for name, value in _own(alike, tx, out="_out" in prefix).items()}
    sent, received, target_sent, target_received = sides.values()
    ever = [m for m in before(events, tx) if isinstance(m, Movement)]
    result |= _pair(ever, tx) | _ports(ever, tx)
    result |= _flow(sent, received, target_sent, target_received, tx)
    for prefix, outs, ins in (("", sent, received), ("target_", target_sent, target_received)):
        kinds = _kinds(outs, ins)
        result |= {f"{prefix}{name}": value for name, value in kinds.items()}
        to = "to_target_" if prefix else "to_"
        median, income = kinds["spend_median_30d"], kinds["income_mean_30d"]
        result[f"{to}spend_median_30d"] = tx.amount_cents / median if median > 0 else -1.0
        result[f"{to}income_mean_30d"] = tx.amount_cents / income if income > 0 else -1.0
    return result


def _class(move: Movement) -> int:
    return 0 if move.kind is MovementKind.TRANSFER else 2 if move.kind is MovementKind.LINK else 1


def _own(alike: list[Movement], tx: Movement, *, out: bool) -> Columns:
    """One direction of one account's movements alike, newest first."""
    result: Columns = {}
    for span, reach in SPANS.items():
        inside = [m for m in alike if tx.ts - m.ts <= reach]
        result[f"count_{span}"] = len(inside)
        result[f"sum_{span}"] = sum(m.amount_cents for m in inside)
        if span in ("7d", "30d"):
            result[f"distinct_{span}"] = len({m.target if out else m.source for m in inside})
    amounts = [m.amount_cents for m in alike]
    ages = [tx.ts - m.ts for m in alike]
    gaps = [(older - newer) / 1000 for newer, older in pairwise(ages)]
    mean = sum(amounts) / len(amounts) if amounts else 0.0
    result["mean_30d"] = mean
    result["sd_30d"] = statistics.pstdev(amounts) if amounts else 0.0
    result["peak_30d"] = max(amounts) / mean if mean else 0.0
    for days in (1, 7):
        result[f"decayed_{days}d"] = sum(a * 0.5 ** (age / (days * DAY)) for a, age in zip(amounts, ages, strict=True))
    gap_mean, gap_sd = (statistics.fmean(gaps), statistics.pstdev(gaps)) if gaps else (-1.0, -1.0)
    result |= {"gap_mean_30d": gap_mean, "gap_sd_30d": gap_sd, "gap_min_30d": min(gaps, default=-1.0)}
    both = gap_mean + gap_sd
    result["burstiness_30d"] = (gap_sd - gap_mean) / both if gaps and both > 0 else 0.0
    this = tx.amount_cents
    ranked = sum(a < this for a in amounts) + sum(a == this for a in amounts) / 2
    result["rank_30d"] = ranked / len(amounts) if amounts else -1.0
    result["to_mean_30d"] = this / mean if mean else -1.0
    result["to_last_30d"] = this / amounts[0] if amounts and amounts[0] else -1.0
    result["near_30d"] = sum(abs(a - this) <= 0.02 * this for a in amounts)
    result["since_30d"] = ages[0] / 1000 if ages else -1.0
    return result


def _between(prefix: str, moves: list[Movement], tx: Movement) -> Columns:
    amounts = [m.amount_cents for m in moves]
    return {
        f"{prefix}_sum": sum(amounts),
        f"{prefix}_since_first": (tx.ts - moves[-1].ts) / 1000 if moves else -1.0,
        f"{prefix}_since_last": (tx.ts - moves[0].ts) / 1000 if moves else -1.0,
        f"{prefix}_to_last": tx.amount_cents / amounts[0] if amounts and amounts[0] else -1.0,
    }


def _pair(past: list[Movement], tx: Movement) -> Columns:
    there = [m for m in past if (m.source, m.target) == (tx.source, tx.target)]
    back = [m for m in past if (m.source, m.target) == (tx.target, tx.source) and tx.source != tx.target]
    total = sum(m.amount_cents for m in there)
    few, many = sorted((len(there) + 1, len(back)))
    return {
        **_between("pair", there, tx),
        **_between("back", back, tx),
        "pair_count": len(there),
        "pair_count_30d": sum(tx.ts - m.ts <= 30 * DAY for m in there),
        "pair_mean": total / len(there) if there else 0.0,
        "pair_to_mean": tx.amount_cents * len(there) / total if total else -1.0,
        "back_count": len(back),
        "pair_reciprocity": few / many,
    }


def _arrivals(others: list[str]) -> list[str]:
    """Distinct names, newest first given, in order of first arrival."""
    return list(dict.fromkeys(reversed(others)))


def _ports(ever: list[Movement], tx: Movement) -> Columns:
    sides = {
        "out": [(m.ts, m.target) for m in ever if m.source == tx.source],
        "in": [(m.ts, m.source) for m in ever if m.target == tx.source],
        "target_out": [(m.ts, m.target) for m in ever if m.source == tx.target],
        "target_in": [(m.ts, m.source) for m in ever if m.target == tx.target],
    }
    paid, payers, target_paid, target_payers = (_arrivals([name for _, name in side]) for side in sides.values())

    def place(names: list[str], name: str, unknown: float) -> float:
        return names.index(name) if name in names else unknown

    port_target, port_source = place(paid, tx.target, len(paid)), place(target_payers, tx.source, len(target_payers))
    result: Columns = {
        "port_target": port_target,
        "port_source": port_source,
        "back_port_target": place(payers, tx.target, -1.0),
        "back_port_source": place(target_paid, tx.source, -1.0),
        "port_target_share": port_target / len({*paid, tx.target}),
        "port_source_share": port_source / len({*target_payers, tx.source}),
        "distinct_targets": len(paid),
        "distinct_sources": len(payers),
        "target_distinct_targets": len(target_paid),
        "target_distinct_sources": len(target_payers),
        "mutual": len({*paid} & {*payers}),
        "target_mutual": len({*target_paid} & {*target_payers}),
    }
    for prefix, side in sides.items():
        first = {name: ts for ts, name in side}  # the oldest is last
        result[f"{prefix}_repeats"] = len(side) / len(first) if side else -1.0
        result[f"{prefix}_since_new"] = (tx.ts - max(first.values())) / 1000 if side else -1.0
        for span, reach in (("24h", DAY), ("7d", 7 * DAY), ("30d", 30 * DAY)):
            moves = sum(tx.ts - ts <= reach for ts, _ in side)
            new = sum(tx.ts - ts <= reach for ts in first.values())
            result[f"{prefix}_new_share_{span}"] = new / moves if moves else -1.0
    return result


def _money(moves: list[Movement], tx: Movement, reach: int) -> int:
    return sum(m.amount_cents for m in moves if tx.ts - m.ts <= reach)


def _flow(
    sent: list[Movement],
    received: list[Movement],
    target_sent: list[Movement],
    target_received: list[Movement],
    tx: Movement,
) -> Columns:
    result: Columns = {}
    this = tx.amount_cents
    for span, reach in SPANS.items():
        came, went = _money(received, tx, reach), _money(sent, tx, reach) + this
        result[f"out_in_ratio_{span}"] = went / came if came else -1.0
        came, went = _money(target_received, tx, reach) + this, _money(target_sent, tx, reach)
        result[f"target_out_in_ratio_{span}"] = went / came if came else -1.0
    fitting = [
        (abs(m.amount_cents - this) / max(m.amount_cents, this), tx.ts - m.ts)
        for m in received
        if m.amount_cents > 0 and this > 0 and tx.ts - m.ts <= 3 * DAY
    ]
    best = min(fitting, default=(-1.0, -1000))
    result["match_difference_72h"], result["match_delay_72h"] = best[0], best[1] / 1000
    result["match_count_72h"] = sum(difference <= 0.05 for difference, _ in fitting)
    newest_out = order(sent[0], 1) if sent else (0, 0, 0)
    unsent = sum(m.amount_cents for m in received if order(m, 0) > newest_out)
    result["received_unsent_30d"] = unsent / this if this else -1.0
    result["to_last_in_30d"] = this / received[0].amount_cents if received and received[0].amount_cents else -1.0
    for prefix, outs, ins in (("", sent, received), ("target_", target_sent, target_received)):
        result |= {f"{prefix}{name}": value for name, value in _passed(outs, ins).items()}
    result["round_digits"] = len(str(this)) - len(str(this).rstrip("0")) if this else 0
    result["round_hundred"] = this > 0 and this % 10_000 == 0
    result["self_transfer"] = tx.source == tx.target
    return result


def order(move: Movement, sent: int) -> tuple[int, int, int]:
    """Place in an account's history; of a transfer to itself, sending comes first."""
    return move.ts, tie_of(move.event_id), -sent


def _passed(outs: list[Movement], ins: list[Movement]) -> Columns:
    delays = []
    coming = [m for m in ins if m.amount_cents > 0]
    for move in coming:
        later = [m for m in reversed(outs) if order(m, 1) > order(move, 0)][:16]
        fits = [
            m.ts - move.ts
            for m in later
            if m.ts - move.ts <= 3 * DAY and 85 * move.amount_cents <= 100 * m.amount_cents <= 102 * move.amount_cents
        ]
        delays += fits[:1]
    return {
        "passed_share_30d": len(delays) / len(coming) if coming else -1.0,
        "passed_delay_30d": sum(delays) / len(delays) / 1000 if delays else -1.0,
    }


def _kinds(outs: list[Movement], ins: list[Movement]) -> Columns:
    spends = sorted(m.amount_cents for m in outs if m.kind not in (MovementKind.TRANSFER, MovementKind.LINK))
    times = [m.ts for m in outs if m.kind not in (MovementKind.TRANSFER, MovementKind.LINK)]
    income = [m.amount_cents for m in ins if m.kind in (MovementKind.DEPOSIT, MovementKind.PAYOUT)]
    bets = sum(m.amount_cents for m in outs if m.kind is MovementKind.BET)
    sent, received = sum(m.amount_cents for m in outs), sum(m.amount_cents for m in ins)
    last = len(spends) - 1
    median = spends[last // 2] if spends else -1.0
    return {
        "spend_count_30d": len(spends),
        "spend_mean_30d": statistics.fmean(spends) if spends else -1.0,
        "spend_median_30d": median,
        "spend_quartiles_30d": (spends[3 * last // 4] - spends[last // 4]) / median if median > 0 else -1.0,
        "spend_spread_30d": (spends[9 * last // 10] - spends[last // 10]) / median if median > 0 else -1.0,
        "spend_gap_30d": (max(times) - min(times)) / last / 1000 if last > 0 else -1.0,
        "spend_share_30d": len(spends) / len(outs) if outs else -1.0,
        "income_count_30d": len(income),
        "income_mean_30d": statistics.fmean(income) if income else -1.0,
        "income_share_30d": sum(income) / received if received else -1.0,
        "bet_share_30d": bets / sent if sent else -1.0,
        "net_30d": received - sent,
    }
