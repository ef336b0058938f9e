"""Which nodes and links the graph has, declared once.

Store schema, ingestion columns, the Cypher lint and `docs/model.md` are all derived from these tables; nothing else
may name a link kind's ends or properties.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graph.events import (
    Access,
    AuthenticationAttempt,
    DomainObservation,
    Event,
    GovernanceChanged,
    IdentifierHeld,
    IndicatorListed,
    LabelGiven,
    Movement,
    NodeKind,
    OperatorFact,
    OperatorFactKind,
)


@dataclass(frozen=True, slots=True)
class LinkKind:
    """One link type: its name, the node kinds it may join, and its properties with their types.

    `aggregated` links are one per pair of ends with `count`, `sum_cents`, `first_seen`, `last_seen` (epoch ms);
    the others are one per fact.
    """

    name: str
    ends: tuple[tuple[NodeKind, NodeKind], ...]
    properties: tuple[tuple[str, type], ...]
    aggregated: bool
    meaning: str


AGGREGATE = (("count", int), ("sum_cents", int), ("first_seen", int), ("last_seen", int))
N = NodeKind

SENT = LinkKind(
    "SENT",
    ((N.ACCOUNT, N.ACCOUNT),),
    (
        ("tx_id", str),
        ("ts", int),
        ("amount_cents", int),
        ("currency", str),
        ("kind", str),
        ("channel", str),
        ("market", str),
        ("side", str),
    ),
    aggregated=False,
    meaning="one money movement; a bet may say its market and side",
)
USED_DEVICE = LinkKind("USED_DEVICE", ((N.ACCOUNT, N.DEVICE),), AGGREGATE, True, "the account acted from the device")
FROM_IP = LinkKind("FROM_IP", ((N.ACCOUNT, N.IP),), AGGREGATE, True, "the account acted from the address")
HAS_IDENTIFIER = LinkKind(
    "HAS_IDENTIFIER", ((N.ACCOUNT, N.IDENTIFIER),), AGGREGATE, True, "the account belongs to the identifier's holder"
)
BET_AT = LinkKind("BET_AT", ((N.ACCOUNT, N.DOMAIN),), AGGREGATE, True, "the account played or paid at the site")
OWNS = LinkKind("OWNS", ((N.OPERATOR, N.DOMAIN),), AGGREGATE, True, "the operator runs the site")
COLLECTS_WITH = LinkKind(
    "COLLECTS_WITH", ((N.OPERATOR, N.ACCOUNT),), AGGREGATE, True, "the operator takes money through the account"
)
RESOLVES_TO = LinkKind("RESOLVES_TO", ((N.DOMAIN, N.IP),), AGGREGATE, True, "the domain was served from the address")
FLAGGED_BY = LinkKind(
    "FLAGGED_BY",
    tuple((kind, N.INDICATOR) for kind in (N.ACCOUNT, N.DEVICE, N.IP, N.DOMAIN, N.OPERATOR, N.IDENTIFIER)),
    AGGREGATE,
    True,
    "the entity is on a list",
)
MEMBER_OF = LinkKind(
    "MEMBER_OF",
    ((N.ACCOUNT, N.RING),),
    (("role", str), ("score", float), ("since", int), ("until", int)),
    aggregated=False,
    meaning="the account plays a role in the ring",
)

LINK_KINDS: dict[str, LinkKind] = {
    kind.name: kind
    for kind in (
        SENT,
        USED_DEVICE,
        FROM_IP,
        HAS_IDENTIFIER,
        BET_AT,
        OWNS,
        COLLECTS_WITH,
        RESOLVES_TO,
        FLAGGED_BY,
        MEMBER_OF,
    )
}

_SEEN = (("first_seen", int), ("last_seen", int))
_STATED: dict[NodeKind, tuple[tuple[str, type], ...]] = {
    N.DOMAIN: (("registered_ts", int),),
    N.OPERATOR: (("licensed", bool),),
    N.IDENTIFIER: (("kind", str),),
    N.INDICATOR: (("list_kind", str), ("list_name", str)),
    N.RING: (
        ("kind", str),
        ("score", float),
        ("size", int),
        ("in_cents", int),
        ("out_cents", int),
        ("retained_cents", int),
    ),
}
#: Properties of nodes besides `id`: when events first and last touched them, and what some kinds have beyond.
NODE_PROPERTIES: dict[NodeKind, tuple[tuple[str, type], ...]] = {
    kind: (*_SEEN, *_STATED.get(kind, ())) for kind in NodeKind
}


@dataclass(frozen=True, slots=True)
class NodeTouch:
    """An event mentions a node; `extra` are properties it states beyond first and last seen.

    Several statements of one property merge to the smallest value, so that the order of arrival does not matter.
    """

    kind: NodeKind
    id: str
    extra: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class LinkTouch:
    """An event adds one observation of `amount_cents` to an aggregated link."""

    kind: LinkKind
    source_kind: NodeKind
    source: str
    target_kind: NodeKind
    target: str
    amount_cents: int = 0


def touches(event: Event) -> Iterator[NodeTouch | LinkTouch]:
    """Yield what `event` adds to the graph: every node first, then every aggregated link (never SENT itself).

    The order of events does not matter: counts and sums add, first and last seen are minimum and maximum.
    """
    if isinstance(event, Movement):
        yield NodeTouch(N.ACCOUNT, event.source)
        yield NodeTouch(N.ACCOUNT, event.target)
        yield from _session(event.source, event.device, event.ip, event.domain, event.operator, event.amount_cents)
        for ref in event.identifiers:
            holder = event.source if ref.holder == "source" else event.target
            yield NodeTouch(N.IDENTIFIER, ref.id, (("kind", str(ref.kind)),))
            yield LinkTouch(HAS_IDENTIFIER, N.ACCOUNT, holder, N.IDENTIFIER, ref.id, event.amount_cents)
    elif isinstance(event, Access):
        yield NodeTouch(N.ACCOUNT, event.account)
        yield from _session(event.account, event.device, event.ip, event.domain, event.operator, 0)
    elif isinstance(event, AuthenticationAttempt):
        yield NodeTouch(N.ACCOUNT, event.account)
        yield from _session(event.account, event.device, event.ip, None, None, 0)
    elif isinstance(event, IdentifierHeld):
        ref = event.identifier
        yield NodeTouch(N.ACCOUNT, event.account)
        yield NodeTouch(N.IDENTIFIER, ref.id, (("kind", str(ref.kind)),))
        yield LinkTouch(HAS_IDENTIFIER, N.ACCOUNT, event.account, N.IDENTIFIER, ref.id)
    elif isinstance(event, DomainObservation):
        known = (("registered_ts", event.registered_ts),) if event.registered_ts is not None else ()
        yield NodeTouch(N.DOMAIN, event.domain, known)
        if event.ip is not None:
            yield NodeTouch(N.IP, event.ip)
            yield LinkTouch(RESOLVES_TO, N.DOMAIN, event.domain, N.IP, event.ip)
    elif isinstance(event, OperatorFact):
        licensed = (("licensed", event.licensed),) if event.fact is OperatorFactKind.LICENCE else ()
        yield NodeTouch(N.OPERATOR, event.operator, licensed)
        if event.fact is OperatorFactKind.OWNS_DOMAIN and event.domain is not None:
            yield NodeTouch(N.DOMAIN, event.domain)
            yield LinkTouch(OWNS, N.OPERATOR, event.operator, N.DOMAIN, event.domain)
        if event.fact is OperatorFactKind.COLLECTS_WITH and event.account is not None:
            yield NodeTouch(N.ACCOUNT, event.account)
            yield LinkTouch(COLLECTS_WITH, N.OPERATOR, event.operator, N.ACCOUNT, event.account)
    elif isinstance(event, IndicatorListed):
        yield NodeTouch(event.entity_kind, event.entity_id)
        yield NodeTouch(
            N.INDICATOR, event.indicator_id, (("list_kind", str(event.list_kind)), ("list_name", event.list_name))
        )
        yield LinkTouch(FLAGGED_BY, event.entity_kind, event.entity_id, N.INDICATOR, event.indicator_id)
    elif not isinstance(event, LabelGiven | GovernanceChanged):
        raise TypeError(type(event))


def _session(
    account: str, device: str | None, ip: str | None, domain: str | None, operator: str | None, cents: int
) -> Iterator[NodeTouch | LinkTouch]:
    if device is not None:
        yield NodeTouch(N.DEVICE, device)
    if ip is not None:
        yield NodeTouch(N.IP, ip)
    if domain is not None:
        yield NodeTouch(N.DOMAIN, domain)
    if operator is not None:
        yield NodeTouch(N.OPERATOR, operator)
    if device is not None:
        yield LinkTouch(USED_DEVICE, N.ACCOUNT, account, N.DEVICE, device, cents)
    if ip is not None:
        yield LinkTouch(FROM_IP, N.ACCOUNT, account, N.IP, ip, cents)
    if domain is not None:
        yield LinkTouch(BET_AT, N.ACCOUNT, account, N.DOMAIN, domain, cents)
        if operator is not None:
            yield LinkTouch(OWNS, N.OPERATOR, operator, N.DOMAIN, domain, cents)
