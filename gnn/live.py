"""A saved model at work: calibrated probabilities and points for movements as the window answers about them.

What is beyond what training saw, or lies too far back for the trail, is answered by the plain boosted head alone, and
says so. It is the `scoring.model_book.Model` of the service.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.dataset import serving_columns
from gnn.followed import Followed, Said
from gnn.heads import Head
from gnn.line import Line, log_odds
from gnn.reasons import TOLD_FROM, Because, sides_of, strongest
from graph.checkpoint import Frozen, below, prefixed, record_of
from graph.window.placed import answerable, cut_before, placed, standing
from graph.window.records import Answers
from graph.window.window import Window

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

AT_ONCE: Final = 5_000  # movements of the window answered together when a model comes into force
#: Why the plain head answered.
UNUSUAL: Final = "unusual"  # more columns lie outside what training saw than in nearly all rows of it
FORGOTTEN: Final = "forgotten"  # the movement lies further back than the model remembers


@dataclass(frozen=True, slots=True)
class Usual:
    """What training saw: the range of each column, and how many columns of a row may lie outside at most."""

    columns: I64
    low: F32
    high: F32
    most_outside: int

    def outside(self, table: F32) -> NDArray[np.bool_]:
        """Rows that are unlike what training saw, bool[n]."""
        own = table[:, self.columns]
        counts = ((own < self.low) | (own > self.high)).sum(axis=1)
        found: NDArray[np.bool_] = counts > self.most_outside
        return found


@dataclass(frozen=True, slots=True)
class Spoken:
    """A head with its calibration and what its probabilities are worth."""

    head: Head
    probability: Line
    points: Line

    def judge(self, table: F32, said: F32 | None) -> tuple[F64, F64]:
        """Probabilities, and points in whole hundredths."""
        probability = self.probability(self.head.raw(table, said))
        return probability, np.round(self.points(log_odds(probability)), 2)


@dataclass(frozen=True, slots=True)
class Answer:
    """Probabilities and points of n movements, why the plain head answered ('' where the whole model did), and what
    speaks for those answers that are told."""

    probability: F64
    points: F64
    fallback: Sequence[str]
    because: Mapping[int, Because]


class LiveModel:
    """One model in force. One owner; not thread-safe."""

    def __init__(self, version: str, *, whole: Spoken, plain: Spoken, usual: Usual) -> None:
        self.version = version
        self._whole, self._plain, self._usual = whole, plain, usual
        self._followed = Followed() if whole.head.first is not None else None
        self._last: tuple[Answers, F32, Said] | None = None  # what was followed last: its table, what the trail said

    # --- following ------------------------------------------------------------------------------------------------

    def begin(self, window: Window) -> None:
        """Learn of everything the window holds."""
        if self._followed is None:
            return
        seqs = standing(window)
        for low in range(0, len(seqs), AT_ONCE):
            self.follow(window.answer(seqs[low : low + AT_ONCE]), window)

    def follow(self, answers: Answers, window: Window) -> I64:
        """Take in movements and new answers about earlier ones; return seqs of others judged otherwise from now on."""
        first = self._whole.head.first
        if self._followed is None or first is None or not len(answers.seqs):
            return np.empty(0, dtype=np.int64)
        at, table = placed(window, answers.seqs), serving_columns(answers)
        said = self._followed.take(answers.seqs, at, first.raw(table, at.ts), since_ms=cut_before(window))
        self._last = answers, table, said
        return answerable(window, said.changed)

    # --- judging --------------------------------------------------------------------------------------------------

    def judge(self, answers: Answers, window: Window) -> Answer:
        """Judge movements that were followed before."""
        table, said, forgotten = self._known_of(answers, window)
        probability, points = self._whole.judge(table, said)
        unusual = self._usual.outside(table)
        plainly = unusual | forgotten
        if plainly.any():
            probability[plainly], points[plainly] = self._plain.judge(table[plainly], None)
        why = np.where(forgotten, FORGOTTEN, np.where(unusual, UNUSUAL, ""))
        told = points >= TOLD_FROM
        because = self._because(np.flatnonzero(told & ~plainly), answers, window, table, said)
        for row in np.flatnonzero(told & plainly).tolist():
            because[row] = Because(strongest(self._plain.head.parts(table[[row]], None)[0]), ())
        return Answer(probability, points, why.tolist(), because)

    def _because(self, rows: I64, answers: Answers, window: Window, table: F32, said: F32 | None) -> dict[int, Because]:
        """What speaks for the whole model's answers about `rows`."""
        if not len(rows):
            return {}
        parts = self._whole.head.parts(table[rows], None if said is None else said[rows])
        earlier: list[tuple[int, ...]] = [()] * len(rows)
        if self._followed is not None:
            sides = np.array([sides_of(row) for row in parts])
            earlier = self._followed.carried(placed(window, answers.seqs[rows]), sides)
        return {row: Because(strongest(parts[place]), earlier[place]) for place, row in enumerate(rows.tolist())}

    def _known_of(self, answers: Answers, window: Window) -> tuple[F32, F32 | None, NDArray[np.bool_]]:
        """The table of the movements, what the trail says of them, and which of them it forgot."""
        if self._last is not None and self._last[0] is answers:
            _, table, said = self._last
            return table, said.columns, said.forgotten
        table = serving_columns(answers)
        first = self._whole.head.first
        if self._followed is None or first is None:
            return table, None, np.zeros(len(table), np.bool_)
        # Others than were followed last: the trail, wound back to them, says again what it said.
        at = placed(window, answers.seqs)
        order = np.lexsort((at.tie, at.ts))
        scores = first.raw(table, at.ts)[order]
        said = self._followed.take(answers.seqs[order], at.at(order), scores, since_ms=cut_before(window))
        columns, forgotten = np.empty_like(said.columns), np.empty_like(said.forgotten)
        columns[order], forgotten[order] = said.columns, said.forgotten
        return table, columns, forgotten

    # --- checkpoints ----------------------------------------------------------------------------------------------

    def freeze(self) -> Frozen:
        """Copy what it remembers."""
        remembered = {} if self._followed is None else dict(prefixed("trail", self._followed.freeze()))
        return {"version": self.version.encode(), **remembered}

    def thaw(self, frozen: Frozen) -> None:
        """Take back what `freeze` copied; ValueError where it is of another model."""
        if record_of(frozen, "version") != self.version.encode():
            raise ValueError("it remembers for another model")
        if self._followed is not None:
            self._followed.thaw(below("trail", frozen))
