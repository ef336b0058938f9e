"""The report as a record: what is said, and for every sentence the events that show it.

A record holds no words, only codes, parameters and event ids; `reports.phrases` has the words and `reports.render`
the files. Times are UTC epoch milliseconds, money is integer cents. Equal inputs give equal records.
"""

from __future__ import annotations

from dataclasses import dataclass

from graph.evidence import Params
from reports.formats import Language

SCHEMA = "tarrafa.report/1"


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence: a phrase code, its parameters, and the events that show it.

    `evidence_ids` are event ids found in the annex (at most `graph.evidence.EVIDENCE_LIMIT`, in annex order);
    `total_events` says how many there are in all. A sentence without event ids names the reason in `basis` (itself a
    phrase code); a sentence with neither cannot be made.
    """

    code: str
    params: Params = ()
    evidence_ids: tuple[str, ...] = ()
    total_events: int = 0
    basis: str = ""

    def __post_init__(self) -> None:
        if bool(self.evidence_ids) == bool(self.basis):
            raise ValueError(f"statement {self.code} needs either event ids or the reason why it has none")


@dataclass(frozen=True, slots=True)
class AsOf:
    """The position of the log up to which the report knows, and the time that belongs to it."""

    log_id: str
    position: int
    ts: int


@dataclass(frozen=True, slots=True)
class Envelope:
    """What this report is. `report_id` follows from everything else in the record."""

    schema: str
    report_id: str
    kind: str  # "ring" or "operator"
    subject_id: str
    language: Language
    as_of: AsOf
    window_first_ts: int | None  # first and last cited event
    window_last_ts: int | None
    versions: tuple[tuple[str, str], ...]  # (rules | features | model, version)


@dataclass(frozen=True, slots=True)
class Totals:
    """Money and counts of the subject. `None` means not known, never zero."""

    in_cents: int | None
    out_cents: int | None
    retained_cents: int | None
    moved_cents: int
    transactions: int
    accounts: int
    payers: int
    first_ts: int | None
    last_ts: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the six questions of a suspicion report ("who", "what", ...), answered."""

    question: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    answers: tuple[Answer, ...]
    totals: Totals
    confidence: str  # "low", "medium" or "high"
    confidence_score: float | None  # 0-100, sum of named points
    confidence_reasons: tuple[Statement, ...]
    unknown: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class DomainRow:
    """A site: `registered_ts` as its registry says, `age_days` from then until it was first seen here."""

    domain: str
    registered_ts: int | None
    age_days: int | None
    first_ts: int
    last_ts: int
    listed: tuple[str, ...]
    source: Statement


@dataclass(frozen=True, slots=True)
class CollectorRow:
    """An account through which the operator takes money, with what it took from accounts other than collectors."""

    account: str
    count: int
    collected_cents: int
    payers: int
    first_ts: int | None
    last_ts: int | None
    rings: tuple[str, ...]
    source: Statement


@dataclass(frozen=True, slots=True)
class OperatorSection:
    """Identity of a betting operator; `licensed` is None where no source states it."""

    operator: str
    licensed: bool | None
    licence: Statement
    identity: tuple[Statement, ...]
    domains: tuple[DomainRow, ...]
    collectors: tuple[CollectorRow, ...]


@dataclass(frozen=True, slots=True)
class MemberRow:
    number: int  # from 1, most important role first
    account: str
    role: str
    score: float  # 0-1
    in_cents: int
    out_cents: int
    first_ts: int
    last_ts: int
    listed: tuple[str, ...]
    reasons: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class LinkRow:
    """What joins two ends; `kind` is a link kind of `graph.links`, ends are (label, id)."""

    kind: str
    source: tuple[str, str]
    target: tuple[str, str]
    count: int
    sum_cents: int
    first_ts: int
    last_ts: int
    evidence_ids: tuple[str, ...]
    total_events: int
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Hop:
    """All movements from one account to another, with the layers they stand in."""

    source: str
    target: str
    source_layer: int
    target_layer: int
    count: int
    sum_cents: int
    first_ts: int
    last_ts: int
    evidence_ids: tuple[str, ...]
    total_events: int


@dataclass(frozen=True, slots=True)
class Layer:
    """Accounts equally far from where money enters; `largest` are the first by money handled."""

    number: int
    accounts: int
    largest: tuple[str, ...]
    in_cents: int
    out_cents: int


@dataclass(frozen=True, slots=True)
class MoneyFlow:
    """Every hop in order of time, as it happened: no allocation rule is used.

    `listed` is how many hops, the largest, a printed table lists; layers and drawing take in all of them.
    """

    layers: tuple[Layer, ...]
    hops: tuple[Hop, ...]
    listed: int
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class MeansRow:
    """A device, address, site or identifier and the accounts that used it; `ports` are carrier-NAT source ports."""

    label: str
    id: str
    accounts: tuple[str, ...]
    account_count: int
    count: int
    first_ts: int
    last_ts: int
    ports: tuple[int, ...]
    listed: tuple[str, ...]
    evidence_ids: tuple[str, ...]
    total_events: int
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Technical:
    means: tuple[MeansRow, ...]
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Connection:
    """A link with another ring or operator: what is shared, and what shows it."""

    label: str  # "Ring" or "Operator"
    id: str
    through_label: str
    through: tuple[str, ...]
    statement: Statement


@dataclass(frozen=True, slots=True)
class Typology:
    """An indicator that was met: its measured value and the points it gave the score."""

    name: str
    value: float
    points: float
    statement: Statement
    missing: str | None = None


@dataclass(frozen=True, slots=True)
class Recommendation:
    action: str  # "block_domains", "freeze_accounts", "investigate_main", "coordinate_police", ...
    targets: tuple[tuple[str, str], ...]  # (label, id)
    statement: Statement


@dataclass(frozen=True, slots=True)
class AnnexTransaction:
    """A cited movement as the log holds it; `content_hash` is the 16-byte BLAKE2b of its canonical bytes, in hex."""

    number: int
    event_id: str
    ts: int
    source: str
    target: str
    amount_cents: int
    currency: str
    kind: str
    channel: str
    device: str | None
    ip: str | None
    ip_port: int | None
    domain: str | None
    operator: str | None
    offset: int
    learned_at: int
    content_hash: str


@dataclass(frozen=True, slots=True)
class AnnexFact:
    """A cited event that is not a movement: access, listing, domain observation, operator fact..."""

    number: int
    event_id: str
    kind: str
    ts: int
    content: tuple[tuple[str, str], ...]
    offset: int
    learned_at: int
    content_hash: str


@dataclass(frozen=True, slots=True)
class Digest:
    """A hash over a named part: lets a reader check that a copy holds the same."""

    name: str  # "cited_events", "subject_record"
    algorithm: str
    value: str


@dataclass(frozen=True, slots=True)
class ReportRecord:
    envelope: Envelope
    summary: Summary
    operator: OperatorSection | None
    members: tuple[MemberRow, ...]
    links: tuple[LinkRow, ...]
    flow: MoneyFlow
    technical: Technical
    connections: tuple[Connection, ...]
    typologies: tuple[Typology, ...]
    recommendations: tuple[Recommendation, ...]
    transactions: tuple[AnnexTransaction, ...]
    facts: tuple[AnnexFact, ...]
    method: tuple[Statement, ...]
    limits: tuple[Statement, ...]
    gaps: tuple[Statement, ...]  # fields that authorities ask for and no source gave
    digests: tuple[Digest, ...]
