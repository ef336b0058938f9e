"""Reading what people declare as TOML or JSON: records of a known shape, errors that name the place and the slip."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable
from hashlib import blake2b
from typing import TypeVar

import msgspec

from graph.errors import ConfigurationError

T = TypeVar("T", bound=msgspec.Struct)

_ENCODER = msgspec.json.Encoder(order="sorted")
_UNKNOWN = re.compile(r"unknown field `([^`]*)`")


def read_declared(text: str, kind: type[T], *, fields: Iterable[str]) -> T:
    """Return the record that `text` (JSON where it begins with a brace, else TOML) declares.

    `fields` are all names of fields in it. Raises `ConfigurationError` with the place, and for an unknown field with
    the nearest known one.
    """
    try:
        given = msgspec.json.decode(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except (msgspec.DecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"this is neither JSON nor TOML: {error}", cure="correct it there") from error
    try:
        return msgspec.convert(given, kind)
    except msgspec.ValidationError as error:
        unknown = _UNKNOWN.search(str(error))
        cure = nearest(unknown[1], fields) if unknown else "change it there"
        raise ConfigurationError(str(error), cure=cure) from error


def canonical_text(record: msgspec.Struct) -> str:
    """Return the record as JSON with sorted keys: equal records give equal text."""
    return _ENCODER.encode(record).decode()


def name_of_text(text: str) -> str:
    """Return a short name of a text: equal for equal texts."""
    return blake2b(text.encode(), digest_size=4).hexdigest()


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the question whether the known name nearest to `name` was meant."""
    found = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.0)
    return f"did you mean {found[0]}?" if found else "there is none that could be named"
