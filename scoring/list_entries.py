"""From what a person wants listed to an entry in its one written form.

A personal identifier is hashed with the keys here, before anything is kept.
"""

from __future__ import annotations

import re
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network, ip_network
from socket import AF_INET, AF_INET6, inet_pton

from graph.errors import RejectedRecord
from graph.events import EARLIEST_TS, LATEST_TS, MAX_ID_LENGTH, ListKind
from graph.identity import (
    IdentifierKeys,
    canonical_account,
    canonical_device,
    canonical_document,
    canonical_domain_name,
    canonical_email,
    canonical_ip,
    canonical_payment_key,
    canonical_phone,
    is_public_suffix,
)
from graph.listings import ADD, LISTS, PERSONAL, Change, EntryKind, network_text

MAX_REASON = 500
#: Shortest networks that can be listed: a shorter one is a slip, it would judge a good part of all customers.
MIN_PREFIX_V4, MIN_PREFIX_V6 = 8, 16

_V4_MAPPED = 0xFFFF << 32
_CARD = re.compile(r"\d{12,19}", re.ASCII)

Network = IPv4Network | IPv6Network


def entry_change(
    listed: ListKind | str,
    kind: EntryKind | str,
    value: str,
    *,
    keys: IdentifierKeys,
    action: str = ADD,
    reason: str = "",
    expires_ts: int | None = None,
) -> Change:
    """Return the change that a person asked for, with `value` in canonical form and personal ones hashed.

    Raises `RejectedRecord` saying what to change; it never repeats a personal value.
    """
    chosen, named = list_of(listed), kind_of(kind)
    given = value.strip()
    if not given:
        raise RejectedRecord("empty_value", field="value", cure="say what to list")
    if len(reason) > MAX_REASON or not (reason.isprintable() or not reason):
        raise RejectedRecord("bad_reason", field="reason", value=reason, cure=f"give at most {MAX_REASON} characters")
    if named in PERSONAL and given in reason:
        raise RejectedRecord("personal_reason", field="reason", cure="leave the identifier itself out of the reason")
    if expires_ts is not None and not EARLIEST_TS <= expires_ts < LATEST_TS:
        raise RejectedRecord(
            "time_out_of_range", field="expires", value=expires_ts, cure="give a time from 2000 to 2099"
        )
    if named not in PERSONAL:
        return Change(action, chosen, named, _canonical(named, given, keys), reason, expires_ts)
    if re.fullmatch(rf"{named}:{keys.key_id}:[0-9a-f]{{32}}", given):  # copied from a page: hashed already
        return Change(action, chosen, named, given, reason, expires_ts)
    proved, canonical = _personal(named, given)
    also = keys.hash("acct", f"{proved}:{canonical}")
    return Change(action, chosen, proved, keys.hash(str(proved), canonical), reason, expires_ts, also)


def list_of(text: str) -> ListKind:
    """Return the list of that name; raise `RejectedRecord` naming those there are."""
    if text not in LISTS:
        raise RejectedRecord("unknown_list", field="list", value=str(text), cure=f"give one of {', '.join(LISTS)}")
    return ListKind(text)


def kind_of(text: str) -> EntryKind:
    """Return the kind of that name; raise `RejectedRecord` naming those there are."""
    try:
        return EntryKind(text)
    except ValueError as error:
        cure = f"give one of {', '.join(EntryKind)}"
        raise RejectedRecord("unknown_kind", field="kind", value=str(text), cure=cure) from error


def expiry_of(text: str) -> int:
    """Return UTC epoch milliseconds of an ISO 8601 time with zone; raise `RejectedRecord` for anything else."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise RejectedRecord(
            "bad_time", field="expires", value=text, cure="give ISO 8601 with zone, such as 2027-01-31T00:00:00-03:00"
        ) from error
    if moment.tzinfo is None:
        raise RejectedRecord("no_time_zone", field="expires", value=text, cure="append Z for UTC or -03:00")
    return round(moment.timestamp() * 1_000)


def network_of(text: str) -> Network:
    """Return the network of an address or CIDR, IPv4 mapped into IPv6 folded; raise `RejectedRecord`."""
    if "/" not in text:
        return ip_network(canonical_ip(text)[0])
    try:
        network = ip_network(text.strip(), strict=False)
    except ValueError as error:
        raise RejectedRecord("bad_network", field="value", value=text, cure="give it such as 203.0.113.0/24") from error
    start = int(network.network_address)
    if isinstance(network, IPv6Network) and network.prefixlen >= 96 and start >> 32 == _V4_MAPPED >> 32:
        network = IPv4Network((start & 0xFFFFFFFF, network.prefixlen - 96))
    shortest = MIN_PREFIX_V4 if network.version == 4 else MIN_PREFIX_V6
    if network.prefixlen < shortest:
        raise RejectedRecord(
            "network_too_wide", field="value", value=text, cure=f"give a prefix of at least /{shortest}"
        )
    address = text.strip().partition("/")[0]
    if ip_number(address) not in (int(network.network_address), start):
        raise RejectedRecord("host_in_network", field="value", value=text, cure=f"give {network}, or one address")
    return network


def ip_number(text: str) -> int:
    """Return the number of an address in its own family; ValueError when it is none."""
    try:
        return int.from_bytes(inet_pton(AF_INET6 if ":" in text else AF_INET, text), "big")
    except OSError as error:
        raise ValueError(text) from error


def _canonical(kind: EntryKind, given: str, keys: IdentifierKeys) -> str:
    if kind is EntryKind.ACCOUNT:
        return canonical_account(given, keys)
    if kind is EntryKind.DEVICE:
        return canonical_device(given)
    if kind is EntryKind.DOMAIN:
        return _site(given)
    if kind is EntryKind.IP:
        return network_text(network_of(given))
    if len(given) > MAX_ID_LENGTH or not given.isprintable():
        raise RejectedRecord(
            "bad_identifier", field="value", value=given, cure=f"give 1 to {MAX_ID_LENGTH} printable characters"
        )
    return given


def _site(given: str) -> str:
    """The domain without `www.`: who lists `www.bet.example` means the site."""
    name = canonical_domain_name(given)
    bare = name.removeprefix("www.")
    if "." in bare and not is_public_suffix(bare):
        name = bare
    if is_public_suffix(name):
        raise RejectedRecord("public_suffix", field="value", value=given, cure=f"name a site, such as bet.{name}")
    return name


def _personal(kind: EntryKind, given: str) -> tuple[EntryKind, str]:
    """The kind that the identifier proves to be (a payment key is made from another), and its canonical form."""
    if kind is EntryKind.PAYMENT_KEY:
        found, canonical = canonical_payment_key(given)
        return EntryKind(str(found)), canonical
    if kind is EntryKind.DOCUMENT:
        return kind, canonical_document(given)
    if kind is EntryKind.EMAIL:
        return kind, canonical_email(given)
    if kind is EntryKind.PHONE:
        return kind, canonical_phone(given)
    digits = re.sub(r"[\s-]", "", given)
    if not _CARD.fullmatch(digits):
        raise RejectedRecord("bad_card", field="value", cure="give the 12 to 19 digits of the card")
    return kind, digits
