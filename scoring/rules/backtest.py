"""What a rule would have done over a past range: the log replayed through the same projection, in memory, with the rule
watched beside it.

Everything before the range is replayed too, for features look back and lists stay. Events at or after its end are left
out, since no feature sees them; governance and labels are read wherever they stand. Typologies that would weigh the
rule are not followed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

import numpy as np

from graph.events import GovernanceChanged, LabelGiven
from graph.evidence import Decision, Score
from graph.log.protocol import LogEntry
from scoring.policy import Bands, stricter
from scoring.projection import Projection
from scoring.rules.rule import SIGNAL, RuleInForce
from scoring.rules.source import Batch, facts_of, holds
from scoring.sources import Given, Rows

CHUNK: Final = 2_000
EXAMPLES: Final = 10


@dataclass(frozen=True, slots=True)
class Overlap:
    """A live signal: in how many movements of the range it stood, and in how many together with the rule."""

    signal: str
    together: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A movement the rule holds for; `label` is 1 fraud, 0 honest, None not known."""

    tx_id: str
    ts: int
    amount_cents: int
    facts: str
    score: float
    decision: Decision
    score_with: float
    decision_with: Decision
    label: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """What a rule would have done in since <= ts < until (UTC epoch ms).

    `decisions` counts its hits by the decision made without it, `changed` the decisions it would have changed, as
    "approve > review". `fraud` movements of the range are labelled as fraud; of the `labelled` hits `fraud_hits` are.
    `truncated` says that the time was over after `events` events of the log.
    """

    rule: str
    since: int
    until: int
    movements: int
    hits: int
    decisions: Mapping[str, int]
    changed: Mapping[str, int]
    labelled: int
    fraud_hits: int
    fraud: int
    overlap: tuple[Overlap, ...]
    examples: tuple[Example, ...]
    events: int
    truncated: tuple[str, ...] = ()

    @property
    def precision(self) -> float | None:
        """Share of fraud among its labelled hits; None without any."""
        return self.fraud_hits / self.labelled if self.labelled else None

    @property
    def recall(self) -> float | None:
        """Share of the labelled fraud that it holds for; None without any."""
        return self.fraud_hits / self.fraud if self.fraud else None


@dataclass(frozen=True, slots=True)
class _Hit:
    amount_cents: int
    facts: str


class Watch:
    """Notes for which movements a rule holds, and says nothing. A `Source`."""

    name = "watch"

    def __init__(self, rule: RuleInForce) -> None:
        self.rule = rule
        self.hits: dict[str, _Hit] = {}

    def version_at(self, _mark: int) -> str:
        return str(self.rule.version)

    def signals(self, rows: Rows) -> Given:
        batch = Batch(rows)
        held = holds(self.rule, batch)
        if self.hits:
            for row in np.flatnonzero(~held).tolist():  # a late event may have changed an earlier answer
                self.hits.pop(rows.event_id(row)[3:], None)
        places = np.flatnonzero(held)
        amounts = rows.column("amount")[places].tolist()
        for row, amount, facts in zip(places.tolist(), amounts, facts_of(self.rule, batch, places), strict=True):
            self.hits[rows.event_id(row)[3:]] = _Hit(int(amount), facts)
        return {}


@dataclass(frozen=True, slots=True)
class _Judged:
    """What stays of a score: the sum of its points before any cap, those of the rule's own live version among them."""

    ts: int
    points: float
    own: float
    value: float
    decision: Decision
    floor: Decision | None
    bands: tuple[float, float]
    signals: tuple[str, ...]


@dataclass(slots=True)
class _Seen:
    since: int
    own_signal: str
    judged: dict[str, _Judged] = field(default_factory=dict)
    labels: dict[str, tuple[int, str, int]] = field(default_factory=dict)

    def label(self, tx_id: str) -> int | None:
        """The newest label of a movement."""
        return self.labels[tx_id][2] if tx_id in self.labels else None

    def take_labels(self, entries: Iterable[LogEntry]) -> None:
        """Keep the newest label of every transaction."""
        for entry in entries:
            event = entry.event
            if isinstance(event, LabelGiven) and event.subject == "tx":
                label = (event.ts, event.event_id, event.label)
                self.labels[event.subject_id] = max(label, self.labels.get(event.subject_id, label))

    def take_scores(self, scores: Iterable[Score]) -> None:
        """Keep what is needed of the scores in the range; a later answer stands in place of an earlier one."""
        for score in scores:
            if score.ts >= self.since:
                given = [signal for signal in score.signals if signal.name != "cap"]
                self.judged[score.tx_id] = _Judged(
                    score.ts,
                    round(sum(signal.points for signal in given), 2),
                    sum(signal.points for signal in given if signal.name == self.own_signal),
                    score.value,
                    score.decision,
                    score.floor,
                    score.bands,
                    tuple(signal.name for signal in given if signal.points),
                )


