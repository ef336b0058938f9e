"""Numbers, money and times as people of each language write them; pure functions of their arguments.

Times come in as UTC epoch milliseconds and money as integer cents. The reader's zone is America/Sao_Paulo.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo

LOCAL_ZONE = "America/Sao_Paulo"
NO_BREAK_SPACE = "\u00a0"
EMPTY = "\u2014"  # em dash: nothing is known; never a zero


class Language(StrEnum):
    """Languages that reports and pages speak."""

    PT = "pt-BR"
    EN = "en"


def whole(value: float, language: Language) -> str:
    """`value` rounded to an integer, thousands grouped: 1.234 in Portuguese, 1,234 in English."""
    text = f"{round(value):,}"
    return text.replace(",", ".") if language is Language.PT else text


def decimal(value: float, language: Language, *, places: int = 1) -> str:
    """`value` with at most `places` decimals (trailing zeros dropped), in the language's separators."""
    text = f"{value:,.{places}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.translate(str.maketrans(",.", ".,")) if language is Language.PT else text


def money(cents: int, language: Language, *, currency: str = "BRL") -> str:
    """Integer cents as money: `R$ 1.234,56` (Portuguese) or `BRL 1,234.56` (English), exact to the cent."""
    sign, rest = ("-" if cents < 0 else ""), abs(cents)
    text = f"{rest // 100:,}.{rest % 100:02d}"
    if language is Language.PT:
        text = text.translate(str.maketrans(",.", ".,"))
        currency = "R$" if currency == "BRL" else currency
    return f"{sign}{currency}{NO_BREAK_SPACE}{text}"


def percent(share: float, language: Language) -> str:
    """A share of 0-1 as a percentage with at most one decimal."""
    return f"{decimal(share * 100, language)}%"


def duration_hours(hours: float, language: Language) -> str:
    """Hours in the unit that reads best: minutes below one hour, days from 72 hours on."""
    names = _UNITS[language]
    if 0 < hours < 1:
        return _counted(max(1, round(hours * 60)), names[0], language)
    if hours >= 72:
        return _counted(round(hours / 24, 1), names[2], language)
    return _counted(round(hours, 1), names[1], language)


def duration_days(days: float, language: Language) -> str:
    """Days as a counted noun."""
    return _counted(round(days, 1), _UNITS[language][2], language)


def counted(value: float, singular: str, plural: str, language: Language) -> str:
    """`value` and its noun in the right number: "1 conta", "3 contas"; Portuguese takes the singular below two."""
    return _counted(value, (singular, plural), language)


def local_time(ts: int, language: Language) -> str:
    """Date and time to the second in Sao Paulo: `31/12/2025 20:59:59` or `2025-12-31 20:59:59`."""
    return _stamp(ts, ZoneInfo(LOCAL_ZONE), language)


def utc_time(ts: int, language: Language) -> str:
    """Date and time to the second in UTC, same forms as `local_time`."""
    return _stamp(ts, UTC, language)


def local_minute(ts: int, language: Language) -> str:
    """Date and time to the minute in Sao Paulo, for sentences."""
    return _stamp(ts, ZoneInfo(LOCAL_ZONE), language)[:-3]


def _stamp(ts: int, zone: tzinfo, language: Language) -> str:
    moment = datetime.fromtimestamp(ts // 1000, tz=zone)
    return moment.strftime("%d/%m/%Y %H:%M:%S" if language is Language.PT else "%Y-%m-%d %H:%M:%S")


_UNITS: dict[Language, tuple[tuple[str, str], tuple[str, str], tuple[str, str]]] = {
    Language.PT: (("minuto", "minutos"), ("hora", "horas"), ("dia", "dias")),
    Language.EN: (("minute", "minutes"), ("hour", "hours"), ("day", "days")),
}


def _counted(value: float, names: tuple[str, str], language: Language) -> str:
    one = abs(value) < 2 if language is Language.PT else abs(value) == 1
    return f"{decimal(value, language)} {names[0] if one else names[1]}"
