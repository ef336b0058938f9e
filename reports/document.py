"""The report as JSON: the record with the words of every sentence, and the JSON Schema it keeps to.

`python -m reports.document > reports/report.schema.json` writes the committed schema anew.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import msgspec

from reports.formats import Language
from reports.phrases import words
from reports.record import SCHEMA, ReportRecord

STATEMENT_FIELDS = {"code", "params", "evidence_ids", "total_events", "basis"}


def document(record: ReportRecord) -> dict[str, Any]:
    """The record as JSON values. Every statement gets its sentence as `text`, and its params become an object."""
    whole = _worded(msgspec.to_builtins(record), record.envelope.language)
    assert isinstance(whole, dict)
    return whole


def canonical(value: object) -> bytes:
    """JSON with sorted keys, real characters and a final line break; equal values give equal bytes."""
    return (json.dumps(value, sort_keys=True, ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode()


def json_schema() -> dict[str, Any]:
    """JSON Schema of `document`, made from the record's types: no field beyond those declared."""
    schema = msgspec.json.schema(ReportRecord)
    parts = schema["$defs"]
    for part in parts.values():
        if part.get("type") == "object":
            part["additionalProperties"] = False
            part["required"] = sorted(part["properties"])
    statement = parts["Statement"]
    statement["properties"]["text"] = {"type": "string", "minLength": 1}
    statement["properties"]["params"] = {"type": "object", "additionalProperties": {"type": ["string", "number"]}}
    statement["required"] = sorted([*STATEMENT_FIELDS, "text"])
    parts["Envelope"]["properties"]["schema"] = {"const": SCHEMA}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"urn:{SCHEMA}", **schema}


def _worded(value: object, language: Language) -> object:
    if isinstance(value, dict):
        if value.keys() == STATEMENT_FIELDS:
            params = dict(value["params"])
            return {**value, "params": params, "text": words(value["code"], params, language)}
        return {key: _worded(inner, language) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_worded(inner, language) for inner in value]
    return value


if __name__ == "__main__":
    sys.stdout.buffer.write(canonical(json_schema()))
