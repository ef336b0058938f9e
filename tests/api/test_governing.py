"""Lists, policy, typologies and alerts over HTTP, GraphQL and on their page."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from graph.days import day_of
from tests.api.conftest import Client
from tests.api.story import KEYS, NOW, make_score, movement
from tests.api.world import World

CPF = "529.982.247-25"


# --- sites ------------------------------------------------------------------------------------------------------------


def test_a_site_is_blocked_listed_and_let_be_again(client: Client) -> None:
    blocked = client.post("/api/sites/block", json={"domain": "https://www.Bet.Example/x", "reason": "order 12"})
    assert blocked.status_code == 200
    assert blocked.json() == {
        "domain": "bet.example",
        "reason": "order 12",
        "author": "api",
        "since": NOW,
        "blocked": True,
    }
    listed = client.get("/api/sites/block").json()
    assert listed == {"items": [{key: blocked.json()[key] for key in blocked.json() if key != "blocked"}], "next": None}
    gone = client.call("DELETE", "/api/sites/block/www.bet.example")
    assert (gone.status_code, gone.json()["blocked"], gone.json()["domain"]) == (200, False, "bet.example")
    assert client.get("/api/sites/block").json()["items"] == []
    assert client.call("DELETE", "/api/sites/block/bet.example").status_code == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"domain": "203.0.113.7"}, "bad_domain"),
        ({"domain": "com.br"}, "public_suffix"),
        ({"domain": "bet.example", "reson": "x"}, "invalid_request"),
        ({"domain": "bet.example", "reason": "two\nlines"}, "bad_reason"),
        ({}, "invalid_request"),
    ],
)
def test_a_site_that_cannot_be_blocked_is_refused_with_a_cure(client: Client, body: dict[str, str], code: str) -> None:
    answer = client.post("/api/sites/block", json=body)
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == code
    assert answer.json()["error"]["cure"]


# --- lists ------------------------------------------------------------------------------------------------------------


def test_entries_are_added_paged_and_removed(client: Client) -> None:
    for number in range(5):
        body = {"kind": "account", "value": f"a{number}", "reason": "r", "expires": "2027-01-01T00:00:00Z"}
        added = client.post("/api/v1/lists/watch", json={**body, "author": "ana"}).json()
    assert (added["list"], added["kind"], added["value"], added["author"]) == ("watch", "account", "a4", "ana")
    assert added["expires"] == 1_798_761_600_000
    client.post("/api/v1/lists/watch", json={"kind": "ip", "value": "203.0.113.0/24"})
    first = client.get("/api/v1/lists/watch?kind=account&limit=3").json()
    rest = client.get("/api/v1/lists/watch", params={"kind": "account", "limit": 3, "after": first["next"]}).json()
    assert [one["value"] for one in first["items"] + rest["items"]] == ["a0", "a1", "a2", "a3", "a4"]
    assert rest["next"] is None
    assert client.get("/api/v1/lists/watch/ip/203.0.113.0/24").json()["value"] == "203.0.113.0/24"
    assert client.call("DELETE", "/api/v1/lists/watch/ip/203.0.113.0/24").status_code == 200
    assert client.get("/api/v1/lists/watch/ip/203.0.113.0/24").status_code == 404
    assert client.call("DELETE", "/api/v1/lists/watch/ip/203.0.113.0/24").status_code == 404
    assert client.get("/api/v1/lists/block").json()["items"] == []


def test_personal_values_come_back_as_keyed_hashes_and_never_stand_in_addresses(client: Client) -> None:
    answer = client.post("/api/v1/lists/block", json={"kind": "document", "value": CPF})
    kept = answer.json()["value"]
    assert kept == KEYS.hash("document", "52998224725")
    assert CPF not in answer.text
    raw = client.call("DELETE", f"/api/v1/lists/block/document/{CPF}")
    assert (raw.status_code, raw.json()["error"]["code"]) == (422, "personal_address")
    assert CPF not in raw.text
    assert client.call("DELETE", f"/api/v1/lists/block/document/{kept}").status_code == 200


@pytest.mark.parametrize(
    ("address", "body", "code"),
    [
        ("grey", {"kind": "account", "value": "a"}, "unknown_list"),
        ("service", {"kind": "account", "value": "a"}, "unknown_list"),
        ("block", {"kind": "planet", "value": "a"}, "unknown_kind"),
        ("block", {"kind": "ip", "value": "203.0.113.7/24"}, "host_in_network"),
        ("block", {"kind": "account", "value": "a", "expires": "tomorrow"}, "bad_time"),
        ("block", {"kind": "account"}, "invalid_request"),
    ],
)
def test_an_entry_that_cannot_stand_is_refused(client: Client, address: str, body: dict[str, str], code: str) -> None:
    answer = client.post(f"/api/v1/lists/{address}", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)


def test_a_file_is_imported_and_its_bad_lines_are_told(client: Client) -> None:
    file = (
        "# exported\nvalue,kind,reason,expires\nbet.example,domain,order 12,\n"
        "203.0.113.7,ip,,2027-01-01T00:00:00Z\ncom.br,domain,,\n,account,,\na,b,c,d,e\n"
    )
    answer = client.post("/api/v1/lists/block/import?author=ana", content=file.encode()).json()
    assert (answer["added"], answer["rejected"]) == (2, 3)
    assert [(one["line"], one["code"]) for one in answer["first_rejected"]] == [
        (5, "public_suffix"),
        (6, "empty_value"),
        (7, "too_many_columns"),
    ]
    held = client.get("/api/v1/lists/block").json()["items"]
    assert [(one["kind"], one["value"], one["reason"], one["author"]) for one in held] == [
        ("domain", "bet.example", "order 12", "ana"),
        ("ip", "203.0.113.7", "", "ana"),
    ]
    plain = client.post("/api/v1/lists/watch/import?kind=account&reason=x", content=b"one\ntwo,three\n")
    assert plain.json() == {"added": 2, "rejected": 0, "first_rejected": []}
    assert [one["value"] for one in client.get("/api/v1/lists/watch").json()["items"]] == ["one", "two,three"]
    for content, code in ((b"one\n", "configuration_error"), (b"value,colour\n", "configuration_error")):
        assert client.post("/api/v1/lists/watch/import", content=content).json()["error"]["code"] == code
    assert client.post("/api/v1/lists/watch/import?kind=ip", content=b"\xff").json()["error"]["code"] == "not_utf8"


# --- policy and typologies --------------------------------------------------------------------------------------------


def test_the_policy_is_read_set_and_refused_with_words_when_bands_cross(client: Client) -> None:
    assert client.get("/api/v1/policy").json()["version"] == "shipped"
    wanted = {"tenants": {"shop": {"review": 50}}}
    answer = client.call("PUT", "/api/v1/policy?author=ana&reason=stricter", json=wanted)
    assert answer.status_code == 200
    assert answer.json()["author"] == "ana"
    assert client.get("/api/v1/policy").json()["content"] == {"tenants": {"shop": {"review": 50.0}}}
    crossed = client.call("PUT", "/api/v1/policy", json={"tenants": {"shop": {"approve": 80}}})
    assert crossed.json()["error"]["code"] == "configuration_error"
    assert "tenant shop: bands cross" in crossed.json()["error"]["message"]
    assert client.get("/api/v1/policy").json()["author"] == "ana"


def test_typologies_are_read_and_set(client: Client) -> None:
    shipped = client.get("/api/v1/typologies").json()
    assert shipped["version"] == "shipped"
    first = shipped["content"]["typologies"][:1]
    answer = client.call("PUT", "/api/v1/typologies", json={"typologies": first})
    assert answer.json()["content"]["typologies"] == first
    assert client.call("PUT", "/api/v1/typologies", json={"typologes": []}).status_code >= 400


# --- alerts -----------------------------------------------------------------------------------------------------------


def alarming(world: World, *, tenant: str = "", budget: int = 2) -> str:
    """Three decisions of one day that compete for `budget` alerts; the day."""
    for number, value in enumerate((80.0, 95.0, 60.0)):
        event = movement(f"{tenant}x{number}", "a", "b", 100, number)
        world.governed.alarming.append(replace(make_score(event, value), tenant=tenant, alert_budget=budget))
    return day_of(event.ts).isoformat()


def test_alerts_of_a_day_are_the_best_within_the_budget_and_only_the_tenants_own(client: Client, world: World) -> None:
    day = alarming(world)
    alarming(world, tenant="shop", budget=1)
    mine = client.get(f"/api/v1/alerts?day={day}").json()
    assert [(one["rank"], one["transaction_id"], one["risk_score"], one["decision"]) for one in mine["items"]] == [
        (1, "x1", 95.0, "deny"),
        (2, "x0", 80.0, "deny"),
    ]
    shop = client.get(f"/api/v1/alerts?day={day}&tenant=shop").json()
    assert [one["transaction_id"] for one in shop["items"]] == ["shopx1"]
    assert client.get(f"/api/v1/alerts?day={day}&tenant=other").json()["items"] == []
    later = day_of(NOW) - timedelta(days=400)
    assert client.get(f"/api/v1/alerts?day={later}").json()["items"] == []
    assert client.get("/api/v1/alerts").json()["day"] == day_of(NOW).isoformat()
    assert client.get("/api/v1/alerts?day=yesterday").json()["error"]["code"] == "bad_day"


def test_the_page_of_alerts_links_to_the_transactions_and_says_why(client: Client, world: World) -> None:
    day = alarming(world)
    page = client.page(f"/alerts?day={day}")
    assert page.index("/transactions/x1") < page.index("/transactions/x0")
    assert "/transactions/x2" not in page
    assert "moves money faster than is normal" in page
    assert "/transactions/x1" in client.page("/alerts")  # without a day: the newest with alerts
    assert "Nenhum alerta neste dia." in client.page("/alerts?day=2020-01-01", language="pt-BR")
    assert "/transactions/" not in client.page("/alerts?tenant=%3Cscript%3E")


# --- GraphQL ----------------------------------------------------------------------------------------------------------


def refusal(client: Client, query: str) -> dict[str, Any]:
    answer = client.post("/graphql", json={"query": query}).json()
    extensions: dict[str, Any] = answer["errors"][0]["extensions"]
    return extensions


def test_lists_are_changed_and_read_by_graphql(client: Client) -> None:
    added = client.ask(
        """mutation { addListEntry(list: BLOCK, kind: DOCUMENT, value: "529.982.247-25", author: "ana",
           reason: "police", expires: "2027-01-01T00:00:00Z") { list kind value reason author since expires } }"""
    )["addListEntry"]
    assert added["value"] == KEYS.hash("document", "52998224725")
    assert added["expires"] == "2027-01-01T00:00:00.000Z"
    found = client.ask("{ listEntries(list: BLOCK, first: 5) { nodes { value kind } pageInfo { hasNextPage } } }")
    assert found["listEntries"] == {
        "nodes": [{"value": added["value"], "kind": "DOCUMENT"}],
        "pageInfo": {"hasNextPage": False},
    }
    remove = 'mutation { removeListEntry(list: BLOCK, kind: DOCUMENT, value: "52998224725", author: "ana") { value } }'
    assert client.ask(remove)["removeListEntry"] == {"value": added["value"]}
    assert client.ask(remove)["removeListEntry"] is None
    assert refusal(client, "{ listEntries(list: SERVICE) { nodes { value } } }")["code"] == "unknown_list"


def test_policy_and_alerts_are_read_by_graphql(client: Client, world: World) -> None:
    day = alarming(world)
    found = client.ask(
        "query($day: String) { alerts(day: $day) { nodes { rank transactionId score { value decision } } } }", day=day
    )
    assert [(one["rank"], one["transactionId"]) for one in found["alerts"]["nodes"]] == [(1, "x1"), (2, "x0")]
    changed = client.ask(
        'mutation($content: JSON!) { setGoverned(part: "policy", content: $content, author: "ana") { version } }',
        content={"default": {"review": 60}},
    )
    now = client.ask('{ governed(part: "policy") { version content author since } }')["governed"]
    assert now["version"] == changed["setGoverned"]["version"]
    assert (now["content"], now["author"]) == ({"default": {"review": 60.0}}, "ana")
    assert refusal(client, '{ governed(part: "weather") { version } }')["code"] == "unknown_part"
