"""Parts of a stream in time order, and which labels were known when a part began."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph.errors import ConfigurationError

I64 = NDArray[np.int64]
DAY_MS = 86_400_000
FEWEST = 2  # rows of a part


@dataclass(frozen=True, slots=True)
class Split:
    """Rows by part. `train` are those of the first part whose label was known when the second began, and `refit`
    those of the first two whose label was known when the third began; `dropped` counts rows of the first part whose
    label came too late.
    """

    train: I64
    valid: I64
    test: I64
    refit: I64
    dropped: int

    def parts(self, rows: int) -> list[str]:
        """The part of each row: train, valid or test."""
        names = ["train"] * rows
        for name, places in (("valid", self.valid), ("test", self.test)):
            for place in places.tolist():
                names[place] = name
        return names


def parse_shares(text: str) -> tuple[int, int, int]:
    """Return the three shares of `60/20/20`; raise ConfigurationError for anything else."""
    pieces = text.split("/")
    if len(pieces) == 3 and all(piece.isdigit() and int(piece) > 0 for piece in pieces):
        first, second, third = map(int, pieces)
        if first + second + third == 100:
            return first, second, third
    raise ConfigurationError(f"--split {text} is not a split", cure="give three shares of 100, such as 60/20/20")


def split_by_time(ts: I64, known: I64, shares: tuple[int, int, int], *, label_delay_ms: int) -> Split:
    """Split rows, which come in time order, by their number; rows of one moment never lie in two parts.

    A label counts from `known + label_delay_ms`. Raises ConfigurationError when a part would be too small.
    """
    rows = len(ts)
    first, second = (_edge(ts, rows * share // 100) for share in (shares[0], shares[0] + shares[1]))
    if min(first, second - first, rows - second) < FEWEST:
        raise ConfigurationError(
            f"{rows} labelled rows are too few for three parts", cure="give more rows, or rows of more moments"
        )
    place = np.arange(rows, dtype=np.int64)
    ready = known + label_delay_ms
    train = place[:first][ready[:first] <= ts[first]]
    refit = place[:second][ready[:second] <= ts[second]]
    if len(train) < FEWEST:
        raise ConfigurationError(
            "no label of the training part is known when the next part begins",
            cure=f"shorten the label delay ({label_delay_ms / DAY_MS:g} days), or give a longer stream",
        )
    return Split(train, place[first:second], place[second:], refit, dropped=first - len(train))


def _edge(ts: I64, place: int) -> int:
    """The first row of the moment that row `place` lies in, or of the next where that is the very first."""
    if not 0 < place < len(ts):
        return place
    begin = int(np.searchsorted(ts, ts[place], side="left"))
    return begin if begin > 0 else int(np.searchsorted(ts, ts[place], side="right"))
