"""What was worked out and is not written yet: handed over in pieces, each known until store and ledger hold it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from graph.checkpoint import Frozen
from graph.evidence import RingChanges, Score
from graph.lineage import LineageStep
from graph.log.protocol import LogEntry
from scoring.projection import Scored


@dataclass(slots=True)
class Unwritten:
    """Applied and not written yet."""

    entries: list[LogEntry] = field(default_factory=list)
    scores: dict[str, Score] = field(default_factory=dict)
    scored: list[Scored] = field(default_factory=list)

    def add(self, entries: Sequence[LogEntry], scored: Scored) -> None:
        """Take what was applied."""
        self.entries.extend(entries)
        self.scores.update((score.tx_id, score) for score in scored.scores)
        self.scored.append(scored)


@dataclass(frozen=True, slots=True)
class Work:
    """One piece for the writer; `memory` is for a checkpoint at `position`."""

    entries: tuple[LogEntry, ...]
    scores: tuple[Score, ...]
    scored: tuple[Scored, ...]
    rings: RingChanges
    steps: tuple[LineageStep, ...]
    position: int
    settle: bool
    memory: Frozen | None

    @property
    def content(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.entries or self.rings.changed or self.rings.gone or self.steps)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many events wait for the writer, and when the first of them was learned (UTC epoch ms; None without any)."""

    events: int
    since_ms: int | None


def waiting(pieces: Sequence[Unwritten]) -> Waiting:
    """What waits in `pieces`; one that is named twice counts once."""
    held = [piece.entries for piece in {id(piece): piece for piece in pieces}.values() if piece.entries]
    return Waiting(sum(map(len, held)), min((entries[0].learned_at for entries in held), default=None))
