"""The streams that the window benchmarks play: whole numbers in numpy arrays, the same for every side, seeded."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

DAY_S = 86_400
START_MS = 1_750_000_000_000
ZIPF_EXPONENT = 0.8


class Stream(NamedTuple):
    """Money movements in order of time, int64[n] each: interned accounts, seconds since the start, cents."""

    source: NDArray[np.int64]
    target: NDArray[np.int64]
    second: NDArray[np.int64]
    cents: NDArray[np.int64]

    def part(self, start: int, end: int) -> Stream:
        """The movements `start <= i < end`."""
        return Stream(*(column[start:end] for column in self))


def random_stream(shape: str, *, count: int, accounts: int, days: float, seed: int) -> Stream:
    """Return `count` movements between `accounts` accounts; nobody pays himself.

    `shape`: "uniform"; "zipf" (frequencies fall as rank ** -0.8, payers and payees ranked independently); or "hubs"
    (the same, and whoever pays most is paid most).
    """
    random = np.random.default_rng(seed)
    if shape == "uniform":
        source, target = (random.integers(0, accounts, count) for _ in range(2))
    elif shape in ("zipf", "hubs"):
        shares = np.arange(1, accounts + 1) ** -ZIPF_EXPONENT
        source, target = (random.choice(accounts, count, p=shares / shares.sum()) for _ in range(2))
        dealt = random.permutation(accounts)
        source, target = dealt[source], (dealt if shape == "hubs" else random.permutation(accounts))[target]
    else:
        raise ValueError(f"shape {shape!r}: give uniform, zipf or hubs")
    target = np.where(source == target, (target + 1) % accounts, target)
    second = np.sort(random.integers(0, round(days * DAY_S), count))
    return Stream(source, target, second, random.integers(100, 500_000, count))


def planted_cycles(*, cycles: int, noise: int, longest: int, seed: int) -> tuple[Stream, NDArray[np.int64]]:
    """Return a stream of one day with `cycles` separate money cycles among `noise` movements, and int64[n]: the length
    of the cycle that movement i closes, or 0.

    A cycle has 3 to `longest` accounts of its own and one amount, hops in time order; noise only pays from a lower to
    a higher account outside the cycles, so nothing else closes. No two movements share a second.
    """
    random = np.random.default_rng(seed)
    lengths = random.integers(3, longest + 1, cycles)
    count = int(lengths.sum()) + noise
    seconds = np.sort(random.choice(DAY_S - 2, count, replace=False)) + 1
    owner = np.concatenate((np.repeat(np.arange(cycles), lengths), np.full(noise, -1)))
    random.shuffle(owner)
    source, target, cents, closes = (np.zeros(count, dtype=np.int64) for _ in range(4))
    first_account = np.concatenate(([0], np.cumsum(lengths)))
    for cycle, length in enumerate(lengths.tolist()):
        at = np.flatnonzero(owner == cycle)
        hops = np.arange(length)
        source[at] = first_account[cycle] + hops
        target[at] = first_account[cycle] + (hops + 1) % length
        cents[at] = random.integers(10_000, 500_000)
        closes[at[-1]] = length
    at = np.flatnonzero(owner == -1)
    pairs = np.sort(random.choice(noise, (noise, 2)), axis=1)
    pairs[:, 1] += pairs[:, 0] == pairs[:, 1]
    source[at], target[at] = (first_account[-1] + pairs).T
    cents[at] = random.integers(100, 500_000, noise)
    return Stream(source, target, seconds, cents), closes
