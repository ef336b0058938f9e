"""Betting operators and their sites: licensed ones with one stable domain, illegal ones that move every few days.

Names end in `.example`, which nobody can register, so that no real site is ever accused. A site's name, its markets
and its hosting follow from the seed and the day; nothing is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from ingest.simulator.calendar import DAY_MS, Calendar
from ingest.simulator.people import addresses
from ingest.simulator.seeds import SITES, opaque, stream

LICENSED, ILLEGAL = 8, 5
HOUSES = 8  # accounts of a licensed operator
HOSTING_RANGE = 0xC6120000
HOSTS = 24  # shared hosting, in 198.18/15
CONTENT_NETWORK = 4  # of those, the ones that serve licensed sites too
_SYLLABLES = (
    "bra",
    "gol",
    "ouro",
    "sor",
    "te",
    "ja",
    "vip",
    "lua",
    "rei",
    "tigre",
    "pix",
    "ban",
    "ca",
    "mar",
    "zum",
    "fla",
)
MATCHES_A_DAY = 14


@dataclass(frozen=True, slots=True)
class Operator:
    """A betting operator. `days_per_domain` is 0 for one that never moves; `collects` are the accounts that take
    deposits, `houses` take stakes and pay out, `hosts` are the addresses its sites resolve to."""

    id: str
    licensed: bool
    houses: tuple[str, ...]
    collects: tuple[str, ...]
    days_per_domain: int
    hosts: tuple[str, ...]

    def house(self, person: int) -> str:
        """Return the account that holds the person's bets."""
        return self.houses[person % len(self.houses)]

    def collector(self, person: int, which: float) -> str:
        """Return the account that takes a deposit: mostly the person's usual one; `which` in [0, 1) decides."""
        return self.collects[(person + (which < 0.3)) % len(self.collects)]

    def turn(self, calendar: Calendar, ts: int) -> int:
        """Return how many times the site had moved by `ts`."""
        return (ts - calendar.start_ms) // (self.days_per_domain * DAY_MS) if self.days_per_domain else 0

    def domain(self, calendar: Calendar, ts: int) -> str:
        """Return where the site was at `ts`."""
        return self.domain_name(self.turn(calendar, ts))

    def domain_name(self, turn: int) -> str:
        digest = blake2b(f"{self.id} {turn}".encode(), digest_size=6).digest()
        word = "".join(_SYLLABLES[byte % len(_SYLLABLES)] for byte in digest[:3])
        return f"{word}{int.from_bytes(digest[3:], 'big') % 10_000:04d}.example"

    def host(self, turn: int) -> str:
        """Return the address the site resolved to after `turn` moves."""
        return self.hosts[turn % len(self.hosts)]


def open_sites(seed: int, intermediaries: list[str]) -> tuple[Operator, ...]:
    """Return the operators that exist all the time, most popular first."""
    rng = stream(seed, SITES)
    ids = opaque(rng, LICENSED + ILLEGAL, digits=12)
    hosting = addresses(HOSTING_RANGE, HOSTS)
    operators = []
    for index, name in enumerate(ids):
        licensed = index < LICENSED
        houses = tuple(opaque(rng, HOUSES if licensed else 3))
        middle = tuple(intermediaries[i] for i in rng.choice(len(intermediaries), size=2, replace=False))
        hosts = rng.choice(CONTENT_NETWORK if licensed else HOSTS, size=2, replace=False)
        operators.append(
            Operator(
                id=name,
                licensed=licensed,
                houses=houses,
                collects=(*houses, middle[0]) if licensed else middle,
                days_per_domain=0 if licensed else int(rng.integers(3, 8)),
                hosts=tuple(hosting[i] for i in hosts),
            )
        )
    return tuple(operators)


def hidden_pair(rng: np.random.Generator, collectors: tuple[str, ...]) -> tuple[Operator, Operator]:
    """Return two illegal operators that look apart but share `collectors` and hosting."""
    hosting = addresses(HOSTING_RANGE, HOSTS)[CONTENT_NETWORK:]
    shared = tuple(hosting[i] for i in rng.choice(len(hosting), size=2, replace=False))
    ids = opaque(rng, 2, digits=12)
    return (
        Operator(ids[0], False, tuple(opaque(rng, 2)), collectors, int(rng.integers(3, 6)), shared),
        Operator(ids[1], False, tuple(opaque(rng, 2)), collectors, int(rng.integers(3, 6)), shared[::-1]),
    )


def market(operator: Operator, day: int, match: int) -> str:
    """Return the id of the market on match number `match` of `day` at the operator's site."""
    return blake2b(f"{operator.id} {day} {match}".encode(), digest_size=6).hexdigest()


def moves(operator: Operator, calendar: Calendar) -> Iterator[tuple[int, int]]:
    """Yield (turn, first moment) of every domain the operator uses in the span."""
    if not operator.days_per_domain:
        yield 0, calendar.start_ms
        return
    for turn, day in enumerate(range(0, calendar.days, operator.days_per_domain)):
        yield turn, calendar.start_ms + day * DAY_MS
