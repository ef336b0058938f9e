"""Find every statement of a record, wherever it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from reports.record import Statement


def statements(value: object) -> Iterator[Statement]:
    if isinstance(value, Statement):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from statements(getattr(value, field.name))
    elif isinstance(value, tuple):
        for inner in value:
            yield from statements(inner)
