"""What a source of signals gets and gives: the seam between the window and everything that judges by it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from graph.errors import TarrafaError
from graph.evidence import Decision, Signal
from graph.window.columns import I64
from graph.window.features import FEATURE_INDEX
from graph.window.records import Answers, Context, Edge, Hit, Look
from graph.window.window import Window

#: Earlier events that a signal names as its proof, at most.
LOOKED_AT: Final = 10
#: Signals by row of a batch; rows without any are left out.
Given = Mapping[int, list[Signal]]


class SourceUnavailable(TarrafaError):
    """A source could not answer now; scores go on without it, marked degraded, and are never approved."""


@dataclass(frozen=True)
class Rows:
    """A batch of answered movements: row i of everything is about `answers.seqs[i]`.

    `marks` are the governance versions in force when each arrived; `given` grows with every source, in their order, so
    that a later one can build on what earlier ones said.
    """

    answers: Answers
    window: Window
    marks: NDArray[np.int32]
    given: dict[int, list[Signal]] = field(default_factory=dict)
    #: The least strict decision that a source demands for a row, whatever the sum of points.
    floors: dict[int, Decision] = field(default_factory=dict)
    #: Names of sources that could not answer for a row alone; it is then degraded.
    missing: dict[int, tuple[str, ...]] = field(default_factory=dict)
    #: Rules on trial that hold for a row, as "id@version"; they give no points.
    shadow: dict[int, list[str]] = field(default_factory=dict)
    _recent: dict[Look, dict[int, tuple[str, ...]]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.answers.seqs)

    def column(self, name: str) -> NDArray[np.float64]:
        """Feature `name` of every row; KeyError for one that is not in the registry."""
        return self.answers.features[:, FEATURE_INDEX[name]]

    @cached_property
    def contexts(self) -> list[Context]:
        """Channel, currency, tenant and caller profile of every row."""
        return self.window.contexts_of(self.answers.seqs)

    @cached_property
    def hits(self) -> Mapping[int, list[Hit]]:
        """Completed patterns by row; rows without any are left out."""
        place = {seq: row for row, seq in enumerate(self.answers.seqs.tolist())}
        found: dict[int, list[Hit]] = {}
        for hit in self.answers.hits:
            found.setdefault(place[hit.owner], []).append(hit)
        return found

    def edge(self, row: int) -> Edge:
        """The movement of a row."""
        return self.window.movement(int(self.answers.seqs[row]))

    def event_id(self, row: int) -> str:
        """Id of the movement of a row."""
        return self.event_ids[row]

    def recent(self, places: Sequence[int], look: Look) -> list[tuple[str, ...]]:
        """Ids of the newest events that `look` finds before the movement of each row of `places`; looked up once."""
        known = self._recent.setdefault(look, {})
        new = [row for row in places if row not in known]
        if new:
            known.update(zip(new, self.window.recent(self.answers.seqs[new], look, limit=LOOKED_AT), strict=True))
        return [known[row] for row in places]

    @cached_property
    def event_ids(self) -> list[str]:
        """Ids of the movements of all rows."""
        return self.window.event_ids(self.answers.seqs)

    @cached_property
    def times(self) -> list[int]:
        """When the movement of each row happened (epoch ms)."""
        return self.window.times_of(self.answers.seqs)

    def by_mark(self) -> Iterator[tuple[int, I64]]:
        """Yield (mark, rows that arrived under it); nearly always one pair."""
        if len(self.marks) and (self.marks == self.marks[0]).all():
            yield int(self.marks[0]), np.arange(len(self.marks))
            return
        for mark in np.unique(self.marks).tolist():
            yield mark, np.flatnonzero(self.marks == mark)


def some_answers(answers: Answers, rows: NDArray[Any]) -> Answers:
    """The answers about some movements, by place or by mask, in their order."""
    seqs = answers.seqs[rows]
    kept = set(seqs.tolist()) if answers.hits else set()
    return Answers(
        seqs=seqs,
        features=answers.features[rows],
        cut=answers.cut[rows],
        hits=tuple(hit for hit in answers.hits if hit.owner in kept),
        short=answers.short[rows],
    )


class Source(Protocol):
    """Judges movements by one kind of knowledge.

    Guarantees: the same rows give the same signals, whatever else is in the batch; points are whole hundredths; a row
    that it has nothing to say about is absent; where it could not answer it gives a signal with `missing` and 0 points.
    """

    @property
    def name(self) -> str: ...

    def version_at(self, mark: int) -> str: ...
    def signals(self, rows: Rows) -> Given: ...
