"""Our side of `bench.window_rival`: a window that is fed a stream in batches."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from bench.window_streams import START_MS, Stream, random_stream
from graph.events import Movement, MovementKind
from graph.window.features import FEATURE_INDEX, FEATURES
from graph.window.records import Hit, WindowSettings
from graph.window.window import MOVEMENT_CODES, Window


def movements(stream: Stream, *, first: int = 0) -> list[Movement]:
    """The stream as events, numbered from `first`."""
    rows = enumerate(zip(*(column.tolist() for column in stream), strict=True), first)
    return [
        Movement(
            event_id=f"tx:{i}",
            ts=START_MS + 1_000 * second,
            source=f"account-{source}",
            target=f"account-{target}",
            amount_cents=cents,
        )
        for i, (source, target, second, cents) in rows
    ]


class Ours:
    """A window, the seconds that each batch took, and how many answers were cut or have a pattern."""

    def __init__(self, *, lookback_days: int = 30) -> None:
        self.window = Window(WindowSettings(lookback_days=lookback_days, horizon_days=lookback_days + 5))
        self.wall: list[float] = []
        self.cpu: list[float] = []
        self.truncated = self.cut = self.patterns = 0

    def answers(self, stream: Stream, *, batch: int) -> tuple[NDArray[np.float64], dict[int, list[Hit]]]:
        """Features (float64[n, len(FEATURES)]) and patterns of the movements of a stream, by place in the stream."""
        features = np.empty((len(stream.source), len(FEATURES)))
        hits: dict[int, list[Hit]] = {}
        events = movements(stream)
        for start in range(0, len(events), batch):
            found = self.window.answer(self.window.apply(events[start : start + batch]))
            place = {seq: int(self.window.event_id(seq)[3:]) for seq in found.seqs.tolist()}
            features[[place[seq] for seq in found.seqs.tolist()]] = found.features
            for hit in found.hits:
                hits.setdefault(place[hit.owner], []).append(hit)
        return features, hits

    def play(self, stream: Stream, *, first: int, batch: int, asked: bool = True) -> None:
        """Feed a part of a stream whose first movement is number `first` as arrays, in batches; time each.

        With `asked` false the rows are only taken in: nothing is answered or timed.
        """
        window = self.window
        for account in range(len(window.accounts.names), int(max(stream.source.max(), stream.target.max())) + 1):
            window.accounts.intern(f"account-{account}")
        rows = columns(stream, first=first)
        for start in range(0, len(stream.source), batch):
            part = {name: values[start : start + batch] for name, values in rows.items()}
            cpu, clock = time.process_time(), time.perf_counter()
            seqs = window.apply_rows(ids=(), **part)
            if asked:
                found = window.answer(seqs)
                self.wall.append(time.perf_counter() - clock)
                self.cpu.append(time.process_time() - cpu)
                self.truncated += int(found.features[:, FEATURE_INDEX["truncated"]].sum())
                self.cut += int((found.cut > 0).sum())
                self.patterns += len(found.hits)


def columns(stream: Stream, *, first: int) -> dict[str, NDArray[np.int64]]:
    """The stream as the window takes arrays: account n is called "account-n", its place in the stream is the tie."""
    return {
        "ts": START_MS + 1_000 * stream.second,
        "tie": np.arange(first, first + len(stream.source), dtype=np.int64),
        "kind": np.full(len(stream.source), MOVEMENT_CODES[MovementKind.TRANSFER], dtype=np.int64),
        "src": stream.source,
        "dst": stream.target,
        "cents": stream.cents,
    }


def warmed_up() -> None:
    """Compile or load every kernel before a clock starts."""
    Ours().play(random_stream("zipf", count=500, accounts=50, days=2, seed=0), first=0, batch=100)
