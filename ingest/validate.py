"""Text of an input row to values of the language: time, money, kind, label; every refusal says what to change."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation, localcontext
from math import isfinite

from graph.errors import RejectedRecord
from graph.events import EARLIEST_TS, LATEST_TS, MAX_AMOUNT_CENTS, MovementKind

DAY_MS = 86_400_000
FUTURE_TOLERANCE_MS = DAY_MS  # clocks of other systems run ahead; a date of next year is a mistake
EPOCH_MS_FROM = 100_000_000_000  # as seconds this is the year 5138, as milliseconds 1973: from here on, milliseconds
MAX_AMOUNT_TEXT = 64

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_DECIMAL_SECONDS = re.compile(r"\d{9,11}\.\d{1,9}", re.ASCII)
_NOT_A_NUMBER = frozenset({"nan", "inf", "infinity", "null", "none", "na", "n/a", ""})
_LABELS = {
    **dict.fromkeys(("1", "1.0", "true", "yes", "fraud"), 1),
    **dict.fromkeys(("0", "0.0", "false", "no", "honest"), 0),
    **dict.fromkeys(("", "nan", "null", "none"), None),
}
_KINDS = {str(kind): kind for kind in MovementKind}
#: What exports write where they have no value; as an id it would join strangers.
EMPTY_WORDS = frozenset({"", "-", "null", "none", "nan", "n/a", "na", "unknown", "undefined"})

#: Personal forms recognised in free text (the same that make an account id personal), for `without_personal_data`.
_PERSONAL = re.compile(
    r"[^\s,;|\"'<>@]+@[^\s,;|\"'<>@]+"
    r"|\b\d{3}\.\d{3}\.\d{3}-\d{2}\b"
    r"|\b[0-9A-Za-z]{2}\.[0-9A-Za-z]{3}\.[0-9A-Za-z]{3}/[0-9A-Za-z]{4}-\d{2}\b"
    r"|\+\d[\d ().\-]{6,22}\d"
)


def parse_time(text: str, *, now_ms: int) -> int:
    """Return UTC epoch milliseconds of an ISO 8601 time with zone, or of epoch seconds or milliseconds.

    Whole numbers from 10^11 on are milliseconds, smaller ones seconds (which may have decimals). Raises
    `RejectedRecord`: not a time, no zone, before 2000, or more than a day after `now_ms`.
    """
    if text.isdigit() and text.isascii():
        number = int(text) if len(text) < 20 else LATEST_TS
        ts = number if number >= EPOCH_MS_FROM else number * 1_000
    elif _DECIMAL_SECONDS.fullmatch(text):
        ts = int(Decimal(text) * 1_000)
    else:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise RejectedRecord(
                "bad_time", field="ts", value=text, cure="give ISO 8601 with zone, or epoch seconds"
            ) from error
        if moment.tzinfo is None:
            raise RejectedRecord(
                "no_time_zone", field="ts", value=text, cure="append Z for UTC or an offset such as -03:00"
            )
        ts = epoch_ms(moment)
    return checked_time(ts, given=text, now_ms=now_ms)


def parse_utc_time(text: str, *, now_ms: int) -> int:
    """Return UTC epoch milliseconds of a time written without zone in a format that is defined to be UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise RejectedRecord("bad_time", field="ts", value=text, cure="give YYYY-MM-DD hh:mm:ss") from error
    ts = epoch_ms(moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC))
    return checked_time(ts, given=text, now_ms=now_ms)


def checked_time(ts: int, *, given: object, now_ms: int) -> int:
    """Return `ts` (epoch ms); raise `RejectedRecord` when it is before 2000 or more than a day after `now_ms`."""
    if EARLIEST_TS <= ts <= now_ms + FUTURE_TOLERANCE_MS:
        return ts
    if ts < EARLIEST_TS:
        raise RejectedRecord(
            "time_out_of_range",
            field="ts",
            value=given,
            cure="give a time after 2000; a date of 1970 means an empty field or an unknown unit",
        )
    raise RejectedRecord(
        "time_in_future", field="ts", value=given, cure="give a time that has passed, as epoch seconds or milliseconds"
    )


def epoch_ms(moment: datetime) -> int:
    """Return whole milliseconds since 1970 of an aware time, without floating point."""
    delta = moment - _EPOCH
    return delta.days * DAY_MS + delta.seconds * 1_000 + delta.microseconds // 1_000


