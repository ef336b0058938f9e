"""Account and device ids in one form; an account id that is itself personal becomes a keyed hash."""

from __future__ import annotations

import re
import unicodedata

from graph.errors import RejectedRecord
from graph.events import MAX_ID_LENGTH
from graph.identity.contact import canonical_email, canonical_phone
from graph.identity.document import looks_like_cnpj, looks_like_cpf
from graph.identity.keys import IdentifierKeys

_PHONE = re.compile(r"\+\d[\d ().\-]{6,22}", re.ASCII)
_SIMPLE = re.compile(r"[A-Za-z0-9_:]{1,256}")
_HEX_ID = re.compile(r"[0-9A-Fa-f]{2}(?:[:\-]?[0-9A-Fa-f]{2}){5,}")
_NOT_ALNUM = re.compile(r"[^0-9A-Z]")


def canonical_account(text: str, keys: IdentifierKeys) -> str:
    """Return the account's id: the text without outer blanks in Unicode form C, or `acct:<key id>:<hex>`.

    An id that is an e-mail address (it has an @), a CPF or CNPJ written with its mask, or a telephone starting with +
    is personal: only its keyed hash goes on, the same for every way of writing it. Bare digits are taken for a plain
    account number. Raises `RejectedRecord` for an empty, unprintable or over-long id.
    """
    if _SIMPLE.fullmatch(text):
        return text
    given = unicodedata.normalize("NFC", text).strip()
    personal = _personal_form(given)
    if personal is not None:
        return keys.hash("acct", personal)
    return _checked("account", given)


def canonical_device(text: str) -> str:
    """Return the device's id: Unicode form C without outer blanks; hexadecimal ids (UUID, MAC) in lower case with
    one separator style. Raises `RejectedRecord` for an empty, unprintable or over-long id."""
    given = unicodedata.normalize("NFC", text).strip()
    if _HEX_ID.fullmatch(given):
        given = given.lower().replace(":", "-")
    return _checked("device", given)


def _personal_form(given: str) -> str | None:
    """A prefix naming the kind and the canonical identifier, or None where the id is not personal.

    A number or address that proves wrong is still somebody's: it is hashed as written, without punctuation.
    """
    if "@" in given:
        try:
            return f"email:{canonical_email(given)}"
        except RejectedRecord:
            return f"email:{given.casefold()}"
    upper = given.upper()
    if looks_like_cpf(upper) or looks_like_cnpj(upper):
        return f"document:{_NOT_ALNUM.sub('', upper)}"
    if _PHONE.fullmatch(given):
        try:
            return f"phone:{canonical_phone(given)}"
        except RejectedRecord:
            return f"phone:+{_NOT_ALNUM.sub('', given)}"
    return None


def _checked(field: str, given: str) -> str:
    if not given or len(given) > MAX_ID_LENGTH or not given.isprintable():
        raise RejectedRecord(
            "bad_identifier", field=field, value=given, cure=f"give 1 to {MAX_ID_LENGTH} printable characters"
        )
    return given
