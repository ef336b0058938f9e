"""Honest scenes that look like rings: pay days, big winners, collections among friends, shops, rents, pools.

They use the same shapes, delays and amounts as the planted rings, several times as often.
"""

from __future__ import annotations

from itertools import pairwise

from graph.events import MovementKind
from ingest.simulator.calendar import DAY_MS
from ingest.simulator.script import Script
from ingest.simulator.sites import MATCHES_A_DAY, market


def pay_day(script: Script) -> None:
    """An employer pays its staff within hours (fan-out)."""
    employer = script.one_of(script.place.town.employers)
    start = script.on(0.0)
    for worker in script.people(script.between(8, 22)):
        script.pay(script.later(start, 1, 600), employer, worker, script.sum(240_000, 0.5))


def big_winner(script: Script) -> None:
    """A bettor wins much and shares it with the family and friends (fan-out after a large payout)."""
    winner = script.people(1)[0]
    site = script.place.operators[script.between(0, 7)]
    ts = script.on(0.0)
    won = script.pay(ts, site.house(winner), winner, script.sum(600_000, 0.7), kind=MovementKind.PAYOUT, site=site)
    people = script.place.people
    near = list(dict.fromkeys([*people.household_of(winner), *people.friends[winner].tolist()]))
    for relative in near[: script.between(3, 7)]:
        script.pay(script.later(ts, 60, 5_000), winner, relative, won * script.share(0.04, 0.2))


def crowdfunding(script: Script) -> None:
    """Many give small sums for a cause; the organiser pays what it was for (fan-in and forward)."""
    organiser, *givers = script.people(script.between(9, 26))
    held = sum(
        script.pay(script.on(script.share(0.0, 0.7)), giver, organiser, script.sum(6_000, 0.8)) for giver in givers
    )
    script.pay(script.on(0.9), organiser, script.one_of(script.place.town.merchants), held * script.share(0.8, 1.0))


def shop_sweep(script: Script) -> None:
    """A small shop takes payments and sends the day's takings to its owner (fan-in, forward within hours)."""
    shop, owner = script.one_of(script.place.town.merchants), script.people(1)[0]
    for part in (0.0, 0.5):
        start = script.on(part)
        taken = 0
        for customer in script.people(script.between(4, 9)):
            ts = script.later(start, 3, 600)
            taken += script.pay(ts, customer, shop, script.sum(9_000, 0.9), kind=MovementKind.CARD_PAYMENT)
        script.pay(script.later(start, 700, 1_800), shop, owner, taken * script.share(0.7, 0.95))


def supply_chain(script: Script) -> None:
    """A customer pays a shop, which pays its supplier, which pays its own (a chain that keeps more per hop)."""
    town = script.place.town
    ts = script.on(0.0)
    amount = float(script.sum(90_000, 0.7))
    places: list[int | str] = [script.people(1)[0], script.one_of(town.merchants), script.one_of(town.suppliers)]
    places += [script.one_of(town.suppliers), script.people(1)[0]]
    for payer, payee in pairwise(places):
        if payer != payee:
            amount = script.pay(ts, payer, payee, amount * script.share(0.6, 0.9))
        ts = script.later(ts, 200, 2_800)


def marketplace_settlement(script: Script) -> None:
    """Customers pay a marketplace, which settles with its sellers (gather and scatter by a hub)."""
    marketplace = script.one_of(script.place.town.marketplaces)
    start = script.on(0.0)
    for customer in script.people(script.between(6, 12)):
        ts = script.later(start, 5, 900)
        script.pay(ts, customer, marketplace, script.sum(13_000, 0.9), kind=MovementKind.CARD_PAYMENT)
    for seller in script.people(script.between(5, 10)):
        script.pay(script.later(start + DAY_MS, 5, 500), marketplace, seller, script.sum(45_000, 0.8))


