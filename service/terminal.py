"""What every command shares: the consoles, the options for home and store, and opening a home with progress."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, TaskID

from service.bootstrap import Service, open_service
from service.run import iso, progress_bar
from service.settings import Settings

#: Tables are as wide as their content where nobody watches: a log or a pipe has no right edge.
console = Console(width=None if sys.stdout.isatty() else 240)
complaints = Console(stderr=True)

Home = Annotated[Path | None, typer.Option("--home", help="State folder (default ~/.tarrafa, or $TARRAFA_HOME).")]
StoreOption = Annotated[str | None, typer.Option("--store", help="Graph store: kglite (embedded) or neo4j.")]
KnownOn = Annotated[
    str | None,
    typer.Option("--as-known-on", metavar="MOMENT", help="As known then: ISO 8601 time with zone, or a log position."),
]


@contextmanager
def opened_for_reading(settings: Settings, known: str | None) -> Iterator[Service]:
    """Open the service for reading, as it is or as it was known at the moment `known`."""
    if known is None:
        with opened(settings, work=False) as service:
            yield service
        return
    from service.known import open_known  # only now: most commands ask how things are

    with progress_bar() as bar, open_known(settings, known, progress=_recovery(bar, "working out")) as service:
        bar.stop()
        head = service.log.head()
        newest = next(service.log.read(after=head - 1, limit=1))
        complaints.print(f"as known at log entry {head}, learned at {iso(newest.learned_at)}", highlight=False)
        yield service


@contextmanager
def opened(settings: Settings, *, work: bool = True, rebuild: bool = False) -> Iterator[Service]:
    """Open the service, showing progress while it recovers."""
    with (
        progress_bar() as bar,
        open_service(settings, work=work, rebuild=rebuild, progress=_recovery(bar)) as service,
    ):
        bar.stop()
        for refusal in service.pipeline.checkpoints.refused if service.pipeline is not None else ():
            complaints.print(f"{refusal}; the log says the same", highlight=False, markup=False, soft_wrap=True)
        yield service


def _recovery(bar: Progress, what: str = "recovering") -> Callable[[int, int], None]:
    task: TaskID | None = None

    def show(done: int, head: int) -> None:
        nonlocal task
        if task is None:
            task = bar.add_task(what, total=head)
        bar.update(task, completed=done)

    return show
