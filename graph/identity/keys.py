"""Keyed hashes of personal identifiers: the only form in which they are ever stored."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass, field

from graph.errors import ConfigurationError

MIN_SECRET_BYTES = 16
HASH_BYTES = 16  # 128 bits: no collisions by chance among 10^12 identifiers
_KEY_ID = re.compile(r"[a-z0-9]{1,16}")


@dataclass(frozen=True, slots=True)
class IdentifierKeys:
    """Turns canonical identifiers into ids `<kind>:<key id>:<32 hex>` with HMAC-SHA256.

    Whoever holds the graph but not `secret` can neither read an identifier nor test a guess. `key_id` stands in every
    id, so that hashes of different keys are never compared by accident. Raises `ConfigurationError` for a short
    secret or a key id other than 1 to 16 of a-z and 0-9.
    """

    key_id: str
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not _KEY_ID.fullmatch(self.key_id):
            raise ConfigurationError(
                f"{self.key_id!r} cannot be a key id", cure="use 1 to 16 lower-case letters and digits"
            )
        if len(self.secret) < MIN_SECRET_BYTES:
            raise ConfigurationError(
                f"the identifier key has {len(self.secret)} bytes",
                cure=f"give at least {MIN_SECRET_BYTES} random bytes",
            )

    @classmethod
    def from_secret(cls, secret: bytes) -> IdentifierKeys:
        """Return keys whose key id is derived from the secret, so that another secret can never pass for this one."""
        return cls(hmac.digest(secret, b"tarrafa key id", "sha256")[:4].hex(), secret)

    def hash(self, kind: str, canonical: str) -> str:
        """Return the id of a canonical identifier; equal kind and text give equal ids under one key."""
        digest = hmac.digest(self.secret, f"{kind}\0{canonical}".encode(), "sha256")
        return f"{kind}:{self.key_id}:{digest[:HASH_BYTES].hex()}"
