"""Rings with a life, from the command line and over HTTP: history, decisions, and the same after a rebuild."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from graph.errors import RejectedRecord
from graph.evidence import Ring, Standing
from graph.lineage import Change
from graph.verdicts import GIVEN_BY
from service.bootstrap import Service, open_service
from service.ring_desk import RingDesk
from service.run import all_rings
from service.settings import load_settings
from tests.service.command import Tarrafa, serving
from tests.service.conftest import PlayedHome


def every_version(service: Service) -> dict[str, list[Any]]:
    return {ring.ring_id: service.ledger.ring_versions(ring.ring_id) for ring in all_rings(service)}


def some_rings(home: Path) -> list[Ring]:
    with open_service(load_settings(home=home), work=False) as service:
        return sorted(all_rings(service), key=lambda ring: (-len(ring.members), ring.ring_id))


def test_history_decisions_and_the_rings_they_shape_are_the_same_after_a_rebuild(played_home: PlayedHome) -> None:
    settings = load_settings(home=played_home.home)
    with open_service(settings, work=True) as service:
        desk = RingDesk(service)
        rings = sorted(all_rings(service), key=lambda ring: (-len(ring.members), ring.ring_id))
        confirmed, one, two = rings[:3]
        assert desk.confirm(confirmed.ring_id, by="ana", reason="seen").standing.state is Standing.CONFIRMED
        leave = confirmed.members[0].account
        desk.remove_members(confirmed.ring_id, [leave], by="ana", reason="a shop")
        merged = desk.merge(one.ring_id, two.ring_id, by="bia", reason="one gang")
        assert {m.account for m in merged.members} >= {m.account for r in (one, two) for m in r.members}
        assert service.ledger.ring(two.ring_id) == service.ledger.ring(one.ring_id)
        history, state = every_version(service), service.state_hash()
        verdicts = service.ledger.ring_verdicts().items
        ties = service.ledger.ring_ties(sorted(history))
        assert any(version.changes[-1] is Change.JUDGED for version in history[confirmed.ring_id])
        assert any(tie.source in (one.ring_id, two.ring_id) for tie in ties)
    with open_service(settings, work=True, rebuild=True) as service:
        assert service.state_hash() == state
        assert every_version(service) == history
        assert service.ledger.ring_verdicts().items == verdicts
        assert service.ledger.ring_ties(sorted(history)) == ties


def test_confirming_and_dismissing_label_the_members_and_undoing_takes_the_labels_back(
    played_home: PlayedHome,
) -> None:
    with open_service(load_settings(home=played_home.home), work=True) as service:
        desk = RingDesk(service)
        one, two = some_two(service)

        def labels(ring: Ring) -> set[tuple[str, int]]:
            return {
                (label.subject_id, label.label)
                for label in service.ledger.labels("account")
                if label.ring == ring.ring_id and label.given_by.startswith(GIVEN_BY)
            }

        marked = {member.account for member in one.members if member.role != "victim"}
        said = desk.confirm(one.ring_id, by="ana", reason="seen").standing
        assert labels(one) == {(account, 1) for account in marked}
        desk.undo(said.event_id, by="bia", reason="a mistake")
        assert labels(one) == set()
        proposed = desk.dismiss(two.ring_id, by="ana", reason="a family")
        assert (proposed.standing.state, labels(two)) == (Standing.PROPOSED, set())
        with pytest.raises(RejectedRecord, match="another person"):
            desk.approve(two.ring_id, by=" ana ")
        gone = desk.approve(two.ring_id, by="bia")
        assert (gone.standing.state, gone.standing.approver) == (Standing.DISMISSED, "bia")
        assert labels(two) == {(member.account, 0) for member in two.members if member.role != "victim"}
        desk.undo(gone.standing.event_id, by="carla", reason="they were not")
        assert labels(two) == set()


def some_two(service: Service) -> tuple[Ring, Ring]:
    rings = list(all_rings(service))
    return rings[0], rings[1]


def test_what_cannot_be_decided_is_refused_in_words_and_changes_nothing(played_home: PlayedHome) -> None:
    with open_service(load_settings(home=played_home.home), work=True) as service:
        desk = RingDesk(service)
        one, _ = some_two(service)
        before, head = service.state_hash(), service.log.head()
        everyone = [member.account for member in one.members]
        refused_calls: list[Callable[[], object]] = [
            lambda: desk.confirm("R-unknown", by="ana", reason=""),
            lambda: desk.confirm(one.ring_id, by="  ", reason=""),
            lambda: desk.confirm(one.ring_id, by="ana", reason="two\nlines"),
            lambda: desk.dismiss(one.ring_id, by="ana", reason=" "),
            lambda: desk.approve(one.ring_id, by="ana"),
            lambda: desk.merge(one.ring_id, one.ring_id, by="ana", reason=""),
            lambda: desk.split(one.ring_id, everyone, by="ana", reason=""),
            lambda: desk.split(one.ring_id, [], by="ana", reason=""),
            lambda: desk.remove_members(one.ring_id, ["nobody"], by="ana", reason=""),
            lambda: desk.undo("governance:unknown", by="ana", reason=""),
        ]
        for wrong in refused_calls:
            with pytest.raises(RejectedRecord) as refused:
                wrong()
            assert refused.value.cure
        assert (service.state_hash(), service.log.head()) == (before, head)


def test_a_ring_can_be_followed_and_judged_from_the_command_line(tarrafa: Tarrafa, played_home: PlayedHome) -> None:
    at = ("--home", played_home.home)
    ring = some_rings(played_home.home)[0]
    shown = tarrafa("rings", "show", ring.ring_id, *at).well().out
    assert ring.members[0].account in shown
    history = tarrafa("rings", "history", ring.ring_id, *at).well().out
    assert "born" in history
    as_record = json.loads(tarrafa("rings", "show", ring.ring_id, "--position", "99999999", "--json", *at).well().out)
    assert as_record["ring_id"] == ring.ring_id
    early = tarrafa("rings", "show", ring.ring_id, "--at", "2000-01-02", *at)
    assert (early.status, "no ring is known" in early.err) == (2, True)
    said = tarrafa("rings", "dismiss", ring.ring_id, "--by", "ana", "--reason", "a family", *at).well().out
    assert "proposed by ana" in said
    own = tarrafa("rings", "approve", ring.ring_id, "--by", "ana", *at)
    assert (own.status, "another person" in own.err) == (2, True)
    assert "dismissed by ana and bia" in tarrafa("rings", "approve", ring.ring_id, "--by", "bia", *at).well().out
    assert ring.ring_id not in tarrafa("rings", "list", "--limit", 1000, *at).well().out
    assert ring.ring_id in tarrafa("rings", "list", "--standing", "dismissed", *at).well().out
    verdicts = tarrafa("rings", "verdicts", ring.ring_id, *at).well().out
    assert "a family" in verdicts
    with open_service(load_settings(home=played_home.home), work=False) as service:
        standing = service.ledger.ring(ring.ring_id).standing  # type: ignore[union-attr]
    assert "open" in tarrafa("rings", "undo", standing.event_id, "--by", "bia", *at).well().out
    difference = tarrafa("rings", "diff", ring.ring_id, "--from", "2000-01-02", *at).well().out
    assert "members joined" in difference
    assert "its members are now in" in tarrafa("rings", "lineage", ring.ring_id, *at).well().out


def test_rings_are_judged_over_rest_and_graphql(played_home: PlayedHome) -> None:
    one, two = some_rings(played_home.home)[:2]
    with serving(played_home.home) as (_, address), httpx.Client(base_url=address, timeout=60) as client:
        answer = client.post(f"/api/v1/rings/{one.ring_id}/confirm", json={"by": "ana", "reason": "seen"})
        assert (answer.status_code, answer.json()["standing"]["state"]) == (200, "confirmed")
        wrong = client.post(f"/api/v1/rings/{one.ring_id}/merge", json={"by": "ana"})
        assert (wrong.status_code, wrong.json()["error"]["code"]) == (422, "no_other_ring")
        query = """mutation ($id: ID!, $who: [ID!]!) { removeRingMembers(id: $id, accounts: $who, by: "bia") {
            size standing { verdicts } } }"""
        leave = two.members[-1].account
        data = client.post("/graphql", json={"query": query, "variables": {"id": two.ring_id, "who": [leave]}}).json()
        assert "errors" not in data, data
        left = data["data"]["removeRingMembers"]
        assert left is None or left["size"] < len(two.members)
        query = """query ($id: ID!) {
            ring(id: $id) { standing { state author } }
            ringHistory(id: $id) { version changes because { text } accounts }
            ringAt(id: $id, position: 99999999) { version score }
            ringLineage(id: $id) { rings ties { kind } now { ringId accounts } truncated }
            ringVerdicts(ring: $id) { act author undoneBy }
            ringDiff(id: $id, from: "2001-01-01T00:00:00Z") { joined score }
        }"""
        data = client.post("/graphql", json={"query": query, "variables": {"id": one.ring_id}}).json()
        assert "errors" not in data, data
        found = data["data"]
        assert found["ring"]["standing"] == {"state": "CONFIRMED", "author": "ana"}
        assert found["ringHistory"][-1]["changes"][-1] == "JUDGED"
        assert found["ringVerdicts"] == [{"act": "CONFIRM", "author": "ana", "undoneBy": None}]
        assert set(found["ringDiff"]["joined"]) == {member.account for member in one.members}
        assert client.get(f"/api/v1/rings/{one.ring_id}/history").json()["items"][0]["changes"] == ["born"]
        assert client.get(f"/api/v1/rings/{one.ring_id}/at", params={"position": 1}).status_code == 404
        verdict = client.get("/api/v1/rings/verdicts", params={"ring": one.ring_id}).json()["items"][0]
        undone = client.post(f"/api/v1/rings/verdicts/{verdict['id']}/undo", json={"by": "bia"})
        assert undone.json()["standing"]["state"] == "open"
        page = client.get(f"/rings/{one.ring_id}")
        assert (page.status_code, 'id="versions"' in page.text) == (200, True)
