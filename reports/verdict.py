"""How sure a report is, and which sites may be proposed for blocking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graph.events import IndicatorListed, ListKind, NodeKind, OperatorFact, OperatorFactKind
from graph.evidence import Ring
from reports.exhibits import Exhibits
from reports.record import Statement
from reports.sources import CaseFacts

HIGH_FROM, MEDIUM_FROM = 70.0, 40.0  # points of 100
REASONS_NAMED = 3


def confidence_of(ring: Ring, exhibits: Exhibits) -> tuple[str, tuple[Statement, ...]]:
    """Level of confidence and the strongest reasons for it; the score is a sum of points, not a probability."""
    level = level_of(ring.score)
    strongest = sorted(ring.contributions, key=lambda signal: (-signal.points, signal.name))[:REASONS_NAMED]
    reasons = tuple(exhibits.state(signal.evidence) for signal in strongest if signal.points > 0)
    return level, reasons or (Statement("confidence_unreasoned", basis="basis_absence"),)


def level_of(score: float) -> str:
    """ "high", "medium" or "low" for a score of 0-100."""
    return "high" if score >= HIGH_FROM else "medium" if score >= MEDIUM_FROM else "low"


@dataclass(frozen=True, slots=True)
class Licence:
    """What licence facts state: False as soon as one source denies it, None when none speaks; and their event ids."""

    licensed: bool | None
    event_ids: tuple[str, ...]
    disputed: bool


def licence_of(operator: str, facts: CaseFacts) -> Licence:
    """The licence status of a betting operator according to the facts in the log."""
    stated = [
        entry.event
        for entry in facts.facts.about(NodeKind.OPERATOR, operator)
        if isinstance(entry.event, OperatorFact) and entry.event.fact is OperatorFactKind.LICENCE
    ]
    answers = {bool(event.licensed) for event in stated}
    licensed = None if not answers else answers == {True}
    return Licence(licensed, tuple(event.event_id for event in stated), len(answers) == 2)


def blocked_by(label: str, node_id: str, facts: CaseFacts) -> list[str]:
    """Event ids of block listings of a node."""
    return [
        entry.event.event_id
        for entry in facts.facts.about(label, node_id)
        if isinstance(entry.event, IndicatorListed) and entry.event.list_kind is ListKind.BLOCK
    ]


def domain_reasons(
    domains: Mapping[str, Sequence[str]],
    operators: Mapping[str, Sequence[str]],
    exhibits: Exhibits,
    *,
    facts: CaseFacts,
) -> dict[str, tuple[str, Sequence[str]]]:
    """Site -> (reason to block, event ids) for sites that are block-listed or run by an unlicensed operator.

    A movement that names the site together with the operator is what ties them.
    """
    licences = {operator: licence_of(operator, facts) for operator in operators}
    reasons: dict[str, tuple[str, Sequence[str]]] = {}
    for domain, used in domains.items():
        listed = blocked_by(NodeKind.DOMAIN, domain, facts)
        movements = [event for event_id in used if (event := exhibits.movement(event_id)) is not None]
        tied = [event for event in movements if event.operator and licences[event.operator].licensed is False]
        if tied:
            proof = [
                i for operator in sorted({str(event.operator) for event in tied}) for i in licences[operator].event_ids
            ]
            reasons[domain] = ("unlicensed", [*proof, *(event.event_id for event in tied)])
        elif listed:
            reasons[domain] = ("listed", listed)
    return reasons
