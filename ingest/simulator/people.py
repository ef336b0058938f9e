"""The people of the world: each with an account, a payment key, a phone, a home address and habits.

Arrays are indexed by person. Households, shared flats and campus are part of ordinary life here: families on one
phone, students behind one address, customers of a lottery shop on one terminal, thousands behind one carrier address.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.simulator.calendar import GOLDEN
from ingest.simulator.seeds import PEOPLE, opaque, stream

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

#: Share of people who never leave a trace of the kind named, or always do.
BETTORS = 0.66
SHARED_PHONE = 0.22  # of households of three and more
STUDENTS = 0.06
SHOP_CUSTOMERS = 0.07
PEOPLE_PER_CARRIER_ADDRESS = 350
STUDENTS_PER_CAMPUS = 400
CUSTOMERS_PER_SHOP = 60
FRIENDS = 5
NOWHERE = -1


@dataclass(frozen=True, slots=True)
class Session:
    """The device and address something was done from."""

    device: str | None = None
    ip: str | None = None
    port: int | None = None


@dataclass(frozen=True, slots=True)
class People:
    """Everyone: text lists and arrays of length `count`; `friends` is (count, FRIENDS).

    `household` numbers homes in order of person, `shop` and `campus` are NOWHERE for who has none, `weight` is how
    active somebody is, `spending` scales amounts.
    """

    count: int
    account: list[str]
    device: list[str]
    home_ip: list[str]
    carrier_ip: list[str]
    payment_key: list[str]
    document: list[str]
    household: I64
    friends: I64
    campus: I64
    campus_ip: list[str]
    shop: I64
    shop_device: list[str]
    shop_ip: list[str]
    bettor: NDArray[np.bool_]
    weight: F64
    spending: F64
    order: I64  # all people once, in an order that runs evenly through their account ids

    def session(self, person: int, rng: np.random.Generator) -> Session:
        """Return where `person` acts from this time."""
        where, port = rng.random(), int(rng.integers(1024, 65536))
        return self.session_at(person, where, port)

    def session_at(self, person: int, where: float, port: int) -> Session:
        """As `session`, for a given draw: `where` in [0, 1) chooses campus, home or carrier address."""
        if where < 0.6 and self.campus[person] != NOWHERE:
            return Session(self.device[person], self.campus_ip[self.campus[person]])
        if where < 0.55:
            return Session(self.device[person], self.home_ip[person])
        return Session(self.device[person], self.carrier_ip[person], port)

    def shop_session(self, person: int) -> Session:
        """Return the terminal of the lottery shop that `person` goes to."""
        return Session(self.shop_device[self.shop[person]], self.shop_ip[self.shop[person]])

    def household_of(self, person: int) -> list[int]:
        """Return everyone who lives with `person`, who is left out."""
        first = int(np.searchsorted(self.household, self.household[person], side="left"))
        last = int(np.searchsorted(self.household, self.household[person], side="right"))
        return [other for other in range(first, last) if other != person]


def settle(seed: int, count: int) -> People:
    """Return the `count` people of the world of `seed`."""
    rng = stream(seed, PEOPLE)
    sizes = rng.choice(np.arange(1, 6), size=count, p=(0.22, 0.28, 0.24, 0.17, 0.09))
    household = np.repeat(np.arange(count), sizes)[:count]
    device = opaque(rng, count)
    shares_phone = (rng.random(count) < SHARED_PHONE) & (sizes >= 3)  # by household number
    first_of = np.searchsorted(household, household)
    for person in np.flatnonzero(shares_phone[household]).tolist():
        device[person] = device[first_of[person]]
    campuses = max(1, round(count * STUDENTS / STUDENTS_PER_CAMPUS))
    shops = max(2, round(count * SHOP_CUSTOMERS / CUSTOMERS_PER_SHOP))
    carriers = max(2, count // PEOPLE_PER_CARRIER_ADDRESS)
    carrier_ips = addresses(0xBF000000, carriers)
    home_ips = addresses(0xB1000000, int(household[-1]) + 1)
    account = opaque(rng, count)
    by_id = np.argsort(np.asarray(account))
    near = (np.arange(count)[:, None] + rng.integers(1, 12, size=(count, 3))) % count
    far = (np.arange(count)[:, None] + rng.integers(1, count, size=(count, FRIENDS - 3))) % count
    return People(
        count=count,
        account=account,
        device=device,
        home_ip=[home_ips[home] for home in household.tolist()],
        carrier_ip=[carrier_ips[carrier] for carrier in rng.integers(0, carriers, size=count).tolist()],
        payment_key=[f"payment_key:sim:{key}" for key in opaque(rng, count, digits=32)],
        document=[f"document:sim:{key}" for key in opaque(rng, count, digits=32)],
        household=household,
        friends=np.concatenate((near, far), axis=1),
        campus=np.where(rng.random(count) < STUDENTS, rng.integers(0, campuses, size=count), NOWHERE),
        campus_ip=addresses(0xC8110000, campuses),
        shop=np.where(rng.random(count) < SHOP_CUSTOMERS, rng.integers(0, shops, size=count), NOWHERE),
        shop_device=opaque(rng, shops),
        shop_ip=addresses(0xC9000000, shops),
        bettor=rng.random(count) < BETTORS,
        weight=np.minimum(1.0 + rng.pareto(1.8, size=count), 25.0),
        spending=np.exp(0.45 * rng.standard_normal(count)),
        order=by_id[np.argsort(np.argsort((np.arange(count) * GOLDEN + rng.random()) % 1.0))],
    )


def addresses(base: int, count: int) -> list[str]:
    """Return `count` distinct IPv4 addresses scattered over the 2^17 behind `base`; they are nobody's in particular."""
    numbers = (base + ((index * 0x9E375 + 0x5A17) & 0x1FFFF) for index in range(count))
    return [f"{n >> 24}.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}" for n in numbers]
