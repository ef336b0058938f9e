"""Events for the log's tests: one of every kind, and as many movements as a test needs."""

from __future__ import annotations

from graph.events import (
    Access,
    AuthenticationAttempt,
    DomainObservation,
    Event,
    GovernanceChanged,
    IdentifierHeld,
    IdentifierKind,
    IdentifierRef,
    IndicatorListed,
    LabelGiven,
    ListKind,
    Movement,
    MovementKind,
    NodeKind,
    OperatorFact,
    OperatorFactKind,
)

START = 1_700_000_000_000


def movement(number: int, *, amount_cents: int = 1_000) -> Movement:
    """The movement of this number; the same number with another amount is a conflict."""
    return Movement(
        event_id=f"tx:{number}",
        ts=START + number,
        source=f"acc:{number % 7}",
        target=f"acc:{number % 5}",
        amount_cents=amount_cents,
    )


def movements(first: int, last: int) -> list[Event]:
    """Movements number `first` to `last`, both included."""
    return [movement(number) for number in range(first, last + 1)]


def one_of_each() -> list[Event]:
    """One event of every kind, with every optional field filled somewhere."""
    document = IdentifierRef(kind=IdentifierKind.DOCUMENT, id="document:k1:ab", holder="target")
    return [
        Movement(
            event_id="tx:é 漢",
            ts=START,
            source="acc:1",
            target="acc:2",
            amount_cents=10**14,
            currency="USD",
            kind=MovementKind.BET,
            channel="pix",
            device="dev:1",
            ip="10.0.0.1",
            ip_port=443,
            domain="bet.example",
            operator="op:1",
            identifiers=(document,),
            attributes=(("note", 'quote " and \\ and \0'),),
        ),
        Access(event_id="access:1", ts=START, account="acc:1", device="dev:1", ip="::1", ip_port=1, domain="d.example"),
        AuthenticationAttempt(event_id="auth:1", ts=START, account="acc:1", succeeded=False, ip="10.0.0.1"),
        IdentifierHeld(event_id="held:1", ts=START, account="acc:1", identifier=document),
        DomainObservation(event_id="domain:1", ts=START, domain="d.example", ip="10.0.0.2", registered_ts=START - 1),
        OperatorFact(event_id="fact:1", ts=START, operator="op:1", fact=OperatorFactKind.LICENCE, licensed=False),
        IndicatorListed(
            event_id="listed:1",
            ts=START,
            list_name="maltrail",
            list_kind=ListKind.WATCH,
            entity_kind=NodeKind.DOMAIN,
            entity_id="d.example",
            entry="family",
        ),
        LabelGiven(event_id="label:1", ts=START, subject="tx", subject_id="1", label=1, ring="r1"),
        GovernanceChanged(event_id="gov:1", ts=START, part="policy", content="{}", author="ana", approver="rui"),
    ]
