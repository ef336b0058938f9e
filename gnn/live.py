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

from gnn.company import WIDTH as COMPANY_WIDTH
from gnn.dataset import WINDOW_COLUMNS, account_hashes, serving_columns
from gnn.folds import fold_of
from gnn.followed import Followed, Said
from gnn.heads import Head
from gnn.line import Line, log_odds
from gnn.reasons import TOLD_FROM, Because, sides_of, strongest
from graph.checkpoint import Frozen, below, prefixed, record_of
from graph.window.placed import Placed, answerable, cut_before, placed, standing
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

    def judge(self, table: F32, said: F32 | None, ts: I64) -> tuple[F64, F64]:
        """Probabilities, and points in whole hundredths."""
        probability = self.probability(self.head.raw(table, said, ts))
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
        self._followed = None if whole.head.first is None else Followed()
        self._last: tuple[Answers, F32, Said] | None = None  # what was followed last: its table, what the trails said

    def warm(self) -> None:
        """Judge a movement of nobody's, so that compiled code is loaded before the first caller waits."""
        table, ts = np.zeros((1, len(WINDOW_COLUMNS)), np.float32), np.zeros(1, np.int64)
        said: F32 | None = None
        ends, first = self._whole.head.ends, self._whole.head.first
        if ends is not None and first is not None:
            zero = np.zeros(1, np.int32)
            nobody = Placed(ts, ts, zero, zero, ts, zero)
            scores = ends.raw(table, ts, np.zeros((1, 2), np.int32))
            first_scores = first.raw(table, np.zeros((1, COMPANY_WIDTH), np.float32), ts)
            said = Followed().take(ts, nobody, scores, lambda *_: first_scores, since_ms=0).columns
        self._whole.judge(table, said, ts)
        self._plain.judge(table, None, ts)

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
        if self._followed is None or not len(answers.seqs):
            return np.empty(0, dtype=np.int64)
        table = serving_columns(answers)
        said = self._told(self._followed, answers.seqs, table, window)
        self._last = answers, table, said
        return answerable(window, said.changed)

    def _told(self, followed: Followed, seqs: I64, table: F32, window: Window) -> Said:
        """Tell the trails of movements (in canonical order) with their table; what they say of them."""
        ends, first = self._whole.head.ends, self._whole.head.first
        assert ends is not None
        assert first is not None
        at = placed(window, seqs)
        names = window.accounts.names
        hashes = account_hashes([names[number] for pair in zip(at.source, at.target, strict=True) for number in pair])
        scores = ends.raw(table, at.ts, fold_of(hashes).reshape(-1, 2))
        own = {seq: place for place, seq in enumerate(seqs.tolist())}

        def first_scores(asked: I64, company: F32, given: NDArray[np.bool_]) -> F64:
            found = np.full(len(asked), np.nan)
            mine = np.array([own[seq] for seq in asked[given].tolist()], dtype=np.int64)
            found[given] = first.raw(table[mine], company[given], at.ts[mine])
            others = answerable(window, asked[~given])
            if len(others):
                rows = np.flatnonzero(np.isin(asked, others))
                rest = serving_columns(window.answer(asked[rows]))
                found[rows] = first.raw(rest, company[rows], placed(window, asked[rows]).ts)
            return found

        return followed.take(seqs, at, scores, first_scores, since_ms=cut_before(window))

    # --- judging --------------------------------------------------------------------------------------------------

    def judge(self, answers: Answers, window: Window) -> Answer:
        """Judge movements that were followed before."""
        table, said, forgotten = self._known_of(answers, window)
        ts = placed(window, answers.seqs).ts
        probability, points = self._whole.judge(table, said, ts)
        unusual = self._usual.outside(table)
        plainly = unusual | forgotten
        if plainly.any():
            probability[plainly], points[plainly] = self._plain.judge(table[plainly], None, ts[plainly])
        why = np.where(forgotten, FORGOTTEN, np.where(unusual, UNUSUAL, ""))
        told = points >= TOLD_FROM
        because = self._because(np.flatnonzero(told & ~plainly), answers, window, table, said)
        for row in np.flatnonzero(told & plainly).tolist():
            because[row] = Because(strongest(self._plain.head.parts(table[[row]], None)[0]), ())
        return Answer(probability, points, why.tolist(), because)

    def _because(self, rows: I64, answers: Answers, window: Window, table: F32, said: F32 | None) -> dict[int, Because]:
        """What speaks for the whole model's answers about `rows`; of earlier movements those the window still knows."""
        if not len(rows):
            return {}
        parts = self._whole.head.parts(table[rows], None if said is None else said[rows])
        earlier: list[tuple[int, ...]] = [()] * len(rows)
        if self._followed is not None:
            sides = np.array([sides_of(row) for row in parts])
            found = self._followed.carried(placed(window, answers.seqs[rows]), sides)
            earlier = [tuple(seq for seq in seqs if seq >= window.first) for seqs in found]
        return {row: Because(strongest(parts[place]), earlier[place]) for place, row in enumerate(rows.tolist())}

    def _known_of(self, answers: Answers, window: Window) -> tuple[F32, F32 | None, NDArray[np.bool_]]:
        """The table of the movements, what the trails say of them, and which of them they forgot."""
        if self._last is not None and self._last[0] is answers:
            _, table, said = self._last
            return table, said.columns, said.forgotten
        table = serving_columns(answers)
        if self._followed is None:
            return table, None, np.zeros(len(table), np.bool_)
        # Others than were followed last: the trails, wound back to them, say again what they said.
        at = placed(window, answers.seqs)
        order = np.lexsort((at.tie, at.ts))
        said = self._told(self._followed, answers.seqs[order], table[order], window)
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
