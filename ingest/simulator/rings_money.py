"""Planted rings whose shape is the way of the money: collections, pay-outs, cycles, scatterings, layers.

Each function writes one ring with the people it is given (the first is the organiser) and returns nothing; roles,
phases and transactions go to the script. Amounts come from the same range as rents, salaries and shopping.
"""

from __future__ import annotations

from itertools import pairwise

from graph.events import MovementKind
from graph.evidence import Role
from ingest.simulator.people import Session
from ingest.simulator.script import ACTIVE, BUILD_UP, CASH_OUT, Script


def mule_collection(script: Script, crew: list[int]) -> None:
    """Victims pay mules, mules pay one collector within hours, who passes it on to cash-out accounts."""
    mules = crew[3 : 3 + script.between(5, 11)]
    collector, outlets = crew[0], crew[1 : 2 + script.between(0, 1)]
    script.cast(Role.COLLECTOR, [collector])
    script.cast(Role.CASH_OUT, outlets)
    script.cast(Role.MULE, mules)
    controller = _prepare(script, collector, mules)
    script.phase = ACTIVE
    for part in script.parts(script.between(1, 2)):
        start = script.on(part)
        held = 0.0
        for mule in mules:
            ts = script.later(start, 5, 1_500)
            taken = script.sum(14_000, 0.8)
            if script.rng.random() < 0.45:
                victim = script.people(1)
                script.cast(Role.VICTIM, [person for person in victim if person not in crew])
                taken = script.pay(ts, victim[0], mule, taken)
                ts = script.later(ts, 8, 400)
            session = controller if script.rng.random() < 0.4 else None
            held += script.pay(ts, mule, collector, taken * script.share(0.82, 0.96), at_most=taken, session=session)
        _pass_on(script, script.later(start, 1_500, 2_600), collector, outlets, held * script.share(0.86, 0.96))
    _cash_out(script, outlets)


def payout_fan_out(script: Script, crew: list[int]) -> None:
    """One account is paid by a betting site and spreads it over many, who take out cash."""
    organiser, mules = crew[0], crew[3 : 3 + script.between(6, 13)]
    outlet = crew[1]
    script.cast(Role.ORGANISER, [organiser])
    script.cast(Role.CASH_OUT, [outlet])
    script.cast(Role.MULE, mules)
    site = script.place.operators[script.between(0, len(script.place.operators) - 1)]
    _prepare(script, organiser, mules)
    script.phase = ACTIVE
    for part in script.parts(script.between(1, 2)):
        start = script.on(part)
        pot = script.pay(
            start, site.house(organiser), organiser, script.sum(190_000, 0.5), kind=MovementKind.PAYOUT, site=site
        )
        for mule in mules:
            ts = script.later(start, 15, 2_200)
            got = script.pay(ts, organiser, mule, pot * script.share(0.75, 1.05) / len(mules) * 0.95)
            if script.rng.random() < 0.35:
                script.pay(script.later(ts, 30, 1_400), mule, outlet, got * script.share(0.85, 0.97), at_most=got)
    _cash_out(script, [*mules[:3], outlet])


def rising_cycle(script: Script, crew: list[int]) -> None:
    """Money goes round three to six accounts in time order, a little less each hop, and comes back."""
    ring = crew[: script.between(3, 6)]
    outlet = crew[7]
    script.cast(Role.ORGANISER, ring[:1])
    script.cast(Role.PASS_THROUGH, ring[1:])
    script.cast(Role.CASH_OUT, [outlet])
    _prepare(script, ring[0], ring[1:])
    script.phase = ACTIVE
    for part in script.parts(script.between(3, 4)):
        ts = script.on(part)
        amount = float(script.sum(55_000, 0.8))
        for payer, payee in zip(ring, [*ring[1:], ring[0]], strict=True):
            amount = script.pay(ts, payer, payee, amount * script.share(0.95, 0.995), at_most=amount)
            ts = script.later(ts, 20, 1_300)
    script.phase = CASH_OUT
    script.pay(script.on(0.85), ring[0], outlet, amount * script.share(0.8, 0.95), at_most=amount)
    _cash_out(script, [outlet])


