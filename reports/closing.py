"""The parts that every report ends with: how it was made, what limits it, and which required fields no source gave."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256

import msgspec

from reports.exhibits import Exhibits
from reports.record import Digest, ReportRecord, Statement

REQUIRED_BUT_UNKNOWN = (
    "gap_reporter",
    "gap_legal_basis",
    "gap_holder_names",
    "gap_bank_details",
    "gap_ip_provider",
)
OPERATOR_UNKNOWN = ("gap_operator_registration", "gap_beneficial_owners", "gap_domain_registrar")
METHOD = (
    "method_source",
    "method_evidence",
    "method_score",
    "method_roles",
    "method_flow",
    "method_identifiers",
    "method_graph",
    "method_time",
    "method_reproduction",
)


def method() -> tuple[Statement, ...]:
    """How the report was made; describes the method, so no event is cited."""
    return tuple(Statement(code, basis="basis_method") for code in METHOD)


def gaps(*, operator: bool) -> tuple[Statement, ...]:
    """Fields that authorities ask for and that nothing here holds; they are to be added by whoever files."""
    codes = REQUIRED_BUT_UNKNOWN + (OPERATOR_UNKNOWN if operator else ())
    return tuple(Statement(code, basis="basis_absence") for code in codes)


def exhibit_limits(exhibits: Exhibits) -> list[Statement]:
    """What could not be shown among the exhibits."""
    found: list[Statement] = []
    if exhibits.unknown:
        example = sorted(exhibits.unknown)[0]
        params = (("count", len(exhibits.unknown)), ("id", example))
        found.append(Statement("limit_events_unknown", params, basis="basis_absence"))
    if exhibits.later:
        found.append(Statement("limit_events_later", (("count", exhibits.later),), basis="basis_method"))
    if exhibits.over_limit:
        found.append(Statement("limit_annex", (("count", exhibits.over_limit),), basis="basis_method"))
    currencies = sorted({movement.currency for movement in exhibits.movements()})
    if len(currencies) > 1:
        params = (("count", len(currencies)), ("names", ", ".join(currencies)))
        ids = [movement.event_id for movement in exhibits.movements() if movement.currency != "BRL"]
        found.append(exhibits.say("limit_currencies", params, ids))
    return found


def capped(code: str, shown: int, total: int) -> list[Statement]:
    """A statement that a table shows only part of its rows; nothing when it shows all."""
    if shown >= total:
        return []
    return [Statement(code, (("shown", shown), ("count", total)), basis="basis_method")]


def subject_digest(record: object) -> Digest:
    """SHA-256 of the canonical JSON of the record the report is about."""
    return Digest("subject_record", "sha256", sha256(msgspec.json.encode(record, order="sorted")).hexdigest())


def with_id(record: ReportRecord) -> ReportRecord:
    """The record with its report id: the first 32 hex digits of the SHA-256 of its content without one."""
    bare = replace(record, envelope=replace(record.envelope, report_id=""))
    content = json.dumps(msgspec.to_builtins(bare), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    value = sha256(content.encode()).hexdigest()[:32]
    return replace(record, envelope=replace(record.envelope, report_id=f"{record.envelope.kind}-{value}"))
