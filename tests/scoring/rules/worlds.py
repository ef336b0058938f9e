"""Rules, and movements small enough to see what they hold for."""

from __future__ import annotations

from collections.abc import Sequence

from graph.events import Event, GovernanceChanged, Movement, MovementKind
from graph.evidence import Score
from graph.log.protocol import LogEntry
from scoring.declared import canonical_text
from scoring.projection import Judging, Projection
from scoring.rules.rule import Mode, RuleInForce, RuleSet, Severity
from scoring.rules.source import Rules, RuleSource
from scoring.sources import Source

START = 1_700_000_000_000
MINUTE = 60_000


def rule(
    rule_id: str = "big",
    when: str = "amount >= money(1000)",
    *,
    mode: Mode = Mode.ACTIVE,
    version: int = 1,
    points: float | None = None,
    severity: Severity = Severity.HIGH,
    tenant: str = "",
) -> RuleInForce:
    return RuleInForce(
        id=rule_id,
        pt="valor alto",
        en="a large amount",
        when=when,
        severity=severity,
        points=points,
        tenant=tenant,
        version=version,
        mode=mode,
        author="ana",
        approver="bruno",
    )


def change(number: int, *rules: RuleInForce, ts: int = START) -> GovernanceChanged:
    """The event that puts exactly `rules` in force."""
    listed = RuleSet(tuple(sorted(rules, key=lambda one: (one.id, one.mode))))
    return GovernanceChanged(
        event_id=f"governance:rules:{number}", ts=ts, part="rules", content=canonical_text(listed), author="carla"
    )


def movement(
    number: int,
    *,
    cents: int = 200_000,
    source: str = "a",
    target: str = "b",
    minute: int | None = None,
    kind: MovementKind = MovementKind.TRANSFER,
    channel: str = "pix",
    tenant: str = "",
) -> Movement:
    return Movement(
        event_id=f"tx:{number}",
        ts=START + (number if minute is None else minute) * MINUTE,
        source=source,
        target=target,
        amount_cents=cents,
        kind=kind,
        channel=channel,
        attributes=(("tenant", tenant),) if tenant else (),
    )


def entries(events: Sequence[Event], first: int = 1) -> list[LogEntry]:
    return [LogEntry(offset, START, event) for offset, event in enumerate(events, first)]


def projection(*also: Source) -> Projection:
    """Rules and nothing else that people govern."""
    rules = Rules()
    return Projection(judging=Judging(sources=(RuleSource(rules), *also), parts=(rules,)))


def last_scores(events: Sequence[Event], *, batch: int = 1_000) -> dict[str, Score]:
    """The last word on every movement of a log, read in batches."""
    made = projection()
    log = entries(events)
    last: dict[str, Score] = {}
    for start in range(0, len(log), batch):
        last.update((score.tx_id, score) for score in made.apply(log[start : start + batch]).scores)
    return last
