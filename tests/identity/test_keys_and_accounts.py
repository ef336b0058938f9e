"""Keyed hashes, and account ids that are themselves personal."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import ConfigurationError, RejectedRecord
from graph.identity import IdentifierKeys, canonical_account, canonical_device

SECRET = bytes(range(32))
KEYS = IdentifierKeys("k1", SECRET)


def test_a_hash_is_hmac_sha256_cut_to_128_bits_and_names_its_key() -> None:
    full = hmac.new(SECRET, b"document\x0052998224725", hashlib.sha256).hexdigest()
    assert KEYS.hash("document", "52998224725") == f"document:k1:{full[:32]}"


@given(st.text(), st.text())
def test_different_texts_kinds_and_keys_give_different_ids(one: str, other: str) -> None:
    assert (KEYS.hash("email", one) == KEYS.hash("email", other)) == (one == other)
    assert KEYS.hash("email", one).split(":")[2] != KEYS.hash("phone", one).split(":")[2]
    assert KEYS.hash("email", one).split(":")[2] != IdentifierKeys("k1", b"x" * 32).hash("email", one).split(":")[2]


def test_the_secret_is_never_shown() -> None:
    assert "secret" not in repr(KEYS)
    assert repr(SECRET) not in repr(KEYS)


def test_a_derived_key_id_tells_secrets_apart() -> None:
    assert IdentifierKeys.from_secret(SECRET) == IdentifierKeys.from_secret(SECRET)
    assert IdentifierKeys.from_secret(SECRET).key_id != IdentifierKeys.from_secret(b"y" * 32).key_id


@pytest.mark.parametrize(("key_id", "secret"), [("k1", b"short"), ("", SECRET), ("K:1", SECRET), ("a" * 17, SECRET)])
def test_a_weak_key_or_an_odd_key_id_is_refused(key_id: str, secret: bytes) -> None:
    with pytest.raises(ConfigurationError):
        IdentifierKeys(key_id, secret)


@pytest.mark.parametrize(
    "writings",
    [
        ("529.982.247-25", " 529.982.247-25 "),
        ("12.ABC.345/01DE-35", "12.abc.345/01de-35"),
        ("Maria@Example.com", "maria@EXAMPLE.com."),
        ("+5511987654321", "+55 (11) 98765-4321"),
        ("111.222.333-44",),  # wrong check digits, still somebody's
        ("not@valid",),
        ("+999999999999",),
    ],
)
def test_a_personal_account_id_becomes_one_keyed_hash(writings: tuple[str, ...]) -> None:
    ids = {canonical_account(text, KEYS) for text in writings}
    assert len(ids) == 1
    (account,) = ids
    assert account.startswith("acct:k1:")
    assert writings[0] not in account
    assert canonical_account(account, KEYS) == account


@pytest.mark.parametrize("text", ["A-1", "0042", "52998224725", "bank_9/77", "outside:income", "João", "1.2.3"])
def test_a_plain_account_id_stays_as_it_is(text: str) -> None:
    assert canonical_account(text, KEYS) == text
    assert canonical_account(f"  {text} ", KEYS) == text


def test_composed_and_decomposed_accents_are_one_account() -> None:
    assert canonical_account("Joa\u0303o", KEYS) == canonical_account("Jo\u00e3o", KEYS)


@given(st.text(max_size=40))
def test_canonical_accounts_and_devices_stay_as_they_are(text: str) -> None:
    for canonical in (lambda given: canonical_account(given, KEYS), canonical_device):
        try:
            once = canonical(text)
        except RejectedRecord:
            continue
        assert canonical(once) == once


@pytest.mark.parametrize("text", ["", "   ", "a\nb", "a\0b", "x" * 257])
def test_an_account_without_usable_id_is_refused(text: str) -> None:
    with pytest.raises(RejectedRecord, match="printable"):
        canonical_account(text, KEYS)


def test_a_mac_address_or_uuid_is_one_device_in_every_spelling() -> None:
    assert canonical_device("AA:BB:CC:DD:EE:0F") == canonical_device("aa-bb-cc-dd-ee-0f") == "aa-bb-cc-dd-ee-0f"
    assert canonical_device(" Pixel 7 / x9 ") == "Pixel 7 / x9"
