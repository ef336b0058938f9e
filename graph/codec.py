"""Events as canonical bytes and back; equal events give equal bytes on every machine."""

from __future__ import annotations

from hashlib import blake2b

import msgspec

from graph.errors import CorruptLog, RejectedRecord
from graph.events import EVENT_NAMES, EVENT_TYPES, Event

_ENCODER = msgspec.json.Encoder(order="sorted")
_DECODERS = {name: msgspec.json.Decoder(cls) for name, cls in EVENT_TYPES.items()}


def encode_event(event: Event) -> tuple[str, bytes]:
    """Return the event's type name and its canonical JSON."""
    return EVENT_NAMES[type(event)], _ENCODER.encode(event)


def decode_event(name: str, data: bytes) -> Event:
    """Return the event of `encode_event`; raise `CorruptLog` when the bytes are not one."""
    try:
        event: Event = _DECODERS[name].decode(data)
    except (KeyError, msgspec.MsgspecError, RejectedRecord) as error:
        raise CorruptLog(f"not a {name} event: {error}", cure="restore the log from its last good copy") from error
    return event


def content_hash(name: str, data: bytes) -> bytes:
    """16-byte BLAKE2b of an encoded event; two events are the same iff this is."""
    return blake2b(name.encode() + b"\0" + data, digest_size=16).digest()
