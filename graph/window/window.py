"""The hot window: an in-memory temporal multigraph of the newest events.

It is a projection of the log: give it entries in any order and any batches and every answer about a movement is the
same, because histories are kept in canonical order and an answer looks only at what lies before the movement. When an
event arrives behind ones that were already answered, `apply` returns those whose answers it may change.

Memory: one row of columns per event of the last `horizon` (about 110 bytes and an id string), and about 170 bytes per
account, device, address, domain or operator ever seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from graph.events import (
    Access,
    AuthenticationAttempt,
    DomainObservation,
    Event,
    IndicatorListed,
    ListKind,
    Movement,
    MovementKind,
    NodeKind,
    OperatorFact,
    OperatorFactKind,
    tie_of,
)
from graph.window.columns import (
    I32,
    I64,
    KIND_ACCESS,
    KIND_AUTH_FAILED,
    KIND_AUTH_OK,
    KIND_BET,
    NONE,
    Columns,
    empty_columns,
    empty_nodes,
    grown_nodes,
    moved_columns,
)
from graph.window.features import FEATURES
from graph.window.kernels import DAY, LAST_MOVEMENT, feature_rows, link_events
from graph.window.near import near_marked
from graph.window.patterns import find_patterns
from graph.window.recent import recent_events
from graph.window.records import Answers, Context, Edge, Hit, Look, Means, Names, Parties, WindowSettings
from graph.window.touched import touched_by

MOVEMENT_CODES: dict[MovementKind, int] = {kind: code for code, kind in enumerate(MovementKind)}

#: Entities whose listings the window knows, with their place among `Window._names`.
LISTED_KINDS: dict[NodeKind, int] = {
    NodeKind.ACCOUNT: 0,
    NodeKind.DEVICE: 1,
    NodeKind.IP: 2,
    NodeKind.DOMAIN: 3,
    NodeKind.OPERATOR: 4,
}


FACTS = (DomainObservation, OperatorFact, IndicatorListed)


class Window:
    """Temporal multigraph of accounts and the means they use. Not thread-safe: one owner applies and asks."""

    def __init__(self, settings: WindowSettings | None = None) -> None:
        self.settings = settings or WindowSettings()
        self.accounts, self.devices, self.ips = Names(), Names(), Names()
        self.domains, self.operators, self.markets, self._sides = Names(), Names(), Names(), Names()
        self._contexts: dict[Context, int] = {Context(): 0}
        self._cols: Columns = empty_columns(1 << 14)
        self._nodes = empty_nodes(1 << 12)
        self._event_ids: list[str] = [""] * (1 << 14)
        self._identifiers: dict[int, tuple[str, ...]] = {}  # by seq, for the few movements that carry some
        self.first, self.end = 0, 0  # live seqs: first <= seq < end
        self._watermark = 0
        self._hashed = 0
        self._became_public: list[str] = []
        self._newest = (0, -1)  # greatest canonical key applied

    # --- applying -------------------------------------------------------------------------------------------------

    def apply(self, events: Sequence[Event], marks: Sequence[int] | None = None) -> I64:
        """Take in `events`, each with its mark (0 when none are given); return the seqs of movements to answer.

        These are, in canonical order, the movements among `events`, and earlier ones whose answers an event that
        arrived late may change.
        """
        marked = zip(events, marks or repeat(0))  # noqa: B905  # repeat never ends
        ordered = sorted(((event.ts, _tie(event), event, mark) for event, mark in marked), key=_key)
        start = self.end
        rows: list[tuple[int, ...]] = []
        ids: list[str] = []
        seeds: list[tuple[int, ...]] = []
        for ts, tie, event, mark in ordered:
            row, nodes = self._interned(event, ts, tie, mark)
            if row is not None:
                if isinstance(event, Movement) and event.identifiers:
                    self._identifiers[start + len(rows)] = tuple(ref.id for ref in event.identifiers)
                rows.append(row)
                ids.append(event.event_id)
            if nodes is not None and (ts, tie) < self._newest:
                seeds.append((ts, tie, *nodes))
        if ordered:
            self._newest = max(self._newest, _key(ordered[-1]))
        self._fill(rows, ids)
        self._fit_nodes()
        public = np.empty(2 * len(rows), dtype=np.int64)
        became = link_events(self._cols, self._nodes, start, self.end, self.first, public)
        self._became_public.extend(self.accounts.names[number] for number in public[:became].tolist())
        for _, _, event, _ in ordered:
            self._note(event)
        mine = np.arange(start, self.end, dtype=np.int64)
        mine = mine[self._cols.kind[mine & self._mask] <= LAST_MOVEMENT]
        if seeds:
            late = touched_by(
                np.array(seeds, dtype=np.int64),
                self._cols,
                sizes=tuple(len(names.names) for names in self._names),
                first=self.first,
                end=self.end,
            )
            mine = np.union1d(mine, late)
        at = mine & self._mask
        answer: I64 = mine[np.lexsort((self._cols.tie[at], self._cols.ts[at]))]
        return answer

    def take_public(self) -> list[str]:
        """Accounts that became public (too many counterparties to mean anything) since the last call."""
        became, self._became_public = self._became_public, []
        return became

    @property
    def _mask(self) -> int:
        return len(self._cols.ts) - 1

    @property
    def _names(self) -> tuple[Names, Names, Names, Names, Names, Names]:
        return self.accounts, self.devices, self.ips, self.domains, self.operators, self.markets

    def _interned(
        self, event: Event, ts: int, tie: int, mark: int
    ) -> tuple[tuple[int, ...] | None, tuple[int, int, int, int, int, int, int] | None]:
        """Return the event's row (None if it has none) and the nodes whose answers it can change (None if none)."""
        account = other = market = side = device = ip = domain = operator = NONE
        cents = context = 0
        kind: int | None = None
        if isinstance(event, Movement):
            kind = MOVEMENT_CODES[event.kind]
            account, other = self.accounts.intern(event.source), self.accounts.intern(event.target)
            domain, operator = self.domains.intern(event.domain), self.operators.intern(event.operator)
            cents = event.amount_cents
            stated = dict(event.attributes)
            if kind == KIND_BET and "market" in stated and "side" in stated:
                market, side = self.markets.intern(stated["market"]), self._sides.intern(stated["side"])
            said = Context(event.channel, event.currency, stated.get("tenant", ""), stated.get("profile", ""))
            context = self._contexts.setdefault(said, len(self._contexts))
        elif isinstance(event, Access):
            kind = KIND_ACCESS
            account = self.accounts.intern(event.account)
            domain, operator = self.domains.intern(event.domain), self.operators.intern(event.operator)
        elif isinstance(event, AuthenticationAttempt):
            kind = KIND_AUTH_OK if event.succeeded else KIND_AUTH_FAILED
            account = self.accounts.intern(event.account)
        elif isinstance(event, DomainObservation):
            domain = self.domains.intern(event.domain)
        elif isinstance(event, OperatorFact):
            operator = self.operators.intern(event.operator)
        elif isinstance(event, IndicatorListed) and event.entity_kind in LISTED_KINDS:
            number = self._names[LISTED_KINDS[event.entity_kind]].intern(event.entity_id)
            place = [NONE] * 5
            place[LISTED_KINDS[event.entity_kind]] = number
            account, device, ip, domain, operator = place
        else:
            return None, None
        if kind is None:
            return None, (account, other, device, ip, domain, operator, market)
        assert isinstance(event, Movement | Access | AuthenticationAttempt)
        device, ip = self.devices.intern(event.device), self.ips.intern(event.ip)
        row = (ts, tie, kind, account, other, cents, device, ip, domain, operator, market, side, mark, context)
        # the operator of a session changes nothing about others; only facts about it do
        return row, (account, other, device, ip, domain, NONE, market)

    def _fill(self, rows: list[tuple[int, ...]], ids: list[str]) -> None:
        """Write `rows` into the columns, making room first."""
        if not rows:
            return
        self._expire()
        while self.end - self.first + len(rows) > len(self._cols.ts):
            self._grow()
        cols = self._cols
        seqs = np.arange(self.end, self.end + len(rows), dtype=np.int64)
        at = seqs & self._mask
        filled: tuple[NDArray[np.generic], ...] = cols[: len(rows[0])]
        for column, values in zip(filled, zip(*rows, strict=True), strict=True):
            column[at] = values
        peak = int(cols.peak[(self.end - 1) & self._mask]) if self.end > self.first else 0
        cols.peak[at] = np.maximum(np.maximum.accumulate(cols.ts[at]), peak)
        for previous in (cols.prev_src, cols.prev_dst, cols.prev_dev, cols.prev_ip, cols.prev_mkt):
            previous[at] = NONE
        for row, event_id in zip(at.tolist(), ids, strict=True):
            self._event_ids[row] = event_id
        self.end += len(rows)
        self._watermark = max(self._watermark, int(cols.peak[at[-1]]))

    def _expire(self) -> None:
        """Forget the oldest arrivals that lie before the horizon."""
        oldest = self._watermark - self.settings.horizon_days * DAY
        while self.first < self.end and self._cols.ts[self.first & self._mask] < oldest:
            self._event_ids[self.first & self._mask] = ""
            self._identifiers.pop(self.first, None)
            self.first += 1

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
            while capacity < needed:
                capacity *= 2
            self._nodes = grown_nodes(self._nodes, capacity)
        known, names = self._hashed, self.accounts.names
        if len(names) > known:
            self._nodes.acct_hash[known : len(names)] = [crc32(name.encode()) for name in names[known:]]
            self._hashed = len(names)

    def _note(self, event: Event) -> None:
        """Take facts that are not rows: listings, registrations, licences."""
        nodes = self._nodes
        if isinstance(event, DomainObservation):
            number = self.domains.of[event.domain]
            nodes.dom_first[number] = min(nodes.dom_first[number], event.ts)
            if event.registered_ts is not None:
                nodes.dom_observed[number] = min(nodes.dom_observed[number], event.ts)
                nodes.dom_registered[number] = min(nodes.dom_registered[number], event.registered_ts)
        elif isinstance(event, OperatorFact) and event.fact is OperatorFactKind.LICENCE and not event.licensed:
            number = self.operators.of[event.operator]
            nodes.op_unlicensed[number] = min(nodes.op_unlicensed[number], event.ts)
        elif isinstance(event, IndicatorListed):
            column = self._listing_column(event.entity_kind, event.list_kind)
            if column is not None:
                number = self._names[LISTED_KINDS[event.entity_kind]].of[event.entity_id]
                column[number] = min(column[number], event.ts)

    def _listing_column(self, entity: NodeKind, listed: ListKind) -> I64 | None:
        nodes = self._nodes
        table: dict[tuple[NodeKind, ListKind], I64] = {
            (NodeKind.ACCOUNT, ListKind.BLOCK): nodes.acct_block,
            (NodeKind.ACCOUNT, ListKind.WATCH): nodes.acct_watch,
            (NodeKind.ACCOUNT, ListKind.ALLOW): nodes.acct_allow,
            (NodeKind.ACCOUNT, ListKind.SERVICE): nodes.acct_service,
            (NodeKind.DEVICE, ListKind.BLOCK): nodes.dev_block,
            (NodeKind.DEVICE, ListKind.WATCH): nodes.dev_watch,
            (NodeKind.IP, ListKind.BLOCK): nodes.ip_block,
            (NodeKind.IP, ListKind.WATCH): nodes.ip_watch,
            (NodeKind.IP, ListKind.ALLOW): nodes.ip_allow,
            (NodeKind.DOMAIN, ListKind.BLOCK): nodes.dom_block,
            (NodeKind.DOMAIN, ListKind.WATCH): nodes.dom_watch,
            (NodeKind.OPERATOR, ListKind.BLOCK): nodes.op_block,
            (NodeKind.OPERATOR, ListKind.WATCH): nodes.op_watch,
        }
        return table.get((entity, listed))

    # --- answering ------------------------------------------------------------------------------------------------

    def answer(self, seqs: I64) -> Answers:
        """Features and completed patterns of the movements `seqs`, each as of its own moment."""
        features = np.empty((len(seqs), len(FEATURES)), dtype=np.float64)
        feature_rows(self._cols, self._nodes, seqs, self.first, features)
        found, cut = find_patterns(self._cols, self._nodes, seqs, features, first=self.first)
        hits = tuple(Hit(owner, kind, edges) for owner, kind, edges in found)
        return Answers(seqs=seqs, features=features, cut=cut, hits=hits)

    def event_id(self, seq: int) -> str:
        """Id of the event `seq`, which must still be in the window."""
        return self._event_ids[seq & self._mask]

    def time_of(self, seq: int) -> int:
        """When the event `seq` happened (epoch ms)."""
        return int(self._cols.ts[seq & self._mask])

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

    def means_of(self, seq: int) -> Means:
        """What the movement `seq` came with."""
        cols, row = self._cols, seq & self._mask
        numbers = (cols.dev[row], cols.ip[row], cols.dom[row], cols.op[row])
        tables = (self.devices, self.ips, self.domains, self.operators)
        return Means(*(None if n == NONE else table.names[n] for n, table in zip(numbers, tables, strict=True)))

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

    def key_of(self, seq: int) -> tuple[int, int]:
        """Canonical key (ts, tie) of the event `seq`."""
        row = seq & self._mask
        return int(self._cols.ts[row]), int(self._cols.tie[row])

    def near(self, seqs: I64, since_ts: I64, since_tie: I64) -> I64:
        """Accounts marked since (`since_ts`, `since_tie`) at the ends of movements `seqs`, or one hop from them.

        int64[len(seqs), 4]: source, target, a counterparty of the source, one of the target; NONE where there is none.
        """
        found = np.empty((len(seqs), 4), dtype=np.int64)
        near_marked(self._cols, seqs, self.first, since_ts, since_tie, found)
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
        found: I64 = seqs[later & (self._cols.kind[at] <= LAST_MOVEMENT) & np.isin(ends, circle).any(axis=0)]
        return found

    @property
    def newest(self) -> tuple[int, int]:
        """Greatest canonical key (ts, tie) applied so far."""
        return self._newest

    def recent(self, seq: int, look: Look, *, limit: int) -> list[str]:
        """Ids of at most `limit` events that feature signals of movement `seq` rest on, newest first."""
        found = np.empty(limit, dtype=np.int64)
        count = recent_events(self._cols, seq, self.first, int(look), found)
        return [self.event_id(other) for other in found[:count].tolist()]

    @property
    def bytes_used(self) -> int:
        """Memory of the columns in bytes (strings not counted)."""
        return sum(column.nbytes for column in (*self._cols, *self._nodes))


def _tie(event: Event) -> int:
    """Order among events of equal time. Facts (listings, registrations, licences) count from their very moment on."""
    return -1 if isinstance(event, FACTS) else tie_of(event.event_id)


def _key(item: tuple[int, int, Event, int]) -> tuple[int, int]:
    return item[:2]
