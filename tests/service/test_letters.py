"""Dead letters by command, REST and GraphQL: read, mended, sent again, and who did it stays with the event."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import ApiSettings
from graph.errors import ConfigurationError
from graph.events import GovernanceChanged, Movement
from graph.set_aside import SetAside
from ingest.topics import read_topics
from ingest.wire.form import Reading
from scoring.microbatch import LiveScorer
from service.answers import LedgerAnswers
from service.bootstrap import Service, now_ms, open_service
from service.letter_desk import LetterDesk
from service.settings import load_settings
from service.web import app_context
from tests.ingest.wire import worlds
from tests.service.command import Tarrafa

BETS = "kafka:bets-transactions/1"
SITES = "kafka:site-blocking-events/0"


def _refused(service: Service, topic: str, source: str, offset: int, message: Any) -> SetAside:
    (declared,) = read_topics(topic)
    assert declared.form is not None
    value = message if isinstance(message, bytes) else json.dumps(message).encode()
    reading = Reading(service.keys, now_ms=now_ms(), arrived_ms=now_ms())
    found = declared.form.read(value, source=source, offset=offset, reading=reading).read
    assert isinstance(found, SetAside)
    return found


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with six letters: a wrong amount, a text for a number, no JSON, personal data, a site, a row of a file."""
    monkeypatch.setenv("TARRAFA_IDENTITY_SECRET", "a secret for tests only")
    place = tmp_path / "home"
    with open_service(load_settings(home=place), work=True) as service:
        bet = {name: value for name, value in worlds.BET.items() if name != "payment_key"}
        letters = [
            _refused(service, "bets-transactions", BETS, 10, bet | {"amount_brl": "12,50"}),
            _refused(service, "bets-transactions", BETS, 11, bet | {"transaction_id": "b-2", "amount_brl": None}),
            _refused(service, "bets-transactions", BETS, 12, b"not json at all"),
            _refused(
                service, "bets-transactions", BETS, 13, bet | {"amount_brl": -1, "payment_key": "ana@example.com"}
            ),
            _refused(service, "site-blocking-events", SITES, 1, {"domain": "bet.br"}),
            SetAside("file.csv", 3, "bad_time", "give a time", "x,y", 3),
        ]
        service.ledger.set_aside(letters)
    return place


@pytest.fixture
def service(home: Path) -> Iterator[Service]:
    with open_service(load_settings(home=home), work=True) as opened:
        yield opened


@pytest.fixture
def client(service: Service) -> Iterator[TestClient]:
    scorer, answers = (
        LiveScorer(service.running, most_together=256, most_waiting=100),
        LedgerAnswers(service.ledger, clock=now_ms),
    )
    with scorer, answers:
        yield TestClient(
            create_app(app_context(service, scorer=scorer, answers=answers), ApiSettings()), base_url="http://127.0.0.1"
        )


def _id(service: Service, source: str, line: int) -> int:
    page = service.ledger.letters.letters(source=source, waiting=False, limit=50)
    return next(letter.letter_id for letter in page.items if letter.line == line)


def test_a_mended_message_becomes_its_event_and_carries_who_changed_what(service: Service) -> None:
    letter = _id(service, BETS, 10)
    (done,) = LetterDesk(service).redrive([letter], changes={"amount_brl": "12.50"}, author="ana", reason="comma")
    assert (done.event_id, done.problem) == ("tx:b-1", "")
    entry = service.log.event("tx:b-1")
    assert entry is not None
    assert isinstance(entry.event, Movement)
    assert entry.event.amount_cents == 1_250
    marks = {"redriven_by": "ana", "redriven_from": f"{BETS}@10", "redriven_changed": "amount_brl"}
    assert marks.items() <= dict(entry.event.attributes).items()
    kept = service.ledger.letters.letter(letter)
    assert kept is not None
    assert kept.redrive is not None
    assert (kept.redrive.author, kept.redrive.reason) == ("ana", "comma")
    assert json.loads(kept.redrive.changes) == {"amount_brl": "12.50"}
    service.running.flush(settle=False)
    assert service.ledger.score("b-1") is not None


def test_a_letter_is_sent_once(service: Service) -> None:
    letter, desk = _id(service, BETS, 10), LetterDesk(service)
    assert desk.redrive([letter], changes={"amount_brl": 1}, author="ana")[0].problem == ""
    head = service.log.head()
    (again,) = desk.redrive([letter], changes={"amount_brl": 2}, author="bia")
    assert again.event_id is None
    assert "see event tx:b-1" in again.problem
    assert service.log.head() == head


def test_what_is_still_wrong_stays_and_says_what_to_change(service: Service) -> None:
    desk = LetterDesk(service)
    broken, personal, row = _id(service, BETS, 12), _id(service, BETS, 13), _id(service, "file.csv", 3)
    outcomes = desk.redrive([broken, personal, row, 10**9], changes={"amount_brl": 3}, author="ana")
    words = ["give the whole message anew", "give the whole message", "mend the file", "list the dead letters"]
    for outcome, expected in zip(outcomes, words, strict=True):
        assert outcome.event_id is None
        assert expected in outcome.problem
    (still,) = desk.redrive([_id(service, BETS, 11)], changes={}, author="ana")
    assert "amount_brl" in still.problem
    assert len(desk.letters(limit=50).items) == 6


def test_a_message_given_anew_as_a_whole_takes_the_place_of_a_broken_one(service: Service) -> None:
    broken = _id(service, BETS, 12)
    text = json.dumps(worlds.BET | {"transaction_id": "b-9"})
    (done,) = LetterDesk(service).redrive([broken], changes={}, message=text, author="ana")
    assert done.event_id == "tx:b-9"
    kept = service.ledger.letters.letter(broken)
    assert kept is not None
    assert kept.redrive is not None
    assert worlds.BET["payment_key"] not in kept.redrive.changes, "personal data is not kept"


