"""Everyday life with money and banks, drawn in bulk: each function writes one event per moment (epoch ms)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from graph.events import (
    AuthenticationAttempt,
    Event,
    IdentifierHeld,
    IdentifierKind,
    IdentifierRef,
    Movement,
    MovementKind,
)
from ingest.simulator.crowd import Crowd
from ingest.simulator.people import I64
from ingest.simulator.seeds import opaque

FAILED_LOGINS = 0.07
KEY_KNOWN = 0.5  # of transfers, those whose payment key is on record


def withdrawals(crowd: Crowd, rng: np.random.Generator, moments: I64) -> Iterator[Event]:
    """Cash taken out."""
    persons = crowd.people(rng, len(moments), betting=False)
    points = crowd.place.town.cash_points
    columns = zip(
        opaque(rng, len(moments), digits=20),
        moments.tolist(),
        persons.tolist(),
        crowd.sums(rng, persons, 22_000, 0.9),
        rng.integers(0, len(points), size=len(moments)).tolist(),
        strict=True,
    )
    for tx, ts, person, cents, point in columns:
        yield Movement(
            event_id="tx:" + tx,
            ts=ts,
            source=crowd.place.people.account[person],
            target=points[point],
            amount_cents=cents,
            kind=MovementKind.WITHDRAWAL,
            channel="cash",
        )


def transfers(crowd: Crowd, rng: np.random.Generator, moments: I64) -> Iterator[Event]:
    """Money to friends and neighbours."""
    people = crowd.place.people
    persons = crowd.people(rng, len(moments), betting=False)
    friends = people.friends[persons, rng.integers(0, people.friends.shape[1], size=len(moments))]
    columns = zip(
        opaque(rng, len(moments), digits=20),
        moments.tolist(),
        persons.tolist(),
        friends.tolist(),
        crowd.sums(rng, persons, 21_000, 1.15),
        crowd.sessions(rng, persons),
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


def card_payments(crowd: Crowd, rng: np.random.Generator, moments: I64) -> Iterator[Event]:
    """Shopping, at the counter or at an online marketplace."""
    town = crowd.place.town
    persons = crowd.people(rng, len(moments), betting=False)
    shops = np.searchsorted(crowd.by_custom, rng.random(len(moments)))
    columns = zip(
        opaque(rng, len(moments), digits=20),
        moments.tolist(),
        persons.tolist(),
        shops.tolist(),
        crowd.sums(rng, persons, 9_000, 1.1),
        crowd.sessions(rng, persons),
        (rng.random(len(moments)) * 8 * len(town.marketplaces)).astype(np.int64).tolist(),
        strict=True,
    )
    for tx, ts, person, shop, cents, session, market_number in columns:
        online = market_number < len(town.marketplaces)
        yield Movement(
            event_id="tx:" + tx,
            ts=ts,
            source=crowd.place.people.account[person],
            target=town.marketplaces[market_number] if online else town.merchants[shop],
            amount_cents=cents,
            kind=MovementKind.CARD_PAYMENT,
            channel="card",
            device=session.device if online else None,
            ip=session.ip if online else None,
            ip_port=session.port if online else None,
        )


def refunds(crowd: Crowd, rng: np.random.Generator, moments: I64) -> Iterator[Event]:
    """What shops give back."""
    persons = crowd.people(rng, len(moments), betting=False)
    shops = np.searchsorted(crowd.by_custom, rng.random(len(moments))).tolist()
    columns = zip(
        opaque(rng, len(moments), digits=20),
        moments.tolist(),
        persons.tolist(),
        shops,
        crowd.sums(rng, persons, 7_000, 0.9),
        strict=True,
    )
    for tx, ts, person, shop, cents in columns:
        yield Movement(
            event_id="tx:" + tx,
            ts=ts,
            source=crowd.place.town.merchants[shop],
            target=crowd.place.people.account[person],
            amount_cents=cents,
            kind=MovementKind.REFUND,
            channel="card",
        )


def logins(crowd: Crowd, rng: np.random.Generator, moments: I64) -> Iterator[Event]:
    """Attempts to log in to the bank."""
    persons = crowd.people(rng, len(moments), betting=False)
    columns = zip(
        opaque(rng, len(moments), digits=20),
        moments.tolist(),
        persons.tolist(),
        (rng.random(len(moments)) >= FAILED_LOGINS).tolist(),
        crowd.sessions(rng, persons),
        strict=True,
    )
    for name, ts, person, succeeded, session in columns:
        yield AuthenticationAttempt(
            event_id="auth:" + name,
            ts=ts,
            account=crowd.place.people.account[person],
            succeeded=succeeded,
            device=session.device,
            ip=session.ip,
            ip_port=session.port,
        )


def identifiers(crowd: Crowd, rng: np.random.Generator, moments: I64) -> Iterator[Event]:
    """Payment keys and documents that become known."""
    people = crowd.place.people
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
