"""Following money and planning what to block, from the command line, over GraphQL and on the pages."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from graph.errors import RejectedRecord
from graph.evidence import Ring
from rings.flow import ExitKind, Rule, Way
from service.bootstrap import open_service
from service.money_desk import MoneyDesk
from service.run import all_rings
from service.settings import load_settings
from tests.rings.worlds import HOUR, Notebook, farm, scatter
from tests.service.command import Tarrafa, serving


@pytest.fixture
def told(home: Path) -> Path:
    """Accounts run from one device pass money from one to another, who pays on; honest people pay there too."""
    book = Notebook()
    farm(book, ["m1", "m2", "m3", "m4"], "shared")
    scatter(book, "origin", ["m1", "m2", "m3", "m4"], "end")
    book.pay("end", "beyond", 1_500_000, 5 * HOUR)
    for number in range(5):
        book.pay(f"honest{number}", "end", 2_000 + number, number * HOUR)
    with open_service(load_settings(home=home), work=True) as service:
        service.running.submit(book.events)
    return home


def moneyed(home: Path) -> tuple[Ring, str]:
    """The ring and one of its movements."""
    with open_service(load_settings(home=home), work=False) as service:
        (ring,) = all_rings(service)
    return ring, next(link.event_ids[0] for link in ring.links if link.kind == "SENT")


def test_every_cent_of_a_transaction_ends_somewhere_by_either_rule_and_way(told: Path) -> None:
    _, event_id = moneyed(told)
    with open_service(load_settings(home=told), work=False) as service:
        desk = MoneyDesk(service)
        for way in Way:
            for rule in (Rule.FIFO, Rule.PRO_RATA):
                found = desk.trace(event_id, rule=rule, way=way)
                assert sum(one.cents for one in found.exits) == found.seed_cents > 0
                assert found.steps[0].move.event_id == event_id
        account = found.steps[0].move.source
        paid = desk.trace(account, way=Way.FORWARD)
        assert all(step.move.source == account for step in paid.steps if step.hop == 0)
        assert sum(one.cents for one in paid.exits) == paid.seed_cents
        assert not any(one.account == account and one.kind is not ExitKind.RETURNED for one in paid.exits)
        with pytest.raises(RejectedRecord, match="unknown subject"):
            desk.trace("nobody")
        with pytest.raises(RejectedRecord, match="give 1 to"):
            desk.trace(event_id, hops=99)


def test_a_trace_and_a_plan_are_printed(tarrafa: Tarrafa, told: Path) -> None:
    ring, event_id = moneyed(told)
    at = ("--home", told)
    shown = tarrafa("flow", event_id, "--rule", "pro_rata", *at).well().out
    assert "traced (pro_rata)" in shown
    back = json.loads(tarrafa("flow", event_id, "--back", "--json", *at).well().out)
    assert back["way"] == "back"
    plans = json.loads(tarrafa("rings", "plan", ring.ring_id, "--json", *at).well().out)
    assert plans
    assert plans[0]["breaks"]
    hit = {target["node"][1]: target["collateral_accounts"] for one in plans for target in one["targets"]}
    assert hit["end"] == 6
    assert "others hit" in tarrafa("rings", "plan", ring.ring_id, *at).well().out
    wrong = tarrafa("rings", "plan", "R-unknown", *at)
    assert (wrong.status, "unknown ring" in wrong.err) == (2, True)


def test_traces_and_plans_are_answered_over_graphql_and_on_pages(told: Path) -> None:
    ring, event_id = moneyed(told)
    query = """query ($tx: ID!, $ring: ID!) {
      followMoney(subject: $tx, rule: FIFO, first: 20) { seedCents steps { transactionId tracedCents hop }
        exits { account kind }
        truncated }
      disruptionPlans(ring: $ring) { kind breaks stoppedShare targets { node { label id } role collateralAccounts }
        collateralAccounts truncated }
    }"""
    with serving(told) as (_, address), httpx.Client(base_url=address, timeout=60) as client:
        variables = {"tx": event_id, "ring": ring.ring_id}
        data = client.post("/graphql", json={"query": query, "variables": variables}).json()
        assert "errors" not in data, data
        assert data["data"]["followMoney"]["steps"][0]["transactionId"] == event_id[3:]
        assert data["data"]["disruptionPlans"][0]["breaks"]
        page = client.get(f"/rings/{ring.ring_id}").text
        assert 'id="plans"' in page
        traced = client.get("/flow", params={"subject": event_id, "rule": "pro_rata", "way": "back"})
        assert (traced.status_code, 'id="steps"' in traced.text) == (200, True)
        assert client.get("/flow", params={"subject": "nobody"}).status_code == 422
        assert client.get("/flow", params={"subject": event_id, "rule": "odd"}).status_code == 422
        for language in ("en", "pt-BR"):
            report = client.get(f"/api/reports/ring/{ring.ring_id}.json", params={"language": language}).json()
            assert any(one["action"] == "break_flow" for one in report["recommendations"])
