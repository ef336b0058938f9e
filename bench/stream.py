"""The synthetic stream that the store benchmarks write: seeded, Zipf-shaped, full model."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from graph.events import Movement, MovementKind
from graph.log.protocol import LogEntry

ACCOUNTS, DEVICES, ADDRESSES, DOMAINS = 20_000, 5_000, 8_000, 50
START_TS = 1_750_000_000_000
KINDS = (MovementKind.TRANSFER, MovementKind.BET, MovementKind.DEPOSIT, MovementKind.PAYOUT)


def zipf_draw(random: np.random.Generator, size: int, count: int) -> np.ndarray:
    """Return `count` draws from 0..size-1 whose frequencies fall as 1/rank (exponent 1)."""
    shares = 1.0 / np.arange(1, size + 1)
    return random.choice(size, count, p=shares / shares.sum())


def entries(count: int, *, seed: int, habit: float) -> Iterator[LogEntry]:
    """Yield `count` movements as log entries, each with a device, an address and a site.

    `habit` is the share of movements made from one of the account's two usual devices and three usual addresses; the
    others draw anew, so 0.0 makes nearly every link of a movement a new one, the hardest case for a store.
    """
    random = np.random.default_rng(seed)
    sources, targets = zipf_draw(random, ACCOUNTS, count), zipf_draw(random, ACCOUNTS, count)
    devices, addresses = zipf_draw(random, DEVICES, count), zipf_draw(random, ADDRESSES, count)
    sites = zipf_draw(random, DOMAINS, count)
    habitual = random.random(count) < habit
    turns = random.integers(0, 6, count)
    devices = np.where(habitual, (sources * 7 + turns % 2 * 1_301) % DEVICES, devices)
    addresses = np.where(habitual, (sources * 11 + turns % 3 * 2_003) % ADDRESSES, addresses)
    sites = np.where(habitual, (sources + turns % 3) % DOMAINS, sites)
    amounts = random.integers(100, 500_000, count)
    steps = np.cumsum(random.integers(0, 500, count))
    for i in range(count):
        yield LogEntry(
            i + 1,
            START_TS,
            Movement(
                event_id=f"tx:t{i}",
                ts=START_TS + int(steps[i]),
                source=f"account-{sources[i]}",
                target=f"account-{targets[i]}",
                amount_cents=int(amounts[i]),
                kind=KINDS[i % len(KINDS)],
                channel="pix",
                device=f"device-{devices[i]}",
                ip=f"10.{addresses[i] // 256}.{addresses[i] % 256}.1",
                domain=f"site-{sites[i]}.example",
            ),
        )
