"""What every arrival offers the pipeline: batches of events, what was set aside, and how far it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from graph.events import Event
from graph.set_aside import SetAside


@dataclass(frozen=True, slots=True)
class Batch:
    """A bounded piece of a source.

    `rows` is how many input rows this batch accounts for (accepted, set aside or dropped): they add up to the whole
    source. `position` grows from batch to batch; given back as `after`, reading goes on behind this batch. `dropped`
    counts rows that were left out on purpose, by reason.
    """

    events: tuple[Event, ...]
    set_aside: tuple[SetAside, ...]
    rows: int
    position: int
    dropped: tuple[tuple[str, int], ...] = ()


class Source(Protocol):
    """A stream of events that can be read from its start any number of times.

    Guarantees: the same source gives the same events in the same order every time; events are in time order, those
    of equal time in an order that is independent of their place in the file; memory does not grow with the number of
    rows; an unacceptable row is set aside with its line and reason and the rest of the stream comes.
    """

    @property
    def name(self) -> str:
        """Where it comes from, for messages and for the log's source column."""
        ...

    @property
    def total_rows(self) -> int | None:
        """How many input rows there are, for progress; None when unknown, and possibly a little off."""
        ...

    def batches(self, size: int, *, after: int = 0) -> Iterator[Batch]:
        """Yield batches of at most `size` rows, going on behind position `after`."""
        ...

    def as_given(self, account: str) -> str:
        """The account id as the input wrote it; kept in memory only, while this source lives."""
        ...
