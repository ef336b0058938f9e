"""Numbers, money and times as each language writes them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import formats
from reports.formats import Language

PT, EN = Language.PT, Language.EN


@pytest.mark.parametrize(
    ("cents", "portuguese", "english"),
    [
        (0, "R$\u00a00,00", "BRL\u00a00.00"),
        (5, "R$\u00a00,05", "BRL\u00a00.05"),
        (-123_456, "-R$\u00a01.234,56", "-BRL\u00a01,234.56"),
        (100_000_000_000_001, "R$\u00a01.000.000.000.000,01", "BRL\u00a01,000,000,000,000.01"),
    ],
)
def test_money_is_exact_and_grouped(cents: int, portuguese: str, english: str) -> None:
    assert formats.money(cents, PT) == portuguese
    assert formats.money(cents, EN) == english


def test_another_currency_keeps_its_code() -> None:
    assert formats.money(100, PT, currency="USD") == "USD\u00a01,00"


@given(st.integers(-(10**15), 10**15))
def test_money_reads_back_to_the_same_cents(cents: int) -> None:
    english = formats.money(cents, EN).replace("BRL\u00a0", "").replace(",", "")
    portuguese = formats.money(cents, PT).replace("R$\u00a0", "").replace(".", "").replace(",", ".")
    assert Decimal(english) * 100 == cents == Decimal(portuguese) * 100


def test_times_are_shown_in_sao_paulo_and_in_utc() -> None:
    midnight = 1_767_225_600_999
    assert formats.local_time(midnight, PT) == "31/12/2025 21:00:00"
    assert formats.utc_time(midnight, PT) == "01/01/2026 00:00:00"
    assert formats.utc_time(midnight, EN) == "2026-01-01 00:00:00"


def test_sao_paulo_had_summer_time_in_2018() -> None:
    assert formats.local_time(1_543_622_400_000, EN) == "2018-11-30 22:00:00"  # UTC-2 then, UTC-3 now


@pytest.mark.parametrize(
    ("hours", "portuguese", "english"),
    [
        (0.01, "1 minuto", "1 minute"),
        (0.5, "30 minutos", "30 minutes"),
        (1, "1 hora", "1 hour"),
        (1.5, "1,5 hora", "1.5 hours"),
        (48, "48 horas", "48 hours"),
        (72, "3 dias", "3 days"),
    ],
)
def test_durations_take_the_unit_that_reads_best(hours: float, portuguese: str, english: str) -> None:
    assert (formats.duration_hours(hours, PT), formats.duration_hours(hours, EN)) == (portuguese, english)


def test_shares_and_decimals_drop_empty_places() -> None:
    assert formats.percent(0.5, PT) == "50%"
    assert formats.percent(0.9345, PT) == "93,5%"
    assert formats.decimal(1234.50, EN, places=2) == "1,234.5"
    assert formats.whole(1234567, PT) == "1.234.567"
