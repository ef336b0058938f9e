"""Small random streams of events of every kind the window takes in."""

from __future__ import annotations

from hypothesis import strategies as st

from graph.events import (
    Access,
    AuthenticationAttempt,
    DomainObservation,
    Event,
    IdentifierHeld,
    IdentifierKind,
    IdentifierRef,
    IndicatorListed,
    ListKind,
    Movement,
    MovementKind,
    NodeKind,
    OperatorFact,
    OperatorFactKind,
)

START = 1_700_000_000_000
HOUR = 3_600_000

identifiers = st.builds(
    IdentifierRef,
    kind=st.just(IdentifierKind.PHONE),
    id=st.sampled_from(["phone:1:a", "phone:1:b", "phone:1:c"]),
    holder=st.sampled_from(["source", "target"]),
)
accounts = st.sampled_from([f"a{i}" for i in range(7)])
devices = st.sampled_from([None, "d0", "d1", "d2"])
ips = st.sampled_from([None, "10.0.0.1", "10.0.0.2"])
domains = st.sampled_from([None, "one.example", "two.example"])
operators = st.sampled_from([None, "op0", "op1"])
#: Spread over three weeks, or crowded into two days of them.
times = (st.integers(0, 45 * 24) | st.integers(400, 500)).map(lambda half: START + half * HOUR // 2)
KINDS = [MovementKind.TRANSFER] * 6 + [
    MovementKind.BET,
    *(MovementKind(k) for k in ("payout", "deposit", "withdrawal")),
]
amounts = st.sampled_from([0, 1, 9_500, 9_800, 10_000, 10_400, 50_000])


@st.composite
def _event(draw: st.DrawFn, number: int) -> Event:
    ts = draw(times)
    shape = draw(st.integers(0, 12))
    if shape <= 7:
        kind = draw(st.sampled_from(KINDS))
        attributes: tuple[tuple[str, str], ...] = ()
        if kind is MovementKind.BET:
            attributes = (
                ("market", draw(st.sampled_from(["m0", "m1"]))),
                ("side", draw(st.sampled_from(["home", "away"]))),
            )
        return Movement(
            event_id=f"tx:{number}",
            ts=ts,
            source=draw(accounts),
            target=draw(accounts),
            amount_cents=draw(amounts),
            kind=kind,
            device=draw(devices),
            ip=draw(ips),
            domain=draw(domains),
            operator=draw(operators),
            identifiers=tuple(draw(st.lists(identifiers, max_size=2))),
            attributes=attributes,
        )
    if shape == 8:
        return Access(
            event_id=f"access:{number}",
            ts=ts,
            account=draw(accounts),
            device=draw(devices),
            ip=draw(ips),
            domain=draw(domains),
            operator=draw(operators),
        )
    if shape == 12:
        return IdentifierHeld(event_id=f"held:{number}", ts=ts, account=draw(accounts), identifier=draw(identifiers))
    if shape == 9:
        return AuthenticationAttempt(
            event_id=f"auth:{number}",
            ts=ts,
            account=draw(accounts),
            succeeded=draw(st.booleans()),
            device=draw(devices),
        )
    if shape == 10:
        return draw(
            st.sampled_from(
                [
                    DomainObservation(
                        event_id=f"domain:{number}", ts=ts, domain="one.example", registered_ts=ts - 50 * HOUR
                    ),
                    OperatorFact(
                        event_id=f"fact:{number}",
                        ts=ts,
                        operator="op0",
                        fact=OperatorFactKind.LICENCE,
                        licensed=False,
                    ),
                ]
            )
        )
    kind_of, entity = draw(
        st.sampled_from(
            [
                (NodeKind.ACCOUNT, "a0"),
                (NodeKind.DEVICE, "d0"),
                (NodeKind.IP, "10.0.0.1"),
                (NodeKind.DOMAIN, "two.example"),
                (NodeKind.OPERATOR, "op1"),
            ]
        )
    )
    return IndicatorListed(
        event_id=f"listed:{number}",
        ts=ts,
        list_name="list",
        list_kind=draw(st.sampled_from(list(ListKind))),
        entity_kind=kind_of,
        entity_id=entity,
    )


@st.composite
def streams(draw: st.DrawFn, most: int = 60) -> list[Event]:
    """Events in no particular order, times of day-and-a-half steps so that equal times happen."""
    count = draw(st.integers(1, most))
    return [draw(_event(number)) for number in range(count)]
