"""Planted rings held together by means: device farms, bettors on both sides, operators joined behind the scenes."""

from __future__ import annotations

from graph.events import IdentifierKind, MovementKind, OperatorFactKind
from graph.evidence import Role
from ingest.simulator.calendar import DAY_MS
from ingest.simulator.notices import show_illegal
from ingest.simulator.people import Session
from ingest.simulator.script import ACTIVE, BUILD_UP, CASH_OUT, Script
from ingest.simulator.seeds import opaque
from ingest.simulator.sites import MATCHES_A_DAY, Operator, hidden_pair, market, moves


def device_farm(script: Script, crew: list[int]) -> None:
    """Many accounts run from two or three phones to take a site's welcome bonus, and hand it to the organiser."""
    organiser, accounts = crew[0], crew[1 : 1 + script.between(7, 14)]
    script.cast(Role.ORGANISER, [organiser])
    script.cast(Role.MULE, accounts)
    phones = [_phone(script, organiser) for _ in range(script.between(2, 3))]
    site = script.place.operators[script.between(0, len(script.place.operators) - 1)]
    held_in_common = script.place.people.document[organiser]
    for number, account in enumerate(accounts):
        script.phase = BUILD_UP
        phone = phones[number % len(phones)]
        ts = script.on(script.share(0.0, 0.9))
        script.log_in(ts, account, succeeded=script.rng.random() > 0.15, session=phone)
        if script.rng.random() < 0.15:
            script.hold(ts + 60_000, account, IdentifierKind.DOCUMENT, held_in_common)
        script.phase = ACTIVE
        if script.rng.random() < 0.35:  # whichever phone is at hand
            phone = phones[script.between(0, len(phones) - 1)]
        ts = script.later(ts, 2, 600)
        script.access(ts, account, session=phone, site=site)
        put_in = script.pay(
            ts + 90_000,
            account,
            site.collects[0],
            script.sum(9_000, 0.7),
            kind=MovementKind.DEPOSIT,
            session=phone,
            site=site,
        )
        ts = script.later(ts, 5, 900)
        match = script.between(0, MATCHES_A_DAY - 1)
        bet = (market(site, script.place.calendar.day_of(ts), match), ("home", "away")[number % 2])
        script.pay(
            ts,
            account,
            site.house(account),
            put_in * script.share(0.5, 1.0),
            kind=MovementKind.BET,
            session=phone,
            site=site,
            bet=bet,
        )
        script.phase = CASH_OUT
        if script.rng.random() < 0.5:
            ts = script.later(ts, 200, 3_000)
            won = script.pay(
                ts, site.house(account), account, script.sum(14_000, 0.6), kind=MovementKind.PAYOUT, site=site
            )
            ts = script.later(ts, 20, 900)
            script.pay(ts, account, organiser, won * script.share(0.8, 0.97), at_most=won, session=phone)


def opposite_bets(script: Script, crew: list[int]) -> None:
    """Accounts of one hand bet on both sides of the same match within minutes, and share out what is won."""
    accounts = crew[: script.between(4, 6)]
    script.cast(Role.ORGANISER, accounts[:1])
    script.cast(Role.MULE, accounts[1:])
    site = script.place.operators[script.between(0, len(script.place.operators) - 1)]
    script.phase = BUILD_UP
    for account in accounts:
        script.pay(
            script.on(script.share(0.0, 0.12)),
            account,
            site.collects[0],
            script.sum(16_000, 0.7),
            kind=MovementKind.DEPOSIT,
            site=site,
        )
    script.phase = ACTIVE
    for number, part in enumerate(script.parts(script.between(9, 12))):
        ts = script.on(part)
        day, match = script.place.calendar.day_of(ts), script.between(0, MATCHES_A_DAY - 1)
        chosen = market(site, day, match)
        stake = script.sum(8_000, 0.8)
        # the organiser plays every round, against one or two of the others in turn
        against = [accounts[1 + (number + i) % (len(accounts) - 1)] for i in range(2 if len(accounts) > 4 else 1)]
        script.pay(
            ts, accounts[0], site.house(accounts[0]), stake, kind=MovementKind.BET, site=site, bet=(chosen, "home")
        )
        for other in against:
            script.pay(
                script.later(ts, 0.3, 9),
                other,
                site.house(other),
                stake * script.share(0.75, 1.0) / len(against) ** 0.3,
                kind=MovementKind.BET,
                site=site,
                bet=(chosen, "away"),
            )
        winner = accounts[0] if script.rng.random() < 0.5 else against[0]
        if script.rng.random() < 0.35:
            script.pay(
                script.later(ts, 120, 400),
                site.house(winner),
                winner,
                stake * script.share(1.6, 2.1),
                kind=MovementKind.PAYOUT,
                site=site,
            )
    script.phase = CASH_OUT
    for account in accounts[1:]:
        if script.rng.random() < 0.6:
            script.pay(script.on(script.share(0.82, 1.0)), account, accounts[0], script.sum(24_000, 0.6))


