"""The crowd that everyday life is drawn from: who is busy, where they play, what they spend."""

from __future__ import annotations

import numpy as np

from ingest.simulator.amounts import F64, spread, written
from ingest.simulator.people import I64, Session
from ingest.simulator.place import Place
from ingest.simulator.seeds import EVERYDAY, stream
from ingest.simulator.sites import LICENSED, MATCHES_A_DAY


class Crowd:
    """Draws people with their sites, sessions and sums, all in arrays of the length asked for.

    `by_interest` and `by_custom` are cumulative shares of the day's matches and of the merchants.
    """

    def __init__(self, place: Place) -> None:
        rng = stream(place.seed, EVERYDAY)
        self.place = place
        people = place.people
        self._by_activity = np.cumsum(people.weight) / people.weight.sum()
        betting = np.where(people.bettor, people.weight, 0.0)
        self._by_betting = np.cumsum(betting) / betting.sum()
        popularity = 1.0 / np.arange(1, len(place.operators) + 1) ** 0.8
        popularity[LICENSED:] *= 0.6
        self._favourites = rng.choice(
            len(place.operators), size=(people.count, 2), p=popularity / popularity.sum()
        ).astype(np.int64)
        interest = 1.0 / np.arange(1, MATCHES_A_DAY + 1)
        self.by_interest = np.cumsum(interest) / interest.sum()
        merchants = rng.permutation(1.0 / np.arange(1, len(place.town.merchants) + 1) ** 0.7)
        self.by_custom = np.cumsum(merchants) / merchants.sum()

    def people(self, rng: np.random.Generator, count: int, *, betting: bool) -> I64:
        """Return `count` people, the busier the likelier."""
        return np.searchsorted(self._by_betting if betting else self._by_activity, rng.random(count))

    def sessions(self, rng: np.random.Generator, persons: I64) -> list[Session]:
        """Return where each of `persons` acts from."""
        at = self.place.people.session_at
        where, ports = rng.random(len(persons)).tolist(), rng.integers(1024, 65536, size=len(persons)).tolist()
        return [at(person, w, port) for person, w, port in zip(persons.tolist(), where, ports, strict=True)]

    def sums(self, rng: np.random.Generator, persons: I64, median: float, sigma: float) -> list[int]:
        """Return an amount in cents for each of `persons`, log-normal around `median` (cents) and rounded by habit."""
        cents: F64 = spread(rng, len(persons), median=median, sigma=sigma) * self.place.people.spending[persons]
        amounts: list[int] = written(cents, rng.random(len(persons))).tolist()
        return amounts

    def sites(self, rng: np.random.Generator, persons: I64) -> list[int]:
        """Return the operator (its index) that each of `persons` plays at."""
        second = (rng.random(len(persons)) < 0.25).astype(np.int64)
        sites: list[int] = self._favourites[persons, second].tolist()
        return sites
