"""Ordinary life: bets, deposits, winnings, cash, friends, shops, log-ins - a slice of the span at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from graph.events import Event
from ingest.simulator import everyday_betting, everyday_money
from ingest.simulator.crowd import Crowd
from ingest.simulator.people import I64
from ingest.simulator.place import Place
from ingest.simulator.seeds import EVERYDAY, stream

#: Share of all ordinary events, and who writes them.
HABITS: tuple[tuple[float, Callable[[Crowd, np.random.Generator, I64], Iterator[Event]]], ...] = (
    (0.355, everyday_betting.bets),
    (0.100, everyday_betting.deposits),
    (0.090, everyday_betting.payouts),
    (0.065, everyday_money.withdrawals),
    (0.165, everyday_money.transfers),
    (0.100, everyday_money.card_payments),
    (0.010, everyday_money.refunds),
    (0.050, everyday_betting.accesses),
    (0.050, everyday_money.logins),
    (0.015, everyday_money.identifiers),
)


class Everyday:
    """Draws the ordinary events of a place. `slice_of` is a pure function of the slice's number and bounds."""

    def __init__(self, place: Place) -> None:
        self._crowd = Crowd(place)

    def slice_of(self, number: int, count: int, *, first: float, last: float, until: int) -> list[Event]:
        """Return `count` events between the shares `first` and `last` of all activity, in no particular order.

        None is at or after `until` (epoch ms), where the next slice begins.
        """
        rng = stream(self._crowd.place.seed, EVERYDAY, number)
        moments = np.minimum(self._crowd.place.calendar.moments(first + (last - first) * rng.random(count)), until - 1)
        bounds = np.cumsum([share for share, _ in HABITS])[:-1]
        habit = np.searchsorted(bounds, rng.random(count), side="right")
        events: list[Event] = []
        for index, (_, draw) in enumerate(HABITS):
            events.extend(draw(self._crowd, rng, moments[habit == index]))
        return events
