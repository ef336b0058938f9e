"""The embedded event log: one SQLite file, appended by one thread at a time, read by any number.

Measured on 2 cores (batches of 1,000 movements): see `docs/adr/0006-event-log-on-sqlite.md`.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from graph.codec import content_hash, decode_event, encode_event
from graph.errors import CorruptLog, StopWork
from graph.events import Event
from graph.log.chain import Row, VerifyResult, fault, first_chain, misfiled, next_chain
from graph.log.file import Durability, open_reader, open_writer, transaction, translated
from graph.log.protocol import Appended, Conflict, LogEntry

PAGE_ROWS = 1_000  # entries held in memory by one reader; 0.4 MB of typical movements

FEW_ROWS = 64  # a batch of live calls; 7 parameters each, below the 999 that old SQLite takes

_COLUMNS = "offset, learned_at, event_id, name, data, content, chain"
_INSERT = f"INSERT INTO entries ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"
_PAGE = f"SELECT {_COLUMNS} FROM entries WHERE offset > ? AND offset <= ? ORDER BY offset"
_CONFLICTS = """
    SELECT seq, event_id, first_offset, first_hash, other_hash, name, CAST(data AS BLOB), learned_at
    FROM conflicts WHERE seq > ? ORDER BY seq LIMIT ?"""
_RESTORE = "restore the log from its last good copy"


@dataclass(frozen=True, slots=True)
class _Coded:
    event: Event
    name: str
    data: bytes
    content: bytes


class SqliteEventLog:
    """`graph.log.protocol.EventLog` in one SQLite file; every guarantee of the protocol holds.

    `durable="normal"` survives a killed process, and after a power cut it loses at most the newest batches, never
    half of one; `"full"` also survives the power cut and waits for the disk on each batch. One object may be used by
    many threads.

    Raises `ConfigurationError` (absent with `create=False`, written by a newer program), `CorruptLog` (not a log, or
    altered), `StorageFull` (nothing of the batch was kept), `RetryableConflict` (another process is writing).
    """

    def __init__(self, path: Path | str, *, create: bool = True, durable: Durability = "normal") -> None:
        self._path = Path(path)
        self._lock = threading.Lock()
        self._idle: deque[sqlite3.Connection] = deque()
        self._closed = False
        with translated(self._path):
            self._writer = open_writer(self._path, create=create, durable=durable)
            (self._log_id,) = self._writer.execute("SELECT log_id FROM state").fetchone()

    @property
    def log_id(self) -> str:
        """Random id given when the log was created."""
        return str(self._log_id)

    def append(
        self, events: Sequence[Event], *, learned_at: int, source: str = "", source_position: int | None = None
    ) -> Appended:
        """Append events in the given order, all or none; with `source`, its position in the same transaction.

        `entries`, `repeats` and `conflicts` of the answer add up to the events given: a conflict that the log already
        holds counts as a repeat. `learned_at` is UTC epoch ms.
        """
        if source_position is not None and not source:
            raise ValueError("source_position needs a source")
        coded = [_code(event) for event in events]
        with self._lock, translated(self._path):
            self._check_open()
            with transaction(self._writer):
                appended = self._append(coded, learned_at)
                if source_position is not None:
                    self._writer.execute("INSERT OR REPLACE INTO sources VALUES (?, ?)", (source, source_position))
        return appended

    def source_position(self, source: str) -> int | None:
        """Last position stored for `source`, or None."""
        with self._reader() as reader:
            row = reader.execute("SELECT position FROM sources WHERE source = ?", (source,)).fetchone()
        return None if row is None else int(row[0])

    def read(self, *, after: int = 0, limit: int | None = None) -> Iterator[LogEntry]:
        """Yield the entries after offset `after` that the log holds at this call, oldest first, a page at a time.

        No transaction stays open between pages: appending goes on beside it. Raises `CorruptLog` at the first entry
        whose content, time or place is not what was recorded.
        """
        if after < 0 or (limit is not None and limit < 0):
            raise ValueError("after and limit cannot be negative")
        last = self.head()
        return self._entries(after, last if limit is None else min(last, after + limit))

    def event(self, event_id: str) -> LogEntry | None:
        """The entry with this event id, checked like every read, or None."""
        with self._reader() as reader:
            found = reader.execute("SELECT offset FROM entries WHERE event_id = ?", (event_id,)).fetchone()
        if found is None:
            return None
        entry = next(self._entries(found[0] - 1, found[0]))
        if entry.event.event_id != event_id:
            raise CorruptLog(f"offset {entry.offset} is filed under {event_id}, which it is not", cure=_RESTORE)
        return entry

    def head(self) -> int:
        """Offset of the newest entry; 0 when empty."""
        with self._reader() as reader:
            return int(reader.execute("SELECT head FROM state").fetchone()[0])

    def known_at(self, learned_at: int) -> int:
        """Length of the longest beginning of the log whose entries were all learned by then (UTC epoch ms).

        Entries that come later never change the answer for a moment that an entry after it has passed.
        """
        with self._reader() as reader:
            head, later = reader.execute(
                "SELECT head, (SELECT min(offset) FROM entries WHERE learned_at > ?) FROM state", (learned_at,)
            ).fetchone()
        return int(head if later is None else later - 1)

    def chain_at(self, offset: int) -> str:
        """Hash (hex) of the entry at `offset`, which covers all before it; of the log itself for 0."""
        return self._chain_at(offset).hex()

    def conflicts(self) -> Iterator[Conflict]:
        """Yield every recorded conflict, oldest first; raise `CorruptLog` at one that was altered."""
        after = 0
        while True:
            with self._reader() as reader:
                rows = reader.execute(_CONFLICTS, (after, PAGE_ROWS)).fetchall()
            if not rows:
                return
            after = rows[-1][0]
            for _, event_id, first_offset, first_hash, other_hash, name, data, learned_at in rows:
                if content_hash(name, data) != other_hash:
                    raise CorruptLog(f"the conflict kept for {event_id} was altered", cure=_RESTORE)
                other = decode_event(name, data)
                yield Conflict(event_id, first_offset, first_hash.hex(), other_hash.hex(), other, learned_at)

    def verify(self) -> VerifyResult:
        """Walk the whole log and name the first entry that is altered, missing, moved or misfiled."""
        chain, at = first_chain(self.log_id), 0
        with self._reader() as reader:
            head, recorded, newest = reader.execute(
                "SELECT head, chain, (SELECT coalesce(max(offset), 0) FROM entries) FROM state"
            ).fetchone()
        while rows := self._page(at, min(head, at + PAGE_ROWS)):
            for row in rows:
                problem = fault(row, after=at, before=chain) or misfiled(row)
                if problem is not None:
                    return VerifyResult(at, chain.hex(), first_bad=at + 1, problem=problem)
                at, chain = row[0], row[6]
        if at != head:
            return VerifyResult(at, chain.hex(), first_bad=at + 1, problem="entry is missing")
        if chain != recorded or newest != head:
            return VerifyResult(at, chain.hex(), first_bad=at + 1, problem="the log does not end as recorded")
        return VerifyResult(at, chain.hex())

    def close(self) -> None:
        """Release the file; safe to call twice. A read under way ends with `StopWork` at its next page."""
        with self._lock:
            self._closed = True
            self._writer.close()
            while self._idle:
                self._idle.pop().close()

    def _append(self, coded: Sequence[_Coded], learned_at: int) -> Appended:
        if len({item.event.event_id for item in coded}) == len(coded):
            # Nearly every batch is all new: let the unique index say so instead of asking it first.
            if len(coded) > FEW_ROWS:  # a single statement undoes itself
                self._writer.execute("SAVEPOINT batch")
            try:
                return Appended(self._insert(coded, learned_at), 0, ())
            except sqlite3.IntegrityError:
                if len(coded) > FEW_ROWS:
                    self._writer.execute("ROLLBACK TO batch")
        fresh, repeats, conflicts = self._sort_out(coded, learned_at)
        return Appended(self._insert(fresh, learned_at), repeats, conflicts)

    def _insert(self, coded: Sequence[_Coded], learned_at: int) -> tuple[LogEntry, ...]:
        if not coded:
            return ()
        head, chain = self._writer.execute("SELECT head, chain FROM state").fetchone()
        rows, entries = [], []
        for offset, item in enumerate(coded, head + 1):
            chain = next_chain(chain, offset=offset, content=item.content, learned_at=learned_at)
            rows.append((offset, learned_at, item.event.event_id, item.name, item.data, item.content, chain))
            entries.append(LogEntry(offset, learned_at, item.event))
        if len(rows) <= FEW_ROWS:  # one statement: each gives way to other threads, and waits to come back
            values = [value for row in rows for value in row]
            self._writer.execute(_INSERT + ", (?, ?, ?, ?, ?, ?, ?)" * (len(rows) - 1), values)
        else:
            self._writer.executemany(_INSERT, rows)
        self._writer.execute("UPDATE state SET head = ?, chain = ?", (head + len(rows), chain))
        return tuple(entries)

    def _sort_out(self, coded: Sequence[_Coded], learned_at: int) -> tuple[list[_Coded], int, tuple[Conflict, ...]]:
        """Split a batch into events that are new, a count of those known already, and conflicts (recorded here)."""
        ids = msgspec.json.encode([item.event.event_id for item in coded]).decode()
        known: dict[str, tuple[int, bytes]] = {
            event_id: (offset, content)
            for event_id, offset, content in self._writer.execute(
                "SELECT event_id, offset, content FROM entries WHERE event_id IN (SELECT value FROM json_each(?))",
                (ids,),
            )
        }
        (head,) = self._writer.execute("SELECT head FROM state").fetchone()
        fresh: list[_Coded] = []
        repeats, conflicts = 0, []
        for item in coded:
            event_id = item.event.event_id
            first = known.get(event_id)
            if first is None:
                fresh.append(item)
                known[event_id] = (head + len(fresh), item.content)
            elif first[1] == item.content or not self._record_conflict(item, first, learned_at):
                repeats += 1
            else:
                hashes = first[1].hex(), item.content.hex()
                conflicts.append(Conflict(event_id, first[0], *hashes, item.event, learned_at))
        return fresh, repeats, tuple(conflicts)

    def _record_conflict(self, item: _Coded, first: tuple[int, bytes], learned_at: int) -> bool:
        """Keep the other content of an event id; False when it was kept before."""
        done = self._writer.execute(
            "INSERT OR IGNORE INTO conflicts (event_id, first_offset, first_hash, other_hash, name, data, learned_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (item.event.event_id, first[0], first[1], item.content, item.name, item.data, learned_at),
        )
        return done.rowcount == 1

    def _entries(self, after: int, last: int) -> Iterator[LogEntry]:
        if after >= last:
            return
        chain = self._chain_at(after)
        while after < last:
            rows = self._page(after, min(after + PAGE_ROWS, last))
            if not rows:
                raise CorruptLog(f"offset {after + 1}: entry is missing", cure=_RESTORE)
            for row in rows:
                problem = fault(row, after=after, before=chain)
                if problem is not None:
                    raise CorruptLog(f"offset {after + 1}: {problem}", cure=_RESTORE)
                after, chain = row[0], row[6]
                yield LogEntry(after, row[1], decode_event(row[3], row[4]))

    def _chain_at(self, offset: int) -> bytes:
        if offset == 0:
            return first_chain(self.log_id)
        with self._reader() as reader:
            row = reader.execute("SELECT chain FROM entries WHERE offset = ?", (offset,)).fetchone()
        if row is None:
            raise CorruptLog(f"offset {offset}: entry is missing", cure=_RESTORE)
        return bytes(row[0])

    def _page(self, after: int, last: int) -> list[Row]:
        with self._reader() as reader:
            return reader.execute(_PAGE, (after, last)).fetchall()

    @contextmanager
    def _reader(self) -> Iterator[sqlite3.Connection]:
        """Lend a reading connection for one complete query; idle ones are kept for the next caller."""
        self._check_open()
        with translated(self._path):
            try:
                reader = self._idle.pop()
            except IndexError:
                reader = open_reader(self._path)
            try:
                yield reader
            finally:
                if self._closed:
                    reader.close()
                else:
                    self._idle.append(reader)

    def _check_open(self) -> None:
        if self._closed:
            raise StopWork(f"the event log {self._path} was closed", cure="open it again")


def _code(event: Event) -> _Coded:
    name, data = encode_event(event)
    return _Coded(event, name, data, content_hash(name, data))
