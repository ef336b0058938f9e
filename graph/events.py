"""What can happen: the event records that everything else is a projection of.

An event is a fact with its own time. `ts` is when it happened, in UTC epoch **milliseconds**; when we learned it is
the log's to say (`graph.log.LogEntry.learned_at`). Money is integer cents. Ids are canonical already (see
`graph.identity`); personal identifiers appear only as keyed hashes. An invalid record cannot be constructed: the
constructor raises `RejectedRecord`.

Canonical order is `(ts, tie)`, where `tie` is a hash of the event id: file position and arrival never become time.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

from graph.errors import RejectedRecord

EARLIEST_TS = 946_684_800_000  # 2000-01-01: earlier times are unset clocks, not payments
LATEST_TS = 4_102_444_800_000  # 2100-01-01
MAX_AMOUNT_CENTS = 100_000_000_000_000  # 10^12 units of money in one movement
MAX_ID_LENGTH = 256
MAX_CONTENT_LENGTH = 10_000_000
#: Attribute of a bare link whose ends are not all in the population under question: "source", "target" or both.
OUTSIDE = "outside"
#: Attribute of a bare link whose `ts` is real: its source began then. The value is what that account moved in all, in
#: units of money, or empty.
BEGAN = "began"


class MovementKind(StrEnum):
    """Ways money (or a bare link between accounts) moves from a source to a target account."""

    TRANSFER = "transfer"
    BET = "bet"
    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    PAYOUT = "payout"
    REFUND = "refund"
    CARD_PAYMENT = "card_payment"
    LINK = "link"  # "these two dealt with each other": no amount, and `ts` only orders the file


class IdentifierKind(StrEnum):
    """What a keyed hash was made from."""

    DOCUMENT = "document"
    EMAIL = "email"
    PHONE = "phone"
    PAYMENT_KEY = "payment_key"
    CARD = "card"


class ListKind(StrEnum):
    """What being on a list means."""

    BLOCK = "block"
    WATCH = "watch"
    ALLOW = "allow"
    SERVICE = "service"  # a known hub (exchange, marketplace, carrier): never part of a ring


class OperatorFactKind(StrEnum):
    """What a source states about a betting operator."""

    OWNS_DOMAIN = "owns_domain"
    COLLECTS_WITH = "collects_with"
    LICENCE = "licence"


class NodeKind(StrEnum):
    """Node labels of the graph."""

    ACCOUNT = "Account"
    DEVICE = "Device"
    IP = "Ip"
    DOMAIN = "Domain"
    OPERATOR = "Operator"
    IDENTIFIER = "Identifier"
    INDICATOR = "Indicator"
    RING = "Ring"


def tie_of(event_id: str) -> int:
    """Return the 63-bit hash that orders events of equal time; independent of arrival and of the id's digits."""
    return int.from_bytes(blake2b(event_id.encode(), digest_size=8).digest(), "big") >> 1


def _check_id(field: str, value: str) -> None:
    if not isinstance(value, str) or not value or len(value) > MAX_ID_LENGTH or not value.isprintable():
        raise RejectedRecord(
            "bad_identifier", field=field, value=value, cure=f"give 1 to {MAX_ID_LENGTH} printable characters"
        )


