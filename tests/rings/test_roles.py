"""Roles from the place in the flow, how sure they are, and how their quality is counted."""

from __future__ import annotations

from graph.evidence import Role
from rings.evaluate import Match
from rings.role_quality import role_quality
from tests.rings.worlds import DAY, Notebook, chain, collection, cycle, only_ring, scatter


def roles_of(book: Notebook) -> dict[str, Role]:
    return {member.account: member.role for member in only_ring(book).members}


def test_who_starts_a_circle_organises_it_and_the_others_pass_on() -> None:
    book = Notebook()
    cycle(book, ["a", "b", "c"])
    cycle(book, ["a", "b", "c"], at=DAY)
    assert roles_of(book) == {"a": Role.ORGANISER, "b": Role.PASS_THROUGH, "c": Role.PASS_THROUGH}


def test_a_chain_begins_with_its_organiser_and_ends_where_the_money_leaves() -> None:
    book = Notebook()
    chain(book, ["a", "b", "c", "d", "e"])
    roles = roles_of(book)
    assert (roles["a"], roles["e"]) == (Role.ORGANISER, Role.CASH_OUT)
    assert {roles[name] for name in "bcd"} == {Role.PASS_THROUGH}


def test_one_of_several_ways_between_two_ends_is_a_mule() -> None:
    book = Notebook()
    scatter(book, "origin", ["m1", "m2", "m3", "m4"], "end")
    cycle(book, ["end", "x", "y"], at=2 * DAY)
    roles = roles_of(book)
    assert {roles[f"m{n}"] for n in (1, 2, 3, 4)} == {Role.MULE}
    assert (roles["origin"], roles["end"]) == (Role.ORGANISER, Role.COLLECTOR)


def test_an_account_that_alone_joins_two_groups_is_their_bridge() -> None:
    book = Notebook()
    cycle(book, ["a", "b", "c", "z"])
    cycle(book, ["d", "e", "f", "z"], at=DAY)
    assert roles_of(book)["z"] is Role.BRIDGE


def test_who_only_pays_may_be_a_victim_and_a_role_says_how_sure_it_is() -> None:
    book = Notebook()
    collection(book, "boss", [f"p{n}" for n in range(8)], "out")
    cycle(book, ["boss", "q", "r"], at=10_000_000)
    members = {member.account: member for member in only_ring(book).members}
    assert {members[f"p{n}"].role for n in range(8)} == {Role.VICTIM}
    assert members["boss"].role is Role.COLLECTOR
    assert 0 < members["p0"].role_certainty < members["boss"].role_certainty <= 0.95


def test_quality_counts_members_of_matched_rings_whose_role_is_known() -> None:
    book = Notebook()
    cycle(book, ["a", "b", "c"])
    ring = only_ring(book)
    known = {"t": {"a": Role.ORGANISER, "b": Role.MULE, "elsewhere": Role.MULE}, "other": {"c": Role.MULE}}
    found = role_quality([ring], [Match(ring.ring_id, "t", 1.0)], known)
    assert (found.known, found.right, found.accuracy) == (2, 1, 0.5)
    assert found.said[Role.MULE] == [(Role.PASS_THROUGH, 1)]
    assert role_quality([], [], {}).accuracy == 1.0
