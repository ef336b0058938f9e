"""Reading and writing single messages: the keys and the moment of these tests."""

from __future__ import annotations

from graph.events import Event
from graph.identity import IdentifierKeys
from graph.set_aside import SetAside
from ingest.wire.form import Arrived, Form, Reading

KEYS = IdentifierKeys.from_secret(b"a secret for tests only")
NOW_MS = 1_800_000_000_000
ARRIVED_MS = NOW_MS - 60_000


def arrived(form: Form, value: bytes, *, now_ms: int = NOW_MS) -> Arrived:
    """What a message says."""
    reading = Reading(KEYS, now_ms=now_ms, arrived_ms=ARRIVED_MS)
    return form.read(value, source="kafka:t/0", offset=7, reading=reading)


def event_of(form: Form, value: bytes) -> Event:
    """The event of a message that has one."""
    found = arrived(form, value).read
    assert isinstance(found, Event), found
    return found


def aside_of(form: Form, value: bytes) -> SetAside:
    """Why a message that has no event is set aside."""
    found = arrived(form, value).read
    assert isinstance(found, SetAside), found
    return found