def _check_optional_id(field: str, value: str | None) -> None:
    if value is not None:
        _check_id(field, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of every event: a globally unique id and when it happened (UTC epoch milliseconds)."""

    event_id: str
    ts: int

    def __post_init__(self) -> None:
        _check_id("event_id", self.event_id)
        if type(self.ts) is not int:
            raise RejectedRecord("bad_time", field="ts", value=self.ts, cure="give integer epoch milliseconds")
        if not EARLIEST_TS <= self.ts < LATEST_TS:
            raise RejectedRecord("time_out_of_range", field="ts", value=self.ts, cure="give a time from 2000 to 2099")


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifierRef:
    """A personal identifier as a keyed hash, and whose it is: `holder` is "source" or "target" of the movement."""

    kind: IdentifierKind
    id: str
    holder: str = "source"

    def __post_init__(self) -> None:
        _check_id("identifier", self.id)
        if self.holder not in ("source", "target"):
            raise RejectedRecord("bad_holder", field="holder", value=self.holder, cure='say "source" or "target"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement(Event):
    """Money moved from `source` to `target` (account ids). `event_id` is "tx:" + the transaction's own id.

    `device`, `ip`, `ip_port`, `domain` belong to the source's session; `operator` is the betting operator involved.
    """

    source: str
    target: str
    amount_cents: int
    currency: str = "BRL"
    kind: MovementKind = MovementKind.TRANSFER
    channel: str = ""
    device: str | None = None
    ip: str | None = None
    ip_port: int | None = None
    domain: str | None = None
    operator: str | None = None
    identifiers: tuple[IdentifierRef, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        if not self.event_id.startswith("tx:") or len(self.event_id) == 3:
            raise RejectedRecord("bad_tx_id", field="tx_id", value=self.event_id, cure="give a transaction id")
        _check_id("source", self.source)
        _check_id("target", self.target)
        if type(self.amount_cents) is not int:
            raise RejectedRecord("bad_amount", field="amount", value=self.amount_cents, cure="give integer cents")
        if not 0 <= self.amount_cents <= MAX_AMOUNT_CENTS:
            raise RejectedRecord(
                "amount_out_of_range", field="amount", value=self.amount_cents, cure="give 0 to 10^12 units of money"
            )
        if len(self.currency) != 3 or not (self.currency.isascii() and self.currency.isupper()):
            raise RejectedRecord(
                "bad_currency", field="currency", value=self.currency, cure="give an ISO 4217 code such as BRL"
            )
        _check_optional_id("device", self.device)
        _check_optional_id("ip", self.ip)
        _check_optional_id("domain", self.domain)
        _check_optional_id("operator", self.operator)

    @property
    def tx_id(self) -> str:
        """The transaction's id as its source knows it."""
        return self.event_id[3:]


@dataclass(frozen=True, slots=True, kw_only=True)
class Access(Event):
    """An account was used from a device or address, without money moving."""

    account: str
    device: str | None = None
    ip: str | None = None
    ip_port: int | None = None
    domain: str | None = None
    operator: str | None = None

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        _check_id("account", self.account)
        for field in ("device", "ip", "domain", "operator"):
            _check_optional_id(field, getattr(self, field))


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticationAttempt(Event):
    """Someone tried to prove they own an account."""

    account: str
    succeeded: bool
    device: str | None = None
    ip: str | None = None
    ip_port: int | None = None

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        _check_id("account", self.account)
        _check_optional_id("device", self.device)
        _check_optional_id("ip", self.ip)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifierHeld(Event):
    """An account is known to belong to the holder of a (hashed) document, phone, e-mail, card or payment key."""

    account: str
    identifier: IdentifierRef

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        _check_id("account", self.account)


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainObservation(Event):
    """A domain was seen: where it resolved to, since when it is registered, under which certificate."""

    domain: str
    ip: str | None = None
    registered_ts: int | None = None
    certificate: str | None = None

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        _check_id("domain", self.domain)
        _check_optional_id("ip", self.ip)


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorFact(Event):
    """A statement about a betting operator: a domain it owns, an account it collects with, or its licence."""

    operator: str
    fact: OperatorFactKind
    domain: str | None = None
    account: str | None = None
    licensed: bool | None = None

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        _check_id("operator", self.operator)
        needed = {
            OperatorFactKind.OWNS_DOMAIN: self.domain,
            OperatorFactKind.COLLECTS_WITH: self.account,
            OperatorFactKind.LICENCE: self.licensed,
        }[self.fact]
        if needed is None:
            raise RejectedRecord("incomplete_fact", field="fact", value=self.fact, cure="give what the fact is about")
        _check_optional_id("domain", self.domain)
        _check_optional_id("account", self.account)


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorListed(Event):
    """An entity is on a list: which list, what the list means, and which entry (family, campaign, order)."""

    list_name: str
    list_kind: ListKind
    entity_kind: NodeKind
    entity_id: str
    entry: str = ""
    reason: str = ""

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        _check_id("list_name", self.list_name)
        _check_id("entity_id", self.entity_id)
        if self.entity_kind in (NodeKind.INDICATOR, NodeKind.RING):
            raise RejectedRecord(
                "bad_entity_kind", field="entity_kind", value=self.entity_kind, cure="list a real entity"
            )

    @property
    def indicator_id(self) -> str:
        """Key of the Indicator node: the list, and the entry in it where there is one."""
        return f"{self.list_name}:{self.entry}" if self.entry else self.list_name


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelGiven(Event):
    """Someone who knows says what a transaction ("tx") or an account was; `ts` is when that was known.

    Kept for evaluation and training; scoring never reads it.
    """

    subject: str  # "tx" or "account"
    subject_id: str
    label: int  # 1 fraud, 0 honest
    ring: str = ""
    given_by: str = "file"

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        _check_id("subject_id", self.subject_id)
        if self.subject not in ("tx", "account"):
            raise RejectedRecord("bad_subject", field="subject", value=self.subject, cure='say "tx" or "account"')
        if self.label not in (0, 1):
            raise RejectedRecord("bad_label", field="label", value=self.label, cure="give 1 (fraud) or 0 (honest)")


@dataclass(frozen=True, slots=True, kw_only=True)
class GovernanceChanged(Event):
    """People changed what the service goes by: rules, typologies, decision policy, or an entry of a list.

    It holds for every event after it in the log, whatever their times: what was decided is judged by what was in force
    then. `content` is canonical JSON, the new state of `part` (or one entry of it); `scoring.governance` reads it.
    """

    part: str
    content: str
    author: str
    approver: str = ""
    reason: str = ""

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        _check_id("part", self.part)
        _check_id("author", self.author)
        if not isinstance(self.content, str) or len(self.content) > MAX_CONTENT_LENGTH:
            raise RejectedRecord(
                "bad_content",
                field="content",
                value="",
                cure=f"give JSON text of at most {MAX_CONTENT_LENGTH} characters",
            )


EVENT_TYPES: dict[str, type[Event]] = {
    "movement": Movement,
    "access": Access,
    "authentication": AuthenticationAttempt,
    "identifier_held": IdentifierHeld,
    "domain_observation": DomainObservation,
    "operator_fact": OperatorFact,
    "indicator_listed": IndicatorListed,
    "label": LabelGiven,
    "governance": GovernanceChanged,
}
EVENT_NAMES: dict[type[Event], str] = {cls: name for name, cls in EVENT_TYPES.items()}
