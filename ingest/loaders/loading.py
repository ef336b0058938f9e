"""What a format is, and the source that a file or folder of it becomes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Protocol

from graph.events import Event
from graph.identity import IdentifierKeys
from ingest.loaders.intake import Intake
from ingest.loaders.time_order import Group, TimeOrder
from ingest.source import Batch

_FINGERPRINT_BYTES = 65_536


class Format(Protocol):
    """One layout of files that can be read.

    Guarantees: `why_not` looks at content, never at names alone, reads a bounded piece, and returns None exactly when
    `read` will understand the header; `read` yields a group per accepted row in any order and reports every other row
    to the intake, so that groups plus lost rows add up to `count_rows` (for text with quoted line ends: about).
    """

    @property
    def name(self) -> str:
        """Stable name, as given to `--format`."""
        ...

    @property
    def layout(self) -> str:
        """One line for people: which files, which columns."""
        ...

    @property
    def ids_from_content(self) -> bool:
        """Whether event ids are hashes of a row's content, so that equal rows have to be numbered."""
        ...

    def why_not(self, path: Path) -> str | None:
        """Return None when the path has this layout, else the first thing that is missing."""
        ...

    def files(self, path: Path) -> Sequence[Path]:
        """The files that will be read."""
        ...

    def count_rows(self, path: Path) -> int:
        """Number of rows in all files."""
        ...

    def read(self, path: Path, intake: Intake) -> Iterator[Group]:
        """Yield the events of each accepted row."""
        ...


class FileSource:
    """A file or folder as a source: see `ingest.source.Source` for what it guarantees.

    All set-aside and dropped rows come in batches without events while the files are read and sorted; then the events
    come in canonical order. `position` counts groups (rows with their label).
    """

    def __init__(self, path: Path, form: Format, *, keys: IdentifierKeys, now_ms: int) -> None:
        self._path = path
        self._form = form
        self._keys = keys
        self._now_ms = now_ms
        self._total: int | None = None
        self._given: dict[str, str] = {}
        self._notes: dict[str, int] = {}
        self._name = f"{form.name}:{path.name}:{_fingerprint(form.files(path))}"

    @property
    def name(self) -> str:
        """Format, file name and a fingerprint of the content, so that another file never passes for this one."""
        return self._name

    @property
    def form(self) -> Format:
        """The layout it is read as."""
        return self._form

    @property
    def total_rows(self) -> int:
        """Number of rows, counted on first use."""
        if self._total is None:
            self._total = self._form.count_rows(self._path)
        return self._total

    @property
    def notes(self) -> Mapping[str, int]:
        """Accepted rows worth knowing about, counted by fact (such as `self_transfer`), as of the last reading."""
        return self._notes

    def as_given(self, account: str) -> str:
        """The account id as the input wrote it; known once the rows that name it were read."""
        return self._given.get(account, account)

    def batches(self, size: int, *, after: int = 0) -> Iterator[Batch]:
        """Yield batches of at most `size` rows; with `after`, rows and losses up to that position are not repeated."""
        intake = Intake(source=self._name, keys=self._keys, now_ms=self._now_ms)
        self._given, self._notes = intake.given, intake.notes
        with TimeOrder() as order:
            for group in self._form.read(self._path, intake):
                order.add(group)
                if max(intake.waiting, intake.lost_rows) >= size:
                    yield from _lost_batch(intake, repeated=bool(after))
            yield from _lost_batch(intake, repeated=bool(after))
            yield from _event_batches(order.drain(number_repeats=self._form.ids_from_content), size, after)


def _lost_batch(intake: Intake, *, repeated: bool) -> Iterator[Batch]:
    """What was lost so far as a batch; nothing when nothing was, or when it was already reported."""
    set_aside, rows, dropped = intake.take_lost()
    if (set_aside or rows) and not repeated:
        yield Batch(events=(), set_aside=set_aside, rows=rows, position=0, dropped=dropped)


def _event_batches(groups: Iterator[Group], size: int, after: int) -> Iterator[Batch]:
    events: list[Event] = []
    rows = 0
    position = 0
    for position, group in enumerate(groups, start=1):
        if position <= after:
            continue
        events.extend(group)
        rows += 1
        if rows >= size:
            yield Batch(events=tuple(events), set_aside=(), rows=rows, position=position)
            events.clear()
            rows = 0
    if rows:
        yield Batch(events=tuple(events), set_aside=(), rows=rows, position=position)


def _fingerprint(files: Sequence[Path]) -> str:
    """8 hex characters of the files' names, sizes and first 64 KiB."""
    digest = blake2b(digest_size=4)
    for path in files:
        digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
        with path.open("rb") as file:
            digest.update(file.read(_FINGERPRINT_BYTES))
    return digest.hexdigest()
