"""CPF and CNPJ in one form: masks taken off, lost leading zeros restored, check digits proved.

Sources: CPF and numeric CNPJ modulo 11; the alphanumeric CNPJ (issued since July 2026, IN RFB 2.229/2024): twelve
characters 0-9 A-Z and two check digits, each character worth its ASCII code minus 48. Digits are worth themselves
under that rule, so one formula serves both.
"""

from __future__ import annotations

import re

from graph.errors import RejectedRecord

CPF_LENGTH = 11
CNPJ_LENGTH = 14
MIN_UNMASKED_DIGITS = 8  # spreadsheets drop leading zeros; fewer than eight digits left is not a document any more

_CPF_MASK = re.compile(r"\d{3}\.\d{3}\.\d{3}-\d{2}", re.ASCII)
_CNPJ_MASK = re.compile(r"[0-9A-Z]{2}\.[0-9A-Z]{3}\.[0-9A-Z]{3}/[0-9A-Z]{4}-\d{2}", re.ASCII)
_CNPJ_PLAIN = re.compile(r"[0-9A-Z]{12}\d{2}", re.ASCII)
_SEPARATORS = re.compile(r"[\s./\-]+")
_CPF_WEIGHTS = tuple(range(11, 1, -1))
_CNPJ_WEIGHTS = (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)


def canonical_document(text: str) -> str:
    """Return a CPF as 11 digits or a CNPJ as 14 characters, without mask.

    A number without mask is read as CPF where that proves right, else as CNPJ, with lost leading zeros restored.
    Raises `RejectedRecord`; the message never repeats the document.
    """
    given = text.strip().upper()
    if "*" in given:
        raise _rejected("hidden_document", "give the whole number, or leave it empty")
    masked = looks_like_cpf(given) or looks_like_cnpj(given)
    candidates = [_bare(given)] if masked else _readings(_bare(given))
    for candidate in candidates:
        if is_cpf(candidate) or is_cnpj(candidate):
            return candidate
    raise _rejected("bad_document", "give a CPF (11 digits) or CNPJ (14 characters) whose check digits are right")


def looks_like_cpf(text: str) -> bool:
    """Whether the text is written with the mask of a CPF; check digits are not looked at."""
    return _CPF_MASK.fullmatch(text) is not None


def looks_like_cnpj(text: str) -> bool:
    """Whether the text (upper case) is written with the mask of a CNPJ; check digits are not looked at."""
    return _CNPJ_MASK.fullmatch(text) is not None


def is_cpf(digits: str) -> bool:
    """Whether eleven bare digits are a CPF with right check digits (the eleven-times-one-digit numbers are not)."""
    if len(digits) != CPF_LENGTH or not (digits.isascii() and digits.isdigit()) or len(set(digits)) == 1:
        return False
    return digits[9:] == _check_digits(digits[:9], _CPF_WEIGHTS)


def is_cnpj(text: str) -> bool:
    """Whether fourteen bare upper-case characters are a CNPJ, numeric or alphanumeric, with right check digits."""
    if not _CNPJ_PLAIN.fullmatch(text) or len(set(text)) == 1:
        return False
    return text[12:] == _check_digits(text[:12], _CNPJ_WEIGHTS)


def _bare(text: str) -> str:
    return _SEPARATORS.sub("", text)


def _readings(bare: str) -> list[str]:
    """What an unmasked text may stand for, likeliest first."""
    if not (bare.isascii() and bare.isdigit()) or len(bare) >= CNPJ_LENGTH:
        return [bare]
    if len(bare) < MIN_UNMASKED_DIGITS:
        return []
    as_cpf = [bare.zfill(CPF_LENGTH)] if len(bare) <= CPF_LENGTH else []
    return [*as_cpf, bare.zfill(CNPJ_LENGTH)]


def _check_digits(body: str, weights: tuple[int, ...]) -> str:
    """Two modulo-11 digits; `weights` are those of the second one, the first uses them from the second place on."""
    first = _mod_11(body, weights[1:])
    return first + _mod_11(body + first, weights)


def _mod_11(body: str, weights: tuple[int, ...]) -> str:
    rest = sum((ord(char) - 48) * weight for char, weight in zip(body, weights, strict=True)) % 11
    return "0" if rest < 2 else str(11 - rest)


def _rejected(code: str, cure: str) -> RejectedRecord:
    return RejectedRecord(code, field="document", cure=cure)
