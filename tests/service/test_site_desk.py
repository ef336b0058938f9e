"""Operators behind one another and sites that came back, from events to the command line, GraphQL and pages."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from graph.errors import RejectedRecord
from graph.events import (
    DomainObservation,
    Event,
    IndicatorListed,
    ListKind,
    Movement,
    MovementKind,
    NodeKind,
    OperatorFact,
    OperatorFactKind,
)
from rings.continuity import ALERT
from service.bootstrap import open_service
from service.settings import load_settings
from service.site_desk import SiteDesk
from tests.service.command import Tarrafa, serving

START = 1_767_268_800_000
DAY = 86_400_000


def story() -> list[Event]:
    """A site is blocked; another with its till, certificate and players opens; a third only bets at the same host."""
    events: list[Event] = []

    def add(what: type[Event], day: float, **values: object) -> None:
        name = f"tx:{len(events)}" if what is Movement else f"e:{len(events)}"
        events.append(what(event_id=name, ts=START + int(day * DAY), **values))

    for operator, domain, day in (("op-fox", "luckyfox.example", 0), ("op-new", "luckyfox9.test", 12)):
        add(OperatorFact, day, operator=operator, fact=OperatorFactKind.OWNS_DOMAIN, domain=domain)
        add(OperatorFact, day, operator=operator, fact=OperatorFactKind.COLLECTS_WITH, account="till")
        add(DomainObservation, day, domain=domain, ip="192.0.2.1", certificate="cert-1")
    add(OperatorFact, 13, operator="op-shop", fact=OperatorFactKind.OWNS_DOMAIN, domain="flowers.test")
    add(DomainObservation, 13, domain="flowers.test", ip="192.0.2.1")
    add(
        IndicatorListed,
        10,
        list_name="order",
        list_kind=ListKind.BLOCK,
        entity_kind=NodeKind.DOMAIN,
        entity_id="luckyfox.example",
    )
    for day, domain in ((2, "luckyfox.example"), (14, "luckyfox9.test")):
        for player in range(6):
            add(
                Movement,
                day + player / 100,
                source=f"player-{player}",
                target="till",
                amount_cents=5_000 + player,
                kind=MovementKind.DEPOSIT,
                domain=domain,
            )
    return events


@pytest.fixture
def told(home: Path) -> Path:
    with open_service(load_settings(home=home), work=True) as service:
        service.running.submit(story())
    return home


def test_the_site_that_came_back_is_found_with_its_reasons_and_its_neighbour_is_not(told: Path) -> None:
    with open_service(load_settings(home=told), work=False) as service:
        desk = SiteDesk(service)
        (back,) = desk.returns(least=ALERT)
        assert desk.returns()[0] == back
        assert (back.one, back.other) == ("luckyfox.example", "luckyfox9.test")
        assert {reason.code for _, reason in back.reasons} >= {
            "tie_collector",
            "tie_certificate",
            "continuity_accounts",
        }
        cited = {event for _, reason in back.reasons for event in reason.event_ids}
        assert all(service.log.event(event_id) is not None for event_id in cited)
        assert desk.returns(domain="flowers.test") == ()
        links = {tie.other: tie for tie in desk.links("op-fox")}
        assert links["op-new"].score > 50
        assert links["op-new"].score > (links["op-shop"].score if "op-shop" in links else 0)
        with pytest.raises(RejectedRecord, match="unknown operator"):
            desk.links("op-nobody")


def test_links_and_returns_are_printed_answered_and_shown(tarrafa: Tarrafa, told: Path) -> None:
    at = ("--home", told)
    assert "luckyfox9.test" in tarrafa("operators", "returned", *at).well().out
    assert "op-new" in tarrafa("operators", "links", "op-fox", *at).well().out
    wrong = tarrafa("operators", "links", "op-nobody", *at)
    assert (wrong.status, "unknown operator" in wrong.err) == (2, True)
    query = """{ operatorLinks(id: "op-fox") { other score reasons { points evidence { text } } innocent { code } }
                 returnedSites { one other score } }"""
    with serving(told) as (_, address), httpx.Client(base_url=address, timeout=60) as client:
        data = client.post("/graphql", json={"query": query}).json()
        assert "errors" not in data, data
        assert data["data"]["returnedSites"][0]["other"] == "luckyfox9.test"
        assert "luckyfox9.test" in client.get("/alerts").text
        assert "op-new" in client.get("/operators/op-fox").text
