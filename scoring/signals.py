"""Named signals of a transaction: from a feature row and completed patterns to signed points with evidence.

One compiled pass gives the points of a batch (`scoring.points`); evidence is only made for signals that count, rule by
rule, so that values and proofs are looked up for all rows at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from graph.evidence import EVIDENCE_LIMIT, Evidence, Params, Signal
from graph.window.columns import I64
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
from scoring.points import feature_points
from scoring.sources import Given, Rows

#: Version of the signals and their points; part of every score.
SIGNALS_VERSION = "1"


@dataclass(frozen=True, slots=True)
class SignalRule:
    """A signal computed from features.

    Its points are a column of `scoring.points`; `value` names the feature shown (plus
    `also`), `param` the name under which the phrase gets it, in units of `per` feature units, `money` the feature that
    is the amount it is about; `look` says which events prove it (None: the movement alone).
    """

    name: str
    value: str
    param: str
    look: Look | None = None
    also: str | None = None
    per: float = 1.0
    money: str = "amount"


RULES: tuple[SignalRule, ...] = (
    SignalRule("listed_indicator", "listed_block", "count", also="listed_watch"),
    SignalRule("allow_listed", "listed_allow", "count"),
    SignalRule("velocity", "out_count_1h", "count", Look.SENT_BY_SOURCE),
    SignalRule("amount_vs_history", "out_mean_30d", "mean_cents", Look.SENT_BY_SOURCE),
    SignalRule("new_counterparty", "pair_count_30d", "count"),
    SignalRule("first_seen_account", "account_age_days", "hours", per=1 / 24),
    SignalRule("new_device", "device_known", "count"),
    SignalRule("shared_device", "device_accounts_30d", "count", Look.ON_DEVICE),
    SignalRule("shared_ip", "ip_accounts_30d", "count", Look.ON_IP),
    SignalRule("young_site", "site_age_days", "days"),
    SignalRule("unlicensed_operator", "operator_unlicensed", "count"),
    SignalRule(
        "fan_in",
        "target_distinct_sources_72h",
        "count",
        Look.RECEIVED_BY_TARGET,
        money="target_in_sum_72h",
    ),
    SignalRule("pass_through", "seconds_since_in", "hours", Look.RECEIVED_BY_SOURCE, per=3600),
    SignalRule("failed_attempts", "failed_attempts_24h", "count", Look.FAILED_ATTEMPTS),
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
        points = feature_points(rows.answers.features)
        found: dict[int, list[Signal]] = {}
        for index in np.flatnonzero(points.any(axis=0)).tolist():
            places = np.flatnonzero(points[:, index])
            signals = rule_signals(RULES[index], points[places, index].tolist(), rows, places)
            for row, signal in zip(places.tolist(), signals, strict=True):
                found.setdefault(row, []).append(signal)
        return found


class PatternSignals:
    """The patterns that a movement completes. A `Source`."""

    name = "patterns"

    def version_at(self, _mark: int) -> str:
        return SIGNALS_VERSION

    def signals(self, rows: Rows) -> Given:
        found = {row: pattern_signals(hits, rows.window) for row, hits in rows.hits.items()}
        return {row: signals for row, signals in found.items() if signals}


def rule_signals(rule: SignalRule, points: Sequence[float], rows: Rows, places: I64) -> list[Signal]:
    """The signals of one rule for the rows `places`, and the events that prove them."""
    features = rows.answers.features
    values = features[places, FEATURE_INDEX[rule.value]]
    if rule.also is not None:
        values = values + features[places, FEATURE_INDEX[rule.also]]
    amounts = features[places, FEATURE_INDEX[rule.money]].tolist()
    shown = (values / rule.per).tolist()
    at = places.tolist()
    proofs: Sequence[tuple[str, ...]] = [()] * len(at) if rule.look is None else rows.recent(at, rule.look)
    name, param = rule.name, rule.param
    signals = []
    for row, value, given, amount, said, proof in zip(at, values.tolist(), points, amounts, shown, proofs, strict=True):
        params: Params = (("amount_cents", int(amount)), (param, _plain(said)))
        signals.append(Signal(name, value, given, Evidence(name, params, (rows.event_id(row), *proof), 1 + len(proof))))
    return signals


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
