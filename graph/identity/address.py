"""IP addresses in one form, with the port of a carrier NAT kept beside."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from graph.errors import RejectedRecord

_V4 = re.compile(r"(\d{1,3}(?:\.\d{1,3}){3})(?::(\d{1,5}))?", re.ASCII)
_BRACKETED = re.compile(r"\[([^\]]+)\](?::(\d{1,5}))?", re.ASCII)
_MAX_PORT = 65_535


def canonical_ip(text: str) -> tuple[str, int | None]:
    """Return the address and the source port, if one was given.

    IPv4 mapped into IPv6 (`::ffff:1.2.3.4`) becomes IPv4; IPv6 is compressed in lower case (RFC 5952). `1.2.3.4:5678`
    and `[2001:db8::1]:5678` carry a port: behind a carrier NAT only address and port together tell customers apart.
    Raises `RejectedRecord` for networks, host names, octets with leading zeros, zone ids, and addresses nobody can
    come from (unspecified, loopback, multicast, broadcast).
    """
    given = text.strip()
    match = _V4.fullmatch(given) or _BRACKETED.fullmatch(given)
    host, port_text = match.groups() if match else (given, None)
    port = int(port_text) if port_text else None
    if port is not None and not 0 < port <= _MAX_PORT:
        raise RejectedRecord("bad_port", field="ip", value=given, cure="give a port from 1 to 65535, or none")
    address = _parse(host, given)
    if address.is_unspecified or address.is_loopback or address.is_multicast or str(address) == "255.255.255.255":
        raise RejectedRecord(
            "ip_of_nobody", field="ip", value=given, cure="give the customer's address, or leave empty"
        )
    return str(address), port


def _parse(host: str, given: str) -> IPv4Address | IPv6Address:
    try:
        if ":" not in host:
            return IPv4Address(host)
        address = IPv6Address(host)
    except AddressValueError as error:
        cure = "give one address, not a network" if "/" in given else "give an IPv4 or IPv6 address, or leave empty"
        raise RejectedRecord("bad_ip", field="ip", value=given, cure=cure) from error
    if address.scope_id is not None:
        raise RejectedRecord("bad_ip", field="ip", value=given, cure="leave out the zone after %")
    return address.ipv4_mapped or address
