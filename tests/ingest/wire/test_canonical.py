"""Events survive the trip through a message; what is not an event is set aside with a reason."""

from __future__ import annotations

import json

import pytest

from graph.codec import encode_event
from graph.errors import RejectedRecord
from graph.events import (
    Access,
    AuthenticationAttempt,
    DomainObservation,
    Event,
    GovernanceChanged,
    IdentifierHeld,
    IdentifierKind,
    IdentifierRef,
    IndicatorListed,
    LabelGiven,
    ListKind,
    Movement,
    NodeKind,
    OperatorFact,
    OperatorFactKind,
)
from graph.set_aside import RAW_LIMIT
from ingest.wire.canonical import CANONICAL, key_of
from tests.ingest.wire.reading import KEYS, NOW_MS, aside_of, event_of

PHONE = IdentifierRef(kind=IdentifierKind.PHONE, id="p:1")
TS = 1_700_000_000_000
EVENTS: list[tuple[Event, bytes]] = [
    (Movement(event_id="tx:1", ts=TS, source="ana", target="bia", amount_cents=1, channel="pix"), b"ana"),
    (Access(event_id="a:1", ts=TS, account="ana", device="d"), b"ana"),
    (AuthenticationAttempt(event_id="au:1", ts=TS, account="bia", succeeded=False), b"bia"),
    (
        IdentifierHeld(
            event_id="h:1", ts=TS, account="c", identifier=IdentifierRef(kind=IdentifierKind.PHONE, id="p:1")
        ),
        b"c",
    ),
    (DomainObservation(event_id="d:1", ts=TS, domain="aposta.bet", ip="10.0.0.1"), b"aposta.bet"),
    (OperatorFact(event_id="o:1", ts=TS, operator="op", fact=OperatorFactKind.LICENCE, licensed=True), b"op"),
    (
        IndicatorListed(
            event_id="i:1",
            ts=TS,
            list_name="l",
            list_kind=ListKind.BLOCK,
            entity_kind=NodeKind.DOMAIN,
            entity_id="ação.bet",
        ),
        "ação.bet".encode(),
    ),
    (LabelGiven(event_id="l:1", ts=TS, subject="tx", subject_id="1", label=1), b"1"),
]


@pytest.mark.parametrize(("event", "key"), EVENTS, ids=lambda value: type(value).__name__)
def test_every_kind_of_event_comes_back_equal_and_is_keyed_by_who_it_is_about(event: Event, key: bytes) -> None:
    written = CANONICAL.write(event, keys=KEYS)
    assert event_of(CANONICAL, written.value) == event
    assert json.loads(written.value)["event"]["event_id"] == event.event_id
    assert (written.key, key_of(event).encode(), written.lost) == (key, key, ())


MOVEMENT = CANONICAL.write(EVENTS[0][0], keys=KEYS).value


@pytest.mark.parametrize(
    ("value", "reason", "words"),
    [
        (b"", "bad_message", "send one JSON object"),
        (b"not json", "bad_message", "send one JSON object"),
        (b"\xff\xfe", "bad_message", "send one JSON object"),
        (b'{"type": "movement"}', "missing_field", "event"),
        (b'{"event": {}, "type": "rumour"}', "bad_event", "rumour"),
        (b'{"event": {}, "type": "movement"}', "bad_event", "event_id"),
        (MOVEMENT.replace(b'"amount_cents":1', b'"amount_cents":-1'), "bad_event", "out of range"),
        (MOVEMENT.replace(b'"amount_cents":1', b'"amount_cents":1.5'), "bad_event", "int"),
        (MOVEMENT.replace(b'"ts":1700000000000', b'"ts":%d' % (NOW_MS + 90_000_000)), "time_in_future", "has passed"),
        (MOVEMENT.replace(b'"ts":1700000000000', b'"ts":0'), "bad_event", "2000"),
    ],
)
def test_what_is_not_an_event_is_set_aside_with_what_to_change(value: bytes, reason: str, words: str) -> None:
    aside = aside_of(CANONICAL, value)
    assert (aside.source, aside.line, aside.reason) == ("kafka:t/0", 7, reason)
    assert words in aside.message


def test_a_huge_message_is_kept_only_in_part_with_its_full_length() -> None:
    aside = aside_of(CANONICAL, b"x" * 100_000)
    assert (len(aside.raw), aside.raw_length) == (RAW_LIMIT, 100_000)


def test_nobody_changes_what_is_in_force_by_a_message() -> None:
    change = GovernanceChanged(event_id="gov:1", ts=TS, part="rules", content="{}", author="somebody")
    with pytest.raises(RejectedRecord, match="people change rules and lists by API"):
        CANONICAL.write(change, keys=KEYS)
    name, data = encode_event(change)
    aside = aside_of(CANONICAL, b'{"event":' + data + b',"type":"' + name.encode() + b'"}')
    assert (aside.reason, aside.line) == ("bad_event", 7)
