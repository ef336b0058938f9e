"""The hot window: an in-memory temporal multigraph of the newest events.

It is a projection of the log: give it entries in any order and any batches and every answer about a movement is the
same, because histories are kept in canonical order and an answer looks only at what lies before the movement. When an
event arrives behind ones that were already answered, `apply` returns those whose answers it may change.

Memory: one row of columns per event of the last `horizon` (about 110 bytes and an id string), and about 170 bytes per
account, device, address, domain or operator ever seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from graph.events import Event, Movement, tie_of
from graph.window.bound import Bound, trimmed
from graph.window.columns import (
    I32,
    I64,
    NONE,
    Columns,
    empty_columns,
    empty_nodes,
    empty_pairs,
    grown_nodes,
    moved_columns,
)
from graph.window.facts import FACTS, note_fact
from graph.window.features import BASES, FEATURES
from graph.window.holdings import HOLDERS, empty_holdings, grown_holdings, note_holding
from graph.window.kernels import DAY, LAST_MOVEMENT, empty_scratch, feature_rows
from graph.window.linking import link_events, with_room
from graph.window.near import near_marked
from graph.window.patterns import find_patterns
from graph.window.recent import Trail, recent_events
from graph.window.records import Answers, Context, Edge, Hit, Look, Parties, WindowSettings
from graph.window.touched import FACT_TIE, touched_by
from graph.window.vocabulary import MOVEMENT_CODES as MOVEMENT_CODES
from graph.window.vocabulary import Row, Vocabulary

GROUP_BASES = np.array(BASES, dtype=np.int64)
#: A late event: ts, tie, and the nodes whose answers it can change.
Seed = tuple[int, ...]
SEED_COLUMNS = ("ts", "tie", "src", "dst", "dev", "ip", "dom", "op", "mkt")
LINKS = tuple(name for name in Columns._fields if name.startswith(("prev_", "next_")))
EXPIRED_AT_ONCE = 256


class Window(Vocabulary):
    """Temporal multigraph of accounts and the means they use. Not thread-safe: one owner applies and asks."""

    def __init__(self, settings: WindowSettings | None = None) -> None:
        super().__init__()
        self.settings = settings or WindowSettings()
        self._cols: Columns = empty_columns(1 << 14)
        self._nodes = empty_nodes(1 << 12)
        self._pairs = empty_pairs(1 << 14)
        self._holdings = empty_holdings(1)
        self._event_ids: list[str] = [""] * (1 << 14)
        self._identifiers: dict[int, tuple[str, ...]] = {}  # by seq, for the few movements that carry some
        self.first, self.end = 0, 0  # live seqs: first <= seq < end
        self._watermark = 0
        self._bound = Bound()
        self._hashed, self._hashed_identifiers = 0, 0
        self._became_public: list[str] = []
        self._newest = (0, -1)  # greatest canonical key applied
        self._scratch = empty_scratch()

    # --- applying -------------------------------------------------------------------------------------------------

    def apply(self, events: Sequence[Event], marks: Sequence[int] | None = None) -> I64:
        """Take in `events`, each with its mark (0 when none are given); return the seqs of movements to answer.

        These are, in canonical order, the movements among `events`, and earlier ones whose answers an event that
        arrived late may change.
        """
        given = marks or [0] * len(events)
        keys = sorted([(event.ts, _tie(event), place) for place, event in enumerate(events)])
        ordered = [(ts, tie, events[place], given[place]) for ts, tie, place in keys]
        known = self._newest
        rows: list[Row] = []
        ids: list[str] = []
        seeds: list[Seed] = []
        held: list[tuple[int, int, int]] = []
        for ts, tie, event, mark in ordered:
            row, ends = self._interned(event, ts, tie, mark)
            if row is not None:
                if isinstance(event, Movement) and event.identifiers:
                    self._identifiers[self.end + len(rows)] = tuple(ref.id for ref in event.identifiers)
                rows.append(row)
                ids.append(event.event_id)
            if ends is not None and ts <= known[0] and (ts, tie) < known:
                seeds.append((ts, tie, *ends))
            if not isinstance(event, Movement) or event.identifiers:
                held += self._held(event)
        if keys:
            self._newest = max(known, keys[-1][:2])
        start = self.end
        self._take(dict(zip(Columns._fields, zip(*rows, strict=True), strict=False)), ids)
        for _, _, event, _ in ordered:
            if not isinstance(event, Movement):
                note_fact(event, self._nodes, self._names)
        for account, identifier, since in held:
            changed = note_holding(self._holdings, account, identifier, since, self._nodes.acct_hash)
            if changed and (since, FACT_TIE) < known:
                cells = self._holdings.account[identifier * HOLDERS : (identifier + 1) * HOLDERS]
                touched = {account, *cells[cells != NONE].tolist()}
                seeds += [(since, FACT_TIE, holder, *(NONE,) * 6) for holder in touched]
        return self._to_answer(start, seeds)

    def apply_rows(self, *, ids: Sequence[str] = (), **columns: NDArray[np.integer[Any]]) -> I64:
        """Take in movements as arrays of one length; return the seqs to answer, as `apply` does.

        `columns`: `ts`, `tie`, `kind` (see `MOVEMENT_CODES`), `src`, `dst`, `cents`, and those of `dev`, `ip`, `dom`,
        `op`, `mark` that there are; nodes are integers that `accounts.intern`, `devices.intern`, ... gave. `ids` are
        their event ids, empty where nobody will ask for them.
        """
        order = np.lexsort((columns["tie"], columns["ts"]))
        if len(order) == 0:
            return np.empty(0, dtype=np.int64)
        columns = {name: values[order] for name, values in columns.items()}
        ts, tie = columns["ts"], columns["tie"]
        late = (ts < self._newest[0]) | ((ts == self._newest[0]) & (tie < self._newest[1]))
        self._newest = max(self._newest, (int(ts[-1]), int(tie[-1])))
        start = self.end
        columns = dict.fromkeys(("dev", "ip", "dom", "op", "mkt", "side"), np.full(len(order), NONE)) | columns
        self._take(columns, [ids[i] for i in order.tolist()] if ids else [""] * len(order))
        seeds: list[Seed] = []
        if late.any():
            ends = (columns[name][late].tolist() for name in SEED_COLUMNS)
            seeds = list(zip(*ends, strict=True))
        return self._to_answer(start, seeds)

    def _take(self, columns: Mapping[str, Any], ids: list[str]) -> None:
        """Write rows (in canonical order) and link them; columns that are not given are 0."""
        start = self.end
        self._fit_nodes()
        if not ids:
            return
        self._fill(columns, ids)
        self._pairs = with_room(self._pairs, more=len(ids), first=self.first)
        public = np.empty(2 * len(ids), dtype=np.int64)
        became = link_events(self._cols, self._nodes, self._pairs, start, self.end, self.first, public)
        self._became_public.extend(self.accounts.names[number] for number in public[:became].tolist())

    def _to_answer(self, start: int, seeds: list[Seed]) -> I64:
        """Movements from seq `start` on, and earlier ones that the late events `seeds` may change."""
        mine = np.arange(start, self.end, dtype=np.int64)
        mine = mine[self._cols.kind[mine & self._mask] <= LAST_MOVEMENT]
        if seeds:
            late = touched_by(
                np.array(sorted(set(seeds)), dtype=np.int64),
                self._cols,
                self._nodes,
                sizes=tuple(len(names.names) for names in self._names),
                lookback=self.settings.lookback_days * DAY,
                first=self.first,
                end=self.end,
            )
            mine = np.union1d(mine, late[late >= self._bound.settled])
            at = mine & self._mask
            mine = mine[np.lexsort((self._cols.tie[at], self._cols.ts[at]))]
        return mine

    def trim(self, position: int) -> None:
        """Keep to `max_events`; to be called before each event with its place in the log (see `graph.window.bound`)."""
        self._bound = trimmed(
            self._bound,
            self._cols,
            position,
            first=self.first,
            end=self.end,
            oldest=self._watermark - self.settings.horizon_days * DAY,
            most=self.settings.max_events,
        )

    def take_public(self) -> list[str]:
        """Accounts that became public (too many counterparties to mean anything) since the last call."""
        became, self._became_public = self._became_public, []
        return became

    @property
    def _mask(self) -> int:
        return len(self._cols.ts) - 1

    def _fill(self, columns: Mapping[str, Any], ids: list[str]) -> None:
        """Write `columns` behind the newest row, making room first."""
        self._expire()
        while self.end - self.first + len(ids) > len(self._cols.ts):
            self._grow()
        cols = self._cols
        place = self.end & self._mask
        at: slice | I64 = slice(place, place + len(ids))  # several times as fast as numbers of rows
        if place + len(ids) > len(cols.ts):
            at = np.arange(self.end, self.end + len(ids), dtype=np.int64) & self._mask
        cols.mark[at] = cols.ctx[at] = 0
        for name, values in columns.items():
            getattr(cols, name)[at] = values
        peak = int(cols.peak[(self.end - 1) & self._mask]) if self.end > self.first else 0
        cols.peak[at] = np.maximum(np.maximum.accumulate(cols.ts[at]), peak)
        for link in LINKS:
            getattr(cols, link)[at] = NONE
        room = len(cols.ts) - place
        self._event_ids[place : place + min(room, len(ids))] = ids[:room]
        self._event_ids[: len(ids[room:])] = ids[room:]
        self.end += len(ids)
        self._watermark = max(self._watermark, int(cols.peak[(self.end - 1) & self._mask]))

    def _expire(self) -> None:
        """Forget the oldest arrivals that lie before the horizon."""
        oldest = self._watermark - self.settings.horizon_days * DAY
        while self.first < self.end and self._cols.ts[self.first & self._mask] < oldest:
            some = np.arange(self.first, min(self.first + EXPIRED_AT_ONCE, self.end)) & self._mask
            gone = int(np.argmax(np.append(self._cols.ts[some] >= oldest, True)))
            for seq in range(self.first, self.first + gone):
                self._event_ids[seq & self._mask] = ""
                self._identifiers.pop(seq, None)
            self.first += gone

    def _grow(self) -> None:
        capacity = 2 * len(self._cols.ts)
        ids = [""] * capacity
        for seq in range(self.first, self.end):
            ids[seq & (capacity - 1)] = self._event_ids[seq & self._mask]
        self._cols = moved_columns(self._cols, first=self.first, end=self.end, capacity=capacity)
        self._event_ids = ids

    def _fit_nodes(self) -> None:
        needed = max(len(names.names) for names in self._names)
        capacity = len(self._nodes.acct_head)
        if needed > capacity:
            self._nodes = grown_nodes(self._nodes, _power_of_two(needed))
        self._hashed = _hash_new(self._nodes.acct_hash, self.accounts.names, self._hashed)
        identifiers = self._identifier_names.names
        if identifiers:
            needed = max(len(identifiers), len(self.accounts.names))
            if needed > len(self._holdings.hash):
                self._holdings = grown_holdings(self._holdings, _power_of_two(needed))
            self._hashed_identifiers = _hash_new(self._holdings.hash, identifiers, self._hashed_identifiers)

    # --- answering ------------------------------------------------------------------------------------------------

    def answer(self, seqs: I64) -> Answers:
        """Features and completed patterns of the movements `seqs`, each as of its own moment."""
        features = np.empty((len(seqs), len(FEATURES)), dtype=np.float64)
        lookback = self.settings.lookback_days * DAY
        reach = self.settings.pair_reach_days * DAY
        feature_rows(
            self._cols,
            self._nodes,
            self._holdings,
            seqs,
            self.first,
            lookback,
            reach,
            GROUP_BASES,
            self._scratch,
            features,
        )
        found, cut = find_patterns(self._cols, self._nodes, seqs, features, first=self.first, lookback=lookback)
        hits = tuple(Hit(owner, kind, edges) for owner, kind, edges in found)
        short = self._cols.ts[seqs & self._mask] - lookback < self._bound.since_ms
        return Answers(seqs=seqs, features=features, cut=cut, hits=hits, short=short)

    def event_id(self, seq: int) -> str:
        """Id of the event `seq`, which must still be in the window."""
        return self._event_ids[seq & self._mask]

    def event_ids(self, seqs: I64) -> list[str]:
        """Ids of the events `seqs`, which must still be in the window."""
        ids = self._event_ids
        return [ids[row] for row in (seqs & self._mask).tolist()]

    def times_of(self, seqs: I64) -> list[int]:
        """When the events `seqs` happened (epoch ms)."""
        times: list[int] = self._cols.ts[seqs & self._mask].tolist()
        return times

    def movement(self, seq: int) -> Edge:
        """The movement `seq` as an edge."""
        cols, row = self._cols, seq & self._mask
        names = self.accounts.names
        return Edge(
            event_id=self._event_ids[row],
            ts=int(cols.ts[row]),
            source=names[cols.src[row]],
            target=names[cols.dst[row]],
            amount_cents=int(cols.cents[row]),
            kind=int(cols.kind[row]),
        )

    def parties_of(self, seqs: I64) -> Parties:
        """Everything that the movements `seqs` name, in columns of their order."""
        cols, at = self._cols, seqs & self._mask
        return Parties(
            sources=self.accounts.named(cols.src[at]),
            targets=self.accounts.named(cols.dst[at]),
            devices=self.devices.named(cols.dev[at]),
            ips=self.ips.named(cols.ip[at]),
            domains=self.domains.named(cols.dom[at]),
            operators=self.operators.named(cols.op[at]),
            identifiers=[self._identifiers.get(seq, ()) for seq in seqs.tolist()],
        )

    def contexts_of(self, seqs: I64) -> list[Context]:
        """What the movements `seqs` say of their circumstances."""
        known = list(self._contexts)
        return [known[number] for number in self._cols.ctx[seqs & self._mask].tolist()]

    def kinds_of(self, seqs: I64) -> NDArray[np.int8]:
        """Codes of `MOVEMENT_CODES` of the movements `seqs`, int8[len(seqs)]."""
        kinds: NDArray[np.int8] = self._cols.kind[seqs & self._mask]
        return kinds

    def marks_of(self, seqs: I64) -> I32:
        """The marks of the events `seqs`, int32[len(seqs)]."""
        marks: I32 = self._cols.mark[seqs & self._mask]
        return marks

    def ties_of(self, seqs: I64) -> list[int]:
        """What orders the events `seqs` among those of equal time."""
        ties: list[int] = self._cols.tie[seqs & self._mask].tolist()
        return ties

    def key_of(self, seq: int) -> tuple[int, int]:
        """Canonical key (ts, tie) of the event `seq`."""
        row = seq & self._mask
        return int(self._cols.ts[row]), int(self._cols.tie[row])

    def near(self, seqs: I64, since_ts: I64, since_tie: I64) -> I64:
        """Accounts marked since (`since_ts`, `since_tie`) at the ends of movements `seqs`, or one hop from them.

        int64[len(seqs), 4]: source, target, a counterparty of the source, one of the target; NONE where there is none.
        """
        found = np.empty((len(seqs), 4), dtype=np.int64)
        lookback = self.settings.lookback_days * DAY
        near_marked(self._cols, seqs, self.first, lookback, since_ts, since_tie, found)
        return found

    def movements_near(self, accounts: Sequence[int], *, after: tuple[int, int]) -> I64:
        """Movements after the canonical key `after` of `accounts` or of anyone who dealt with them."""
        seqs = np.arange(self.first, self.end, dtype=np.int64)
        at = seqs & self._mask
        ends = np.stack((self._cols.src[at], self._cols.dst[at]))
        theirs = np.isin(ends, np.asarray(accounts)).any(axis=0)
        circle = np.union1d(ends[:, theirs].ravel(), np.asarray(accounts, dtype=np.int32))
        ts, tie = self._cols.ts[at], self._cols.tie[at]
        later = (ts > after[0]) | ((ts == after[0]) & (tie > after[1]))
        later &= (self._cols.kind[at] <= LAST_MOVEMENT) & (seqs >= self._bound.settled)
        found: I64 = seqs[later & np.isin(ends, circle).any(axis=0)]
        return found

    @property
    def newest(self) -> tuple[int, int]:
        """Greatest canonical key (ts, tie) applied so far."""
        return self._newest

    def recent(self, seqs: I64, look: Look, *, limit: int) -> list[tuple[str, ...]]:
        """Ids of at most `limit` events that feature signals of each of the movements `seqs` rest on, newest first."""
        cols = self._cols
        found, counts = np.empty((len(seqs), limit), dtype=np.int64), np.empty(len(seqs), dtype=np.int64)
        others = cols.prev_ip if look is Look.ON_IP else cols.prev_dev
        trail = Trail(cols.ts, cols.src, cols.kind, cols.prev_src, cols.prev_dst, others)
        recent_events(trail, seqs, self.first, int(look), found, counts)
        ids = self._event_ids
        rows = (found & self._mask).tolist()
        return [tuple([ids[row] for row in of[:count]]) for of, count in zip(rows, counts.tolist(), strict=True)]

    @property
    def bytes_used(self) -> int:
        """Memory of the columns in bytes (strings not counted)."""
        return sum(column.nbytes for column in (*self._cols, *self._nodes, *self._pairs, *self._holdings))


def _tie(event: Event) -> int:
    """Order among events of equal time. Facts (listings, registrations, licences) count from their very moment on."""
    return FACT_TIE if isinstance(event, FACTS) else tie_of(event.event_id)


def _power_of_two(needed: int) -> int:
    return 1 << (needed - 1).bit_length()


def _hash_new(hashes: I64, names: list[str], known: int) -> int:
    """Hash the names from the `known` first on; return how many are known now."""
    if len(names) > known:
        hashes[known : len(names)] = [crc32(name.encode()) for name in names[known:]]
    return len(names)
