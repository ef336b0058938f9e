"""Hypothesis strategies for events that each form has words for, and for messages as their senders write them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from graph.events import Access, AuthenticationAttempt, Movement, MovementKind
from ingest.wire.paysim import HOUR_MS, STEP_BASE_MS
from tests.ingest.wire.reading import NOW_MS

ids = st.text(
    st.characters(codec="ascii", categories=("Lu", "Ll", "Nd"), include_characters="_:"), min_size=1, max_size=30
)
words = st.text(st.characters(codec="ascii", categories=("Ll", "Nd")), min_size=1, max_size=12)
times = st.integers(min_value=1_500_000_000_000, max_value=NOW_MS)
cents = st.integers(min_value=0, max_value=100_000_000_000_000)
domains = words.map(lambda word: f"{word}.bet.example")
addresses = st.one_of(
    st.none(),
    st.ip_addresses(v=4, network="203.0.113.0/24").map(str),
    st.ip_addresses(v=6, network="2001:db8::/32").map(str),
)
ports = st.one_of(st.none(), st.integers(min_value=1, max_value=65_535))
devices = st.one_of(st.none(), words)
money_kinds = st.sampled_from([kind for kind in MovementKind if kind is not MovementKind.LINK])


@st.composite
def movements(draw: st.DrawFn, /, **fixed: Any) -> Movement:
    """Movements of money with everything that a stream of transactions says."""
    ip = draw(addresses)
    values: dict[str, Any] = {
        "event_id": f"tx:{draw(ids)}",
        "ts": draw(times),
        "source": draw(ids),
        "target": draw(ids),
        "amount_cents": draw(cents),
        "kind": draw(money_kinds),
        "device": draw(devices),
        "ip": ip,
        "ip_port": draw(ports) if ip is not None else None,
    }
    return Movement(**values | {name: draw(value) for name, value in fixed.items()})


bets = movements(domain=domains, channel=st.just("api"))
transactions = movements(
    domain=st.one_of(st.none(), domains), channel=words, currency=st.sampled_from(["BRL", "USD", "EUR"])
)


@st.composite
def paysim_rows(draw: st.DrawFn) -> Movement:
    """Movements as PaySim rows become them."""
    word, kind = draw(
        st.sampled_from(
            [
                ("cash_in", MovementKind.DEPOSIT),
                ("cash_out", MovementKind.WITHDRAWAL),
                ("debit", MovementKind.WITHDRAWAL),
                ("payment", MovementKind.TRANSFER),
                ("transfer", MovementKind.TRANSFER),
            ]
        )
    )
    names = ("new_balance_source", "new_balance_target", "old_balance_source", "old_balance_target")
    balances = [(name, str(draw(st.integers(0, 10**9)))) for name in names if draw(st.booleans())]
    return Movement(
        event_id=f"tx:{draw(ids)}",
        ts=STEP_BASE_MS + draw(st.integers(0, 50_000)) * HOUR_MS,
        source=draw(ids),
        target=draw(ids),
        amount_cents=draw(cents),
        kind=kind,
        channel=word,
        attributes=tuple(balances),
    )


@st.composite
def accesses(draw: st.DrawFn) -> Access:
    """Accesses from a device or address."""
    ip = draw(addresses)
    return Access(
        event_id=draw(ids),
        ts=draw(times),
        account=draw(ids),
        device=draw(devices),
        ip=ip,
        ip_port=draw(ports) if ip is not None else None,
        domain=draw(st.one_of(st.none(), domains)),
    )


@st.composite
def authentications(draw: st.DrawFn) -> AuthenticationAttempt:
    """Attempts to prove who one is."""
    ip = draw(addresses)
    return AuthenticationAttempt(
        event_id=draw(ids),
        ts=draw(times),
        account=draw(ids),
        succeeded=draw(st.booleans()),
        device=draw(devices),
        ip=ip,
        ip_port=draw(ports) if ip is not None else None,
    )


BET: dict[str, Any] = {
    "transaction_id": "b-1",
    "user_id": "u-1",
    "amount_brl": 120.5,
    "user_ip": "200.1.2.3",
    "device_fingerprint": "d-1",
    "bet_site": "Aposta.bet.example",
    "timestamp": "2025-04-01T12:00:00Z",
    "payment_key": "+55 11 98765-4321",
}
ROW: dict[str, Any] = {
    "transaction_id": "p-1",
    "step": 12,
    "type": "CASH_OUT",
    "amount": 9839.64,
    "nameOrig": "C1231006815",
    "oldbalanceOrg": 170136.0,
    "newbalanceOrig": 160296.36,
    "nameDest": "M1979787155",
    "oldbalanceDest": 0.0,
    "newbalanceDest": 0.0,
}
PAYMENT: dict[str, Any] = {
    "transaction_id": "o-1",
    "merchant_id": "m-9",
    "amount": "250.00",
    "currency": "BRL",
    "payment_method": "credit_card",
    "customer_document_hash": "a1" * 32,
    "customer_email_hash": "b2" * 32,
    "customer_ip": "200.1.2.3",
    "device_fingerprint": "d-1",
    "card_bin": "411111",
    "card_country": "BR",
    "metadata": {"timestamp": "2025-04-01T12:00:00Z"},
}
TRANSACTION: dict[str, Any] = {
    "transaction_id": "t-1",
    "timestamp": 1_743_508_800,
    "account_id": 4711,
    "counterparty_id": "merchant-3",
    "amount": 12,
    "type": "card_payment",
    "channel": "pos",
}
ACCESS: dict[str, Any] = {"event_id": "a-1", "timestamp": 1_743_508_800_000, "account_id": "u-1", "device_id": "d-1"}
AUTHENTICATION: dict[str, Any] = {
    "event_id": "au-1",
    "timestamp": "2025-04-01T12:00:00-03:00",
    "account_id": "u-1",
    "success": False,
    "ip_address": "[2001:db8::1]:5678",
}
SITE: dict[str, Any] = {"domain": "www.golpe.example", "reason": "reported by customers"}
EVENT: dict[str, Any] = {
    "type": "movement",
    "event": {"event_id": "tx:1", "ts": 1_743_508_800_000, "source": "ana", "target": "bia", "amount_cents": 1},
}
