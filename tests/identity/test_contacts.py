"""E-mail, telephone, PIX key: one form each, told apart by their writing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import RejectedRecord
from graph.events import IdentifierKind
from graph.identity import canonical_email, canonical_payment_key, canonical_phone

UUID = "123e4567-e89b-12d3-a456-426655440000"


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("Maria.Silva@Example.COM", "maria.silva@example.com"),
        (" mailto:maria@example.com. ", "maria@example.com"),
        ("maria@münchen.de", "maria@xn--mnchen-3ya.de"),
        ("Ma.ri.a+bets@googlemail.com", "maria@gmail.com"),
        ("maria+bets@example.com", "maria+bets@example.com"),
    ],
)
def test_an_email_has_one_form(text: str, canonical: str) -> None:
    assert canonical_email(text) == canonical
    assert canonical_email(canonical) == canonical


@pytest.mark.parametrize("text", ["", "@", "a@", "@b.com", "a b@c.com", "a@localhost", "a@1.2.3.4", "+x@gmail.com"])
def test_what_is_no_email_is_refused(text: str) -> None:
    with pytest.raises(RejectedRecord, match="email"):
        canonical_email(text)


@pytest.mark.parametrize(
    "text",
    ["+55 11 98765-4321", "(11) 98765-4321", "11987654321", "5511987654321", "011 98765 4321", "0xx11 98765-4321"],
)
def test_every_way_of_writing_a_telephone_is_one_number(text: str) -> None:
    assert canonical_phone(text) == "+5511987654321"


@pytest.mark.parametrize("text", ["", "12", "98765-4321", "+999 123", "0000000000", "not a phone"])
def test_what_no_numbering_plan_allows_is_refused(text: str) -> None:
    with pytest.raises(RejectedRecord, match="phone"):
        canonical_phone(text)


def test_a_foreign_number_keeps_its_country() -> None:
    assert canonical_phone("+1 (650) 253-0000") == "+16502530000"


@pytest.mark.parametrize(
    ("text", "kind", "canonical"),
    [
        ("Maria@Example.com", IdentifierKind.EMAIL, "maria@example.com"),
        ("+5511987654321", IdentifierKind.PHONE, "+5511987654321"),
        ("(11) 98765-4321", IdentifierKind.PHONE, "+5511987654321"),
        ("529.982.247-25", IdentifierKind.DOCUMENT, "52998224725"),
        ("52998224725", IdentifierKind.DOCUMENT, "52998224725"),
        ("11987654321", IdentifierKind.PHONE, "+5511987654321"),
        ("12.ABC.345/01DE-35", IdentifierKind.DOCUMENT, "12ABC34501DE35"),
        (UUID.upper(), IdentifierKind.PAYMENT_KEY, UUID),
        (UUID.replace("-", ""), IdentifierKind.PAYMENT_KEY, UUID),
    ],
)
def test_a_payment_key_is_known_by_its_writing(text: str, kind: IdentifierKind, canonical: str) -> None:
    assert canonical_payment_key(text) == (kind, canonical)


@given(st.one_of(st.uuids().map(str), st.emails(), st.from_regex(r"\+55119[6-9]\d{7}", fullmatch=True), st.text()))
def test_a_canonical_payment_key_is_its_own_canonical_form(text: str) -> None:
    try:
        kind, canonical = canonical_payment_key(text)
    except RejectedRecord:
        return
    assert canonical_payment_key(canonical) == (kind, canonical)


@pytest.mark.parametrize("text", ["", "maria", "12345", UUID[:-1] + "g", "+55"])
def test_what_is_no_payment_key_is_refused_with_a_cure(text: str) -> None:
    with pytest.raises(RejectedRecord) as refusal:
        canonical_payment_key(text)
    assert "CPF" in refusal.value.cure