def shared_rent(script: Script) -> None:
    """Flatmates pay one of them, who pays the landlord; now and then somebody pays back for shopping."""
    landlord, keeper, *others = script.people(script.between(4, 6))
    rent = script.sum(60_000, 0.4)
    start = script.on(0.0)
    for other in others:
        script.pay(script.later(start, 5, 2_500), other, keeper, rent * script.share(0.9, 1.1))
    script.pay(script.later(start, 2_500, 4_000), keeper, landlord, rent * (len(others) + 1) * script.share(0.95, 1.0))
    for _ in range(script.between(1, 3)):
        payer, payee = script.rng.choice([keeper, *others], size=2, replace=False).tolist()
        script.pay(script.on(script.share(0.2, 1.0)), payer, payee, script.sum(5_000, 0.8))


def betting_pool(script: Script) -> None:
    """Friends put money together, one of them bets, and what is won is shared (gather and scatter)."""
    keeper, *friends = script.people(script.between(6, 12))
    site = script.place.operators[script.between(0, 7)]
    start = script.on(0.0)
    held = sum(script.pay(script.later(start, 5, 1_200), friend, keeper, script.sum(5_000, 0.5)) for friend in friends)
    ts = script.later(start, 1_250, 2_000)
    match = market(site, script.place.calendar.day_of(ts), script.between(0, MATCHES_A_DAY - 1))
    script.pay(ts, keeper, site.house(keeper), held, kind=MovementKind.BET, site=site, bet=(match, "home"))
    if script.rng.random() < 0.5:
        ts = script.later(ts, 150, 900)
        won = script.pay(
            ts, site.house(keeper), keeper, held * script.share(1.5, 4.0), kind=MovementKind.PAYOUT, site=site
        )
        for friend in friends:
            script.pay(script.later(ts, 20, 2_500), keeper, friend, won / (len(friends) + 1))


def friends_round(script: Script) -> None:
    """Friends lend and pay back in a circle, with amounts that have nothing to do with one another (cycle)."""
    circle = script.people(script.between(3, 5))
    for number, (payer, payee) in enumerate(zip(circle, [*circle[1:], circle[0]], strict=True)):
        script.pay(script.on(number / len(circle)), payer, payee, script.sum(9_000, 0.9))


def derby(script: Script) -> None:
    """Friends bet on opposite sides of the same match, as friends do - once or twice."""
    one, other = script.people(2)
    site = script.place.operators[script.between(0, 7)]
    for part in (0.0, 0.8)[: script.between(1, 2)]:
        ts = script.on(part)
        match = market(site, script.place.calendar.day_of(ts), script.between(0, 2))
        stake = script.sum(6_000, 0.6)
        script.pay(ts, one, site.house(one), stake, kind=MovementKind.BET, site=site, bet=(match, "home"))
        ts = script.later(ts, 0.5, 14)
        script.pay(ts, other, site.house(other), stake, kind=MovementKind.BET, site=site, bet=(match, "away"))


def family_fees(script: Script) -> None:
    """A parent sends money to the children, who each pay the same school (scatter and gather)."""
    parent, *children = script.people(script.between(3, 5))
    school = script.one_of(script.place.town.merchants)
    start = script.on(0.0)
    for child in children:
        ts = script.later(start, 3, 900)
        sent = script.pay(ts, parent, child, script.sum(40_000, 0.4))
        script.pay(script.later(ts, 100, 3_800), child, school, sent * script.share(0.5, 1.0), at_most=sent)


def second_hand_sale(script: Script) -> None:
    """Money for a car or a phone goes on to the next purchase within a day (pass-through, nearly all of it)."""
    ts = script.on(0.0)
    sellers = script.people(script.between(3, 4))
    amount = float(script.sum(150_000, 0.7))
    for payer, payee in pairwise(sellers):
        amount = script.pay(ts, payer, payee, amount * script.share(0.7, 1.15))
        ts = script.later(ts, 30, 2_500)
