"""A dead letter mended: its text with a person's changes, read again by the form of its topic."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from graph.errors import RejectedRecord
from graph.events import Event, Movement
from graph.set_aside import SetAside
from ingest.validate import without_personal_data
from ingest.wire.form import Form, Reading

#: What stands in a kept text in place of personal data.
REMOVED = "[personal]"
_SOURCE = re.compile(r"kafka:(?P<topic>[^/]+)/(?P<partition>\d+)")


@dataclass(frozen=True, slots=True)
class Place:
    """The partition a message stands in."""

    topic: str
    partition: int


def place_of(source: str) -> Place | None:
    """Return the partition that a source names, or None for files."""
    found = _SOURCE.fullmatch(source)
    return None if found is None else Place(found["topic"], int(found["partition"]))


def is_whole(raw: str, raw_length: int) -> bool:
    """Whether a kept text is all that the message said: long ones are cut, personal data is taken out."""
    return len(raw) == raw_length and REMOVED not in raw and "�" not in raw


def mended(text: bytes, changes: Mapping[str, Any]) -> bytes:
    """Return the message with `changes` merged into it (RFC 7396: null takes a field out).

    Raises `RejectedRecord` where the text is no JSON object: it has to be given anew as a whole.
    """
    if not changes:
        return text
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RejectedRecord("not_editable", cure="it is no JSON: give the whole message anew") from error
    if not isinstance(message, dict):
        raise RejectedRecord("not_editable", cure="it is no JSON object: give the whole message anew")
    return json.dumps(_merged(message, changes), ensure_ascii=False).encode()


def _merged(message: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(message)
    for name, value in changes.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict):
            held = result.get(name)
            result[name] = _merged(held if isinstance(held, dict) else {}, value)
        else:
            result[name] = value
    return result


def read_again(
    text: bytes, form: Form, *, source: str, offset: int, reading: Reading, author: str, changed: str
) -> Event:
    """Return the event of a mended message; a movement carries who sent it again, from where, and what was changed.

    Raises `RejectedRecord` with what is still wrong.
    """
    found = form.read(text, source=source, offset=offset, reading=reading).read
    if isinstance(found, SetAside):
        raise RejectedRecord("still_refused", field="message", cure=found.message)
    if isinstance(found, Movement):
        marks = (("redriven_by", author), ("redriven_from", f"{source}@{offset}"), ("redriven_changed", changed))
        return replace(found, attributes=(*found.attributes, *marks))
    return found


def kept_changes(changes: Mapping[str, Any]) -> str:
    """Return the changes as they are kept: JSON without personal data."""
    return without_personal_data(json.dumps(changes, ensure_ascii=False, sort_keys=True))
