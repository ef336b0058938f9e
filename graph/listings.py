"""Entries of the block, watch and allow lists as the log keeps them: changes in canonical form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final

import msgspec

from graph.errors import ConfigurationError
from graph.events import MAX_ID_LENGTH, IdentifierKind, ListKind

#: The part of what is governed that these changes are of.
PART: Final = "lists"
LISTS: Final = (ListKind.BLOCK, ListKind.WATCH, ListKind.ALLOW)
MAX_CHANGES: Final = 5_000  # in one event; longer files become several


class EntryKind(StrEnum):
    """What an entry names. A `domain` stands for itself and every name below it, an `ip` for an address or network."""

    ACCOUNT = "account"
    DEVICE = "device"
    OPERATOR = "operator"
    DOMAIN = "domain"
    IP = "ip"
    DOCUMENT = "document"
    EMAIL = "email"
    PHONE = "phone"
    PAYMENT_KEY = "payment_key"
    CARD = "card"


#: Kinds that are personal: only their keyed hash is kept.
PERSONAL = frozenset(EntryKind(str(kind)) for kind in IdentifierKind)


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One entry added or removed. `value` is in canonical form; adding what stands there replaces it.

    `also` is the id that accounts get whose own number is this identifier. `expires_ts` (UTC epoch ms) is compared with
    a movement's own time: movements from then on are not judged by the entry.
    """

    action: str
    list: ListKind
    kind: EntryKind
    value: str
    reason: str = ""
    expires_ts: int | None = None
    also: str = ""

    @property
    def entry_id(self) -> str:
        """Name of the entry, the same whenever it is added."""
        return f"{self.list}:{self.kind}:{self.value}"


ADD, REMOVE = "add", "remove"
_ENCODER = msgspec.json.Encoder(order="sorted")
_DECODER = msgspec.json.Decoder(tuple[Change, ...])


def content_of(changes: Sequence[Change]) -> str:
    """Return changes, applied in this order, as the content of one event."""
    return _ENCODER.encode(changes).decode()


def changes_of(content: str) -> tuple[Change, ...]:
    """Return what `content_of` wrote; raise `ConfigurationError` for anything that is not in canonical form."""
    try:
        changes = _DECODER.decode(content)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise ConfigurationError(
            f"these list changes cannot be read: {error}", cure="send a list of changes"
        ) from error
    if not 0 < len(changes) <= MAX_CHANGES:
        raise ConfigurationError(
            f"{len(changes)} list changes at once", cure=f"send 1 to {MAX_CHANGES}, more in several calls"
        )
    for change in changes:
        _check(change)
    return changes


def network_text(network: IPv4Network | IPv6Network) -> str:
    """Return the network as it is kept: a single address without its prefix."""
    return str(network.network_address) if network.num_addresses == 1 else str(network)


def _check(change: Change) -> None:
    if change.action not in (ADD, REMOVE):
        raise ConfigurationError(f"a list entry cannot be {change.action!r}", cure=f"say {ADD} or {REMOVE}")
    if change.list not in LISTS:
        raise ConfigurationError(f"there is no list {change.list}", cure=f"name one of {', '.join(LISTS)}")
    if not change.value or len(change.value) > MAX_ID_LENGTH or not (change.value + change.reason).isprintable():
        raise ConfigurationError(
            f"an entry of kind {change.kind} is empty, too long or not printable", cure="give what it names"
        )
    if change.kind in PERSONAL and not re.fullmatch(rf"{change.kind}:[a-z0-9]{{1,16}}:[0-9a-f]{{32}}", change.value):
        raise ConfigurationError(
            f"an entry of kind {change.kind} is not a keyed hash", cure="hash it before it is kept"
        )
    if change.kind is EntryKind.IP:
        try:
            fits = network_text(ip_network(change.value)) == change.value
        except ValueError:
            fits = False
        if not fits:
            raise ConfigurationError(f"{change.value} is not a network in canonical form", cure="write 203.0.113.0/24")
