"""What people govern, through the whole service: it holds for the very next score, and a rebuild gives the same."""

from __future__ import annotations

import json
import re
from pathlib import Path

import anyio
import httpx
import pytest

from api.app import create_app
from api.settings import ApiSettings
from graph.days import day_of
from graph.events import ListKind, Movement
from graph.evidence import Decision, Score
from graph.listings import EntryKind
from scoring.microbatch import LiveScorer
from service.answers import LedgerAnswers
from service.bootstrap import Service, now_ms, open_service
from service.governing import Governed
from service.settings import load_settings
from service.web import app_context
from tests.service.command import Tarrafa

START = 1_790_000_000_000
CPF = "529.982.247-25"


def bet(number: int, *, ts: int = START, domain: str | None = None, **more: str) -> Movement:
    """A movement of accounts of its own."""
    return Movement(
        event_id=f"tx:{number}",
        ts=ts + number * 1_000,
        source=more.pop("source", f"from{number}"),
        target=f"to{number}",
        amount_cents=10_000,
        domain=domain,
        attributes=tuple(sorted(more.items())),
    )


def scored(service: Service, movement: Movement) -> Score:
    return service.running.score([movement])[0]


def points(score: Score, name: str) -> float | None:
    return next((signal.points for signal in score.signals if signal.name == name), None)


def test_a_list_holds_for_the_very_next_score_and_each_score_keeps_what_held_for_it(home: Path) -> None:
    with open_service(load_settings(home=home), work=True) as service:
        people = Governed(service)
        before = scored(service, bet(1, domain="www.bet.example"))
        people.add_entry(ListKind.BLOCK, EntryKind.DOMAIN, "bet.example", author="ana", reason="order 12")
        blocked = scored(service, bet(2, domain="www.bet.example"))
        people.remove_entry(ListKind.BLOCK, EntryKind.DOMAIN, "bet.example", author="ana")
        after = scored(service, bet(3, domain="www.bet.example"))
        late = scored(service, bet(0, ts=START - 5_000, domain="bet.example"))  # makes the others be answered again
        assert [points(score, "block_list") for score in (before, blocked, after, late)] == [None, 75.0, None, None]
        assert blocked.decision is Decision.DENY
        assert dict(blocked.versions)["lists"] != dict(after.versions)["lists"] == "shipped"
        state = service.state_hash()
        kept = service.ledger.score("2")
    with open_service(load_settings(home=home), work=True, rebuild=True) as service:
        assert service.state_hash() == state
        assert service.ledger.score("2") == kept
        assert kept is not None
        assert points(kept, "block_list") == 75.0


def test_a_movement_after_the_expiry_is_not_judged_by_the_entry(home: Path) -> None:
    with open_service(load_settings(home=home), work=True) as service:
        Governed(service).add_entry(ListKind.WATCH, EntryKind.ACCOUNT, "a", author="ana", expires_ts=START + 2_000)
        found = [points(scored(service, bet(number, source="a")), "watch_list") for number in (1, 2)]
    assert found == [20.0, None]


def test_a_listed_document_is_nowhere_in_the_home(home: Path) -> None:
    with open_service(load_settings(home=home), work=True) as service:
        entry = Governed(service).add_entry(ListKind.BLOCK, EntryKind.DOCUMENT, CPF, author="ana")
        assert points(scored(service, bet(1, source=f"customer:{entry.value}")), "block_list") == 75.0
    for file in home.rglob("*"):
        if file.is_file():
            held = file.read_bytes()
            assert CPF.encode() not in held
            assert b"52998224725" not in held


def test_the_policy_of_a_tenant_decides_and_its_alerts_are_its_own(home: Path) -> None:
    with open_service(load_settings(home=home), work=True) as service:
        people = Governed(service)
        people.add_entry(ListKind.WATCH, EntryKind.ACCOUNT, "a", author="ana")
        assert scored(service, bet(1, source="a")).decision is Decision.APPROVE
        people.set_document(
            "policy",
            "[tenants.shop]\napprove = 5\nreview = 15\nalerts_per_day = 1\n[tenants.shop.profiles.app]\nreview = 60",
            author="ana",
        )
        shop = scored(service, bet(2, source="a", tenant="shop"))
        app = scored(service, bet(3, source="a", tenant="shop", profile="app"))
        other = scored(service, bet(4, source="a", tenant="other"))
        assert [shop.decision, app.decision, other.decision] == [Decision.DENY, Decision.REVIEW, Decision.APPROVE]
        service.running.flush(settle=False)
        day = day_of(shop.ts)
        found = service.ledger.alerts(tenant="shop", day=day, limit=10).items
        assert [alert.score.tx_id for alert in found] == ["2"]
        assert service.ledger.alerts(tenant="other", day=day, limit=10).items == ()


