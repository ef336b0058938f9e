"""Named signals of a transaction: from a feature row and completed patterns to signed points with evidence.

One vectorised pass gives the points of a batch; words and evidence are only made for signals that count. Points are
whole hundredths, so that contributions add up to the score exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.evidence import EVIDENCE_LIMIT, Evidence, Params, Signal
from graph.window.features import FEATURE_INDEX
from graph.window.hits import (
    HIT_BIPARTITE,
    HIT_CYCLE,
    HIT_FAN_IN,
    HIT_FAN_OUT,
    HIT_GATHER_SCATTER,
    HIT_LAYERED,
    HIT_OPPOSITE,
    HIT_SCATTER_GATHER,
    HIT_STACK,
)
from graph.window.records import Edge, Hit, Look
from graph.window.window import Window
from scoring.sources import Given, Rows

#: Version of the signals and their points; part of every score.
SIGNALS_VERSION = "1"

Floats = NDArray[np.floating[Any]]
Columns = Mapping[str, Floats]

#: Accounts on one device or address beyond which sharing says nothing (kiosks, campus networks, carrier NAT).
SHARED_HUB = 30


@dataclass(frozen=True, slots=True)
class SignalRule:
    """A signal computed from features.

    `points` maps the feature columns (float64[n] each) to points (float64[n]); `value` names the feature shown (plus
    `also`), `param` the name under which the phrase gets it, in units of `per` feature units, `money` the feature that
    is the amount it is about; `look` says which events prove it (None: the movement alone).
    """

    name: str
    value: str
    param: str
    points: Callable[[Columns], Floats]
    look: Look | None = None
    also: str | None = None
    per: float = 1.0
    money: str = "amount"


def _velocity(f: Columns) -> Floats:
    points: Floats = np.clip(5 + 2 * (f["out_count_1h"] - 5), 0, 15) * (f["out_count_1h"] >= 5)
    return points


def _amount_vs_history(f: Columns) -> Floats:
    spread = np.maximum(f["out_sd_30d"], 0.2 * f["out_mean_30d"])
    z = np.divide(f["amount"] - f["out_mean_30d"], spread, out=np.zeros_like(spread), where=spread > 0)
    points: Floats = np.clip(2 * (z - 2), 0, 15) * (f["out_count_30d"] >= 3)
    return points


def _new_counterparty(f: Columns) -> Floats:
    points: Floats = 4.0 * (
        (f["pair_count_30d"] == 0) & (f["out_count_30d"] >= 3) & (f["amount"] >= 2 * f["out_mean_30d"])
    )
    return points


def _first_seen_account(f: Columns) -> Floats:
    return 4.0 * ((f["account_age_days"] >= 0) & (f["account_age_days"] < 1) & (f["in_sum_24h"] > 0))


def _new_device(f: Columns) -> Floats:
    points: Floats = 8.0 * ((f["device_known"] == 0) & (f["account_age_days"] >= 1) & (f["out_count_30d"] >= 1))
    return points


def _shared_device(f: Columns) -> Floats:
    accounts = f["device_accounts_30d"]
    points: Floats = np.clip(4 * (accounts - 3), 0, 20) * (accounts <= SHARED_HUB)
    return points


def _shared_ip(f: Columns) -> Floats:
    return 3.0 * ((f["ip_accounts_30d"] >= 5) & (f["ip_accounts_30d"] <= SHARED_HUB))


def _young_site(f: Columns) -> Floats:
    age = f["site_age_days"]
    return np.where((age >= 0) & (age < 14), 8.0, 0.0) + np.where((age >= 0) & (age < 3), 4.0, 0.0)


def _listed(f: Columns) -> Floats:
    return np.minimum(45.0 * f["listed_block"] + 20.0 * f["listed_watch"], 75.0)


def _allowed(f: Columns) -> Floats:
    return -20.0 * (f["listed_allow"] > 0)


def _fan_in_target(f: Columns) -> Floats:
    passing = f["target_out_sum_72h"] >= 0.3 * f["target_in_sum_72h"]
    points: Floats = np.clip(2 * (f["target_distinct_sources_72h"] - 5), 0, 10) * passing
    return points


def _pass_through(f: Columns) -> Floats:
    quick = (f["seconds_since_in"] >= 0) & (f["seconds_since_in"] <= 6 * 3600)
    share = np.divide(f["amount"], f["in_sum_24h"], out=np.zeros_like(f["amount"]), where=f["in_sum_24h"] > 0)
    return 12.0 * (quick & (share >= 0.7) & (share <= 1.02))


def _failed_attempts(f: Columns) -> Floats:
    points: Floats = np.clip(3 * f["failed_attempts_24h"], 0, 15) * (f["failed_attempts_24h"] >= 3)
    return points


RULES: tuple[SignalRule, ...] = (
    SignalRule("listed_indicator", "listed_block", "count", _listed, also="listed_watch"),
    SignalRule("allow_listed", "listed_allow", "count", _allowed),
    SignalRule("velocity", "out_count_1h", "count", _velocity, Look.SENT_BY_SOURCE),
    SignalRule("amount_vs_history", "out_mean_30d", "mean_cents", _amount_vs_history, Look.SENT_BY_SOURCE),
    SignalRule("new_counterparty", "pair_count_30d", "count", _new_counterparty),
    SignalRule("first_seen_account", "account_age_days", "hours", _first_seen_account, per=1 / 24),
    SignalRule("new_device", "device_known", "count", _new_device),
    SignalRule("shared_device", "device_accounts_30d", "count", _shared_device, Look.ON_DEVICE),
    SignalRule("shared_ip", "ip_accounts_30d", "count", _shared_ip, Look.ON_IP),
    SignalRule("young_site", "site_age_days", "days", _young_site),
    SignalRule("unlicensed_operator", "operator_unlicensed", "count", lambda f: 10.0 * (f["operator_unlicensed"] > 0)),
    SignalRule(
        "fan_in",
        "target_distinct_sources_72h",
        "count",
        _fan_in_target,
        Look.RECEIVED_BY_TARGET,
        money="target_in_sum_72h",
    ),
    SignalRule("pass_through", "seconds_since_in", "hours", _pass_through, Look.RECEIVED_BY_SOURCE, per=3600),
    SignalRule("failed_attempts", "failed_attempts_24h", "count", _failed_attempts, Look.FAILED_ATTEMPTS),
)

#: Completed patterns that make a signal: code, points.
PATTERN_SIGNALS: dict[int, tuple[str, float]] = {
    HIT_FAN_IN: ("forwarded_collection", 30.0),
    HIT_GATHER_SCATTER: ("gather_scatter", 30.0),
    HIT_FAN_OUT: ("fan_out", 25.0),
    HIT_CYCLE: ("round_trip", 40.0),
    HIT_LAYERED: ("layered", 30.0),
    HIT_SCATTER_GATHER: ("scatter_gather", 35.0),
    HIT_OPPOSITE: ("opposite_bets", 35.0),
    HIT_BIPARTITE: ("bipartite", 30.0),
    HIT_STACK: ("stack", 35.0),
}

SIGNAL_NAMES: tuple[str, ...] = (*(rule.name for rule in RULES), *(name for name, _ in PATTERN_SIGNALS.values()), "cap")


class FeatureSignals:
    """The signals that read single features. A `Source`."""

    name = "signals"

    def version_at(self, _mark: int) -> str:
        return SIGNALS_VERSION

    def signals(self, rows: Rows) -> Given:
        points = rule_points(rows.answers.features)
        found: dict[int, list[Signal]] = {}
        seqs = rows.answers.seqs
        values: dict[int, list[float]] = {}
        for row, index in zip(*(axis.tolist() for axis in np.nonzero(points)), strict=True):
            if row not in values:
                values[row] = rows.answers.features[row].tolist()
                found[row] = []
            signal = rule_signal(RULES[index], float(points[row, index]), values[row], rows.window, int(seqs[row]))
            found[row].append(signal)
        return found


class PatternSignals:
    """The patterns that a movement completes. A `Source`."""

    name = "patterns"

    def version_at(self, _mark: int) -> str:
        return SIGNALS_VERSION

    def signals(self, rows: Rows) -> Given:
        found = {row: pattern_signals(hits, rows.window) for row, hits in rows.hits.items()}
        return {row: signals for row, signals in found.items() if signals}


def rule_points(features: Floats) -> Floats:
    """Points of every feature signal: float64[n, len(RULES)], whole hundredths, from float64[n, len(FEATURES)]."""
    columns = {name: features[:, index] for name, index in FEATURE_INDEX.items()}
    points = np.empty((len(features), len(RULES)), dtype=np.float64)
    for index, rule in enumerate(RULES):
        points[:, index] = rule.points(columns)
    return np.round(points, 2)


def rule_signal(rule: SignalRule, points: float, row: Sequence[float], window: Window, seq: int) -> Signal:
    """The signal of one feature rule for the movement `seq` with feature row `row`, and the events that prove it."""
    value = row[FEATURE_INDEX[rule.value]]
    if rule.also is not None:
        value += row[FEATURE_INDEX[rule.also]]
    proof: tuple[str, ...] = (window.event_id(seq),)
    if rule.look is not None:
        proof += tuple(window.recent(seq, rule.look, limit=10))
    params: Params = (("amount_cents", int(row[FEATURE_INDEX[rule.money]])), (rule.param, _plain(value / rule.per)))
    return Signal(rule.name, value, points, Evidence(rule.name, params, proof, len(proof)))


def pattern_signals(hits: Sequence[Hit], window: Window) -> list[Signal]:
    """One signal per kind of pattern that a movement completes, the largest of its kind as evidence."""
    largest: dict[int, Hit] = {}
    for hit in hits:
        if hit.kind in PATTERN_SIGNALS and (hit.kind not in largest or len(hit.edges) > len(largest[hit.kind].edges)):
            largest[hit.kind] = hit
    signals = []
    for kind, hit in sorted(largest.items()):
        name, points = PATTERN_SIGNALS[kind]
        edges = sorted({window.movement(seq) for seq in hit.edges}, key=lambda edge: (edge.ts, edge.event_id))
        accounts = {edge.source for edge in edges} | {edge.target for edge in edges}
        params: Params = (
            ("accounts", len(accounts)),
            ("amount_cents", sum(edge.amount_cents for edge in edges)),
            ("count", _counted(kind, edges, window.movement(hit.owner).source)),
            ("hours", round((edges[-1].ts - edges[0].ts) / 3_600_000, 1)),
        )
        ids = tuple(edge.event_id for edge in edges[:EVIDENCE_LIMIT])
        signals.append(Signal(name, float(len(edges)), points, Evidence(name, params, ids, len(edges))))
    return signals


def _counted(kind: int, edges: Sequence[Edge], centre: str) -> int:
    """What the words of the pattern count: payers or recipients of a fan's centre, else movements."""
    if kind == HIT_FAN_IN:
        return len({edge.source for edge in edges if edge.target == centre})
    if kind == HIT_FAN_OUT:
        return len({edge.target for edge in edges if edge.source == centre})
    return len(edges)


def _plain(value: float) -> int | float:
    return int(value) if value.is_integer() else round(value, 2)
