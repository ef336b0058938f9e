"""Entries of lists: their one written form, and that matching equals a plain reading of all changes in order."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.errors import ConfigurationError, RejectedRecord
from graph.events import GovernanceChanged, ListKind
from graph.evidence import Evidence, Signal
from graph.identity import IdentifierKeys, skeleton_of
from graph.listings import ADD, MAX_CHANGES, PART, REMOVE, Change, EntryKind, changes_of, content_of
from graph.window.records import Parties
from scoring.list_entries import entry_change, expiry_of
from scoring.list_source import list_signals
from scoring.lists import Lists

KEYS = IdentifierKeys("k1", b"0123456789abcdef")
NOW = 1_790_000_000_000
CPF = "529.982.247-25"

DOMAINS = (
    "bet.example",
    "www.bet.example",
    "promo.bet.example",
    "b3t.example",
    "b0t.example",
    "bot.example",
    "x.com.br",
)
ADDRESSES = ("203.0.113.7", "203.0.113.200", "203.0.112.9", "2001:db8::1", "2001:db8:1::1")
NETWORKS = ("203.0.113.7", "203.0.113.0/24", "203.0.112.0/23", "2001:db8::1", "2001:db8::/32", "2001:db8::/48")
IDS = ("a", "b", "c")


def changed(changes: list[Change], number: int) -> GovernanceChanged:
    return GovernanceChanged(
        event_id=f"governance:{number}", ts=NOW + number, part=PART, content=content_of(changes), author="ana"
    )


def lists_of(*events: list[Change]) -> Lists:
    lists = Lists()
    for number, changes in enumerate(events, start=1):
        lists.apply(changed(changes, number), number)
    return lists


def parties(
    source: str = "s",
    target: str = "t",
    *,
    device: str | None = None,
    ip: str | None = None,
    domain: str | None = None,
    operator: str | None = None,
    identifiers: tuple[str, ...] = (),
) -> Parties:
    """One movement."""
    return Parties([source], [target], [device], [ip], [domain], [operator], [identifiers])


def met(lists: Lists, named: Parties, *, mark: int = 1, ts: int = NOW) -> set[tuple[str, bool]]:
    """Entry ids that one movement meets, and whether exactly."""
    found = lists.matches(named, [mark], [ts]).get(0, [])
    assert len({match.entry.change.entry_id for match in found}) == len(found)
    return {(match.entry.change.entry_id, match.exact) for match in found}


# --- the oracle: replay all changes, compare one by one ---------------------------------------------------------------

LISTED = st.sampled_from((ListKind.BLOCK, ListKind.WATCH, ListKind.ALLOW))
CHANGES = st.builds(
    lambda action, listed, what, expires: Change(action, listed, what[0], what[1], "why", expires),
    st.sampled_from((ADD, ADD, REMOVE)),
    LISTED,
    st.one_of(
        st.tuples(st.just(EntryKind.DOMAIN), st.sampled_from(DOMAINS)),
        st.tuples(st.just(EntryKind.IP), st.sampled_from(NETWORKS)),
        st.tuples(st.sampled_from((EntryKind.ACCOUNT, EntryKind.DEVICE, EntryKind.OPERATOR)), st.sampled_from(IDS)),
    ),
    st.sampled_from((None, NOW, NOW + 10)),
)
MAYBE_ID = st.sampled_from((None, *IDS))
MOVEMENTS = st.builds(
    parties,
    st.sampled_from(IDS),
    st.sampled_from(IDS),
    device=MAYBE_ID,
    ip=st.sampled_from((None, *ADDRESSES)),
    domain=st.sampled_from((None, *DOMAINS, "a.b.b0t.example", "com.br", "mybet.example")),
    operator=MAYBE_ID,
)


def standing(events: list[list[Change]], mark: int) -> list[Change]:
    """What stands after the first `mark` events."""
    held: dict[str, Change] = {}
    for changes in events[:mark]:
        for change in changes:
            held.pop(change.entry_id, None)
            if change.action == ADD:
                held[change.entry_id] = change
    return list(held.values())


def exactly(change: Change, named: Parties) -> bool:
    one = {EntryKind.DEVICE: named.devices[0], EntryKind.OPERATOR: named.operators[0]}
    if change.kind is EntryKind.ACCOUNT:
        return change.value in (named.sources[0], named.targets[0])
    if change.kind is EntryKind.DOMAIN:
        domain = named.domains[0]
        return domain is not None and f".{domain}".endswith(f".{change.value}")
    if change.kind is EntryKind.IP:
        ip = named.ips[0]
        return ip is not None and ip_address(ip) in ip_network(change.value)
    return one[change.kind] == change.value


def alike(change: Change, named: Parties) -> bool:
    domain = named.domains[0]
    if change.kind is not EntryKind.DOMAIN or change.list is ListKind.ALLOW or domain is None:
        return False
    return f".{skeleton_of(domain)}".endswith(f".{skeleton_of(change.value)}")


@settings(max_examples=400, deadline=None)
@given(st.lists(st.lists(CHANGES, min_size=1, max_size=4), max_size=6), MOVEMENTS, st.integers(0, 6), st.data())
def test_matching_equals_reading_all_changes_up_to_the_mark_in_order(
    events: list[list[Change]], named: Parties, mark: int, data: st.DataObject
) -> None:
    lists = lists_of(*events)
    ts = data.draw(st.sampled_from((NOW - 1, NOW, NOW + 9, NOW + 10)))
    in_force = [one for one in standing(events, mark) if one.expires_ts is None or ts < one.expires_ts]
    expected = {(one.entry_id, True) for one in in_force if exactly(one, named)}
    expected |= {(one.entry_id, False) for one in in_force if alike(one, named) and not exactly(one, named)}
    assert met(lists, named, mark=mark, ts=ts) == expected


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(CHANGES, min_size=1, max_size=4), max_size=6))
def test_equal_entries_have_equal_versions_however_they_came_there(events: list[list[Change]]) -> None:
    lists = lists_of(*events)
    now = standing(events, len(events))
    anew = lists_of(now) if now else Lists()
    assert lists.version_at(len(events)) == anew.version_at(1)


def test_what_held_under_an_earlier_version_still_does_after_it_was_removed() -> None:
    block = entry_change("block", "domain", "bet.example", keys=KEYS)
    unblock = entry_change("block", "domain", "bet.example", keys=KEYS, action=REMOVE)
    lists = lists_of([block], [unblock])
    named = parties(domain="www.bet.example")
    assert [met(lists, named, mark=mark) for mark in (0, 1, 2)] == [set(), {("block:domain:bet.example", True)}, set()]
    assert len({lists.version_at(0), lists.version_at(1)}) == 2
    assert lists.version_at(2) == lists.version_at(0) == "shipped"


# --- the written form -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "given_value", "kept"),
    [
        ("domain", "https://www.Bet.Example/login?x=1", "bet.example"),
        ("domain", "promo.bet.example", "promo.bet.example"),
        ("domain", "www.bet.br", "www.bet.br"),
        ("ip", "::ffff:203.0.113.7", "203.0.113.7"),
        ("ip", "::ffff:203.0.113.0/120", "203.0.113.0/24"),
        ("ip", "2001:DB8:0::/32", "2001:db8::/32"),
        ("ip", "203.0.113.7/32", "203.0.113.7"),
        ("device", "AA:BB:CC:DD:EE:FF", "aa-bb-cc-dd-ee-ff"),
        ("account", " 1234 ", "1234"),
        ("operator", "Bet Example Ltda", "Bet Example Ltda"),
    ],
)
def test_a_value_is_kept_in_the_form_that_movements_have(kind: str, given_value: str, kept: str) -> None:
    assert entry_change("block", kind, given_value, keys=KEYS).value == kept


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        ("domain", "bet.br", "public_suffix"),
        ("domain", "com.br", "public_suffix"),
        ("domain", "203.0.113.7", "bad_domain"),
        ("ip", "203.0.113.7/24", "host_in_network"),
        ("ip", "10.0.0.0/7", "network_too_wide"),
        ("ip", "::/0", "network_too_wide"),
        ("ip", "203.0.113.0/33", "bad_network"),
        ("ip", "bet.example", "bad_ip"),
        ("document", "111.111.111-11", "bad_document"),
        ("card", "4111", "bad_card"),
        ("account", "  ", "empty_value"),
        ("planet", "x", "unknown_kind"),
    ],
)
def test_a_value_that_cannot_be_listed_is_refused_with_a_cure(kind: str, value: str, code: str) -> None:
    with pytest.raises(RejectedRecord) as caught:
        entry_change("block", kind, value, keys=KEYS)
    assert caught.value.code == code
    assert caught.value.cure


def test_lists_reasons_and_times_are_checked() -> None:
    for wrong, code in (
        ({"listed": "grey"}, "unknown_list"),
        ({"listed": "service"}, "unknown_list"),
        ({"reason": "x" * 501}, "bad_reason"),
        ({"kind": "document", "value": CPF, "reason": f"CPF {CPF}"}, "personal_reason"),
        ({"expires_ts": 5}, "time_out_of_range"),
    ):
        asked = {"listed": "block", "kind": "account", "value": "a", **wrong}
        with pytest.raises(RejectedRecord) as caught:
            entry_change(keys=KEYS, **asked)  # type: ignore[arg-type]
        assert caught.value.code == code
    assert expiry_of("2026-01-01T00:00:00-03:00") == 1_767_236_400_000
    for text, code in (("2026-01-01T00:00:00", "no_time_zone"), ("soon", "bad_time")):
        with pytest.raises(RejectedRecord) as caught:
            expiry_of(text)
        assert caught.value.code == code


@pytest.mark.parametrize(
    ("kind", "raw", "same"),
    [
        ("document", CPF, "52998224725"),
        ("email", "Ana.Silva+x@gmail.com", "anasilva@gmail.com"),
        ("phone", "(11) 98765-4321", "+5511987654321"),
        ("payment_key", "123e4567-e89b-12d3-a456-426614174000", "123E4567E89B12D3A456426614174000"),
        ("card", "4111 1111 1111 1111", "4111-1111-1111-1111"),
    ],
)
def test_personal_identifiers_are_kept_as_keyed_hashes_only(kind: str, raw: str, same: str) -> None:
    change = entry_change("watch", kind, raw, keys=KEYS)
    assert change == entry_change("watch", kind, same, keys=KEYS)
    assert change.value.startswith(f"{change.kind}:k1:")
    assert raw not in content_of([change])
    assert entry_change("watch", kind, change.value, keys=KEYS).value == change.value
    digits = "".join(char for char in raw if char.isdigit())
    assert len(digits) < 8 or digits not in content_of([change])


def test_a_listed_identifier_is_met_in_the_movement_and_in_accounts_that_stand_for_its_holder() -> None:
    change = entry_change("block", "payment_key", CPF, keys=KEYS)
    assert change.kind is EntryKind.DOCUMENT
    lists = lists_of([change])
    expected = {(change.entry_id, True)}
    assert met(lists, parties(identifiers=("other", change.value))) == expected
    assert met(lists, parties(target=f"key:{change.value}")) == expected
    assert met(lists, parties(f"customer:{change.value}")) == expected
    assert met(lists, parties(entry_change("watch", "account", CPF, keys=KEYS).value)) == expected
    assert met(lists, parties()) == set()


def test_content_that_is_not_canonical_is_refused_before_it_enters_the_log() -> None:
    good = Change(ADD, ListKind.BLOCK, EntryKind.ACCOUNT, "a")
    assert changes_of(content_of([good])) == (good,)
    bad = (
        "no json",
        "[]",
        content_of([good] * (MAX_CHANGES + 1)),
        content_of([Change("maybe", ListKind.BLOCK, EntryKind.ACCOUNT, "a")]),
        content_of([Change(ADD, ListKind.SERVICE, EntryKind.ACCOUNT, "a")]),
        content_of([Change(ADD, ListKind.BLOCK, EntryKind.ACCOUNT, "")]),
        content_of([Change(ADD, ListKind.BLOCK, EntryKind.DOCUMENT, CPF)]),
        content_of([Change(ADD, ListKind.BLOCK, EntryKind.IP, "203.0.113.7/24")]),
        content_of([Change(ADD, ListKind.BLOCK, EntryKind.IP, "nowhere")]),
        '[{"action":"add","list":"block","kind":"account","value":"a","colour":"red"}]',
    )
    for content in bad:
        with pytest.raises(ConfigurationError):
            Lists().check(content)


# --- the signals ------------------------------------------------------------------------------------------------------


def signals_for(*changes: Change, named: Parties) -> dict[str, Signal]:
    lists = lists_of(list(changes))
    found = lists.matches(named, [1], [NOW]).get(0, [])
    return {signal.name: signal for signal in list_signals(found, "tx:1")}


def test_an_exact_block_alone_is_beyond_the_shipped_review_band_and_names_its_entry() -> None:
    change = entry_change("block", "domain", "bet.example", keys=KEYS, reason="order 12", expires_ts=NOW + 1)
    signal = signals_for(change, named=parties(domain="www.bet.example"))["block_list"]
    assert (signal.points, signal.value) == (75.0, 1.0)
    assert signal.evidence == Evidence(
        "block_list",
        (
            ("author", "ana"),
            ("count", 1),
            ("entry", "block:domain:bet.example"),
            ("expires", NOW + 1),
            ("reason", "order 12"),
            ("since", NOW + 1),
            ("what", "name_Domain"),
        ),
        ("tx:1", "governance:1"),
        2,
        (("Domain", "bet.example"),),
    )


def test_a_look_alike_counts_half_and_is_never_allowed() -> None:
    named = parties(domain="b0t.example")
    block, allow = (entry_change(name, "domain", "bot.example", keys=KEYS) for name in ("block", "allow"))
    found = signals_for(block, allow, named=named)
    assert set(found) == {"block_list"}
    assert found["block_list"].points == 37.5
    assert dict(found["block_list"].evidence.params)["alike"] == "bot.example"


def test_each_list_gives_one_signal_however_many_entries_are_met() -> None:
    named = parties("a", "b", ip="203.0.113.7")
    changes = [entry_change("watch", "account", one, keys=KEYS) for one in ("a", "b")]
    changes += [entry_change("allow", "ip", one, keys=KEYS) for one in ("203.0.113.7", "203.0.113.0/24")]
    found = signals_for(*changes, named=named)
    assert {name: (one.points, one.value) for name, one in found.items()} == {
        "watch_list": (20.0, 2.0),
        "allow_list": (-20.0, 2.0),
    }
