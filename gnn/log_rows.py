"""Training rows out of a log: every movement with the columns that serving made of it, whatever order events came in.

The log is played through a window of the service's own settings. What arrives late makes the window answer again, and
the newest answer stands, as it does for a score. Labels do not matter here: whoever trains joins them afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gnn.dataset import WINDOW_COLUMNS, Edges, account_hashes, serving_columns
from graph.errors import ConfigurationError
from graph.events import Event
from graph.window.bound import span_of
from graph.window.placed import placed
from graph.window.records import WindowSettings
from graph.window.window import Window

F32 = NDArray[np.float32]
I64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LogRows:
    """Every movement of a log, in canonical order: `features` float32[n, WINDOW_COLUMNS] and `edges` row by row."""

    tx_ids: list[str]
    features: F32
    edges: Edges

    def __len__(self) -> int:
        return len(self.tx_ids)


def rows_of_log(
    batches: Iterable[tuple[int, Sequence[Event]]],
    *,
    settings: WindowSettings,
    most: int,
    progress: Callable[[int], None] | None = None,
) -> LogRows:
    """Play `batches`, each with the log offset of its first event; at most `most` movements are expected.

    A batch does not cross a place where the window looks to its bound (see `in_spans`). `progress` is called with the
    number of events of each batch. Raises ConfigurationError when there is no movement.
    """
    window = Window(settings)
    features = np.empty((most, len(WINDOW_COLUMNS)), dtype=np.float32)
    numbers = np.empty((6, most), dtype=np.int64)
    tx_ids: list[str] = []
    place_of: dict[int, int] = {}  # of seqs still in the window
    for offset, events in batches:
        window.trim(offset)
        seqs = window.apply(events)
        if len(seqs):
            for seq in seqs.tolist():
                if seq not in place_of:
                    place_of[seq] = len(tx_ids)
                    tx_ids.append(window.event_id(seq)[3:])
            places = np.array([place_of[seq] for seq in seqs.tolist()])
            features[places] = serving_columns(window.answer(seqs))
            numbers[:, places] = np.array(placed(window, seqs), dtype=np.int64)
        if progress is not None:
            progress(len(events))
    if not tx_ids:
        raise ConfigurationError("the log holds no movement in that range", cure="give another --from or --to")
    count = len(tx_ids)
    ts, tie, source, target, cents, kind = numbers[:, :count]
    order = np.lexsort((tie, ts))
    edges = Edges(
        source[order].astype(np.int32),
        target[order].astype(np.int32),
        ts[order],
        cents[order],
        kind[order].astype(np.int32),
        account_hashes(window.accounts.names),
    )
    whole = features[:count] if np.array_equal(order, np.arange(count)) else features[:count][order]
    return LogRows([tx_ids[place] for place in order.tolist()], whole, edges)


def in_spans(first: int, events: Sequence[Event], settings: WindowSettings) -> list[tuple[int, Sequence[Event]]]:
    """Cut the events of log entries `first`, `first + 1`, ... where the window looks to its bound."""
    step = span_of(settings.max_events)
    pieces: list[tuple[int, Sequence[Event]]] = []
    begin = 0
    while begin < len(events):
        end = min(len(events), (begin + first) // step * step + step - first)
        pieces.append((first + begin, events[begin:end]))
        begin = end
    return pieces