def run_backtest(
    projection: Projection,
    watch: Watch,
    entries: Iterable[LogEntry],
    *,
    since: int,
    until: int,
    in_time: Callable[[], bool],
    progress: Callable[[int], None] | None = None,
) -> Backtest:
    """Replay `entries`, a whole log, through `projection`, which has `watch` among its sources.

    It stops when `in_time` says no; `progress(offset)` is called after every chunk.
    """
    seen = _Seen(since, SIGNAL + watch.rule.id)
    events = 0
    truncated: tuple[str, ...] = ()
    for chunk in _chunks(entries):
        if not in_time():
            truncated = ("time",)
            break
        seen.take_labels(chunk)
        wanted = [entry for entry in chunk if entry.event.ts < until or isinstance(entry.event, GovernanceChanged)]
        if wanted:
            seen.take_scores(projection.apply(wanted).scores)
        events = chunk[-1].offset
        if progress is not None:
            progress(events)
    return _told(watch, seen, until=until, events=events, truncated=truncated)


def _told(watch: Watch, seen: _Seen, *, until: int, events: int, truncated: tuple[str, ...]) -> Backtest:
    hits = {tx_id: hit for tx_id, hit in watch.hits.items() if tx_id in seen.judged}
    labels = [label for label in map(seen.label, hits) if label is not None]
    total = Counter(name for judged in seen.judged.values() for name in judged.signals)
    together = Counter(name for tx_id in hits for name in seen.judged[tx_id].signals)
    examples = sorted(hits, key=lambda tx_id: (-seen.judged[tx_id].ts, tx_id))[:EXAMPLES]
    return Backtest(
        rule=f"{watch.rule.id}@{watch.rule.version}",
        since=seen.since,
        until=until,
        movements=len(seen.judged),
        hits=len(hits),
        decisions=_counted(str(seen.judged[tx_id].decision) for tx_id in hits),
        changed=_counted(_changes(watch, seen, hits)),
        labelled=len(labels),
        fraud_hits=sum(labels),
        fraud=sum(seen.label(tx_id) == 1 for tx_id in seen.judged),
        overlap=tuple(Overlap(name, count, total[name]) for name, count in together.most_common()),
        examples=tuple(_example(watch, seen, tx_id, hits[tx_id]) for tx_id in examples),
        events=events,
        truncated=truncated,
    )


def _changes(watch: Watch, seen: _Seen, hits: Mapping[str, _Hit]) -> Iterator[str]:
    for tx_id, judged in seen.judged.items():
        if tx_id in hits or judged.own:
            _, then = _with_rule(judged, watch.rule.weight if tx_id in hits else 0.0)
            if then is not judged.decision:
                yield f"{judged.decision} > {then}"


def _with_rule(judged: _Judged, points: float) -> tuple[float, Decision]:
    """Score and decision with `points` in place of those of the rule's live version."""
    value = min(100.0, max(0.0, round(judged.points - judged.own + points, 2)))
    approve, review = judged.bands
    return value, stricter(judged.floor, Bands(approve=approve, review=review).decide(value))


def _example(watch: Watch, seen: _Seen, tx_id: str, hit: _Hit) -> Example:
    judged = seen.judged[tx_id]
    value, decision = _with_rule(judged, watch.rule.weight)
    return Example(
        tx_id=tx_id,
        ts=judged.ts,
        amount_cents=hit.amount_cents,
        facts=hit.facts,
        score=judged.value,
        decision=judged.decision,
        score_with=value,
        decision_with=decision,
        label=seen.label(tx_id),
    )


def _counted(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))


def _chunks(entries: Iterable[LogEntry]) -> Iterator[list[LogEntry]]:
    waiting = iter(entries)
    while chunk := list(islice(waiting, CHUNK)):
        yield chunk
