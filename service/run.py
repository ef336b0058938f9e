"""Playing a source through the path: progress, what was found, and the output files."""

from __future__ import annotations

import csv
import json
import shutil
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, astuple, dataclass, field, fields
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import IO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from graph.events import Movement
from graph.evidence import Ring
from graph.set_aside import SetAside
from ingest.leak import LeakReport, LeakWatch
from ingest.source import Source
from service.bootstrap import Service

#: Payments looked at for label leaks while a source is played; about 300 bytes each.
LEAK_ROWS = 200_000
#: Rows set aside that are shown in words; all of them are in the ledger and in set_aside.csv.
SHOWN_SET_ASIDE = 5


@dataclass(slots=True)
class Played:
    """What playing a source came to. Counts are of input rows or events; `seconds` is wall time."""

    source: str
    rows: int = 0
    accepted: int = 0
    repeats: int = 0
    conflicts: int = 0
    seconds: float = 0.0
    set_aside: Counter[str] = field(default_factory=Counter)
    first_set_aside: list[SetAside] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)  # accepted all the same, but worth knowing
    leaks: LeakReport | None = None  # None where the source has no labels

    def refuse(self, rows: Sequence[SetAside]) -> None:
        """Count rows that were set aside, and keep the first few to show."""
        self.set_aside.update(row.reason for row in rows)
        self.first_set_aside.extend(rows[: SHOWN_SET_ASIDE - len(self.first_set_aside)])

    @property
    def events_per_second(self) -> float:
        """Accepted events per second of wall time."""
        return self.accepted / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True)
class Scratch:
    """Files that are filled while a source is played, for the outputs afterwards; memory stays flat."""

    folder: Path

    @property
    def seen(self) -> Path:
        """Transaction ids in order, one per line."""
        return self.folder / "seen"

    @property
    def set_aside(self) -> Path:
        """Rows that could not be taken, as CSV."""
        return self.folder / "set_aside.csv"


def play(
    service: Service, source: Source, *, progress: Progress, resume: bool, scratch: Scratch | None = None
) -> Played:
    """Play `source` to its end and wait until store and ledger hold it.

    With `resume`, rows that an earlier run logged are not read again; without, they are read and found to be repeats.
    `scratch` is filled for `write_outputs`.
    """
    with ExitStack() as stack:
        if scratch is None:
            scratch = Scratch(Path(stack.enter_context(tempfile.TemporaryDirectory())))
        return _played(service, source, progress=progress, resume=resume, scratch=scratch)


def _played(service: Service, source: Source, *, progress: Progress, resume: bool, scratch: Scratch) -> Played:
    pipeline, batch_rows = service.running, service.settings.pipeline.batch_rows
    after = (service.log.source_position(source.name) or 0) if resume else 0
    played = Played(source.name)
    task = progress.add_task("events", total=source.total_rows)
    watch = LeakWatch(source.name, max_rows=LEAK_ROWS)
    started = time.perf_counter()
    with (
        scratch.seen.open("w", encoding="utf-8", newline="\n") as seen,
        scratch.set_aside.open("w", encoding="utf-8", newline="") as aside,
    ):
        refused = csv.writer(aside)
        refused.writerow(field.name for field in fields(SetAside))
        for batch in source.batches(batch_rows, after=after):
            watch.add(batch.events)
            taken = pipeline.submit(batch.events, source=source.name, position=batch.position)
            if batch.set_aside:
                service.ledger.set_aside(batch.set_aside)
                refused.writerows(astuple(row) for row in batch.set_aside)
                played.refuse(batch.set_aside)
            played.dropped.update(dict(batch.dropped))
            played.rows += batch.rows
            played.accepted += taken.accepted
            played.repeats += taken.repeats
            played.conflicts += len(taken.conflicts)
            seen.writelines(event.tx_id + "\n" for event in batch.events if isinstance(event, Movement))
            progress.update(task, advance=batch.rows)
    pipeline.flush(settle=True)
    played.seconds = time.perf_counter() - started
    leaks = watch.report()
    played.leaks = leaks if leaks.labelled else None
    progress.update(task, completed=played.rows, total=played.rows)
    return played