def scatter_gather(script: Script, crew: list[int]) -> None:
    """One payer reaches one payee through several accounts at once."""
    organiser, collector = crew[0], crew[1]
    mules = crew[3 : 3 + script.between(4, 8)]
    script.cast(Role.ORGANISER, [organiser])
    script.cast(Role.COLLECTOR, [collector])
    script.cast(Role.MULE, mules)
    _prepare(script, organiser, mules)
    script.phase = ACTIVE
    for part in script.parts(script.between(1, 2)):
        start = script.on(part)
        for mule in mules:
            ts = script.later(start, 5, 1_400)
            sent = script.pay(ts, organiser, mule, script.sum(24_000, 0.7))
            ts = script.later(ts, 20, 1_600)
            script.pay(ts, mule, collector, sent * script.share(0.88, 0.98), at_most=sent)
    _cash_out(script, [collector, collector])


def gather_scatter(script: Script, crew: list[int]) -> None:
    """Many pay one account, which spreads the sum over many others."""
    hub, payers = crew[0], crew[2 : 2 + script.between(5, 8)]
    payees = crew[11 : 11 + script.between(5, 8)]
    script.cast(Role.COLLECTOR, [hub])
    script.cast(Role.MULE, payers)
    script.cast(Role.CASH_OUT, payees)
    controller = _prepare(script, hub, payers)
    script.phase = ACTIVE
    for part in script.parts(script.between(1, 2)):
        start = script.on(part)
        held = 0.0
        for payer in payers:
            session = controller if script.rng.random() < 0.35 else None
            held += script.pay(script.later(start, 5, 1_300), payer, hub, script.sum(20_000, 0.7), session=session)
        for payee in payees:
            ts = script.later(start + 78_000_000, 10, 1_500)
            script.pay(ts, hub, payee, held * script.share(0.8, 1.05) / len(payees) * 0.93)
    _cash_out(script, payees[:3])


def layered_pass_through(script: Script, crew: list[int]) -> None:
    """Money runs through a chain of accounts, each forwarding nearly all of it within hours."""
    chain = crew[: script.between(5, 8)]
    script.cast(Role.ORGANISER, chain[:1])
    script.cast(Role.PASS_THROUGH, chain[1:-1])
    script.cast(Role.CASH_OUT, chain[-1:])
    _prepare(script, chain[0], chain[1:])
    script.phase = ACTIVE
    for part in script.parts(script.between(2, 4)):
        ts = script.on(part)
        amount = float(script.sum(60_000, 0.8))
        for payer, payee in pairwise(chain):
            amount = script.pay(ts, payer, payee, amount * script.share(0.93, 0.995), at_most=amount)
            ts = script.later(ts, 8, 500)
    _cash_out(script, chain[-1:])


def _prepare(script: Script, organiser: int, others: list[int]) -> Session:
    """Build-up: accounts are tried out, some from the organiser's phone, with small payments; returns that phone."""
    script.phase = BUILD_UP
    controller = script.place.people.session(organiser, script.rng)
    for person in others:
        if script.rng.random() < 0.5:
            ts = script.on(script.share(0.0, 0.2))
            session = controller if script.rng.random() < 0.5 else None
            script.log_in(ts, person, succeeded=script.rng.random() > 0.3, session=session)
    for person in others[: script.between(1, 3)]:
        script.pay(script.on(script.share(0.0, 0.2)), organiser, person, script.sum(4_000, 0.8))
    return controller


def _pass_on(script: Script, ts: int, payer: int, payees: list[int], total: float) -> None:
    for payee in payees:
        parts = script.between(1, 2)
        for _ in range(parts):
            script.pay(ts, payer, payee, total / len(payees) / parts)
            ts = script.later(ts, 10, 300)


def _cash_out(script: Script, outlets: list[int]) -> None:
    """The end: cash, and some shopping."""
    script.phase = CASH_OUT
    town = script.place.town
    for outlet in outlets:
        ts = script.on(script.share(0.8, 1.0))
        if script.rng.random() < 0.75:
            script.pay(
                ts, outlet, script.one_of(town.cash_points), script.sum(22_000, 0.8), kind=MovementKind.WITHDRAWAL
            )
        else:
            shop = script.one_of(town.merchants)
            script.pay(ts, outlet, shop, script.sum(9_000, 0.9), kind=MovementKind.CARD_PAYMENT)
