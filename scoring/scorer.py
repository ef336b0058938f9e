"""From what the window answers to scores: combination, decision, and what was missing or cut."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from graph.evidence import Decision, Evidence, Score, Signal
from graph.window.features import FEATURE_INDEX, FEATURES_VERSION
from graph.window.records import Answers, Hit
from graph.window.window import Window
from scoring.signals import PATTERN_SIGNALS, RULES, SIGNALS_VERSION, pattern_signals, rule_points, rule_signal

VERSIONS: tuple[tuple[str, str], ...] = (
    ("features", FEATURES_VERSION),
    ("model", "absent"),
    ("signals", SIGNALS_VERSION),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    """Decision bands on the 0-100 score: approve <= `approve` < review <= `review` < deny."""

    approve: float = 30.0
    review: float = 70.0

    def __post_init__(self) -> None:
        if not 0 <= self.approve < self.review <= 100:
            raise ValueError("bands: give 0 <= approve < review <= 100")

    def decide(self, value: float) -> Decision:
        """Return the decision for a score."""
        if value <= self.approve:
            return Decision.APPROVE
        return Decision.REVIEW if value <= self.review else Decision.DENY


def score_answers(answers: Answers, window: Window, *, bands: Bands) -> list[Score]:
    """Scores of the movements in `answers`, in their order."""
    points = rule_points(answers.features)
    given: dict[int, list[int]] = defaultdict(list)  # which rules gave points, per movement
    for i, index in zip(*(axis.tolist() for axis in np.nonzero(points)), strict=True):
        given[i].append(index)
    hits: dict[int, list[Hit]] = defaultdict(list)
    for hit in answers.hits:
        if hit.kind in PATTERN_SIGNALS:
            hits[hit.owner].append(hit)
    walked_out = answers.features[:, FEATURE_INDEX["truncated"]] > 0
    scores = []
    for i, seq in enumerate(answers.seqs.tolist()):
        signals: list[Signal] = []
        if i in given:
            row, shares = answers.features[i].tolist(), points[i].tolist()
            signals.extend(rule_signal(RULES[index], shares[index], row, window, seq) for index in given[i])
        if seq in hits:
            signals.extend(pattern_signals(hits[seq], window))
        value = round(sum(signal.points for signal in signals), 2)
        bounded = min(100.0, max(0.0, value))
        if bounded != value:
            share = round(bounded - value, 2)
            signals.append(
                Signal("cap", value, share, Evidence("cap", (("score", value),), (window.event_id(seq),), 1))
            )
        signals.sort(key=lambda signal: (-abs(signal.points), signal.name))
        truncated = (("history",) if walked_out[i] else ()) + (("path_search",) if answers.cut[i] else ())
        scores.append(
            Score(
                tx_id=window.event_id(seq)[3:],
                ts=window.time_of(seq),
                value=bounded,
                decision=bands.decide(bounded),
                signals=tuple(signals),
                versions=VERSIONS,
                truncated=truncated,
            )
        )
    return scores
