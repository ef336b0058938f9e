"""What authorities, registries and lists say over time about the sites and services that are always there."""

from __future__ import annotations

from graph.events import ListKind, NodeKind, OperatorFactKind
from ingest.simulator.calendar import DAY_MS
from ingest.simulator.script import Script
from ingest.simulator.sites import LICENSED, Operator

BLOCKED, SERVICES = "blocked-sites", "known-services"


def site_shown(script: Script, operator: Operator, turn: int) -> None:
    """A site is seen at its domain; illegal ones are young, and often blocked some days later."""
    calendar = script.place.calendar
    first = calendar.start_ms + turn * operator.days_per_domain * DAY_MS
    domain = operator.domain_name(turn)
    seen = script.later(first, 5, 700)
    if operator.licensed:
        script.see_domain(seen, operator, turn, registered_days=script.share(500, 4_000))
        script.state(seen + 1_000, operator, OperatorFactKind.LICENCE)
        script.state(seen + 2_000, operator, OperatorFactKind.OWNS_DOMAIN, domain=domain)
        script.state(seen + 3_000, operator, OperatorFactKind.COLLECTS_WITH, account=operator.houses[0])
        return
    script.see_domain(seen, operator, turn, registered_days=script.share(0.5, 9.0))
    show_illegal(script, operator, domain, seen)
    if turn == 0 and script.rng.random() < 0.6:
        script.state(script.later(first, 4_000, 12_000), operator, OperatorFactKind.LICENCE)


def show_illegal(script: Script, operator: Operator, domain: str, seen: int) -> None:
    """Some days after an illegal site was seen, some source may say whose it is, and a list may block it."""
    if script.rng.random() < 0.6:
        script.state(script.later(seen, 600, 4_000), operator, OperatorFactKind.OWNS_DOMAIN, domain=domain)
    if script.rng.random() < 0.55:
        listed = script.later(seen, 3_000, 9_000)
        script.list_entity(listed, BLOCKED, ListKind.BLOCK, NodeKind.DOMAIN, domain)


def services_listed(script: Script) -> None:
    """On the first day, some of the well-known hubs are listed as services; others have to be recognised."""
    place, start = script.place, script.place.calendar.start_ms
    known = [*place.town.marketplaces[:2], *place.town.intermediaries[:2], *place.town.cash_points[::2]]
    for operator in place.operators[:LICENSED:2]:
        known += operator.houses[:-1]
    for number, account in enumerate(known):
        script.list_entity(start + number * 1_000, SERVICES, ListKind.SERVICE, NodeKind.ACCOUNT, account)
    carriers = list(dict.fromkeys(place.people.carrier_ip))
    for number, address in enumerate(carriers[::2]):
        ts = start + (len(known) + number) * 1_000
        script.list_entity(ts, SERVICES, ListKind.SERVICE, NodeKind.IP, address)
