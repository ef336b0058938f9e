"""Everyday life at betting sites, drawn in bulk: each function writes one event per moment (epoch ms)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from graph.events import Access, Event, Movement, MovementKind
from ingest.simulator.crowd import Crowd
from ingest.simulator.people import I64, NOWHERE
from ingest.simulator.seeds import opaque
from ingest.simulator.sites import market

SIDES = ("home", "away", "draw")


def bets(crowd: Crowd, rng: np.random.Generator, moments: I64) -> Iterator[Event]:
    """Stakes at a favourite site, on matches as popular as they are."""
    place, count = crowd.place, len(moments)
    persons = crowd.people(rng, count, betting=True)
    matches = np.searchsorted(crowd.by_interest, rng.random(count)).tolist()
    sides = np.searchsorted((0.45, 0.8), rng.random(count)).tolist()
    columns = zip(
        opaque(rng, count, digits=20),
        moments.tolist(),
        persons.tolist(),
        crowd.sites(rng, persons),
        crowd.sums(rng, persons, 5_500, 1.2),
        crowd.sessions(rng, persons),
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


def deposits(crowd: Crowd, rng: np.random.Generator, moments: I64) -> Iterator[Event]:
    """Money put in at a favourite site, by some at a lottery shop's terminal."""
    place, count = crowd.place, len(moments)
    persons = crowd.people(rng, count, betting=True)
    columns = zip(
        opaque(rng, count, digits=20),
        moments.tolist(),
        persons.tolist(),
        crowd.sites(rng, persons),
        crowd.sums(rng, persons, 11_000, 1.0),
        crowd.sessions(rng, persons),
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


def payouts(crowd: Crowd, rng: np.random.Generator, moments: I64) -> Iterator[Event]:
    """What sites pay to bettors."""
    place = crowd.place
    persons = crowd.people(rng, len(moments), betting=True)
    columns = zip(
        opaque(rng, len(moments), digits=20),
        moments.tolist(),
        persons.tolist(),
        crowd.sites(rng, persons),
        crowd.sums(rng, persons, 14_000, 1.3),
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


def accesses(crowd: Crowd, rng: np.random.Generator, moments: I64) -> Iterator[Event]:
    """Visits to a favourite site."""
    place = crowd.place
    persons = crowd.people(rng, len(moments), betting=True)
    columns = zip(
        opaque(rng, len(moments), digits=20),
        moments.tolist(),
        persons.tolist(),
        crowd.sites(rng, persons),
        crowd.sessions(rng, persons),
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
