"""Write what the log says into a graph store: coalesced, absolute, and once.

Every flush is one transaction with the log's watermark in it: the absolute state of the nodes and links that the new
entries touched, one SENT per movement, the rings that changed, and how far the store now is. Rows that are new to the
store are created, known ones set; what is known changes only after the commit. So a lost acknowledgement, a deadlock
or a killed process costs a repetition and never a wrong count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Final

from graph.checkpoint import Frozen
from graph.errors import StopWork, StoreMismatch, TransactionTooLarge
from graph.evidence import Ring, RingChanges
from graph.links import LINK_KINDS
from graph.log.protocol import LogEntry
from graph.store.checkpoint import freeze_holdings, thaw_holdings
from graph.store.delta import Delta, aggregate, new_slots
from graph.store.holdings import Holdings, Write
from graph.store.protocol import GraphStore, Transaction
from graph.store.ring_rows import RingState, ring_writes, stored_rings, wanted_rings
from graph.turns import Turns

PRIME_ENTRIES: Final = 20_000
FORGET_ROWS: Final = 100_000
SLACK: Final = 0.1  # share of what is kept that may be there too much while events stream in
CHECK_TIMEOUT_MS: Final = 60_000
REBUILD: Final = "run `tarrafa rebuild`"
_MAY_MISS: Final = ("ring_delete", "member_delete")  # what is gone already need not be found again

SOURCES_TEXT = "MATCH (w:Source) RETURN w.id AS id, w.position AS position ORDER BY id"
STRAY_TEXT = "MATCH (n:Account) RETURN n.id AS id LIMIT 1"


class GraphSink:
    """Projects one log into one store.

    `statements` are the texts of `cypher/ingest` by name. The store keeps one link for each of the newest `keep`
    movements (None: all of them; see `graph.store.kept`), exactly so after `settle`. While callers are answered
    (`turns`) a statement gets few rows: the embedded store keeps the interpreter as long as it runs. Guarantees:
    entries at or below `position()` are ignored, so sending any batch again changes nothing; entries arrive without
    gaps; a row that a statement did not reach is an error and its transaction leaves nothing. One thread at a time.

    Raises `StoreMismatch` when the store holds another log's graph, or one of unknown origin.
    """

    def __init__(
        self,
        store: GraphStore,
        statements: Mapping[str, str],
        log_id: str,
        *,
        keep: int | None = None,
        turns: Turns | None = None,
    ) -> None:
        self._store = store
        self._texts = {name.rpartition("/")[2]: text for name, text in statements.items()}
        self._log_id = log_id
        self._turns = turns or Turns()
        self._slots = new_slots()
        self._keep = keep
        self._holdings = Holdings(self._slots, keep)
        self._most_left = 0 if keep is None else int(SLACK * keep)
        self._position = _stored_position(store, log_id)
        self._known_to = 0
        self._pending: list[LogEntry] = []
        self._rings: dict[str, RingState | None] = {}
        self._held_rings: dict[str, RingState] | None = None

    def position(self) -> int:
        """Offset of the last log entry that the store has committed; 0 when it is empty."""
        return self._position

    @property
    def pending(self) -> int:
        """How many entries were added and not yet flushed."""
        return len(self._pending)

    def prime(self, entries: Iterable[LogEntry]) -> None:
        """Take note of entries the store already holds, in log order from the first; writes nothing."""
        source = iter(entries)
        while batch := list(islice(source, PRIME_ENTRIES)):
            held = [entry for entry in batch if self._known_to < entry.offset <= self._position]
            _check_dense(held, self._known_to)
            if held:
                self._holdings.apply(aggregate(held, self._slots))
                self._known_to = held[-1].offset

    def freeze(self) -> Frozen:
        """Copy what the store holds at `position()`, for a checkpoint; nothing may be pending."""
        self._require_primed()
        return freeze_holdings(self._slots, self._holdings)

    def thaw(self, frozen: Frozen, position: int) -> None:
        """Know what `freeze` gave at `position`, which the store holds by now, instead of priming up to there."""
        self._slots, self._holdings = thaw_holdings(self._keep, frozen)
        self._known_to = position

    def check(self) -> None:
        """Compare the store's totals with those of the primed log; raise `StoreMismatch` where they differ."""
        self._require_primed()
        self.settle()
        for name, expected in self._holdings.totals().items():
            pattern = f"()-[x:{name}]->()" if name in LINK_KINDS else f"(x:{name})"
            text = f"MATCH {pattern} RETURN count(x) AS n"
            found = self._store.read(text, {}, timeout_ms=CHECK_TIMEOUT_MS, query="store totals")[0]["n"]
            if found != expected:
                raise StoreMismatch(
                    f"the {self._store.name} store holds {found} {name} and the log says {expected}", cure=REBUILD
                )

    def add(self, entries: Sequence[LogEntry], rings: RingChanges | None = None) -> None:
        """Keep entries and ring changes for the next flush."""
        self._require_primed()
        last = self._pending[-1].offset if self._pending else self._position
        new = [entry for entry in entries if entry.offset > last]
        if entries and not new:
            return  # an old batch again: its rings may be older than what the store holds
        _check_dense(new, last)
        self._pending += new
        if rings is not None:
            self._rings.update(wanted_rings(rings.changed))
            self._rings.update((ring_id, None) for ring_id, _ in rings.gone)

    def flush(self) -> None:
        """Write what was added; when it raises, everything added is still there for the next try."""
        if not self._pending and not self._rings:
            return
        self._commit(self._pending, self._rings)
        self._pending = []
        self._rings = {}
        if self._holdings.sent.left > self._most_left:
            self.settle()

    def settle(self) -> None:
        """Drop the movements that are older than what the store keeps."""
        kept = self._holdings.sent
        if not kept.left:
            return
        text, params = self._texts["sent_forget"], {"before": kept.since_ms, "limit": FORGET_ROWS}
        while self._store.transact(lambda transaction: transaction.run(text, params))[0]["n"] == FORGET_ROWS:
            pass
        kept.left = 0

    def write(self, entries: Sequence[LogEntry], rings: RingChanges | None = None) -> None:
        """Add and flush."""
        self.add(entries, rings)
        self.flush()

    def reconcile(self, rings: Sequence[Ring]) -> None:
        """Make the store hold exactly these rings with these members."""
        self._require_primed()
        self._held_rings = stored_rings(self._store)
        self._rings = {**dict.fromkeys(self._held_rings), **wanted_rings(rings)}
        self.flush()

    def _commit(self, entries: Sequence[LogEntry], rings: Mapping[str, RingState | None]) -> None:
        """Write in one transaction, or in several when the store finds one too large; each is whole in itself."""
        try:
            self._commit_whole([entry for entry in entries if entry.offset > self._position], rings)
        except TransactionTooLarge:
            if entries and rings:
                self._commit(entries, {})
                self._commit((), rings)
            elif len(entries) > 1:
                half = len(entries) // 2
                self._commit(entries[:half], {})
                self._commit(entries[half:], {})
            elif len(rings) > 1:
                items = sorted(rings.items())
                half = len(items) // 2
                self._commit((), dict(items[:half]))
                self._commit((), dict(items[half:]))
            else:
                raise

    def _commit_whole(self, entries: Sequence[LogEntry], rings: Mapping[str, RingState | None]) -> None:
        delta = aggregate(entries, self._slots)
        writes = self._holdings.writes(delta)
        if rings:
            writes += ring_writes(rings, self._known_rings())
        start, end = self._position, entries[-1].offset if entries else self._position
        self._store.transact(lambda transaction: self._send(transaction, writes, start=start, end=end))
        self._learn(delta, rings, end)

    def _send(self, transaction: Transaction, writes: Sequence[Write], *, start: int, end: int) -> None:
        stored = transaction.run(self._texts["source_claim"], {"id": self._log_id})[0]["position"]
        if stored == end != start:
            return  # committed before, and the acknowledgement was lost
        if stored != start:
            raise StoreMismatch(
                f"the {self._store.name} store moved from entry {start} to {stored} under another writer",
                cure="stop the other writer and start again",
            )
        for write in writes:
            text = self._texts[write.statement]
            reached = sum(transaction.run(text, {"rows": rows})[0]["n"] for rows in self._turns.pieces(write.rows))
            if reached != len(write.rows) and write.statement not in _MAY_MISS:
                raise StoreMismatch(
                    f"{write.statement} reached {reached} of {len(write.rows)} rows in the {self._store.name} store",
                    cure=REBUILD,
                )
        transaction.run(self._texts["source_advance"], {"id": self._log_id, "position": end})

    def _learn(self, delta: Delta, rings: Mapping[str, RingState | None], end: int) -> None:
        self._holdings.apply(delta)
        self._position = self._known_to = end
        for ring_id, state in rings.items():
            held = self._known_rings()
            if state is None:
                held.pop(ring_id, None)
            else:
                held[ring_id] = state

    def _known_rings(self) -> dict[str, RingState]:
        if self._held_rings is None:
            self._held_rings = stored_rings(self._store) if self._position else {}
        return self._held_rings

    def _require_primed(self) -> None:
        if self._known_to < self._position:
            raise StopWork(
                f"the store is at entry {self._position} and the sink knows the log up to {self._known_to}",
                cure=f"prime it with the log's entries; if the log is shorter, {REBUILD}",
            )


def _stored_position(store: GraphStore, log_id: str) -> int:
    sources = store.read(SOURCES_TEXT, {}, query="the store's watermark")
    others = [row["id"] for row in sources if row["id"] != log_id]
    if others:
        raise StoreMismatch(
            f"the {store.name} store holds the graph of log {others[0]}, not of log {log_id}",
            cure=f"use the home that belongs to it, or {REBUILD} to replace its content",
        )
    if sources:
        position: int = sources[0]["position"]
        return position
    if store.read(STRAY_TEXT, {}, query="the store's first account"):
        raise StoreMismatch(
            f"the {store.name} store holds a graph that no log claims",
            cure=f"point to an empty store, or {REBUILD} to replace its content",
        )
    return 0


def _check_dense(entries: Sequence[LogEntry], after: int) -> None:
    """Refuse a gap: an entry that never arrives would be missing from every sum."""
    for expected, entry in enumerate(entries, after + 1):
        if entry.offset != expected:
            raise StopWork(
                f"log entry {expected} is missing before {entry.offset}", cure="give every entry in log order"
            )
