"""`tarrafa rings shapes`: which shape the engine sees in each group of movements that a file names as a ring."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from typing import Annotated

import typer

from graph.errors import ConfigurationError
from graph.events import LabelGiven, Movement
from graph.evidence import RingKind
from graph.identity import IdentifierKeys
from graph.window.records import Edge
from graph.window.window import MOVEMENT_CODES
from ingest.formats import open_source
from ingest.loaders.loading import FileSource
from rings.shape import shape_of
from service.bootstrap import now_ms
from service.show import show_rows
from service.terminal import console

BATCH_ROWS = 5_000
#: The file is read and forgotten: hashes made while it is read join with nothing.
_SECRET = b"hashes of a look at shapes, which nobody keeps"


def labelled_groups(source: FileSource) -> dict[str, list[Edge]]:
    """The movements of each ring that the source's labels name."""
    movements: dict[str, Edge] = {}
    groups: dict[str, list[Edge]] = defaultdict(list)
    for batch in source.batches(BATCH_ROWS):
        for event in batch.events:
            if isinstance(event, Movement):
                movements[event.tx_id] = Edge(
                    event.event_id,
                    event.ts,
                    event.source,
                    event.target,
                    event.amount_cents,
                    MOVEMENT_CODES[event.kind],
                )
            elif isinstance(event, LabelGiven) and event.subject == "tx" and event.ring:
                groups[event.ring].append(movements[event.subject_id])
        movements.clear()  # a label comes with its row
    return groups


def shapes(
    path: Annotated[Path, typer.Argument(help="A file whose rows name their ring (column ring, AMLworld patterns).")],
    format_name: Annotated[str | None, typer.Option("--format", help="Format; found out when absent.")] = None,
) -> None:
    """Say which shape each named group of movements has; a count per kind where names begin with one (cycle-12)."""
    source = open_source(path, format=format_name, keys=IdentifierKeys.from_secret(_SECRET), now_ms=now_ms())
    groups = labelled_groups(source)
    if not groups:
        raise ConfigurationError(
            f"no row of {path.name} names a ring", cure="fill the column ring of the rows of a group"
        )
    told = {ring: shape_of(movements) for ring, movements in groups.items()}
    rows = [(ring, _words(shape), str(len(groups[ring]))) for ring, shape in sorted(told.items())]
    show_rows(console, ("ring", "shape", "movements"), rows)
    by_name: dict[str, Counter[str]] = defaultdict(Counter)
    for ring, shape in told.items():
        by_name[ring.rsplit("-", 1)[0]][_words(shape)] += 1
    if len(by_name) < len(told):
        counts = [
            (name, ", ".join(f"{n} {shape}" for shape, n in seen.most_common())) for name, seen in by_name.items()
        ]
        show_rows(console, ("named", "shapes seen"), sorted(counts))


def _words(shape: RingKind | None) -> str:
    return shape.replace("_", " ") if shape else "too small to tell"