def joined_operators(script: Script, crew: list[int]) -> None:
    """Two illegal operators that look apart use the same collectors, phones and hosting, and one treasury."""
    collectors, treasury = crew[: script.between(3, 5)], crew[6]
    outlets = crew[7 : 7 + script.between(1, 2)]
    script.cast(Role.COLLECTOR, collectors)
    script.cast(Role.ORGANISER, [treasury])
    script.cast(Role.CASH_OUT, outlets)
    pair = hidden_pair(script.rng, tuple(script.account(person) for person in collectors))
    phones = [_phone(script, treasury) for _ in range(2)]
    first = script.on(0.0)
    last = first + int(script.days * DAY_MS)
    for operator in pair:
        _show(script, operator, first, last)
    script.phase = BUILD_UP
    for collector in collectors:
        script.log_in(
            script.on(script.share(0.0, 0.15)),
            collector,
            succeeded=script.rng.random() > 0.2,
            session=phones[script.between(0, 1)],
        )
    script.phase = ACTIVE
    held = dict.fromkeys(collectors, 0.0)
    for victim in script.people(script.between(14, 22)):
        if victim in crew:
            continue
        script.cast(Role.VICTIM, [victim])
        operator = pair[script.between(0, 1)]
        collector = collectors[script.between(0, len(collectors) - 1)]
        held[collector] += script.pay(
            script.on(script.share(0.1, 0.85)),
            victim,
            collector,
            script.sum(14_000, 0.8),
            kind=MovementKind.DEPOSIT,
            site=operator,
        )
    for number, collector in enumerate(collectors):
        for part in (0.4, 0.65, 0.88):
            ts = script.on(part)
            sent = held[collector] / 3 * script.share(0.85, 0.98) + 1_000
            script.pay(ts, collector, treasury, sent, session=phones[number % 2])
    script.phase = CASH_OUT
    for outlet in outlets:
        sent = sum(held.values()) / len(outlets) * script.share(0.4, 0.8)
        script.pay(script.on(script.share(0.85, 1.0)), treasury, outlet, sent, session=phones[0])


def _show(script: Script, operator: Operator, first: int, last: int) -> None:
    """What the outside sees of an illegal operator: its domains, sometimes whose they are, later a blocking."""
    calendar = script.place.calendar
    for turn, since in moves(operator, calendar):
        until = since + operator.days_per_domain * DAY_MS
        if until <= first or since >= last:
            continue
        seen = script.later(max(first, since), 10, 900)
        script.see_domain(seen, operator, turn, registered_days=script.share(0.5, 9.0))
        show_illegal(script, operator, operator.domain_name(turn), seen)
    stated = script.later(first, 1_500, 8_000)
    if script.rng.random() < 0.6:
        script.state(stated, operator, OperatorFactKind.LICENCE)
    for account in operator.collects:
        if script.rng.random() < 0.7:
            script.state(script.later(first, 1_500, 12_000), operator, OperatorFactKind.COLLECTS_WITH, account=account)


def _phone(script: Script, person: int) -> Session:
    """A phone of its own, on the carrier or home address of the person who runs it."""
    usual = script.place.people.session(person, script.rng)
    return Session(opaque(script.rng, 1)[0], usual.ip, usual.port)
