"""What the ledger gives back besides scores, rings and set-aside rows, and the bytes that records are kept as."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import blake2b
from math import isfinite
from typing import TypeVar

import msgspec

from graph.errors import RejectedRecord, StoreMismatch
from graph.events import ListKind
from graph.evidence import Evidence, Params, Ring, Score, Signal
from graph.listings import EntryKind
from graph.verdicts import Verdict

T = TypeVar("T")

_ENCODER = msgspec.json.Encoder(order="sorted")
_DIGEST_BYTES = 16


class JobStatus(StrEnum):
    """Where a job run stands."""

    WAITING = "waiting"
    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"  # its process ended before it did; it is taken up again
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RingVerdict:
    """What a person decided about rings, in which event and when (UTC epoch ms); who approved it, what took it back."""

    event_id: str
    verdict: Verdict
    ts: int
    author: str
    reason: str
    approver: str = ""
    undone_by: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """How much there is: decisions by kind (every kind, also at 0), rings by kind, rows set aside by reason."""

    transactions: int
    decisions: dict[str, int]
    degraded: int
    rings: dict[str, int]
    set_aside: dict[str, int]


@dataclass(frozen=True, slots=True)
class JobRun:
    """One run of a link-analysis job or saved query. Times are UTC epoch ms; `error` says why a failed one failed.

    `caller` asked for it, `query` is the text of a saved query as it ran, `publish` whether findings go to the log and
    `published` how many new ones did, `cut` names the budgets that were met. `result` are the rows as JSON.
    """

    run_id: int
    name: str
    version: str
    params: Params
    status: JobStatus
    started_at: int
    finished_at: int | None = None
    rows: int = 0
    truncated: bool = False
    findings: tuple[Evidence, ...] = ()
    error: str = ""
    caller: str = ""
    query: str = ""
    row_budget: int = 0
    time_budget_ms: int = 0
    publish: bool = False
    progress: str = ""
    cut: tuple[str, ...] = ()
    published: int = 0
    attempts: int = 1
    result: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedQuery:
    """A reading Cypher text that an analyst saved as a job; `version` counts its texts."""

    name: str
    version: int
    text: str
    meaning: str
    author: str
    saved_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSchedule:
    """A job that runs every `every_ms` from `next_at` on (UTC epoch ms)."""

    name: str
    params: Params
    every_ms: int
    next_at: int
    publish: bool
    author: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportMade:
    """A report that was written: about whom, as of which log offset, and the files with the hash of their content.

    `paths` are (form, path) pairs such as ("pdf", ...); `sha256` is that of the record all forms are made from.
    """

    report_id: str
    subject_kind: str
    subject_id: str
    as_of: int
    language: str
    sha256: str
    paths: tuple[tuple[str, str], ...]
    made_at: int


@dataclass(frozen=True, slots=True)
class ListEntry:
    """An entry of a list that stands: why, who added it and when, in which event, and until when (epoch ms)."""

    list: ListKind
    kind: EntryKind
    value: str
    reason: str
    author: str
    added_ts: int
    expires_ts: int | None
    event_id: str


@dataclass(frozen=True, slots=True)
class RejectedLine:
    """A line of a file that could not be listed, and why."""

    line: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class ListImport:
    """What became of a file of entries; the first rejected lines are told, all are counted."""

    added: int
    rejected: int
    first_rejected: tuple[RejectedLine, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """The state in force of a part that is governed as a whole; without author and time it is the shipped one."""

    part: str
    version: str
    content: str  # canonical JSON
    author: str = ""
    changed_ts: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Alert:
    """A decision among the best of its day and tenant: `rank` counts from 1."""

    rank: int
    day: date
    tenant: str
    score: Score


class RuleState(StrEnum):
    """How far a version of a rule has come."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    ACTIVE = "active"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleVersion:
    """A version of a rule: `content` is its canonical JSON; with `shadow` it is on trial beside live traffic."""

    rule_id: str
    version: int
    state: RuleState
    shadow: bool
    content: str
    author: str
    approver: str
    changed_at: int


@dataclass(frozen=True, slots=True)
class RuleStep:
    """Something a person did with a rule; `at_ms` is UTC epoch ms."""

    rule_id: str
    version: int
    action: str
    person: str
    at_ms: int
    reason: str


@dataclass(frozen=True, slots=True)
class ShadowCount:
    """How often a rule on trial ("id@version") held, by the decision made without it, and its newest transactions."""

    rule: str
    hits: int
    decisions: dict[str, int]
    newest: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """The answer to a call under an idempotency key: `scope` is what was called, `fingerprint` a hash of the body that
    was sent. Kept until `until_ms` (UTC epoch ms)."""

    scope: str
    key: str
    fingerprint: bytes
    body: bytes
    until_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Redrive:
    """A letter that was sent again: by whom, when (UTC epoch ms), why, what was changed in it (JSON: field -> new value
    free of personal data, or null for a field that was taken out) and the event it became."""

    author: str
    at_ms: int
    reason: str
    changes: str
    event_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A row or message that was set aside, with the number it is known by and what became of it."""

    letter_id: int
    source: str
    line: int
    reason: str
    message: str
    raw: str
    raw_length: int
    redrive: Redrive | None = None


@dataclass(frozen=True, slots=True)
class Redriven:
    """What became of a letter that was to be sent again: the event it is now, or the problem it still has."""

    letter_id: int
    event_id: str | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class FieldDrift:
    """A field that messages of a topic have and their form does not know; source and offset of the piece it was last
    seen in."""

    topic: str
    field: str
    count: int
    last_source: str
    last_offset: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits to be published: `body` is None where the record of `subject` says it."""

    seq: int
    kind: str
    subject: str
    message_id: str
    body: bytes | None


@dataclass(frozen=True, slots=True)
class LateEvent:
    """An event that came later than the bound: its own time and how late it was (ms behind the newest event)."""

    event_id: str
    ts: int
    lateness_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A score that was given and is another now, because of events that came later than the bound.

    `causes` are those events that the batch up to log offset `position` held and that happened before the transaction.
    """

    tx_id: str
    position: int
    old_score: float
    old_decision: str
    new_score: float
    new_decision: str
    causes: tuple[LateEvent, ...]


def canonical(record: object) -> bytes:
    """Return the record as JSON with sorted keys: equal records give equal bytes."""
    return _ENCODER.encode(record)


def restore(kind: type[T], data: bytes, *, name: str) -> T:
    """Return the record of `canonical`; raise `StoreMismatch` (naming it by `name`) when the bytes are not one."""
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.MsgspecError as error:
        raise StoreMismatch(f"the ledger's record of {name} cannot be read: {error}", cure="tarrafa rebuild") from error


def check_finite(record: Score | Ring) -> None:
    """Raise `RejectedRecord` when a score is not a number: JSON has no word for it, and it would never come back."""
    signals: tuple[Signal, ...]
    if isinstance(record, Score):
        name, value, signals = record.tx_id, record.value, record.signals
    else:
        name, value, signals = record.ring_id, record.score, record.contributions
    for signal in signals:
        value += signal.value + signal.points  # infinities and NaN stay in a sum of any length
    if not isfinite(value):
        raise RejectedRecord("not_a_finite_number", field="score", value=name, cure="mark the signal as missing")


def multiset_digest(records: Iterable[bytes]) -> int:
    """Return the sum modulo 2**128 of the BLAKE2b-16 of each record: equal for equal multisets in any order."""
    total = 0
    for record in records:
        total += int.from_bytes(blake2b(record, digest_size=_DIGEST_BYTES).digest(), "big")
    return total % (1 << (8 * _DIGEST_BYTES))
