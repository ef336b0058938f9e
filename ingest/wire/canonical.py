"""Our own events on a topic: every kind of event but what people govern, keyed by the account it is about."""

from __future__ import annotations

import msgspec

from graph.codec import decode_event, encode_event
from graph.errors import CorruptLog, RejectedRecord
from graph.events import (
    EVENT_NAMES,
    Access,
    AuthenticationAttempt,
    DomainObservation,
    Event,
    GovernanceChanged,
    IdentifierHeld,
    IndicatorListed,
    LabelGiven,
    Movement,
    OperatorFact,
)
from ingest.validate import checked_time
from ingest.wire.form import Form, Message, Reading

GOVERNANCE = EVENT_NAMES[GovernanceChanged]


class Envelope(Message, frozen=True, kw_only=True):
    """`event` is the canonical JSON of one event, `type` which kind of event it is."""

    event: msgspec.Raw
    type: str


def key_of(event: Event) -> str:
    """Return the message key: the account the event is about, or the entity where there is no account."""
    match event:
        case Movement():
            return event.source
        case Access() | AuthenticationAttempt() | IdentifierHeld():
            return event.account
        case DomainObservation():
            return event.domain
        case OperatorFact():
            return event.operator
        case IndicatorListed():
            return event.entity_id
        case LabelGiven():
            return event.subject_id
        case _:
            return event.event_id


def _event(envelope: Envelope, reading: Reading) -> Event:
    if envelope.type == GOVERNANCE:
        raise RejectedRecord(
            "bad_event", field="type", value=GOVERNANCE, cure="people change rules and lists by API or command line"
        )
    try:
        event = decode_event(envelope.type, bytes(envelope.event))
    except CorruptLog as error:
        raise RejectedRecord("bad_event", cure=error.problem) from error
    except RecursionError as error:
        raise RejectedRecord("too_deep", cure="send the event as a flat JSON object") from error
    checked_time(event.ts, given=event.ts, now_ms=reading.now_ms)
    return event


def _message(event: Event) -> Envelope:
    name, data = encode_event(event)
    return Envelope(event=msgspec.Raw(data), type=name)


def _key(envelope: Envelope) -> str:
    return key_of(decode_event(envelope.type, bytes(envelope.event)))


CANONICAL = Form(
    name="event",
    version=1,
    kind=Envelope,
    meaning="one event of ours: movement, access, authentication, identifier, domain, operator fact, listing, label",
    key=_key,
    to_event=_event,
    to_message=_message,
)
