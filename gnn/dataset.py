"""Training rows by replay: the features of each labelled movement as the window gave them at that moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from gnn.labels import Labels
from gnn.profiles import PROFILE, profiles
from graph.errors import ConfigurationError
from graph.events import Event, Movement
from graph.window.features import FEATURES
from graph.window.records import Answers, WindowSettings
from graph.window.window import Window
from rings.findings import KIND_OF_HIT

Floats = NDArray[np.float32]
I64 = NDArray[np.int64]
I32 = NDArray[np.int32]

#: What the window says: the registry, then how often the movement completed each pattern.
WINDOW_COLUMNS: tuple[str, ...] = (
    *(feature.name for feature in FEATURES),
    *(f"pattern_{KIND_OF_HIT[hit]}" for hit in sorted(KIND_OF_HIT)),
)
#: Columns of `Rated.features`: the window's, then those of the accounts' lives.
COLUMNS: tuple[str, ...] = (*WINDOW_COLUMNS, *PROFILE)
_PATTERN = {hit: len(FEATURES) + place for place, hit in enumerate(sorted(KIND_OF_HIT))}


@dataclass(frozen=True, slots=True)
class Edges:
    """Every movement of a stream, in canonical order: ends as dense integers, epoch ms, cents, kind code.

    `account_hash` int64[accounts] is a hash of each account's id, where there are ids.
    """

    source: I32
    target: I32
    ts: I64
    cents: I64
    kind: I32
    account_hash: I64 | None = None


@dataclass(frozen=True, slots=True)
class Rated:
    """Labelled movements in canonical order.

    `features` is float32[n, len(COLUMNS)]; `edge` the place of each row among `edges`; `known` when its label was
    known (epoch ms); `ring` the ring it belongs to, '' if none. `left_out` counts movements without a label.
    """

    tx_ids: list[str]
    ts: I64
    label: NDArray[np.int8]
    known: I64
    ring: list[str]
    features: Floats
    edge: I64
    edges: Edges
    left_out: int

    def __len__(self) -> int:
        return len(self.tx_ids)


def account_hashes(names: Sequence[str]) -> I64:
    """A hash of each id, equal in every process."""
    return np.array([crc32(name.encode()) for name in names], dtype=np.int64)


def serving_columns(answers: Answers) -> Floats:
    """WINDOW_COLUMNS of answered movements, float32[n, len(WINDOW_COLUMNS)]; the same for training and serving."""
    rows = np.zeros((len(answers.seqs), len(WINDOW_COLUMNS)), dtype=np.float32)
    rows[:, : len(FEATURES)] = answers.features
    if answers.hits:
        place = {seq: row for row, seq in enumerate(answers.seqs.tolist())}
        for hit in answers.hits:
            if hit.kind in _PATTERN:
                rows[place[hit.owner], _PATTERN[hit.kind]] += 1
    return rows


def replay(
    batches: Iterable[Sequence[Event]],
    labels: Labels,
    *,
    settings: WindowSettings | None = None,
    progress: Callable[[int], None] | None = None,
) -> Rated:
    """Play `batches` (in canonical order) through a window of their own and keep the labelled movements.

    `progress` is called with the number of events of each batch. Raises ConfigurationError when nothing is labelled.
    """
    window = Window(settings)
    kept: list[Floats] = []
    tx_ids: list[str] = []
    rings: list[str] = []
    numbers: list[tuple[int, int, int, int]] = []  # ts, label, known, edge
    edges: list[tuple[int, int, int, int, int]] = []
    left_out = 0
    for batch in batches:
        seqs = window.apply(batch)
        by_tx = {event.tx_id: event for event in batch if isinstance(event, Movement)}
        chosen = []
        for place, seq in enumerate(seqs.tolist()):
            movement = by_tx[window.event_id(seq)[3:]]
            edge = window.movement(seq)
            ends = window.accounts.of[edge.source], window.accounts.of[edge.target]
            edges.append((*ends, edge.ts, edge.amount_cents, edge.kind))
            label = labels.of(movement)
            if label is None:
                left_out += 1
                continue
            chosen.append(place)
            tx_ids.append(movement.tx_id)
            rings.append(label.ring)
            numbers.append((movement.ts, label.value, label.ts, len(edges) - 1))
        if chosen:
            kept.append(serving_columns(window.answer(seqs[chosen])))
        if progress is not None:
            progress(len(batch))
    if not kept:
        raise ConfigurationError(
            "nothing in it is labelled", cure="give a file with a label column (0 or 1) on some rows"
        )
    ts, label_of, known, edge_of = (np.array(column, dtype=np.int64) for column in zip(*numbers, strict=True))
    source, target, edge_ts, cents, kind = (np.array(column, dtype=np.int64) for column in zip(*edges, strict=True))
    hashes = account_hashes(window.accounts.names)
    stream = Edges(source.astype(np.int32), target.astype(np.int32), edge_ts, cents, kind.astype(np.int32), hashes)
    return Rated(
        tx_ids=tx_ids,
        ts=ts,
        label=label_of.astype(np.int8),
        known=known,
        ring=rings,
        features=_with_profiles(kept, stream, edge_of),
        edge=edge_of,
        edges=stream,
        left_out=left_out,
    )


def _with_profiles(kept: list[Floats], edges: Edges, edge: I64) -> Floats:
    """The window's columns of all batches, which are emptied on the way, and those of the accounts' lives."""
    whole = np.empty((len(edge), len(COLUMNS)), dtype=np.float32)
    filled = 0
    kept.reverse()
    while kept:  # given back one by one: memory never holds both
        batch = kept.pop()
        whole[filled : filled + len(batch), : len(WINDOW_COLUMNS)] = batch
        filled += len(batch)
    whole[:, len(WINDOW_COLUMNS) :] = profiles(edges.source, edges.target, edges.ts, edges.cents, edges.kind, edge)
    return whole
