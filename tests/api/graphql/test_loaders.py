"""No question is asked twice, and many objects ask one question together."""

from __future__ import annotations

from tests.api.conftest import Client
from tests.api.story import COLLECTION
from tests.api.world import World


def test_the_accounts_of_all_members_are_asked_at_once(client: Client, world: World) -> None:
    client.ask("{ rings { nodes { members(first: 50) { account { id totals { inCents outCents } } } } } }")
    assert world.asked == {"rings": 1, "totals": 1}


def test_the_scores_of_all_transactions_are_asked_at_once(client: Client, world: World) -> None:
    client.ask('{ account(id: "collector-1") { transactions(first: 50) { id score { value } } } }')
    assert world.asked["scores_of"] == 1
    assert world.asked["read/account_transactions"] == 1


def test_the_rings_of_many_accounts_are_asked_at_once_and_each_ring_once(client: Client, world: World) -> None:
    query = "query($id: ID!) { ring(id: $id) { members(first: 30) { account { rings(first: 2) { id score } } } } }"
    client.ask(query, id=COLLECTION)
    assert world.asked == {"ring": 1, "rings_of": 1}


def test_an_event_that_many_ask_for_is_read_once(client: Client, world: World) -> None:
    query = 'query { a: transaction(id: "out-0") { session { device } } b: transaction(id: "out-0") { id } }'
    client.ask(query)
    assert world.asked["event"] == 1


def test_the_footprint_serves_sites_collectors_and_rings(client: Client, world: World) -> None:
    client.ask('{ operator(id: "op-luckyfox") { footprint { id } domains { id } collectors { id } rings { id } } }')
    assert world.asked["read/operator_footprint"] == 1


def test_two_requests_share_nothing(client: Client, world: World) -> None:
    for _ in range(2):
        client.ask('{ account(id: "mule-0") { id } }')
    assert world.asked["totals"] == 2