def test_an_event_that_is_known_with_other_content_is_a_conflict_and_the_first_stands(service: Service) -> None:
    known = Movement(event_id="tx:b-1", ts=1_743_508_800_000, source="a", target="b", amount_cents=1)
    service.running.submit([known])
    (done,) = LetterDesk(service).redrive([_id(service, BETS, 10)], changes={"amount_brl": 1}, author="ana")
    assert "the first stands" in done.problem
    entry = service.log.event("tx:b-1")
    assert entry is not None
    assert entry.event == known
    assert len(list(service.log.conflicts())) == 1


def test_a_site_that_was_refused_is_blocked_when_mended(service: Service) -> None:
    (done,) = LetterDesk(service).redrive([_id(service, SITES, 1)], changes={"domain": "golpe.bet.br"}, author="ana")
    entry = service.log.event(str(done.event_id))
    assert entry is not None
    assert isinstance(entry.event, GovernanceChanged)
    assert "golpe.bet.br" in entry.event.content


@pytest.mark.parametrize("author", ["", "x" * 101, "a\nb"])
def test_nobody_sends_letters_without_a_name(service: Service, author: str) -> None:
    with pytest.raises(ConfigurationError, match="nobody is named"):
        LetterDesk(service).redrive([1], changes={}, author=author)


def test_over_http_letters_are_read_filtered_and_sent(client: TestClient, service: Service) -> None:
    listed = client.get("/api/v1/dead-letters", params={"source": "kafka:bets", "limit": 2}).json()
    assert [item["line"] for item in listed["items"]] == [10, 11]
    more = client.get("/api/v1/dead-letters", params={"source": "kafka:bets", "after": listed["next"]}).json()
    assert [item["line"] for item in more["items"]] == [12, 13]
    one = listed["items"][0]["letter_id"]
    assert client.get(f"/api/v1/dead-letters/{one}").json()["reason"] == "type_clash"
    assert client.get("/api/v1/dead-letters/999999").status_code == 404
    refused = client.post("/api/v1/dead-letters/redrive", json={"author": "ana"})
    assert (refused.status_code, "give ids, a reason or a source" in refused.text) == (422, True)
    body = {"source": BETS, "changes": {"amount_brl": 7.5}, "author": "ana", "why": "re-sent as agreed"}
    sent = client.post("/api/v1/dead-letters/redrive", json=body).json()
    assert (len(sent["items"]), sent["refused"]) == (4, 2)
    assert {item["event_id"] for item in sent["items"]} == {"tx:b-1", "tx:b-2", None}
    left = client.get("/api/v1/dead-letters", params={"source": BETS}).json()["items"]
    assert [item["line"] for item in left] == [12, 13]
    service.ledger.letters.note_drift(BETS, {"loyalty": 2}, topic="bets-transactions", offset=9)
    assert client.get("/api/v1/dead-letters/fields").json()["items"][0]["field"] == "loyalty"


def test_over_graphql_letters_are_read_and_sent(client: TestClient) -> None:
    def ask(query: str, **variables: Any) -> Any:
        return client.post("/graphql", json={"query": query, "variables": variables}).json()

    listed = ask('{ deadLetters(reason: "type_clash") { nodes { id reason message redrive { author } } } }')
    nodes = listed["data"]["deadLetters"]["nodes"]
    assert [node["redrive"] for node in nodes] == [None, None]
    send = """mutation($ids: [ID!], $changes: JSON) {
        redriveDeadLetters(author: "ana", ids: $ids, changes: $changes) { id eventId problem } }"""
    done = ask(send, ids=[nodes[0]["id"]], changes={"amount_brl": 1})["data"]["redriveDeadLetters"]
    assert done == [{"id": nodes[0]["id"], "eventId": "tx:b-1", "problem": ""}]
    one = ask("query($id: ID!) { deadLetter(id: $id) { redrive { author changes eventId } } }", id=nodes[0]["id"])
    assert one["data"]["deadLetter"]["redrive"] == {"author": "ana", "changes": {"amount_brl": 1}, "eventId": "tx:b-1"}
    assert ask('{ deadLetter(id: "x") { id } }')["errors"][0]["message"]
    assert ask("{ unknownFields { field } }")["data"]["unknownFields"] == []


def test_by_command_letters_are_listed_shown_and_sent(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tarrafa = Tarrafa(monkeypatch, capsys)
    assert "kafka:bets-transactions/1@10" in tarrafa("dead-letters", "list", "--home", home).well().out
    assert "12,50" in tarrafa("dead-letters", "show", 1, "--home", home).well().out
    assert tarrafa("dead-letters", "show", 99, "--home", home).status == 1
    assert "give ids, or a filter" in tarrafa("dead-letters", "redrive", "--home", home).err
    sent = tarrafa("dead-letters", "redrive", 1, "--set", "amount_brl=12.50", "--author", "ana", "--home", home).well()
    assert "tx:b-1" in sent.out
    by_filter = tarrafa("dead-letters", "redrive", "--source", BETS, "--set", "amount_brl=3", "--home", home)
    assert (by_filter.status, "tx:b-2" in by_filter.out, "stays" in by_filter.out) == (1, True, True)
    assert "sent again by ana" in tarrafa("dead-letters", "list", "--all", "--home", home).well().out
    assert "NAME=JSON" in tarrafa("dead-letters", "redrive", 1, "--set", "amount", "--home", home).err
    assert "last seen from" in tarrafa("dead-letters", "fields", "--home", home).well().out