def test_typologies_add_points_and_demand_decisions(home: Path) -> None:
    text = json.dumps(
        {
            "typologies": [
                {
                    "id": "watched_twice",
                    "meaning": {"pt": "Observado", "en": "Watched"},
                    "weights": {"watch_list": 60, "block_list": 10},
                    "alert": 50,
                    "points": 5,
                    "interdict": 60,
                    "at_least": "deny",
                }
            ]
        }
    )
    with open_service(load_settings(home=home), work=True) as service:
        people = Governed(service)
        people.set_document("typologies", text, author="ana")
        people.add_entry(ListKind.WATCH, EntryKind.ACCOUNT, "a", author="ana")
        score = scored(service, bet(1, source="a"))
        assert (points(score, "typology:watched_twice"), score.value, score.decision) == (5.0, 25.0, Decision.DENY)
        assert score.alert_budget > 0


def test_a_site_blocked_over_http_denies_the_very_next_call(home: Path) -> None:
    body = {
        "transaction_id": "b1",
        "user_id": "u1",
        "amount_brl": 25,
        "bet_site": "www.luckyfox.example",
        "timestamp": "2026-09-21T12:00:00Z",
    }

    async def calls(service: Service) -> list[httpx.Response]:
        with (
            LiveScorer(service.running, most_together=8, most_waiting=8) as scorer,
            LedgerAnswers(service.ledger, clock=now_ms) as answers,
        ):
            app = create_app(app_context(service, scorer=scorer, answers=answers), ApiSettings())
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                return [
                    await client.post("/api/transactions/score", json=body),
                    await client.post("/api/sites/block", json={"domain": "luckyfox.example", "reason": "order"}),
                    await client.post("/api/transactions/score", json={**body, "transaction_id": "b2"}),
                    await client.get("/api/sites/block"),
                    await client.request("DELETE", "/api/sites/block/luckyfox.example"),
                    await client.post("/api/transactions/score", json={**body, "transaction_id": "b3"}),
                ]

    with open_service(load_settings(home=home), work=True) as service:
        first, blocked, denied, listed, freed, last = anyio.run(calls, service)
    assert [one.status_code for one in (first, blocked, denied, listed, freed, last)] == [200] * 6
    assert listed.json()["items"][0]["domain"] == "luckyfox.example"
    assert [one.json()["risk_level"] for one in (first, denied, last)] == ["low", "high", "low"]


# --- the command line -------------------------------------------------------------------------------------------------


def test_the_list_commands(tarrafa: Tarrafa, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = tarrafa("list", "add", "block", "domain", "www.Bet.Example", "--reason", "order", "--home", home).well()
    assert "bet.example" in said.out
    assert "bet.example" in tarrafa("list", "show", "block", "--home", home).well().out
    assert tarrafa("list", "remove", "block", "domain", "bet.example", "--home", home).well()
    ended = tarrafa("list", "remove", "block", "domain", "bet.example", "--home", home)
    assert (ended.status, "nothing on the block list" in ended.err) == (1, True)
    file = tmp_path / "sites.csv"
    file.write_text("kind,value\ndomain,a.example\ndomain,com.br\nip,203.0.113.0/24\n")
    ended = tarrafa("list", "import", "watch", file, "--home", home)
    assert (ended.status, "2 entries" in ended.out, "line 3" in ended.err) == (1, True, True)
    assert re.search(r"watch\W+2\b", tarrafa("list", "show", "--home", home).well().out)
    monkeypatch.setattr("sys.stdin", file.open())  # its first line is no document
    ended = tarrafa("list", "add", "block", "document", "-", "--home", home)
    assert (ended.status, "bad document" in ended.err) == (2, True)
    ended = tarrafa("list", "add", "grey", "domain", "a.example", "--home", home)
    assert (ended.status, "give one of block, watch, allow" in ended.err) == (2, True)


def test_the_policy_and_alert_commands(tarrafa: Tarrafa, home: Path, tmp_path: Path) -> None:
    assert json.loads(tarrafa("policy", "show", "--home", home).well().out) == {}
    file = tmp_path / "policy.toml"
    file.write_text("default = {approve = 40, review = 20}")
    ended = tarrafa("policy", "set", file, "--home", home)
    assert (ended.status, "bands cross" in ended.err) == (2, True)
    file.write_text("default = {approve = 5, review = 20}")
    tarrafa("policy", "set", file, "--reason", "stricter", "--home", home).well()
    assert json.loads(tarrafa("policy", "show", "--home", home).well().out) == {
        "default": {"approve": 5.0, "review": 20.0}
    }
    shipped = json.loads(tarrafa("typologies", "show", "--home", home).well().out)
    file = tmp_path / "typologies.json"
    shipped["typologies"][0]["weights"] = {"pass_trough": 200}
    file.write_text(json.dumps(shipped))
    ended = tarrafa("typologies", "set", file, "--home", home)
    assert (ended.status, "did you mean pass_through?" in ended.err) == (2, True)
    tarrafa("list", "add", "watch", "account", "a", "--home", home).well()
    with open_service(load_settings(home=home), work=True) as service:
        score = scored(service, bet(1, source="a"))
    said = tarrafa("alerts", "--day", day_of(score.ts), "--home", home).well()
    assert "watch list" in said.out
    assert "newest days with alerts" in tarrafa("alerts", "--day", "2020-01-01", "--home", home).well().err
