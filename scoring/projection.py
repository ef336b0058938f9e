"""Everything that is worked out from events in memory: the window, scores and rings, always from the same log.

Feeding the same entries in any order and any batches ends in the same scores and rings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from graph.events import (
    OUTSIDE,
    Access,
    AuthenticationAttempt,
    Event,
    IdentifierHeld,
    IndicatorListed,
    ListKind,
    Movement,
    MovementKind,
    NodeKind,
)
from graph.evidence import Ring, RingChanges, Score
from graph.log.protocol import LogEntry
from graph.window.records import Answers, Edge, WindowSettings
from graph.window.window import MOVEMENT_CODES, Window
from rings.engine import RingEngine
from rings.findings import KIND_OF_HIT, Finding, finding_of_hit
from scoring.scorer import Bands, score_answers


class Projection:
    """Window, scores and rings of the entries applied so far. One owner; not thread-safe."""

    def __init__(self, *, window: WindowSettings | None = None, bands: Bands | None = None) -> None:
        self.window = Window(window)
        self._bands = bands or Bands()
        self._blocked: set[str] = set()
        self._rings = RingEngine(listed=self._blocked.__contains__)
        self._edges: dict[str, Edge] = {}  # movements that findings hold, shared between them
        self._with_findings: set[str] = set()

    def apply(self, entries: Sequence[LogEntry]) -> list[Score]:
        """Take in `entries`; return scores of their movements and of earlier ones whose score may have changed."""
        events = [entry.event for entry in entries]
        for event in events:
            self._note(event)
        answers = self.window.answer(self.window.apply(events))
        for account in self.window.take_public():
            self._rings.leave_out(account)
        self._place(answers)
        return score_answers(answers, self.window, bands=self._bands)

    def ring_changes(self, *, settle: bool) -> RingChanges:
        """What became of the rings since the last call; `settle` also runs wide passes that are not due yet."""
        return self._rings.changes(settle=settle)

    def rings(self) -> list[Ring]:
        """All rings as of the last `ring_changes`."""
        return self._rings.rings()

    def survivors(self, ring_ids: Iterable[str]) -> dict[str, str | None]:
        """Where rings went that are no more, as of the last `ring_changes`: ring id -> current ring, or None."""
        return self._rings.survivors(ring_ids)

    def _place(self, answers: Answers) -> None:
        """Hand the patterns of the answered movements to the rings, replacing what they had before."""
        found: dict[int, list[Finding]] = defaultdict(list)
        for hit in answers.hits:
            if hit.kind in KIND_OF_HIT:
                edges = tuple(self._edge(seq) for seq in hit.edges)
                found[hit.owner].append(finding_of_hit(self._edge(hit.owner), hit.kind, edges))
        for seq, findings in found.items():
            owner = self.window.event_id(seq)
            self._with_findings.add(owner)
            self._rings.replace(owner, findings)
        if self._with_findings:
            for seq in answers.seqs.tolist():
                if seq not in found:
                    owner = self.window.event_id(seq)
                    if owner in self._with_findings:
                        self._with_findings.discard(owner)
                        self._rings.replace(owner, ())

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
            if event.kind is MovementKind.LINK and all(name != OUTSIDE for name, _ in event.attributes):
                self._rings.links.note(
                    Edge(event.event_id, event.ts, event.source, event.target, 0, MOVEMENT_CODES[MovementKind.LINK])
                )
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
        else:
            self._rings.operators.note(event)
