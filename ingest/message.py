"""Events as messages: `{"event": <canonical JSON of graph.codec>, "type": <event type>}`, and their keys."""

from __future__ import annotations

import msgspec

from graph.codec import decode_event, encode_event
from graph.errors import CorruptLog
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
from graph.set_aside import RAW_LIMIT, SetAside


def key_of(event: Event) -> bytes:
    """Return the message key: the account the event is about, or the entity where there is no account."""
    match event:
        case Movement():
            key = event.source
        case Access() | AuthenticationAttempt() | IdentifierHeld():
            key = event.account
        case DomainObservation():
            key = event.domain
        case OperatorFact():
            key = event.operator
        case IndicatorListed():
            key = event.entity_id
        case LabelGiven():
            key = event.subject_id
        case _:
            key = event.event_id
    return key.encode()


def to_message(event: Event) -> bytes:
    """Return the event as the bytes of a message."""
    name, data = encode_event(event)
    return b'{"event":' + data + b',"type":"' + name.encode() + b'"}'


class _Envelope(msgspec.Struct):
    event: msgspec.Raw
    type: str


GOVERNANCE = EVENT_NAMES[GovernanceChanged]
_ENVELOPE = msgspec.json.Decoder(_Envelope)


def from_message(value: bytes, *, source: str, offset: int) -> Event | SetAside:
    """Return the event of a message, or why it is set aside: `bad_message` (no envelope) or `bad_event`."""
    try:
        envelope = _ENVELOPE.decode(value)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        return _aside("bad_message", f'{error}; send {{"event": ..., "type": ...}}', value, source, offset)
    if envelope.type == GOVERNANCE:
        return _aside("bad_event", "people change rules and lists by API or command line", value, source, offset)
    try:
        return decode_event(envelope.type, bytes(envelope.event))
    except CorruptLog as error:
        return _aside("bad_event", error.problem, value, source, offset)


def _aside(reason: str, message: str, value: bytes, source: str, offset: int) -> SetAside:
    raw = value.decode("utf-8", errors="replace")
    return SetAside(source, offset, reason, message, raw[:RAW_LIMIT], raw_length=len(raw))
