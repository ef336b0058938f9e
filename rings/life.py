"""Rings through the log: what changed since somebody asked, and their versions at the steps of the log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graph.events import GovernanceChanged
from graph.evidence import RingChanges
from graph.lineage import LineageStep
from graph.log.protocol import LogEntry
from rings.engine import RingEngine
from rings.lineage import Lineage, Told
from rings.steps import StepClock

#: A list of more bare links than this is not worked out at every step, only when it grew by a quarter.
WIDE = 20_000
GROWTH = 1.25


class RingLife:
    """Follows one engine along one log. `runs` cuts the log, `step` ends a step, `changes` tells what is new."""

    def __init__(self, engine: RingEngine, clock: StepClock | None = None) -> None:
        self.engine = engine
        self.clock = clock or StepClock()
        self.lineage = Lineage()
        self.handed = Told()
        self.judged: dict[str, str] = {}  # account -> newest verdict since the last step
        self.links_at_step = 0
        self._steps: list[LineageStep] = []

    def judge(self, event: GovernanceChanged) -> None:
        """People decided something about rings."""
        self.judged.update(dict.fromkeys(self.engine.judge(event), event.event_id))

    def runs(self, entries: Sequence[LogEntry], *, span: int) -> Iterator[list[LogEntry]]:
        """Yield `entries` in runs that no multiple of `span` and no step lies within; each ended step is taken when
        the run before it was applied, so exhaust the iterator."""
        run: list[LogEntry] = []
        for entry in entries:
            if self.clock.ends_before(entry):
                if run:
                    yield run
                    run = []
                self._step()
            elif run and entry.offset // span != run[-1].offset // span:
                yield run
                run = []
            run.append(entry)
            if self.clock.read(entry):
                yield run
                run = []
                self._step()
        if run:
            yield run

    def _step(self) -> None:
        clock, links = self.clock, self.engine.links.size
        clock.last = clock.position
        if links != self.links_at_step and WIDE < links < GROWTH * self.links_at_step:
            return
        self.links_at_step = links
        self._note(self.engine.changes(settle=True))
        step = self.lineage.step(
            clock.position,
            ts=clock.ts,
            learned_at=clock.learned_at,
            current=self.engine.ring,
            verdicts=self.judged,
        )
        self.judged = {}
        if step.versions:
            self._steps.append(step)

    def _note(self, changes: RingChanges) -> None:
        self.lineage.note(changes)
        self.handed.note(changes)

    def changes(self, *, settle: bool) -> RingChanges:
        """What became of the rings since the last call; `settle` also runs wide passes that are not due yet."""
        self._note(self.engine.changes(settle=settle))
        differ = self.handed.take(self.engine.ring)
        return RingChanges(
            changed=tuple(now for _, now in differ.values() if now is not None),
            gone=tuple(
                (ring_id, self.engine.holder(member.account for member in before.members))
                for ring_id, (before, now) in differ.items()
                if now is None and before is not None
            ),
        )

    def take_steps(self) -> tuple[LineageStep, ...]:
        """The steps since the last call, oldest first."""
        steps, self._steps = tuple(self._steps), []
        return steps