def parse_cents(text: str) -> int:
    """Return the exact cents of a decimal amount with a point: `12`, `12.3`, `12.34`, `12.3400`, `1.2e3`.

    Raises `RejectedRecord` for anything else: text, NaN and infinities, a decimal comma, negative amounts, more than
    10^12, and amounts that are not whole cents (rounding somebody's money is not ours to do).
    """
    whole, point, part = text.partition(".")
    if whole.isdigit() and len(whole) <= 12 and text.isascii():
        if not point:
            return int(whole) * 100
        if part.isdigit():
            if len(part) == 2:
                return int(whole + part)
            if len(part) == 1:
                return int(whole + part) * 10
    return _careful_cents(text.strip())


def rounded_cents(value: float | str) -> int:
    """Return the nearest cent of a simulator's floating-point amount; raise `RejectedRecord` as `parse_cents` does."""
    try:
        amount = float(value)
    except ValueError as error:
        raise _bad_amount(value) from error
    if not isfinite(amount):
        raise _bad_amount(value)
    if amount < 0:
        raise _negative(value)
    if amount * 100 > MAX_AMOUNT_CENTS:
        raise _too_large(value)
    return round(amount * 100)


def parse_label(text: str) -> int | None:
    """Return 1, 0, or None where there is no label; raise `RejectedRecord` for other words."""
    try:
        return _LABELS[text.strip().lower()]
    except KeyError as error:
        raise RejectedRecord(
            "bad_label", field="label", value=text, cure="give 1 (fraud), 0 (honest) or nothing"
        ) from error


def parse_kind(text: str) -> MovementKind:
    """Return the kind of movement, a transfer where none is given; raise `RejectedRecord` for unknown words."""
    word = text.strip().lower()
    if not word:
        return MovementKind.TRANSFER
    try:
        return _KINDS[word]
    except KeyError as error:
        raise RejectedRecord(
            "unknown_kind", field="kind", value=text, cure=f"give one of {', '.join(_KINDS)}, or nothing"
        ) from error


def parse_currency(text: str) -> str:
    """Return the ISO 4217 code in capitals, BRL where none is given; `Movement` refuses what is not one."""
    return text.strip().upper() or "BRL"


def plain_text(text: str, field: str, limit: int) -> str:
    """Return the text without outer blanks; raise `RejectedRecord` when it is too long or not printable."""
    given = text.strip()
    if len(given) > limit or not given.isprintable():
        raise RejectedRecord("bad_text", field=field, value=given, cure=f"give at most {limit} printable characters")
    return given


def without_personal_data(text: str) -> str:
    """Return the text with e-mail addresses, masked CPF and CNPJ, and +telephones replaced by `[personal]`.

    Rows that were set aside are stored as text; personal identifiers are not.
    """
    return _PERSONAL.sub("[personal]", text)


def _careful_cents(text: str) -> int:
    if len(text) > MAX_AMOUNT_TEXT or not _NUMBER.fullmatch(text):
        raise _bad_amount(text)
    with localcontext(prec=2 * MAX_AMOUNT_TEXT):
        try:
            amount = Decimal(text)
        except InvalidOperation as error:
            raise _bad_amount(text) from error
        if amount < 0:
            raise _negative(text)
        if amount * 100 > MAX_AMOUNT_CENTS:
            raise _too_large(text)
        cents = amount * 100
        if cents != cents.to_integral_value():
            raise RejectedRecord(
                "fraction_of_a_cent", field="amount", value=text, cure="give whole cents: at most two decimals"
            )
        return int(cents)


def _bad_amount(value: object) -> RejectedRecord:
    text = str(value)
    if text.strip().lower().lstrip("+-") in _NOT_A_NUMBER:
        cure = "give the amount that was moved; an unknown amount cannot be counted"
    elif "," in text:
        cure = "use a point before the cents and nothing between thousands: 1234.56"
    else:
        cure = "give a decimal number such as 1234.56"
    return RejectedRecord("bad_amount", field="amount", value=text, cure=cure)


def _negative(value: object) -> RejectedRecord:
    return RejectedRecord(
        "negative_amount", field="amount", value=value, cure="swap source and target, or give the kind refund"
    )


def _too_large(value: object) -> RejectedRecord:
    return RejectedRecord(
        "amount_out_of_range", field="amount", value=value, cure="give 0 to 10^12 units of money (check the unit)"
    )
