"""What one kind of message looks like, and how its bytes become an event or a reason why not.

A form is a versioned record. Fields that it does not know are counted, never an error: senders grow. A field of another
type, a missing one or a broken body sets the message aside with what to change, and the next message is read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import msgspec

from graph.errors import RejectedRecord
from graph.events import Event
from graph.identity import IdentifierKeys
from graph.set_aside import RAW_LIMIT, SetAside
from ingest.validate import without_personal_data

MAX_MESSAGE_BYTES = 1_048_576
MAX_UNKNOWN = 32  # names of unknown fields looked at in one message
MAX_NAME = 64

_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ENCODER = msgspec.json.Encoder(decimal_format="number", order="deterministic")


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """Base of every message: `schema_version` says which version of its form it is written in, 1 when absent."""

    schema_version: int = 1


@dataclass(frozen=True, slots=True)
class Reading:
    """What a form needs besides the message: keys for what is personal, the time after which something lies in the
    future, and when the message was put on its topic (both UTC epoch ms)."""

    keys: IdentifierKeys
    now_ms: int
    arrived_ms: int


@dataclass(frozen=True, slots=True)
class Arrived:
    """What a message said (`read`), and the names of fields that its form does not know."""

    read: Event | SetAside
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """A message, its key, and what of the event it cannot say."""

    key: bytes
    value: bytes
    lost: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """One kind of message. `to_event` raises `RejectedRecord` for what cannot be one; `to_message` raises it for an
    event that the form has no words for, and is None where events cannot be told back at all."""

    name: str
    version: int
    kind: type[Message]
    meaning: str
    key: Callable[[Any], str]
    to_event: Callable[[Any, Reading], Event]
    to_message: Callable[[Event], Message] | None = None

    def read(self, value: bytes, *, source: str, offset: int, reading: Reading) -> Arrived:
        """Return the event of a message or why it is set aside; never raises for anything that bytes can be."""
        try:
            message = self._decoded(value)
            event = self.to_event(message, reading)
        except RejectedRecord as error:
            return Arrived(set_aside(error.code, str(error), value, source=source, offset=offset))
        return Arrived(event, self._unknown(value))

    def write(self, event: Event, *, keys: IdentifierKeys) -> Written:
        """Return the event as a message; `lost` names fields that come back otherwise than they went out."""
        if self.to_message is None:
            raise RejectedRecord(
                "not_writable", field="form", value=self.name, cure="its personal fields cannot be made from hashes"
            )
        message = self.to_message(event)
        value = _ENCODER.encode(message)
        back = self.to_event(self._decoded(value), Reading(keys, now_ms=event.ts, arrived_ms=event.ts))
        lost = tuple(one.name for one in fields(event) if getattr(event, one.name) != getattr(back, one.name, None))
        return Written(self.key(message).encode(), value, lost if type(back) is type(event) else ("type",))

    def _decoded(self, value: bytes) -> Message:
        if len(value) > MAX_MESSAGE_BYTES:
            raise RejectedRecord(
                "message_too_large",
                field="message",
                value=f"{len(value)} bytes",
                cure=f"send at most {MAX_MESSAGE_BYTES} bytes",
            )
        try:
            message = msgspec.json.decode(value, type=self.kind)
        except msgspec.ValidationError as error:
            missing = "missing required" in str(error)
            raise RejectedRecord(
                "missing_field" if missing else "type_clash",
                cure=f"{error}; send {self.name} version {self.version} (docs/schemas/{self.name}.json)",
            ) from error
        except (msgspec.DecodeError, UnicodeError) as error:
            raise RejectedRecord("bad_message", cure=f"{error}; send one JSON object in UTF-8") from error
        except RecursionError as error:
            raise RejectedRecord("too_deep", cure="send a flat JSON object") from error
        if not 1 <= message.schema_version <= self.version:
            raise RejectedRecord(
                "unknown_version",
                field="schema_version",
                value=message.schema_version,
                cure=f"send {self.name} in version 1 to {self.version}",
            )
        return message

    def _unknown(self, value: bytes) -> tuple[str, ...]:
        known = self.kind.__struct_encode_fields__
        try:
            given = _FIELDS.decode(value)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            return ()
        if len(given) <= len(known) and all(name in known for name in given):
            return ()
        strange = [name for name in given if name not in known]
        return tuple(name[:MAX_NAME] for name in strange[:MAX_UNKNOWN] if name.isprintable())


def set_aside(reason: str, message: str, value: bytes, *, source: str, offset: int) -> SetAside:
    """A message that could not be taken, with its text free of personal data; only its beginning is looked at."""
    beginning = value[: 4 * RAW_LIMIT].decode("utf-8", errors="replace")
    whole = len(value) <= 4 * RAW_LIMIT
    raw = without_personal_data(beginning)[:RAW_LIMIT]
    return SetAside(
        source, offset, reason, without_personal_data(message), raw, raw_length=len(beginning) if whole else len(value)
    )
