"""Everything that is worked out from events in memory: the window, scores and rings, always from the same log.

Feeding the same entries in any order and any batches ends in the same scores and rings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from graph.events import (
    Access,
    AuthenticationAttempt,
    Event,
    GovernanceChanged,
    IdentifierHeld,
    IndicatorListed,
    ListKind,
    Movement,
    MovementKind,
    NodeKind,
)
from graph.evidence import Ring, RingChanges, Score
from graph.found import PART as FOUND
from graph.found import change_of
from graph.lineage import LineageStep
from graph.log.protocol import LogEntry
from graph.window.bound import span_of
from graph.window.columns import I64
from graph.window.records import Answers, Edge, WindowSettings
from graph.window.window import Window
from rings.engine import MIN_SCORE, RingEngine
from rings.findings import KIND_OF_HIT, Finding, finding_of_hit
from rings.job_findings import finding_of_job, job_finding_name
from rings.life import RingLife
from scoring.governance import Governance, Part
from scoring.model_book import PART as MODEL
from scoring.model_book import ModelBook
from scoring.model_slot import ModelSlot
from scoring.ring_context import RingContext
from scoring.ring_verdicts import RingVerdicts
from scoring.scorer import DecisionPolicy, FixedPolicy, Scorer
from scoring.signals import FeatureSignals, PatternSignals
from scoring.sources import Source


@dataclass(frozen=True, slots=True)
class Scored:
    """Scores, and the feature rows that they were made from: float64[n, len(FEATURES)] tables, in their order."""

    scores: tuple[Score, ...]
    tables: tuple[NDArray[np.float64], ...]

    def features(self) -> dict[str, NDArray[np.float64]]:
        """Return the feature row of every transaction; of several the last."""
        rows = (row for table in self.tables for row in table)
        return {score.tx_id: row for score, row in zip(self.scores, rows, strict=True)}


@dataclass(frozen=True)
class Judging:
    """What people govern, and the sources that judge by it: `parts` change through the log, `policy` decides.

    `models`, which is among the parts, says which learnt model is in force.
    """

    sources: Sequence[Source] = ()
    parts: Sequence[Part] = ()
    models: ModelBook | None = None
    policy: DecisionPolicy = field(default_factory=FixedPolicy)


class Projection:
    """Window, scores and rings of the entries applied so far. One owner; not thread-safe."""

    def __init__(
        self,
        *,
        window: WindowSettings | None = None,
        judging: Judging | None = None,
        least_ring_score: float = MIN_SCORE,
    ) -> None:
        self.window = Window(window)
        judging = judging or Judging()
        self._blocked: set[str] = set()
        self._rings = RingEngine(listed=self._blocked.__contains__, least=least_ring_score)
        self.life = RingLife(self._rings)
        self.governance = Governance((*judging.parts, RingVerdicts(self.life.judge)))
        self.context = RingContext()
        self.models = ModelSlot(judging.models)
        self._scorer = Scorer(
            (FeatureSignals(), PatternSignals(), self.context, self.models, *judging.sources),
            policy=judging.policy,
            governance=self.governance,
        )
        self._edges: dict[str, Edge] = {}  # movements that findings hold, shared between them
        self._with_findings: set[str] = set()
        self._withdrawn: set[str] = set()  # ids of job findings

    def apply(self, entries: Sequence[LogEntry]) -> Scored:
        """Take in `entries`; return scores of their movements and of earlier ones whose score may have changed."""
        step = span_of(self.window.settings.max_events)
        runs = self.life.runs(entries, span=step)
        done = [self._run(part) for run in runs for part in _between_models(run)]
        return Scored(
            scores=tuple(score for scored in done for score in scored.scores),
            tables=tuple(table for scored in done for table in scored.tables),
        )

    def _run(self, entries: Sequence[LogEntry]) -> Scored:
        """Apply entries between two moments at which the window looks to its bound."""
        self.window.trim(entries[0].offset)
        events, marks = self._marked(entries)
        self.models.begin(self.window)
        for event in events:
            self._note(event)
        newest = self.window.newest
        answers = self.window.answer(self.window.apply(events, marks))
        for account in self.window.take_public():
            self._rings.leave_out(account)
        later = self._later(answers, newest)
        batches = [answers] if later is None else [answers, self.window.answer(later)]
        return Scored(
            scores=tuple(score for batch in batches for score in self._scorer.score(batch, self.window)),
            tables=tuple(batch.features for batch in batches),
        )

    def _later(self, answers: Answers, newest: tuple[int, int]) -> I64 | None:
        """Other movements whose scores may have changed, because of patterns or of what models remember."""
        near = self._place(answers, newest)
        judged = self.models.follow(answers, self.window)
        if not len(judged):
            return near
        others = judged if near is None else np.union1d(near, judged)
        others = np.setdiff1d(others, answers.seqs)
        return others if len(others) else None

    def ring_changes(self, *, settle: bool) -> RingChanges:
        """What became of the rings since the last call; `settle` also runs wide passes that are not due yet."""
        return self.life.changes(settle=settle)

    def ring_steps(self) -> tuple[LineageStep, ...]:
        """Versions and ties of rings at the steps of the log since the last call."""
        return self.life.take_steps()

    def rings(self) -> list[Ring]:
        """All rings as of the last `ring_changes`."""
        return self._rings.rings()

    def survivors(self, ring_ids: Iterable[str]) -> dict[str, str | None]:
        """Where rings went that are no more, as of the last `ring_changes`: ring id -> current ring, or None."""
        return self._rings.survivors(ring_ids)

    def _marked(self, entries: Sequence[LogEntry]) -> tuple[list[Event], list[int]]:
        """The events, and the version of what is governed that each arrived under."""
        marks = []
        for entry in entries:
            if isinstance(entry.event, GovernanceChanged):
                self.governance.apply(entry.event)
            marks.append(self.governance.version)
        return [entry.event for entry in entries], marks

    def _place(self, answers: Answers, newest: tuple[int, int]) -> I64 | None:
        """Hand the patterns of the answered movements to the rings, replacing what they had before.

        Returns movements not among them whose context changed, because a pattern before them came or went; these can
        only be movements up to `newest`, the last one before this batch.
        """
        found: dict[int, list[Finding]] = defaultdict(list)
        for hit in answers.hits:
            if hit.kind in KIND_OF_HIT:
                edges = tuple(self._edge(seq) for seq in hit.edges)
                found[hit.owner].append(finding_of_hit(self._edge(hit.owner), hit.kind, edges))
        gone = []
        if self._with_findings:
            owners = zip(answers.seqs.tolist(), self.window.event_ids(answers.seqs), strict=True)
            gone = [seq for seq, owner in owners if owner in self._with_findings and seq not in found]
        later: list[I64] = []
        for seq, findings in (*found.items(), *((seq, []) for seq in gone)):
            owner = self.window.event_id(seq)
            if not findings and owner not in self._with_findings:
                continue
            (self._with_findings.add if findings else self._with_findings.discard)(owner)
            self._rings.replace(owner, findings)
            key = self.window.key_of(seq)
            changed = self.context.replace(owner, key, findings, self.window)
            if changed and key < newest:
                later.append(self.window.movements_near(sorted(changed), after=key))
        if not later:
            return None
        others = np.setdiff1d(np.concatenate(later), answers.seqs)
        return others if len(others) else None

    def _edge(self, seq: int) -> Edge:
        event_id = self.window.event_id(seq)
        edge = self._edges.get(event_id)
        if edge is None:
            edge = self._edges[event_id] = self.window.movement(seq)
        return edge

    def _note(self, event: Event) -> None:
        """Tell the rings' trackers what the event says beyond money."""
        key = (event.ts, event.event_id)
        means = self._rings.means
        if isinstance(event, Movement):
            if event.device is not None:
                means.use(event.source, ("Device", event.device), key)
            if event.ip is not None:
                means.use(event.source, ("Ip", event.ip), key)
            for ref in event.identifiers:
                means.use(event.source if ref.holder == "source" else event.target, ("Identifier", ref.id), key)
            if event.kind is MovementKind.LINK:
                self._rings.links.note(event)
        elif isinstance(event, Access | AuthenticationAttempt):
            if event.device is not None:
                means.use(event.account, ("Device", event.device), key)
            if event.ip is not None:
                means.use(event.account, ("Ip", event.ip), key)
        elif isinstance(event, IdentifierHeld):
            means.use(event.account, ("Identifier", event.identifier.id), key)
        elif isinstance(event, IndicatorListed) and event.entity_kind is NodeKind.ACCOUNT:
            if event.list_kind is ListKind.BLOCK:
                self._blocked.add(event.entity_id)
                self._rings.note_listed(event.entity_id)
            elif event.list_kind is ListKind.SERVICE:
                self._rings.links.leave_out(event.entity_id)
        elif isinstance(event, GovernanceChanged) and event.part == FOUND:
            self._note_found(event)
        else:
            self._rings.operators.note(event)

    def _note_found(self, event: GovernanceChanged) -> None:
        """Hand what link analysis found to the rings; what was withdrawn once stays so."""
        change = change_of(event.content)
        for found in change.found:
            finding = finding_of_job(found, event.event_id)
            if finding is not None and found.id not in self._withdrawn:
                self._rings.note(finding)
        for name in change.withdrawn:
            self._withdrawn.add(name)
            self._rings.drop(job_finding_name(name))


def _between_models(entries: Sequence[LogEntry]) -> Iterator[Sequence[LogEntry]]:
    """Cut before each choice of a model: what it is told of is what the window held then."""
    begin = 0
    for place, entry in enumerate(entries):
        if place > begin and isinstance(entry.event, GovernanceChanged) and entry.event.part == MODEL:
            yield entries[begin:place]
            begin = place
    yield entries[begin:] if begin else entries
