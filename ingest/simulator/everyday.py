"""Ordinary life: bets, deposits, winnings, cash, friends, shops, log-ins - drawn in bulk, a slice at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from graph.events import (
    Access,
    AuthenticationAttempt,
    Event,
    IdentifierHeld,
    IdentifierKind,
    IdentifierRef,
    Movement,
    MovementKind,
)
from ingest.simulator.amounts import F64, spread, written
from ingest.simulator.people import I64, NOWHERE, Session
from ingest.simulator.place import Place
from ingest.simulator.seeds import EVERYDAY, opaque, stream
from ingest.simulator.sites import LICENSED, MATCHES_A_DAY, market

SIDES = ("home", "away", "draw")
FAILED_LOGINS = 0.07
KEY_KNOWN = 0.5  # of transfers, those whose payment key is on record


class Everyday:
    """Draws the ordinary events of a place. `slice_of` is a pure function of the slice's number and bounds."""

    def __init__(self, place: Place) -> None:
        rng = stream(place.seed, EVERYDAY)
        self._place = place
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
        self._by_interest = np.cumsum(interest) / interest.sum()
        merchants = rng.permutation(1.0 / np.arange(1, len(place.town.merchants) + 1) ** 0.7)
        self._by_custom = np.cumsum(merchants) / merchants.sum()
        self._habits: tuple[tuple[float, Callable[[np.random.Generator, I64], Iterator[Event]]], ...] = (
            (0.355, self._bets),
            (0.100, self._deposits),
            (0.090, self._payouts),
            (0.065, self._withdrawals),
            (0.165, self._transfers),
            (0.100, self._card_payments),
            (0.010, self._refunds),
            (0.050, self._accesses),
            (0.050, self._logins),
            (0.015, self._identifiers),
        )

    def slice_of(self, number: int, count: int, *, first: float, last: float, until: int) -> list[Event]:
        """Return `count` events between the shares `first` and `last` of all activity, in no particular order.

        None is at or after `until` (epoch ms), where the next slice begins.
        """
        rng = stream(self._place.seed, EVERYDAY, number)
        moments = np.minimum(self._place.calendar.moments(first + (last - first) * rng.random(count)), until - 1)
        habit = rng.random(count)
        events: list[Event] = []
        low = 0.0
        for share, draw in self._habits:
            chosen = moments[(habit >= low) & (habit < low + share)]
            events.extend(draw(rng, chosen))
            low += share
        return events

    def _people(self, rng: np.random.Generator, count: int, *, betting: bool) -> I64:
        return np.searchsorted(self._by_betting if betting else self._by_activity, rng.random(count))

    def _sessions(self, rng: np.random.Generator, persons: I64) -> list[Session]:
        at = self._place.people.session_at
        where, ports = rng.random(len(persons)).tolist(), rng.integers(1024, 65536, size=len(persons)).tolist()
        return [at(person, w, port) for person, w, port in zip(persons.tolist(), where, ports, strict=True)]

    def _sums(self, rng: np.random.Generator, persons: I64, median: float, sigma: float) -> list[int]:
        cents: F64 = spread(rng, len(persons), median=median, sigma=sigma) * self._place.people.spending[persons]
        amounts: list[int] = written(cents, rng.random(len(persons))).tolist()
        return amounts

    def _sites(self, rng: np.random.Generator, persons: I64) -> list[int]:
        second = (rng.random(len(persons)) < 0.25).astype(np.int64)
        sites: list[int] = self._favourites[persons, second].tolist()
        return sites

    def _bets(self, rng: np.random.Generator, moments: I64) -> Iterator[Event]:
        place, count = self._place, len(moments)
        persons = self._people(rng, count, betting=True)
        matches = np.searchsorted(self._by_interest, rng.random(count)).tolist()
        sides = np.searchsorted((0.45, 0.8), rng.random(count)).tolist()
        columns = zip(
            opaque(rng, count, digits=20),
            moments.tolist(),
            persons.tolist(),
            self._sites(rng, persons),
            self._sums(rng, persons, 5_500, 1.2),
            self._sessions(rng, persons),
            matches,
            sides,
            strict=True,
        )
        for tx, ts, person, site, cents, session, match, side in columns:
            operator = place.operators[site]
            yield Movement(
                event_id="tx:" + tx,
                ts=ts,
                source=place.people.account[person],
                target=operator.house(person),
                amount_cents=cents,
                kind=MovementKind.BET,
                channel="site",
                device=session.device,
                ip=session.ip,
                ip_port=session.port,
                domain=operator.domain(place.calendar, ts),
                operator=operator.id,
                attributes=(
                    ("market", market(operator, place.calendar.day_of(ts), match)),
                    ("side", SIDES[side]),
                ),
            )

    def _deposits(self, rng: np.random.Generator, moments: I64) -> Iterator[Event]:
        place, count = self._place, len(moments)
        persons = self._people(rng, count, betting=True)
        columns = zip(
            opaque(rng, count, digits=20),
            moments.tolist(),
            persons.tolist(),
            self._sites(rng, persons),
            self._sums(rng, persons, 11_000, 1.0),
            self._sessions(rng, persons),
            rng.random((count, 2)).tolist(),
            strict=True,
        )
        for tx, ts, person, site, cents, session, (at_shop, which) in columns:
            operator = place.operators[site]
            if at_shop < 0.8 and place.people.shop[person] != NOWHERE:
                session = place.people.shop_session(person)
            yield Movement(
                event_id="tx:" + tx,
                ts=ts,
                source=place.people.account[person],
                target=operator.collector(person, which),
                amount_cents=cents,
                kind=MovementKind.DEPOSIT,
                channel="pix",
                device=session.device,
                ip=session.ip,
                ip_port=session.port,
                domain=operator.domain(place.calendar, ts),
                operator=operator.id,
            )

    def _payouts(self, rng: np.random.Generator, moments: I64) -> Iterator[Event]:
        place = self._place
        persons = self._people(rng, len(moments), betting=True)
        columns = zip(
            opaque(rng, len(moments), digits=20),
            moments.tolist(),
            persons.tolist(),
            self._sites(rng, persons),
            self._sums(rng, persons, 14_000, 1.3),
            strict=True,
        )
        for tx, ts, person, site, cents in columns:
            operator = place.operators[site]
            yield Movement(
                event_id="tx:" + tx,
                ts=ts,
                source=operator.house(person),
                target=place.people.account[person],
                amount_cents=cents,
                kind=MovementKind.PAYOUT,
                channel="pix",
                operator=operator.id,
            )

    def _withdrawals(self, rng: np.random.Generator, moments: I64) -> Iterator[Event]:
        persons = self._people(rng, len(moments), betting=False)
        points = self._place.town.cash_points
        columns = zip(
            opaque(rng, len(moments), digits=20),
            moments.tolist(),
            persons.tolist(),
            self._sums(rng, persons, 22_000, 0.9),
            rng.integers(0, len(points), size=len(moments)).tolist(),
            strict=True,
        )
        for tx, ts, person, cents, point in columns:
            yield Movement(
                event_id="tx:" + tx,
                ts=ts,
                source=self._place.people.account[person],
                target=points[point],
                amount_cents=cents,
                kind=MovementKind.WITHDRAWAL,
                channel="cash",
            )

    def _transfers(self, rng: np.random.Generator, moments: I64) -> Iterator[Event]:
        people = self._place.people
        persons = self._people(rng, len(moments), betting=False)
        friends = people.friends[persons, rng.integers(0, people.friends.shape[1], size=len(moments))]
        columns = zip(
            opaque(rng, len(moments), digits=20),
            moments.tolist(),
            persons.tolist(),
            friends.tolist(),
            self._sums(rng, persons, 21_000, 1.15),
            self._sessions(rng, persons),
            (rng.random(len(moments)) < KEY_KNOWN).tolist(),
            strict=True,
        )
        for tx, ts, person, friend, cents, session, known in columns:
            yield Movement(
                event_id="tx:" + tx,
                ts=ts,
                source=people.account[person],
                target=people.account[friend],
                amount_cents=cents,
                kind=MovementKind.TRANSFER,
                channel="pix",
                device=session.device,
                ip=session.ip,
                ip_port=session.port,
                identifiers=(payment_key(people.payment_key[friend]),) if known else (),
            )

    def _card_payments(self, rng: np.random.Generator, moments: I64) -> Iterator[Event]:
        town = self._place.town
        persons = self._people(rng, len(moments), betting=False)
        shops = np.searchsorted(self._by_custom, rng.random(len(moments)))
        columns = zip(
            opaque(rng, len(moments), digits=20),
            moments.tolist(),
            persons.tolist(),
            shops.tolist(),
            self._sums(rng, persons, 9_000, 1.1),
            self._sessions(rng, persons),
            (rng.random(len(moments)) * 8 * len(town.marketplaces)).astype(np.int64).tolist(),
            strict=True,
        )
        for tx, ts, person, shop, cents, session, market_number in columns:
            online = market_number < len(town.marketplaces)
            yield Movement(
                event_id="tx:" + tx,
                ts=ts,
                source=self._place.people.account[person],
                target=town.marketplaces[market_number] if online else town.merchants[shop],
                amount_cents=cents,
                kind=MovementKind.CARD_PAYMENT,
                channel="card",
                device=session.device if online else None,
                ip=session.ip if online else None,
                ip_port=session.port if online else None,
            )

    def _refunds(self, rng: np.random.Generator, moments: I64) -> Iterator[Event]:
        persons = self._people(rng, len(moments), betting=False)
        shops = np.searchsorted(self._by_custom, rng.random(len(moments))).tolist()
        columns = zip(
            opaque(rng, len(moments), digits=20),
            moments.tolist(),
            persons.tolist(),
            shops,
            self._sums(rng, persons, 7_000, 0.9),
            strict=True,
        )
        for tx, ts, person, shop, cents in columns:
            yield Movement(
                event_id="tx:" + tx,
                ts=ts,
                source=self._place.town.merchants[shop],
                target=self._place.people.account[person],
                amount_cents=cents,
                kind=MovementKind.REFUND,
                channel="card",
            )

    def _accesses(self, rng: np.random.Generator, moments: I64) -> Iterator[Event]:
        place = self._place
        persons = self._people(rng, len(moments), betting=True)
        columns = zip(
            opaque(rng, len(moments), digits=20),
            moments.tolist(),
            persons.tolist(),
            self._sites(rng, persons),
            self._sessions(rng, persons),
            strict=True,
        )
        for name, ts, person, site, session in columns:
            operator = place.operators[site]
            yield Access(
                event_id="access:" + name,
                ts=ts,
                account=place.people.account[person],
                device=session.device,
                ip=session.ip,
                ip_port=session.port,
                domain=operator.domain(place.calendar, ts),
                operator=operator.id,
            )

    def _logins(self, rng: np.random.Generator, moments: I64) -> Iterator[Event]:
        persons = self._people(rng, len(moments), betting=False)
        columns = zip(
            opaque(rng, len(moments), digits=20),
            moments.tolist(),
            persons.tolist(),
            (rng.random(len(moments)) >= FAILED_LOGINS).tolist(),
            self._sessions(rng, persons),
            strict=True,
        )
        for name, ts, person, succeeded, session in columns:
            yield AuthenticationAttempt(
                event_id="auth:" + name,
                ts=ts,
                account=self._place.people.account[person],
                succeeded=succeeded,
                device=session.device,
                ip=session.ip,
                ip_port=session.port,
            )

    def _identifiers(self, rng: np.random.Generator, moments: I64) -> Iterator[Event]:
        people = self._place.people
        persons = rng.integers(0, people.count, size=len(moments)).tolist()
        keys = (rng.random(len(moments)) < 0.6).tolist()
        for name, ts, person, key in zip(
            opaque(rng, len(moments), digits=20), moments.tolist(), persons, keys, strict=True
        ):
            yield IdentifierHeld(
                event_id="held:" + name,
                ts=ts,
                account=people.account[person],
                identifier=IdentifierRef(kind=IdentifierKind.PAYMENT_KEY, id=people.payment_key[person])
                if key
                else IdentifierRef(kind=IdentifierKind.DOCUMENT, id=people.document[person]),
            )


def payment_key(key: str) -> IdentifierRef:
    """Return the payment key that money was sent to."""
    return IdentifierRef(kind=IdentifierKind.PAYMENT_KEY, id=key, holder="target")
