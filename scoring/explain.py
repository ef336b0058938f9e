"""What would have changed a decision: the smallest change of points, and the signal that could have made it."""

from __future__ import annotations

from dataclasses import dataclass

from graph.evidence import Decision, Score, Signal

STEP = 0.01  # points are whole hundredths
MOST = 100.0


@dataclass(frozen=True, slots=True)
class Change:
    """One way to another decision: `points` in all (negative to fall), as (signal, points it gave, points then).

    `signals` are empty where points from anywhere would do.
    """

    decision: Decision
    points: float
    signals: tuple[tuple[str, float, float], ...]


def would_change(score: Score) -> tuple[Change, ...]:
    """The nearest milder and the nearest stricter decision, and what would have led there; milder first.

    The milder one names the one strongest signal if it is enough alone, else the strongest together. There is none
    where a source demanded the decision (`score.floor`).
    """
    approve, review = score.bands
    milder = {Decision.REVIEW: (Decision.APPROVE, approve), Decision.DENY: (Decision.REVIEW, review)}
    stricter = {Decision.APPROVE: (Decision.REVIEW, approve), Decision.REVIEW: (Decision.DENY, review)}
    found = []
    counted = [signal for signal in score.signals if signal.name != "cap"]
    total = round(sum(signal.points for signal in counted), 2)
    if score.decision in milder and score.decision is not score.floor:
        decision, bound = milder[score.decision]
        found.append(Change(decision, round(bound - total, 2), _less(counted, round(total - bound, 2))))
    if score.decision in stricter and stricter[score.decision][1] < MOST:
        decision, bound = stricter[score.decision]
        found.append(Change(decision, round(bound + STEP - total, 2), ()))
    return tuple(found)


def _less(signals: list[Signal], surplus: float) -> tuple[tuple[str, float, float], ...]:
    """Take `surplus` points from the strongest signals."""
    taken = []
    for signal in sorted(signals, key=lambda signal: (-signal.points, signal.name)):
        if surplus <= 0 or signal.points <= 0:
            break
        share = min(surplus, signal.points)
        surplus = round(surplus - share, 2)
        taken.append((signal.name, signal.points, round(signal.points - share, 2)))
    return tuple(taken)
