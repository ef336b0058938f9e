"""One form for every identity, so that two ways of writing it meet in one node; personal ones become keyed hashes."""

from graph.identity.account import canonical_account, canonical_device
from graph.identity.address import canonical_ip
from graph.identity.contact import canonical_email, canonical_phone
from graph.identity.document import canonical_document
from graph.identity.domain import Domain, canonical_domain, canonical_domain_name, is_public_suffix, skeleton_of
from graph.identity.keys import IdentifierKeys
from graph.identity.payment_key import canonical_payment_key

__all__ = [
    "Domain",
    "IdentifierKeys",
    "canonical_account",
    "canonical_device",
    "canonical_document",
    "canonical_domain",
    "canonical_domain_name",
    "canonical_email",
    "canonical_ip",
    "canonical_payment_key",
    "canonical_phone",
    "is_public_suffix",
    "skeleton_of",
]
