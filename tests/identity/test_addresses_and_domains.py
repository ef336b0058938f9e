"""Addresses and domains: one form, look-alikes share a skeleton, junk is refused."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import RejectedRecord
from graph.identity import canonical_domain, canonical_domain_name, canonical_ip, skeleton_of

LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True).filter(lambda label: label[2:4] != "--")


@pytest.mark.parametrize(
    ("text", "address", "port"),
    [
        ("200.147.3.157", "200.147.3.157", None),
        (" 200.147.3.157:40123 ", "200.147.3.157", 40123),
        ("::ffff:200.147.3.157", "200.147.3.157", None),
        ("::FFFF:c893:039d", "200.147.3.157", None),
        ("[::ffff:200.147.3.157]:443", "200.147.3.157", 443),
        ("2001:0DB8:0000:0000:0000:0000:0000:0001", "2001:db8::1", None),
        ("[2001:db8::1]:8080", "2001:db8::1", 8080),
        ("10.0.0.7", "10.0.0.7", None),
    ],
)
def test_an_address_has_one_form_and_keeps_its_port(text: str, address: str, port: int | None) -> None:
    assert canonical_ip(text) == (address, port)


@given(st.integers(0, 2**32 - 1))
def test_an_ipv4_address_and_its_mapped_form_are_one(number: int) -> None:
    plain = str(IPv4Address(number))
    try:
        expected = canonical_ip(plain)
    except RejectedRecord:
        with pytest.raises(RejectedRecord):
            canonical_ip(f"::ffff:{plain}")
        return
    assert canonical_ip(f"::ffff:{plain}") == expected == (plain, None)


@given(st.integers(0, 2**128 - 1), st.integers(1, 65_535))
def test_every_spelling_of_an_ipv6_address_is_one(number: int, port: int) -> None:
    address = IPv6Address(number)
    try:
        canonical, _ = canonical_ip(address.exploded.upper())
    except RejectedRecord:
        return
    assert canonical_ip(f"[{address.compressed}]:{port}") == (canonical, port)
    assert canonical_ip(canonical) == (canonical, None)


@pytest.mark.parametrize(
    "text",
    ["", "-", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.4:0", "1.2.3.4:99999", "1.2.3.0/24", "fe80::1%eth0",
     "0.0.0.0", "127.0.0.1", "::1", "255.255.255.255", "224.0.0.1", "site.bet.br", "2001:db8::1:::", "1.2.3.4 5"],
)  # fmt: skip
def test_junk_is_no_address(text: str) -> None:
    with pytest.raises(RejectedRecord) as refusal:
        canonical_ip(text)
    assert refusal.value.cure


@pytest.mark.parametrize(
    ("text", "name", "registrable"),
    [
        ("Site.BET.br.", "site.bet.br", "site.bet.br"),
        ("https://user:pw@www.Aposta.com.br:8443/ganhe?x=1#y", "www.aposta.com.br", "aposta.com.br"),
        ("www.aposta.com.br/ganhe", "www.aposta.com.br", "aposta.com.br"),
        ("aposta.com:8080", "aposta.com", "aposta.com"),
        ("münchen.de", "xn--mnchen-3ya.de", "xn--mnchen-3ya.de"),
        ("XN--MNCHEN-3YA.de", "xn--mnchen-3ya.de", "xn--mnchen-3ya.de"),
        ("a.b.github.io", "a.b.github.io", "b.github.io"),
        ("bet.br", "bet.br", "bet.br"),
        ("track_me.aposta.com", "track_me.aposta.com", "aposta.com"),
        ("ａｐｏｓｔａ.com", "aposta.com", "aposta.com"),
        ("банк.рф", "xn--80ab2al.xn--p1ai", "xn--80ab2al.xn--p1ai"),
    ],
)
def test_a_domain_has_one_form_and_a_registrable_part(text: str, name: str, registrable: str) -> None:
    domain = canonical_domain(text)
    assert (domain.name, domain.registrable) == (name, registrable)
    assert canonical_domain(name) == domain


@pytest.mark.parametrize(
    ("look_alike", "original"),
    [
        ("pаypal.com", "paypal.com"),  # Cyrillic a
        ("xn--pypal-4ve.com", "paypal.com"),  # the same as A-label
        ("paypa1.com", "paypal.com"),
        ("PAYPAI.com", "paypal.com"),  # capital I
        ("g00gle.com", "google.com"),
        ("rnicrosoft.com", "microsoft.com"),
        ("vvinbet.com", "winbet.com"),
        ("bétano.com", "betano.com"),
        ("ехаmple.com", "example.com"),  # Cyrillic e and ha
        ("ѕuperbet.com", "superbet.com"),  # Cyrillic dze
        ("βet365.com", "ßet365.com"),  # not Latin at all, but alike
        ("аррӏе.com", "apple.com"),  # wholly Cyrillic
    ],
)
def test_look_alikes_share_a_skeleton(look_alike: str, original: str) -> None:
    assert canonical_domain(look_alike).skeleton == canonical_domain(original).skeleton


@pytest.mark.parametrize(("one", "other"), [("betano.com", "betanu.com"), ("site.bet.br", "site.com.br")])
def test_names_that_look_different_have_different_skeletons(one: str, other: str) -> None:
    assert canonical_domain(one).skeleton != canonical_domain(other).skeleton


@given(st.lists(LABEL, min_size=1, max_size=3))
def test_a_canonical_domain_and_a_skeleton_stay_as_they_are(labels: list[str]) -> None:
    name = canonical_domain_name(".".join([*labels, "com"]))
    assert canonical_domain_name(name) == name
    assert canonical_domain_name(f"HTTP://{name.upper()}./path") == name
    assert skeleton_of(skeleton_of(name)) == skeleton_of(name)


@given(st.text(st.characters(categories=["Ll", "Nd", "Lo"]), min_size=1, max_size=12))
def test_the_skeleton_of_a_skeleton_is_itself_in_every_script(label: str) -> None:
    assert skeleton_of(skeleton_of(f"{label}.com")) == skeleton_of(f"{label}.com")


@pytest.mark.parametrize(
    "text",
    ["", ".", "localhost", "1.2.3.4", "a..com", "-a.com", "a b.com", "user@aposta.com", "http://", "a." + "b" * 64],
)
def test_what_is_no_domain_is_refused(text: str) -> None:
    with pytest.raises(RejectedRecord) as refusal:
        canonical_domain_name(text)
    assert refusal.value.cure


def test_the_suffix_list_never_asks_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    assert canonical_domain("a.nova.bet.br").registrable == "nova.bet.br"
