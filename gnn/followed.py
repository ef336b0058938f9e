"""A stream of movements followed live, in canonical order: the company its accounts keep, and propagated scores.

Movements that come in order are added at the end. Where one comes late, or is answered anew, everything after it is
unlinked, put in order and linked again with the same steps; what the trails then say otherwise than before is found by
comparing, so any order of arrival ends in the same columns. What lies further back than any walk looks is forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gnn import company, propagation
from gnn.carried import carried
from gnn.company import Company, empty_company
from gnn.propagation import CERTAIN, DAY_MS, HORIZON, Trail, empty_trail
from graph.checkpoint import Column, Frozen, array_of, column
from graph.window.columns import I64
from graph.window.placed import Placed

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
U64 = NDArray[np.uint64]
Flags = NDArray[np.bool_]
T = TypeVar("T", Trail, Company)

KEPT_MS: Final = int(HORIZON + 5 * DAY_MS)
WIDTH: Final = company.WIDTH + propagation.WIDTH
BY_MOVEMENT: Final = ("source", "target", "ts", "score", "before_out", "before_in", "undo")
GIVEN: Final = BY_MOVEMENT[:4]  # what a movement is; the rest is linking

#: Scores of a first stage for movements (seqs in canonical order), from the company columns; NaN: stays as it was.
#: The flags say which of them were given to `take`, in their order.
FirstScores = Callable[[I64, F32, Flags], F64]


class Said(NamedTuple):
    """`columns` float32[n, WIDTH] of the n movements that were given: company, then propagated scores; `forgotten`
    where one lies too far back to have any; `changed` the seqs of other movements of which something else is said now.
    """

    columns: F32
    forgotten: Flags
    changed: I64


class Followed:
    """The movements so far. One owner; not thread-safe."""

    def __init__(self) -> None:
        self.count = 0
        self._seq = np.zeros(1 << 10, np.int64)
        self._tie = np.zeros(1 << 10, np.int64)
        self._said = np.zeros((1 << 10, 2), np.uint64)  # hashes of what is said of each movement
        self._company = empty_company(1 << 10, 1 << 10)
        self._trail = empty_trail(1 << 10, 1 << 10)
        self._forgotten = (0, -1)  # greatest canonical key that was forgotten

    def take(self, seqs: I64, at: Placed, ends: F64, first: FirstScores, *, since_ms: int) -> Said:
        """Take in movements (in canonical order, known ones among them) with the scores of their ends.

        Movements before `since_ms` are beyond the bound of memory.
        """
        self._forget(since_ms, newest=int(at.ts[-1]) if len(at.ts) else 0)
        forgotten = (at.ts < self._forgotten[0]) | ((at.ts == self._forgotten[0]) & (at.tie <= self._forgotten[1]))
        columns = np.full((len(seqs), WIDTH), np.nan, dtype=np.float32)
        kept = np.flatnonzero(~forgotten)
        if not len(kept):
            return Said(columns, forgotten, np.empty(0, np.int64))
        begin, given = self._placed(seqs[kept], at.at(kept), np.clip(ends[kept], -CERTAIN, CERTAIN))
        end = self.count
        kept_company = np.full((end - begin, company.WIDTH), np.nan, dtype=np.float32)
        company.extend(self._company, begin, end, kept_company)
        changed = self._changed(0, begin, kept_company) & ~given
        asked = np.flatnonzero(given | changed)
        scores = propagation.cut(first(self._seq[begin:end][asked], kept_company[asked], given[asked]))
        known = ~np.isnan(scores)
        self._trail.score[begin:end][asked[known]] = scores[known]
        propagated = np.full((end - begin, propagation.WIDTH), np.nan, dtype=np.float32)
        propagation.extend(self._trail, begin, end, propagated)
        changed |= self._changed(1, begin, propagated) & ~given
        columns[kept] = np.hstack((kept_company[given], propagated[given]))
        return Said(columns, forgotten, self._seq[begin:end][changed].copy())

    def _placed(self, seqs: I64, at: Placed, ends: F64) -> tuple[int, Flags]:
        """Unlink from the first of the movements on and put all in order; where that is, and which were given."""
        self._fit(self.count + len(seqs), int(max(at.source.max(), at.target.max())) + 1)
        place, known = np.empty(len(seqs), np.int64), np.empty(len(seqs), np.bool_)
        _find(self._trail.ts, self._tie, self.count, at.ts, at.tie, place, known)
        begin = int(place[0])  # they come in order: the first is the earliest
        company.wind_back(self._company, self.count, begin)
        propagation.wind_back(self._trail, self.count, begin)
        self._company.score[place[known]] = ends[known]
        given = np.zeros(self.count - begin, np.bool_)
        given[place[known] - begin] = True
        fresh = np.flatnonzero(~known)
        end = self.count + len(fresh)
        rows = slice(self.count, end)
        new = at.at(fresh)
        self._seq[rows], self._tie[rows], self._said[rows] = seqs[fresh], new.tie, 0
        for held in (self._company, self._trail):
            held.source[rows], held.target[rows], held.ts[rows] = new.source, new.target, new.ts
        self._company.score[rows], self._trail.score[rows] = ends[fresh], 0.0
        given = np.concatenate((given, np.ones(len(fresh), np.bool_)))
        if begin < self.count:
            given = given[self._order(begin, end)]
        self.count = end
        return begin, given

    def _order(self, begin: int, end: int) -> I64:
        """Bring places `begin` to `end`, which are unlinked, into canonical order; return how they moved."""
        rows = slice(begin, end)
        moved = np.lexsort((self._tie[rows], self._trail.ts[rows]))
        parts = (getattr(held, name) for held in (self._company, self._trail) for name in GIVEN)
        for values in (self._seq, self._tie, self._said, *parts):
            values[rows] = values[rows][moved]
        return moved

    def _changed(self, which: int, begin: int, columns: F32) -> Flags:
        """Whether something else is said than before of the movements from place `begin` on; remember what is."""
        said = np.empty(len(columns), np.uint64)
        _hash(columns.view(np.uint32), said)
        before = self._said[begin : begin + len(columns), which]
        changed: Flags = said != before
        before[:] = said
        return changed

    def _fit(self, movements: int, accounts: int) -> None:
        """Make room."""
        more = max(len(self._seq), _power_of_two(movements))
        if more > len(self._seq):
            self._seq, self._tie, self._said = (_longer(part, more) for part in (self._seq, self._tie, self._said))
        wide = max(len(self._trail.running), _power_of_two(accounts))
        if more > len(self._trail.ts) or wide > len(self._trail.running):
            self._company = _grown(self._company, empty_company(more, wide))
            self._trail = _grown(self._trail, empty_trail(more, wide))

    def _forget(self, since_ms: int, *, newest: int) -> None:
        """Drop what no walk reaches any more: at once where the bound of memory says so, else when it is a quarter."""
        ts = self._trail.ts[: self.count]
        oldest = max(since_ms, newest - KEPT_MS)
        gone, bounded = (int(np.searchsorted(ts, bound, side="left")) for bound in (oldest, since_ms))
        if gone == 0 or (bounded == 0 and gone * 4 < self.count):
            return
        self._forgotten = (int(ts[gone - 1]), int(self._tie[gone - 1]))
        left = self.count - gone
        parts = (getattr(held, name) for held in (self._company, self._trail) for name in BY_MOVEMENT)
        for values in (self._seq, self._tie, self._said, *parts):
            values[:left] = values[gone : self.count].copy()
        for held in (self._company, self._trail):
            for pointers in (held.before_out[:left], held.before_in[:left], held.newest_out, held.newest_in):
                np.maximum(pointers - gone, -1, out=pointers)
        self.count = left

    def carried(self, at: Placed, sides: Flags) -> list[tuple[int, ...]]:
        """Seqs of the most suspicious earlier movements on those `sides` (bool[n, 4]) of movements that were given."""
        place, known = np.empty(len(at.ts), np.int64), np.empty(len(at.ts), np.bool_)
        _find(self._trail.ts, self._tie, self.count, at.ts, at.tie, place, known)
        return [
            tuple(self._seq[carried(self._trail, int(place[row]), sides[row])].tolist()) if known[row] else ()
            for row in range(len(place))
        ]

    # --- checkpoints ----------------------------------------------------------------------------------------------

    def freeze(self) -> Frozen:
        """Copy everything."""
        frozen: dict[str, Column | bytes] = {}
        for name, values in self._arrays():
            rows = values if ".account." in name else values[: self.count]
            frozen[name] = column(rows.reshape(-1))
        frozen["forgotten"] = column(np.array([self.count, *self._forgotten], dtype=np.int64))
        return frozen

    def thaw(self, frozen: Frozen) -> None:
        """Take back what `freeze` copied."""
        count, ts, tie = array_of(frozen, "forgotten").tolist()
        self._fit(max(count, 1), len(array_of(frozen, "trail.account.newest_out")))
        self.count, self._forgotten = count, (ts, tie)
        for name, values in self._arrays():
            kept = array_of(frozen, name).reshape(-1, *values.shape[1:])
            values[: len(kept)] = kept

    def _arrays(self) -> list[tuple[str, NDArray[Any]]]:
        """Every array by name; those with a row per account say so."""
        found: list[tuple[str, NDArray[Any]]] = [("seq", self._seq), ("tie", self._tie), ("said", self._said)]
        for prefix, held in (("company", self._company), ("trail", self._trail)):
            for name, values in held._asdict().items():
                found.append((f"{prefix}.{name}" if name in BY_MOVEMENT else f"{prefix}.account.{name}", values))
        return found


def _grown(old: T, new: T) -> T:
    """`new`, which has more room, with what `old` holds."""
    parts: Iterator[tuple[NDArray[Any], NDArray[Any]]] = zip(old, new, strict=True)
    for before, after in parts:
        after[: len(before)] = before
    return new


def _longer(values: NDArray[Any], length: int) -> NDArray[Any]:
    more = np.zeros((length, *values.shape[1:]), dtype=values.dtype)
    more[: len(values)] = values
    return more


def _power_of_two(needed: int) -> int:
    return 1 << (needed - 1).bit_length()


@njit(cache=True)
def _find(ts: I64, tie: I64, count: int, wanted_ts: I64, wanted_tie: I64, place: I64, known: Flags) -> None:
    """Where each wanted key stands among the first `count`, or would be put, and whether it is there."""
    for i in range(len(wanted_ts)):
        low, high = 0, count
        while low < high:
            middle = (low + high) // 2
            if ts[middle] < wanted_ts[i] or (ts[middle] == wanted_ts[i] and tie[middle] < wanted_tie[i]):
                low = middle + 1
            else:
                high = middle
        place[i] = low
        known[i] = low < count and ts[low] == wanted_ts[i] and tie[low] == wanted_tie[i]


@njit(cache=True)
def _hash(rows: NDArray[np.uint32], found: U64) -> None:
    """A 64-bit hash of each row (FNV-1a over words)."""
    for row in range(len(rows)):
        value = np.uint64(0xCBF29CE484222325)
        for word in rows[row]:
            value = (value ^ np.uint64(word)) * np.uint64(0x100000001B3)
        found[row] = value