def progress_bar() -> Progress:
    """The bar every long command shows on the error stream, so that output stays clean; none without a terminal."""
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )


def write_outputs(
    service: Service, source: Source, played: Played, *, scratch: Scratch, out: Path
) -> dict[str, object]:
    """Write scores.csv, rings.csv, set_aside.csv and summary.json into `out`; return the summary."""
    out.mkdir(parents=True, exist_ok=True)
    with _replacing(out / "scores.csv") as file:
        writer = csv.writer(file)
        writer.writerow(("tx_id", "ts", "score", "decision"))
        repeated = played.repeats or played.conflicts  # without any, every id came once
        for tx_ids in _chunks(_once(_lines(scratch.seen)) if repeated else _lines(scratch.seen), 1_000):
            scores = service.ledger.scores_of(tx_ids)
            writer.writerows(
                (tx_id, iso(scores[tx_id].ts), scores[tx_id].value, scores[tx_id].decision)
                for tx_id in tx_ids
                if tx_id in scores
            )
    with _replacing(out / "rings.csv") as file:
        writer = csv.writer(file)
        writer.writerow(("ring_id", "kind", "account_id", "role", "score"))
        for ring in all_rings(service):
            writer.writerows(
                (ring.ring_id, ring.kind, source.as_given(member.account), member.role, member.score)
                for member in ring.members
            )
    with _replacing(out / "set_aside.csv") as file, scratch.set_aside.open(encoding="utf-8", newline="") as rows:
        shutil.copyfileobj(rows, file)
    summary = summarise(service, played)
    with _replacing(out / "summary.json") as file:
        json.dump(summary, file, indent=2, ensure_ascii=False)
    return summary


def summarise(service: Service, played: Played) -> dict[str, object]:
    """What was played and what the home holds now, as plain values."""
    book = service.ledger.summary()
    return {
        "source": played.source,
        "rows": played.rows,
        "accepted": played.accepted,
        "repeats": played.repeats,
        "conflicts": played.conflicts,
        "set_aside": dict(sorted(played.set_aside.items())),
        "dropped": dict(sorted(played.dropped.items())),
        "notes": dict(sorted(played.notes.items())),
        "label_leaks": None
        if played.leaks is None
        else {f"{leak.subject}.{leak.name}": round(leak.auc, 3) for leak in played.leaks.suspects},
        "seconds": round(played.seconds, 2),
        "events_per_second": round(played.events_per_second, 1),
        "home": asdict(book),
        "store": service.store.name,
        "state_hash": service.state_hash(),
    }


def all_rings(service: Service) -> Iterator[Ring]:
    """Every current ring, strongest first."""
    after: str | None = None
    while True:
        page = service.ledger.rings(after=after, limit=200)
        yield from page.items
        if page.next is None:
            return
        after = page.next


def iso(ts: int) -> str:
    """ISO 8601 in UTC of epoch milliseconds; milliseconds only where there are any."""
    text = datetime.fromtimestamp(ts / 1000, UTC).isoformat(timespec="milliseconds" if ts % 1000 else "seconds")
    return text.replace("+00:00", "Z")


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", newline="\n") as file:
        for line in file:
            yield line[:-1]


def _once(texts: Iterable[str]) -> Iterator[str]:
    """Each text the first time it comes; what was seen is kept on disk, so that memory stays flat."""
    with closing(sqlite3.connect("")) as seen:
        seen.execute("CREATE TABLE seen (text TEXT PRIMARY KEY) WITHOUT ROWID")
        for text in texts:
            if seen.execute("INSERT OR IGNORE INTO seen VALUES (?)", (text,)).rowcount:
                yield text


def _chunks(texts: Iterable[str], size: int) -> Iterator[list[str]]:
    texts = iter(texts)
    while chunk := list(islice(texts, size)):
        yield chunk


class _replacing:
    """Write a text file beside `path` and put it in its place only when all of it was written."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> IO[str]:
        self._file = tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", newline="", dir=self._path.parent, delete=False, suffix=self._path.suffix
        )
        return self._file

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._file.close()
        waiting = Path(self._file.name)
        if kind is None:
            waiting.chmod(0o644)
            waiting.replace(self._path)
        else:
            waiting.unlink()
