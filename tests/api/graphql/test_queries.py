"""What investigators ask, and that the answer is what the world holds."""

from __future__ import annotations

from typing import Any

from graph.errors import StoreUnavailable
from tests.api.conftest import Client
from tests.api.story import COLLECTION, FARM, OPERATOR, SITE, START, copies
from tests.api.world import Crash, World

FULL_RING = """query($id: ID!) { ring(id: $id) {
  id kind kinds score size inCents outCents retainedCents firstTs lastTs truncated
  members(first: 200) { role score inCents outCents account { id } reasons { code text(language: PT) eventIds } }
  links(first: 200) { kind count sumCents source { label id } target { label id } eventIds }
  evidence { code text totalEvents eventIds params } suppressed { text nodes { label id } }
  contributions { name points value missing evidence { text } }
  transactions(first: 3) { id ts amountCents score { value decision } session { device domain operator } }
} }"""


def test_rings_page_by_cursor_without_gap_or_repeat(client: Client, world: World) -> None:
    for ring in copies(world.known_rings[FARM], 7):
        world.known_rings[ring.ring_id] = ring
    query = (
        "query($after: String) { rings(first: 2, after: $after)"
        " { nodes { id score } pageInfo { hasNextPage endCursor } } }"
    )
    seen: list[tuple[float, str]] = []
    after: str | None = None
    while True:
        page = client.ask(query, after=after)["rings"]
        seen += [(-node["score"], node["id"]) for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        assert page["pageInfo"]["hasNextPage"] == (after is not None)
        if after is None:
            break
    assert seen == sorted((-ring.score, ring.ring_id) for ring in world.known_rings.values())


def test_rings_narrow_by_kind_score_and_account(client: Client) -> None:
    query = "query($filter: RingFilter) { rings(filter: $filter) { nodes { id } } }"

    def ids(**filter: Any) -> list[str]:
        return [node["id"] for node in client.ask(query, filter=filter)["rings"]["nodes"]]

    assert ids(kind="SHARED_MEANS") == [FARM]
    assert ids(minScore=60) == [COLLECTION]
    assert ids(account="farm-3") == [FARM]
    assert ids(account="farm-3", minScore=60) == []
    assert ids(account="nobody") == []


def test_the_rings_of_an_account_page_too(client: Client, world: World) -> None:
    for ring in copies(world.known_rings[FARM], 4):
        world.known_rings[ring.ring_id] = ring
    query = (
        'query($after: String) { rings(filter: {account: "farm-1"}, first: 3, after: $after)'
        " { nodes { id } pageInfo { endCursor } } }"
    )
    first = client.ask(query)["rings"]
    rest = client.ask(query, after=first["pageInfo"]["endCursor"])["rings"]
    assert [node["id"] for node in first["nodes"] + rest["nodes"]] == [FARM, *(f"copy-00{n}" for n in range(4))]
    assert rest["pageInfo"]["endCursor"] is None


def test_a_ring_is_told_whole(client: Client, world: World) -> None:
    found = client.ask(FULL_RING, id=COLLECTION)["ring"]
    ring = world.known_rings[COLLECTION]
    assert (found["kind"], found["size"], found["inCents"]) == ("FAN_IN", len(ring.members), ring.in_cents)
    assert [member["account"]["id"] for member in found["members"]] == [member.account for member in ring.members]
    assert sum(link["sumCents"] for link in found["links"]) == sum(link.sum_cents for link in ring.links)
    assert sum(part["points"] for part in found["contributions"]) == ring.score
    assert found["firstTs"] == "2026-01-01T12:00:00.000Z"
    assert [item["id"] for item in found["transactions"]] == ["pay-0-0", "pay-1-0", "pay-2-0"]
    assert found["transactions"][0]["session"]["domain"] == SITE
    assert found["suppressed"][0]["nodes"][0] == {"label": "Device", "id": "kiosk-terminal-7"}


def test_words_come_in_the_language_asked_for(client: Client) -> None:
    query = 'query { ring(id: "ring-farm") { evidence { pt: text(language: PT) en: text(language: EN) } } }'
    words = client.ask(query)["ring"]["evidence"][0]
    assert words["pt"] != words["en"]
    assert "contas" in words["pt"]


def test_a_merged_ring_answers_with_its_survivor_and_an_unknown_one_with_null(client: Client) -> None:
    found = client.ask('{ old: ring(id: "ring-old") { id } none: ring(id: "nope") { id } }')
    assert found == {"old": {"id": COLLECTION}, "none": None}


def test_an_account_is_told_with_what_surrounds_it(client: Client, world: World) -> None:
    query = """{ account(id: "payer-03") {
      totals { inCents outCents outCount firstSeen } means { kind label id count } flaggedBy { indicator }
      counterparties { direction count sumCents account { id } } rings { id }
      transactions(first: 1) { id source { id } target { id } score { decision signals { name points } } } } }"""
    found = client.ask(query)["account"]
    sent = [event.amount_cents for event in world.movements.values() if event.source == "payer-03"]
    assert found["totals"] == {
        "inCents": 0,
        "outCents": sum(sent),
        "outCount": 2,
        "firstSeen": "2026-01-02T03:00:00.000Z",
    }
    assert {item["id"] for item in found["means"]} == {"kiosk-terminal-7", "198.51.100.4", SITE}
    assert found["counterparties"] == [
        {"direction": "out", "count": 2, "sumCents": sum(sent), "account": {"id": "mule-0"}}
    ]
    assert found["rings"] == [{"id": COLLECTION}]
    assert found["transactions"][0]["id"] == "pay-3-1"
    assert found["transactions"][0]["score"]["signals"] == [{"name": "velocity", "points": 8.25}]
    assert client.ask('{ account(id: "nobody") { id } }') == {"account": None}
    assert client.ask('{ account(id: "collector-1") { flaggedBy { listKind } } }')["account"]["flaggedBy"] == [
        {"listKind": "watch"}
    ]


def test_the_time_range_of_transactions_includes_its_start_and_not_its_end(client: Client) -> None:
    query = (
        'query($from: Instant, $to: Instant) { account(id: "collector-1")'
        " { transactions(from: $from, to: $to) { ts } } }"
    )
    times = [row["ts"] for row in client.ask(query)["account"]["transactions"]]
    inside = client.ask(query, **{"from": times[-1], "to": times[0]})["account"]["transactions"]
    assert [row["ts"] for row in inside] == times[1:]


def test_a_transaction_is_told_with_decision_signals_and_evidence(client: Client) -> None:
    query = """{ transaction(id: "out-0") { amountCents currency kind
      score { value decision versions { part version } degraded truncated
        signals { name value points missing evidence { text eventIds } } } } }"""
    found = client.ask(query)["transaction"]
    assert (found["score"]["value"], found["score"]["decision"]) == (82.5, "DENY")
    assert sum(signal["points"] for signal in found["score"]["signals"]) == 82.5
    assert {"part": "model", "version": "absent"} in found["score"]["versions"]
    assert client.ask('{ transaction(id: "nope") { id } }') == {"transaction": None}


def test_transactions_are_listed_by_decision_newest_first(client: Client) -> None:
    query = "{ transactionsByDecision(decision: DENY, first: 3) { nodes { id } pageInfo { endCursor } } }"
    page = client.ask(query)["transactionsByDecision"]
    assert [node["id"] for node in page["nodes"]] == ["out-3", "out-2", "out-1"]
    assert page["pageInfo"]["endCursor"] == "out-1"


def test_an_operator_is_told_with_sites_collectors_and_rings(client: Client) -> None:
    query = (
        "query($id: ID!) { operator(id: $id) { licensed domains { id } collectors { id totals { inCents } }"
        " footprint { kind label } rings { id } } }"
    )
    found = client.ask(query, id=OPERATOR)["operator"]
    assert found["licensed"] is False
    assert [site["id"] for site in found["domains"]] == [SITE]
    assert [account["id"] for account in found["collectors"]] == ["mule-0", "mule-1"]
    assert found["rings"] == [{"id": COLLECTION}]
    assert len(found["footprint"]) == 4


def test_operators_page_by_id(client: Client) -> None:
    query = "query($after: String) { operators(first: 2, after: $after) { nodes { id } pageInfo { endCursor } } }"
    first = client.ask(query)["operators"]
    rest = client.ask(query, after=first["pageInfo"]["endCursor"])["operators"]
    assert [row["id"] for row in first["nodes"] + rest["nodes"]] == ["op-aurora", OPERATOR, "op-zephyr"]
    assert rest["pageInfo"]["endCursor"] is None


def test_a_path_follows_the_money_and_says_when_it_was_cut(client: Client) -> None:
    query = (
        'query($hops: Int!) { path(source: "payer-00", target: "cash-0", maxHops: $hops)'
        " { found truncated steps { source target amountCents } } }"
    )
    found = client.ask(query, hops=3)["path"]
    ends = [(step["source"], step["target"]) for step in found["steps"]]
    assert ends == [("payer-00", "mule-0"), ("mule-0", "collector-1"), ("collector-1", "cash-0")]
    cut = client.ask(query, hops=2)["path"]
    assert cut == {"found": False, "truncated": ["max_hops"], "steps": []}


def test_jobs_are_listed_and_run(client: Client) -> None:
    assert client.ask("{ jobs { name params { name default } } }")["jobs"] == [
        {"name": "fan_in", "params": [{"name": "min_sources", "default": 8}]}
    ]
    run = 'mutation($p: JSON) { runJob(name: "fan_in", params: $p) { rows truncated findings { text eventIds } } }'
    outcome = client.ask(run, p={"min_sources": 1})["runJob"]
    assert outcome["rows"] == [{"account": "mule-0", "sources": 14}]
    assert outcome["truncated"] == ["row_budget"]
    assert outcome["findings"][0]["eventIds"] == ["tx:pay-0-0"]


def test_summary_and_health_tell_what_is_there(client: Client, world: World) -> None:
    found = client.ask("{ summary { transactions rings { name count } } health { name state } }")
    assert found["summary"]["transactions"] == len(world.known)
    assert found["summary"]["rings"] == [{"name": "fan_in", "count": 1}, {"name": "shared_means", "count": 1}]
    assert {"name": "model", "state": "absent"} in found["health"]


def test_our_errors_keep_code_and_cure_and_the_rest_of_the_answer_stands(client: Client) -> None:
    answer = client.post(
        "/graphql", json={"query": '{ jobs { name } path(source: "a", target: "b", maxHops: 99) { found } }'}
    ).json()
    assert answer["errors"][0]["extensions"]["code"] == "bad_max_hops"
    assert answer["errors"][0]["extensions"]["cure"] == "give 1 to 8"


def test_an_unknown_job_is_refused_with_its_cure(client: Client) -> None:
    answer = client.post("/graphql", json={"query": 'mutation { runJob(name: "x") { name } }'}).json()
    assert answer["errors"][0]["extensions"]["code"] == "query_refused"


def test_what_nobody_foresaw_is_masked(client: Client, world: World) -> None:
    world.broken["rings"] = Crash("SELECT secret FROM table")
    text = client.post("/graphql", json={"query": "{ rings { nodes { id } } }"}).text
    assert "secret" not in text
    assert "internal_error" in text


def test_a_store_that_is_down_is_named_without_its_address(client: Client, world: World) -> None:
    world.broken["read/account_means"] = StoreUnavailable(store="neo4j", address="10.1.1.1", cause="x", cure="y")
    answer = client.post("/graphql", json={"query": '{ account(id: "mule-0") { means { id } } }'})
    assert "store_unavailable" in answer.text
    assert "10.1.1.1" not in answer.text


def test_moments_are_understood_as_text_and_as_milliseconds(client: Client) -> None:
    query = 'query($t: Instant) { account(id: "mule-0") { transactions(to: $t) { id } } }'
    assert client.ask(query, t=START) == client.ask(query, t="2026-01-01T12:00:00Z")
    bad = client.post("/graphql", json={"query": query, "variables": {"t": "2026-01-01T12:00:00"}})
    assert "time zone" in bad.text
