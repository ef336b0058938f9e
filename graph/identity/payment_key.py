"""PIX keys: which of the five kinds a text is, and its one form."""

from __future__ import annotations

from uuid import UUID

from graph.errors import RejectedRecord
from graph.events import IdentifierKind
from graph.identity.contact import canonical_email, canonical_phone
from graph.identity.document import canonical_document

_HEX_LENGTH = 32


def canonical_payment_key(text: str) -> tuple[IdentifierKind, str]:
    """Return what the key is made from and its canonical form.

    E-mail, telephone (`+` and country code), CPF or CNPJ, and the random key (EVP, a UUID: kind `PAYMENT_KEY`) are
    told apart by their writing. Bare digits are a document where the check digits prove it, else a telephone: the
    central bank's own form of a telephone key always starts with `+`. So the same person is found whether an input
    names the document, the e-mail or the key made from it. Raises `RejectedRecord` without repeating the key.
    """
    given = text.strip()
    if "@" in given:
        return IdentifierKind.EMAIL, canonical_email(given)
    evp = _evp(given)
    if evp is not None:
        return IdentifierKind.PAYMENT_KEY, evp
    if not given.startswith(("+", "(")):
        try:
            return IdentifierKind.DOCUMENT, canonical_document(given)
        except RejectedRecord:
            pass  # not a document: read it as a telephone
    try:
        return IdentifierKind.PHONE, canonical_phone(given)
    except RejectedRecord as error:
        raise RejectedRecord(
            "bad_payment_key", field="payment_key", cure="give an e-mail, +phone, CPF, CNPJ or random key (UUID)"
        ) from error


def _evp(text: str) -> str | None:
    bare = text.replace("-", "")
    if len(bare) != _HEX_LENGTH:
        return None
    try:
        return str(UUID(bare))
    except ValueError:
        return None
