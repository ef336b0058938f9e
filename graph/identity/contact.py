"""E-mail addresses and telephone numbers in one form each."""

from __future__ import annotations

import re
import unicodedata

import phonenumbers

from graph.errors import RejectedRecord
from graph.identity.domain import canonical_domain_name

HOME_REGION = "BR"  # how a number without country code is read
MAX_EMAIL = 254  # RFC 5321
_LOCAL_PART = re.compile(r"[^\s\"(),:;<>@\[\\\]]{1,64}")
_GMAIL = frozenset({"gmail.com", "googlemail.com"})


def canonical_email(text: str) -> str:
    """Return the address in lower case with its domain as A-labels.

    Dots and "+tag" are dropped for Gmail, where the provider documents that they reach the same mailbox; other
    providers may tell such addresses apart, so they are kept. Raises `RejectedRecord`, which never repeats the address.
    """
    given = unicodedata.normalize("NFKC", text).strip().removeprefix("mailto:")
    local, at, host = given.rpartition("@")
    if not at or len(given) > MAX_EMAIL or not _LOCAL_PART.fullmatch(local):
        raise RejectedRecord("bad_email", field="email", cure="give name@domain")
    try:
        domain = canonical_domain_name(host)
    except RejectedRecord as error:
        raise RejectedRecord("bad_email", field="email", cure="give name@domain with an existing domain") from error
    local = local.lower()
    if domain in _GMAIL:
        local, domain = local.partition("+")[0].replace(".", ""), "gmail.com"
        if not local:
            raise RejectedRecord("bad_email", field="email", cure="give name@domain")
    return f"{local}@{domain}"


def canonical_phone(text: str) -> str:
    """Return the number as E.164 (`+5511987654321`); without country code it is read as Brazilian.

    Raises `RejectedRecord` (which never repeats the number) for what no numbering plan allows.
    """
    for candidate in (text, f"+{text}"):  # "5511987654321": a country code that lost its plus
        try:
            number = phonenumbers.parse(candidate, HOME_REGION)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    raise RejectedRecord("bad_phone", field="phone", cure="give the number with area code, best as +55 11 98765-4321")
