"""A stream of movements followed live, in canonical order, with the scores that a first model gave them.

Movements that come in order are added at the end. Where one comes late, or is answered anew, everything after it is
unlinked, put in order and linked again with the same steps; what the trail then says otherwise than before is found by
comparing, so any order of arrival ends in the same columns. What lies further back than any walk looks is forgotten.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gnn.carried import carried
from gnn.propagation import DAY_MS, HORIZON, WIDTH, cut, empty_trail, extend, wind_back
from graph.checkpoint import Column, Frozen, array_of, column
from graph.window.columns import I64
from graph.window.placed import Placed

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
U64 = NDArray[np.uint64]

KEPT_MS: Final = int(HORIZON + 5 * DAY_MS)
AT_ONCE: Final = 65_536  # movements linked before their columns are looked at
BY_MOVEMENT: Final = ("source", "target", "ts", "score", "before_out", "before_in", "undo")


class Said(NamedTuple):
    """`columns` float32[n, WIDTH] of the n movements that were given; `forgotten` where one lies too far back to have
    any; `changed` the seqs of other movements about which the trail says something else than before.
    """

    columns: F32
    forgotten: NDArray[np.bool_]
    changed: I64


class Followed:
    """The movements so far. One owner; not thread-safe."""

    def __init__(self) -> None:
        self.count = 0
        self._seq = np.zeros(1 << 10, np.int64)
        self._tie = np.zeros(1 << 10, np.int64)
        self._said = np.zeros(1 << 10, np.uint64)  # hash of the columns of each movement
        self._trail = empty_trail(1 << 10, 1 << 10)
        self._forgotten = (0, -1)  # greatest canonical key that was forgotten

    def take(self, seqs: I64, at: Placed, log_odds: F64, *, since_ms: int) -> Said:
        """Take in movements (in canonical order, known ones among them) with their first scores.

        Movements before `since_ms` are beyond the bound of memory.
        """
        self._forget(since_ms, newest=int(at.ts[-1]) if len(at.ts) else 0)
        forgotten = (at.ts < self._forgotten[0]) | ((at.ts == self._forgotten[0]) & (at.tie <= self._forgotten[1]))
        columns = np.full((len(seqs), WIDTH), np.nan, dtype=np.float32)
        kept = np.flatnonzero(~forgotten)
        if not len(kept):
            return Said(columns, forgotten, np.empty(0, np.int64))
        at, seqs, scores = at.at(kept), seqs[kept], cut(log_odds[kept])
        self._fit(self.count + len(kept), int(max(at.source.max(), at.target.max())) + 1)
        trail = self._trail
        place = np.empty(len(kept), np.int64)
        known = np.empty(len(kept), np.bool_)
        _find(trail.ts, self._tie, self.count, at.ts, at.tie, place, known)
        begin = int(place[0])  # they come in order: the first is the earliest
        wind_back(trail, self.count, begin)
        trail.score[place[known]] = scores[known]
        given = np.zeros(self.count - begin, np.bool_)
        given[place[known] - begin] = True
        fresh = np.flatnonzero(~known)
        end = self.count + len(fresh)
        self._put(end, seqs[fresh], at.at(fresh), scores[fresh])
        given = np.concatenate((given, np.ones(len(fresh), np.bool_)))
        if begin < self.count:
            given = given[self._order(begin, end)]
        self.count = end
        return self._linked(begin, given, columns, kept, forgotten)

    def _linked(
        self, begin: int, given: NDArray[np.bool_], columns: F32, kept: I64, forgotten: NDArray[np.bool_]
    ) -> Said:
        """Link what was unlinked; say the columns of those given, and of others that changed."""
        mine, seqs = 0, [np.empty(0, np.int64)]
        for low in range(begin, self.count, AT_ONCE):
            high = min(low + AT_ONCE, self.count)
            found = np.full((high - low, WIDTH), np.nan, dtype=np.float32)
            extend(self._trail, low, high, found)
            said = np.empty(high - low, np.uint64)
            _hash(found.view(np.uint32), said)
            asked = given[low - begin : high - begin]
            changed = ~asked & (said != self._said[low:high])
            self._said[low:high] = said
            columns[kept[mine : mine + int(asked.sum())]] = found[asked]
            mine += int(asked.sum())
            seqs.append(self._seq[low:high][changed])
        return Said(columns, forgotten, np.concatenate(seqs))

    def _put(self, end: int, seqs: I64, at: Placed, scores: F64) -> None:
        rows = slice(end - len(seqs), end)
        trail = self._trail
        self._seq[rows], self._tie[rows], self._said[rows] = seqs, at.tie, 0
        trail.source[rows], trail.target[rows], trail.ts[rows], trail.score[rows] = at.source, at.target, at.ts, scores

    def _order(self, begin: int, end: int) -> I64:
        """Bring places `begin` to `end`, which are unlinked, into canonical order; return how they moved."""
        rows = slice(begin, end)
        moved = np.lexsort((self._tie[rows], self._trail.ts[rows]))
        for values in (self._seq, self._tie, self._said, *(getattr(self._trail, name) for name in BY_MOVEMENT[:4])):
            values[rows] = values[rows][moved]
        return moved

    def _fit(self, movements: int, accounts: int) -> None:
        """Make room."""
        more = _power_of_two(movements)
        if more > len(self._seq):
            self._seq, self._tie, self._said = (_longer(part, more) for part in (self._seq, self._tie, self._said))
            self._trail = self._trail._replace(
                **{name: _longer(getattr(self._trail, name), more) for name in BY_MOVEMENT}
            )
        if accounts > len(self._trail.running):
            more = _power_of_two(accounts)
            self._trail = self._trail._replace(
                newest_out=_longer(self._trail.newest_out, more, -1),
                newest_in=_longer(self._trail.newest_in, more, -1),
                running=_longer(self._trail.running, more),
            )

    def _forget(self, since_ms: int, *, newest: int) -> None:
        """Drop what no walk reaches any more: at once where the bound of memory says so, else when it is a quarter."""
        trail = self._trail
        oldest = max(since_ms, newest - KEPT_MS)
        gone = int(np.searchsorted(trail.ts[: self.count], oldest, side="left"))
        bounded = int(np.searchsorted(trail.ts[: self.count], since_ms, side="left"))
        if gone == 0 or (bounded == 0 and gone * 4 < self.count):
            return
        self._forgotten = (int(trail.ts[gone - 1]), int(self._tie[gone - 1]))
        left = self.count - gone
        for values in (self._seq, self._tie, self._said, *(getattr(trail, name) for name in BY_MOVEMENT)):
            values[:left] = values[gone : self.count].copy()
        for pointers in (trail.before_out[:left], trail.before_in[:left], trail.newest_out, trail.newest_in):
            np.maximum(pointers - gone, -1, out=pointers)
        self.count = left

    def carried(self, at: Placed, sides: NDArray[np.bool_]) -> list[tuple[int, ...]]:
        """Seqs of the most suspicious earlier movements on those `sides` (bool[n, 4]) of movements that were given."""
        place = np.empty(len(at.ts), np.int64)
        known = np.empty(len(at.ts), np.bool_)
        _find(self._trail.ts, self._tie, self.count, at.ts, at.tie, place, known)
        return [
            tuple(self._seq[carried(self._trail, int(place[row]), sides[row])].tolist()) if known[row] else ()
            for row in range(len(place))
        ]

    # --- checkpoints ----------------------------------------------------------------------------------------------

    def freeze(self) -> Frozen:
        """Copy everything."""
        own = {"seq": self._seq, "tie": self._tie, "said": self._said}
        rows = {name: part[: self.count] for name, part in own.items()}
        rows |= {name: getattr(self._trail, name)[: self.count].reshape(-1) for name in BY_MOVEMENT}
        nodes = {name: getattr(self._trail, name).reshape(-1) for name in ("newest_out", "newest_in", "running")}
        frozen: dict[str, Column | bytes] = {name: column(part) for name, part in (rows | nodes).items()}
        frozen["forgotten"] = column(np.array([self.count, *self._forgotten], dtype=np.int64))
        return frozen

    def thaw(self, frozen: Frozen) -> None:
        """Take back what `freeze` copied."""
        count, ts, tie = array_of(frozen, "forgotten").tolist()
        self._fit(count, len(array_of(frozen, "newest_out")))
        self.count, self._forgotten = count, (ts, tie)
        for name, part in (("seq", self._seq), ("tie", self._tie), ("said", self._said)):
            part[:count] = array_of(frozen, name)
        for name in BY_MOVEMENT:
            values = getattr(self._trail, name)[:count]
            values[:] = array_of(frozen, name).reshape(values.shape)
        for name in ("newest_out", "newest_in", "running"):
            values = getattr(self._trail, name)
            kept = array_of(frozen, name).reshape(-1, *values.shape[1:])
            values[: len(kept)] = kept


def _longer(values: NDArray[Any], length: int, fill: int = 0) -> NDArray[Any]:
    more = np.full((length, *values.shape[1:]), fill, dtype=values.dtype)
    more[: len(values)] = values
    return more


def _power_of_two(needed: int) -> int:
    return 1 << (needed - 1).bit_length()


@njit(cache=True)
def _find(ts: I64, tie: I64, count: int, wanted_ts: I64, wanted_tie: I64, place: I64, known: NDArray[np.bool_]) -> None:
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
