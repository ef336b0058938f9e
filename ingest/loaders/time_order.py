"""Rows in canonical order - by time, then by a hash of the event id - however the file lists them.

File position must never become time: generators and exports group their rows by what produced them, and the rank of
a row within its day can tell its label (`docs/adr/0004-order-of-rows.md`). So every file is sorted before anything
downstream sees it, in bounded memory: sorted runs are spilled to a temporary file and merged.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import replace
from hashlib import blake2b
from operator import itemgetter
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, TypeAlias

import msgspec

from graph.events import EVENT_NAMES, EVENT_TYPES, Event, LabelGiven, tie_of

#: What one row of a file says: its main event first, then what belongs to it (its label).
Group: TypeAlias = tuple[Event, ...]

RUN_ROWS = 100_000  # rows held in memory, about 100 MB with labels
BLOCK_ROWS = 500  # rows read at a time from each run while merging

_Packed: TypeAlias = list[tuple[str, msgspec.Raw]]
_Entry: TypeAlias = tuple[int, int, Group]

_PACK = msgspec.msgpack.Encoder()
_UNPACK_BLOCK = msgspec.msgpack.Decoder(list[tuple[int, int, _Packed]])
_UNPACK_EVENT = {name: msgspec.msgpack.Decoder(cls) for name, cls in EVENT_TYPES.items()}
_BY_TIME = itemgetter(0, 1)


class TimeOrder:
    """Collects groups in any order and gives them back in canonical order, once.

    Guarantees: groups of one event id stand next to each other when their times are equal, in an order that does not
    depend on the order of `add`; at most `RUN_ROWS` groups are held in memory. Use as a context manager: the
    temporary file is gone afterwards.
    """

    def __init__(self, *, run_rows: int = RUN_ROWS) -> None:
        self._run_rows = run_rows
        self._rows: list[_Entry] = []
        self._file: IO[bytes] | None = None
        self._runs: list[list[tuple[int, int]]] = []  # per run: (offset, length) of its blocks

    def __enter__(self) -> TimeOrder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._rows.clear()
        if self._file is not None:
            self._file.close()
            self._file = None

    def add(self, group: Group) -> None:
        """Take one row's events; the first of them places it."""
        first = group[0]
        self._rows.append((first.ts, tie_of(first.event_id), group))
        if len(self._rows) >= self._run_rows:
            self._spill()

    def drain(self, *, number_repeats: bool) -> Iterator[Group]:
        """Yield all groups in canonical order.

        With `number_repeats`, rows with one event id get `-2`, `-3` ... appended from the second on: for formats
        without transaction ids, where the id is a hash of the content and equal rows are separate payments.
        """
        for groups in self._equal_ones(self._merged()):
            if number_repeats and len(groups) > 1:
                yield from _numbered(groups)
            else:
                yield from groups

    def _merged(self) -> Iterator[_Entry]:
        self._rows.sort(key=_BY_TIME)
        if not self._runs:
            return iter(self._rows)
        return heapq.merge(*(self._read_run(blocks) for blocks in self._runs), self._rows, key=_BY_TIME)

    @staticmethod
    def _equal_ones(entries: Iterator[_Entry]) -> Iterator[list[Group]]:
        """Groups of equal (ts, tie), in an order fixed by their content; nearly always one."""
        held: list[Group] = []
        held_key = (-1, -1)
        for ts, tie, group in entries:
            if held and held_key != (ts, tie):
                yield held if len(held) == 1 else sorted(held, key=_content_hash)
                held = []
            held.append(group)
            held_key = (ts, tie)
        if held:
            yield held if len(held) == 1 else sorted(held, key=_content_hash)

    def _spill(self) -> None:
        if self._file is None:
            self._file = TemporaryFile(prefix="tarrafa-order-")  # noqa: SIM115 - closed by __exit__
        self._rows.sort(key=_BY_TIME)
        blocks = []
        for start in range(0, len(self._rows), BLOCK_ROWS):
            packed = _PACK.encode(
                [
                    (ts, tie, [(EVENT_NAMES[type(event)], event) for event in group])
                    for ts, tie, group in self._rows[start : start + BLOCK_ROWS]
                ]
            )
            blocks.append((self._file.tell(), len(packed)))
            self._file.write(packed)
        self._runs.append(blocks)
        self._rows.clear()

    def _read_run(self, blocks: list[tuple[int, int]]) -> Iterator[_Entry]:
        file = self._file
        assert file is not None  # a run exists only because it was spilled
        for offset, length in blocks:
            file.seek(offset)
            for ts, tie, packed in _UNPACK_BLOCK.decode(file.read(length)):
                yield ts, tie, tuple(_UNPACK_EVENT[name].decode(event) for name, event in packed)


def _content_hash(group: Group) -> bytes:
    # a hash, not the content: sorted as they are, rows that differ only in their label would be numbered by it
    return blake2b(repr(group).encode(), digest_size=16).digest()


def _numbered(groups: list[Group]) -> Iterator[Group]:
    seen: dict[str, int] = {}
    for group in groups:
        event_id = group[0].event_id
        number = seen[event_id] = seen.get(event_id, 0) + 1
        yield group if number == 1 else tuple(_renamed(event, number) for event in group)


def _renamed(event: Event, number: int) -> Event:
    if isinstance(event, LabelGiven):
        return replace(event, event_id=f"{event.event_id}-{number}", subject_id=f"{event.subject_id}-{number}")
    return replace(event, event_id=f"{event.event_id}-{number}")
