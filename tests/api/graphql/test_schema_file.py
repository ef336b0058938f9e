"""The committed schema is the one that is served."""

from __future__ import annotations

from pathlib import Path

from api.graphql.schema import schema_text

ROOT = Path(__file__).resolve().parents[3]


def test_the_committed_schema_is_the_one_served() -> None:
    committed = (ROOT / "schema.graphql").read_text(encoding="utf-8")
    assert committed == schema_text(), "write it again: python -m api.graphql.schema > schema.graphql"


def test_every_type_says_what_it_is() -> None:
    lines = schema_text().splitlines()
    plain = ("type Query", "type Mutation", "scalar ", "type PageInfo")
    for place, line in enumerate(lines):
        if line.startswith(("type ", "input ", "enum ")) and not line.startswith(plain):
            assert lines[place - 1].endswith('"""'), line
