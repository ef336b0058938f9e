"""Time, money, labels and words of a row: exact where they can be read, refused with a cure where not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import RejectedRecord
from graph.events import EARLIEST_TS, MovementKind
from ingest.validate import (
    parse_cents,
    parse_currency,
    parse_kind,
    parse_label,
    parse_time,
    rounded_cents,
    without_personal_data,
)
from tests.ingest.reading import NOW_MS


@given(
    st.datetimes(datetime(2000, 1, 2), datetime(2026, 10, 1)),
    st.integers(-14 * 60, 14 * 60),
    st.sampled_from(["seconds", "milliseconds", "microseconds"]),
)
def test_iso_times_with_any_offset_are_exact_to_the_millisecond(moment: datetime, offset: int, detail: str) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=offset)))
    text = aware.isoformat(timespec=detail)
    since_1970 = datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)
    assert parse_time(text, now_ms=NOW_MS) == since_1970 // timedelta(milliseconds=1)


@given(st.integers(EARLIEST_TS, NOW_MS))
def test_epoch_seconds_and_milliseconds_are_told_apart_by_size(ts: int) -> None:
    assert parse_time(str(ts), now_ms=NOW_MS) == ts
    assert parse_time(str(ts // 1_000), now_ms=NOW_MS) == ts // 1_000 * 1_000
    assert parse_time(f"{ts // 1_000}.{ts % 1_000:03d}", now_ms=NOW_MS) == ts


@pytest.mark.parametrize(
    ("text", "code", "cure"),
    [
        ("2024-05-01T10:00:00", "no_time_zone", "append Z"),
        ("2024-05-01", "no_time_zone", "append Z"),
        ("1970-01-01T00:00:00Z", "time_out_of_range", "after 2000"),
        ("0", "time_out_of_range", "1970"),
        ("20240501", "time_out_of_range", "1970"),
        ("2027-10-26T00:00:00Z", "time_in_future", "has passed"),
        ("1714557600000000", "time_in_future", "seconds or milliseconds"),
        ("9" * 5_000, "time_in_future", "seconds or milliseconds"),
        ("01/05/2024 10:00", "bad_time", "ISO 8601"),
        ("", "bad_time", "ISO 8601"),
        ("yesterday", "bad_time", "ISO 8601"),
        ("-5", "bad_time", "ISO 8601"),
        ("2024-02-30T00:00:00Z", "bad_time", "ISO 8601"),
    ],
)
def test_a_time_that_cannot_be_used_says_what_to_write(text: str, code: str, cure: str) -> None:
    with pytest.raises(RejectedRecord) as refusal:
        parse_time(text, now_ms=NOW_MS)
    assert refusal.value.code == code
    assert cure in refusal.value.cure


def test_a_clock_that_runs_hours_ahead_is_tolerated() -> None:
    assert parse_time(str(NOW_MS + 3_600_000), now_ms=NOW_MS) == NOW_MS + 3_600_000


@given(st.integers(0, 10**14))
def test_every_amount_of_whole_cents_is_exact(cents: int) -> None:
    amount = Decimal(cents).scaleb(-2)
    assert parse_cents(f"{amount:.2f}") == cents
    assert parse_cents(f" {amount:.5f} ") == cents
    assert parse_cents(str(amount.normalize())) == cents


@given(st.decimals(allow_nan=True, allow_infinity=True))
def test_any_decimal_is_exact_or_refused(amount: Decimal) -> None:
    usable = amount.is_finite() and 0 <= amount <= 10**12 and amount * 100 == (amount * 100).to_integral_value()
    try:
        assert parse_cents(str(amount)) == amount * 100
    except RejectedRecord:
        assert not usable or len(str(amount)) > 64 or amount.is_zero()


@pytest.mark.parametrize(
    ("text", "code", "cure"),
    [
        ("NaN", "bad_amount", "unknown amount"),
        ("inf", "bad_amount", "unknown amount"),
        ("-Infinity", "bad_amount", "unknown amount"),
        ("", "bad_amount", "unknown amount"),
        ("-1.00", "negative_amount", "swap source and target"),
        ("1000000000000000000", "amount_out_of_range", "10^12"),
        ("1e18", "amount_out_of_range", "10^12"),
        ("1e999", "amount_out_of_range", "10^12"),
        ("1.005", "fraction_of_a_cent", "two decimals"),
        ("0.001", "fraction_of_a_cent", "two decimals"),
        ("1e-30", "fraction_of_a_cent", "two decimals"),
        ("1.234,56", "bad_amount", "1234.56"),
        ("12,50", "bad_amount", "point before the cents"),
        ("R$ 12", "bad_amount", "decimal number"),
        ("1_000", "bad_amount", "decimal number"),
        ("0x10", "bad_amount", "decimal number"),
        ("１２", "bad_amount", "decimal number"),
        ("9" * 1_000, "bad_amount", "decimal number"),
    ],
)
def test_an_amount_that_cannot_be_used_says_what_to_write(text: str, code: str, cure: str) -> None:
    with pytest.raises(RejectedRecord) as refusal:
        parse_cents(text)
    assert refusal.value.code == code
    assert cure in refusal.value.cure


def test_a_simulators_amount_is_rounded_to_the_nearest_cent() -> None:
    assert rounded_cents("544595.7886430753") == 54_459_579
    assert rounded_cents(3.4867252944155735e-07) == 0
    for text in ("nan", "inf", "-0.5", "1e18", "abc"):
        with pytest.raises(RejectedRecord):
            rounded_cents(text)


def test_labels_kinds_and_currencies_are_read_in_any_case() -> None:
    assert [parse_label(text) for text in ("1", "0", "", " TRUE", "false", "1.0")] == [1, 0, None, 1, 0, 1]
    assert parse_kind(" Bet ") is MovementKind.BET
    assert parse_kind("") is MovementKind.TRANSFER
    assert parse_currency(" usd") == "USD"
    assert parse_currency("") == "BRL"
    with pytest.raises(RejectedRecord, match="fraud"):
        parse_label("maybe")
    with pytest.raises(RejectedRecord, match="card_payment"):
        parse_kind("pix")


def test_personal_data_is_blacked_out_of_what_is_kept_of_a_bad_row() -> None:
    raw = "t1,maria@example.com,529.982.247-25,12.ABC.345/01DE-35,+55 11 98765-4321,12.50,2024-05-01T10:00:00-03:00"
    assert without_personal_data(raw) == (
        "t1,[personal],[personal],[personal],[personal],12.50,2024-05-01T10:00:00-03:00"
    )
