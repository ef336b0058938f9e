"""CPF and CNPJ: every way of writing one meets in one form, and nothing else passes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import RejectedRecord
from graph.identity import canonical_document
from graph.identity.document import is_cnpj, is_cpf

DIGITS = st.text("0123456789", min_size=9, max_size=9)
ALNUM = st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=12, max_size=12)


def oracle_check_digits(body: str) -> str:
    """The rule as Serpro words it: from right to left the weights run from 2 (to 9 and again for a CNPJ)."""
    most = 9 if len(body) >= 12 else 11
    digits = ""
    for _ in range(2):
        weight, total = 2, 0
        for char in reversed(body + digits):
            value = int(char) if char.isdigit() else ord(char) - ord("A") + 17
            total += value * weight
            weight = 2 if weight == most else weight + 1
        rest = total % 11
        digits += "0" if rest in (0, 1) else str(11 - rest)
    return digits


def cpf_of(body: str) -> str:
    return body + oracle_check_digits(body)


def masked_cpf(cpf: str) -> str:
    return f"{cpf[:3]}.{cpf[3:6]}.{cpf[6:9]}-{cpf[9:]}"


def masked_cnpj(cnpj: str) -> str:
    return f"{cnpj[:2]}.{cnpj[2:5]}.{cnpj[5:8]}/{cnpj[8:12]}-{cnpj[12:]}"


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("529.982.247-25", "52998224725"),
        ("00.000.000/0001-91", "00000000000191"),
        ("12.ABC.345/01DE-35", "12ABC34501DE35"),  # the example of the Serpro manual
        ("12.abc.345/01de-35", "12ABC34501DE35"),
        (" 12ABC34501DE35 ", "12ABC34501DE35"),
        ("33.000.167/0001-01", "33000167000101"),
    ],
)
def test_published_examples_are_accepted(text: str, canonical: str) -> None:
    assert canonical_document(text) == canonical


@given(DIGITS)
def test_a_cpf_with_and_without_mask_is_one_document(body: str) -> None:
    cpf = cpf_of(body)
    if len(set(cpf)) == 1:
        return
    assert canonical_document(masked_cpf(cpf)) == canonical_document(cpf) == cpf


@given(ALNUM)
def test_a_cnpj_with_and_without_mask_in_either_case_is_one_document(body: str) -> None:
    cnpj = body + oracle_check_digits(body)
    if len(set(cnpj)) == 1:
        return
    assert canonical_document(masked_cnpj(cnpj)) == canonical_document(cnpj.lower()) == cnpj


@given(DIGITS)
def test_leading_zeros_that_a_spreadsheet_dropped_come_back(body: str) -> None:
    cpf = cpf_of("00" + body[:7])
    shortened = cpf.lstrip("0")
    if len(shortened) >= 8:
        assert canonical_document(shortened) == cpf


def test_a_cnpj_that_lost_its_zeros_is_found_again() -> None:
    assert canonical_document("6990590000123") == "06990590000123"


@given(DIGITS, st.integers(0, 10), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(body: str, place: int, change: int) -> None:
    cpf = cpf_of(body)
    wrong = cpf[:place] + str((int(cpf[place]) + change) % 10) + cpf[place + 1 :]
    assert not is_cpf(wrong) or oracle_check_digits(wrong[:9]) == wrong[9:]
    if place < 9:
        assert is_cpf(wrong) == (cpf_of(wrong[:9]) == wrong and len(set(wrong)) > 1)


@given(st.text(max_size=20))
def test_canonicalising_twice_changes_nothing(text: str) -> None:
    try:
        once = canonical_document(text)
    except RejectedRecord:
        return
    assert canonical_document(once) == once
    assert is_cpf(once) or is_cnpj(once)


@pytest.mark.parametrize(
    "text",
    ["", "0", "191", "11111111111", "00000000000000", "52998224724", "529.982.247-24", "***.982.247-**",
     "12.ABC.345/01DE-36", "abc", "52998224725 99", "5299822472", "１２３", "12ABC34501DEX5"],
)  # fmt: skip
def test_what_is_no_document_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(RejectedRecord) as refusal:
        canonical_document(text)
    assert refusal.value.cure
    assert len(text) < 5 or text not in str(refusal.value)
