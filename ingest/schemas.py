"""JSON Schemas of every message, as committed in docs/schemas; `python -m ingest.schemas` writes them again.

They are made from the records that read and write the messages, so they cannot say something else; a test compares them
with the committed files, so that a message never changes in silence.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from graph.events import EVENT_TYPES
from ingest.topics import FORMS, TOPICS
from ingest.wire import outgoing
from ingest.wire.canonical import CANONICAL, GOVERNANCE

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "schemas"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
WRITTEN: dict[str, type[outgoing.Published]] = {
    "score": outgoing.ScoreOut,
    "alert": outgoing.ScoreOut,
    "ring-change": outgoing.RingOut,
    "dead-letter": outgoing.DeadLetterOut,
    "audit": outgoing.AuditOut,
}


def schemas() -> dict[str, dict[str, Any]]:
    """Return the schema of every message by its name."""
    made = {name: msgspec.json.schema(form.kind, schema_hook=_any) for name, form in FORMS.items()}
    made[CANONICAL.name] = _canonical()
    made |= {name: msgspec.json.schema(kind) for name, kind in WRITTEN.items()}
    versions = {topic.schema: topic.version for topic in TOPICS}
    topics = {name: [topic.name for topic in TOPICS if topic.schema == name] for name in made}
    return {
        name: {
            "$schema": DIALECT,
            "title": name,
            "description": f"version {versions[name]}; topics: {', '.join(topics[name])}",
            **_numbers({key: value for key, value in schema.items() if key != "title"}),
        }
        for name, schema in sorted(made.items())
    }


def _canonical() -> dict[str, Any]:
    """The envelope over every kind of event; people's changes never come on a topic."""
    kinds = {name: kind for name, kind in EVENT_TYPES.items() if name != GOVERNANCE}
    references, parts = msgspec.json.schema_components(kinds.values(), ref_template="#/$defs/{name}")
    envelopes = [
        {
            "type": "object",
            "properties": {
                "event": reference,
                "type": {"const": name},
                "schema_version": {"type": "integer", "default": 1},
            },
            "required": ["event", "type"],
        }
        for name, reference in zip(kinds, references, strict=True)
    ]
    return {"oneOf": envelopes, "$defs": parts}


def _any(_kind: type) -> dict[str, Any]:
    return {}


def _numbers(schema: Any) -> Any:
    """The schema with amounts as they are read: numbers, or decimal numbers as text."""
    if isinstance(schema, list):
        return [_numbers(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("format") == "decimal":
        return {"anyOf": [{"type": "number"}, {"type": "string", "format": "decimal"}]}
    return {key: _numbers(value) for key, value in schema.items()}


def text_of(schema: dict[str, Any]) -> str:
    """The text of a schema's file."""
    return json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def main() -> None:
    """Write every schema to docs/schemas."""
    FOLDER.mkdir(exist_ok=True)
    for name, schema in schemas().items():
        (FOLDER / f"{name}.json").write_text(text_of(schema), encoding="utf-8")


if __name__ == "__main__":
    main()
