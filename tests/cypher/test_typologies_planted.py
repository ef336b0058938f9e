"""Each typology job finds what was planted for it, and not the near miss: one account, hour, cent or hop away."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest

from cypher.catalog import Catalog
from graph.errors import QueryRefused
from graph.events import Event, ListKind, MovementKind
from tests.cypher.conftest import Load
from tests.cypher.test_jobs_planted import MS, run
from tests.cypher.worlds import HOUR, T0, hold, listed, owns, pay, resolves, use

LATE = 72 + 1.5 * MS  # one whole millisecond after 72 hours
BET, DEPOSIT, PAYOUT = MovementKind.BET, MovementKind.DEPOSIT, MovementKind.PAYOUT


def scattered(middles: int, *, last_hour: float = 72, first_out: float = 1) -> list[Event]:
    """`boss` pays `middles` accounts in hour 0 and after; they pay `end`, the last one in `last_hour`."""
    events: list[Event] = [pay(f"i{n}", "boss", f"m{n}", hour=0, cents=1_000) for n in range(middles)]
    hours = [first_out] * (middles - 1) + [last_hour]
    return events + [pay(f"o{n}", f"m{n}", "end", hour=hour, cents=900) for n, hour in enumerate(hours)]


def test_scattered_money_that_meets_again_is_found(load: Load, catalog: Catalog) -> None:
    result = run(load, catalog, "scatter_gather", scattered(3))
    (row,) = result.rows
    assert (row["source"], row["target"], row["accounts"]) == ("boss", "end", ["m0", "m1", "m2"])
    (finding,) = result.findings
    assert (finding.code, finding.total_events) == ("scatter_gather", 6)
    assert dict(finding.params) == {"count": 6, "hours": 72.0, "amount_cents": 2_700, "accounts": 5}


def test_scattered_money_one_account_short_or_one_millisecond_late_or_in_no_order_is_not_found(
    load: Load, catalog: Catalog
) -> None:
    assert run(load, catalog, "scatter_gather", scattered(2)).rows == ()
    assert run(load, catalog, "scatter_gather", scattered(3, last_hour=LATE)).rows == ()
    assert run(load, catalog, "scatter_gather", scattered(3, first_out=0)).rows == ()


def test_money_scattered_over_a_hub_is_suppressed_and_said_so(load: Load, catalog: Catalog) -> None:
    shops = [pay(f"s{n}", f"c{n}", "m0") for n in range(4)]
    assert len(run(load, catalog, "scatter_gather", [*scattered(3), *shops], max_degree=6).rows) == 1
    result = run(load, catalog, "scatter_gather", [*scattered(3), *shops], max_degree=5)
    assert result.rows == ()
    assert [dict(each.params)["id"] for each in result.suppressed] == ["m0"]


def gathered(payers: int, payees: int, *, out_hour: float = 10, last_hour: float = 72) -> list[Event]:
    """Many pay `mid` in hours 0..payers-1, and it pays many from `out_hour` on, the last in `last_hour`."""
    events: list[Event] = [pay(f"i{n}", f"p{n}", "mid", hour=n) for n in range(payers)]
    hours = [out_hour] * (payees - 1) + [last_hour]
    return events + [pay(f"o{n}", "mid", f"q{n}", hour=hour) for n, hour in enumerate(hours)]


def test_money_gathered_and_scattered_is_found_and_one_payer_payee_or_hour_less_is_not(
    load: Load, catalog: Catalog
) -> None:
    (row,) = run(load, catalog, "gather_scatter", gathered(5, 5)).rows
    assert (row["id"], row["payers"], row["payees"]) == (
        "mid",
        [f"p{n}" for n in range(5)],
        [f"q{n}" for n in range(5)],
    )
    assert run(load, catalog, "gather_scatter", gathered(4, 5)).rows == ()
    assert run(load, catalog, "gather_scatter", gathered(5, 4)).rows == ()
    assert run(load, catalog, "gather_scatter", gathered(5, 5, out_hour=4)).rows == ()
    assert run(load, catalog, "gather_scatter", gathered(5, 5, last_hour=LATE)).rows == ()


def layer(tag: str, payers: Sequence[str], payees: Sequence[str], *, hour: float = 0) -> list[Event]:
    """Every payer pays every payee."""
    return [pay(f"{tag}{one}{two}", one, two, hour=hour) for one, two in product(payers, payees)]


def test_a_group_that_pays_a_group_is_found_and_with_one_payment_less_is_not(load: Load, catalog: Catalog) -> None:
    whole = layer("t", "abc", "xyz")
    (row,) = run(load, catalog, "bipartite", whole).rows
    assert (row["payers"], row["payees"], row["count"]) == (list("abc"), list("xyz"), 9)
    assert run(load, catalog, "bipartite", whole[:-1]).rows == ()
    late = [*whole[:-1], pay("late", "c", "z", hour=72)]
    assert run(load, catalog, "bipartite", late).rows == ()


def test_customers_of_the_same_shops_make_no_group(load: Load, catalog: Catalog) -> None:
    shops = [pay(f"{shop}{n}", f"c{n}", shop) for shop in "xyz" for n in range(70)]
    assert run(load, catalog, "bipartite", shops).rows == ()
    assert len(run(load, catalog, "bipartite", shops, max_degree=70).rows) == 1


def test_three_groups_in_a_row_are_found_and_two_or_those_paid_too_late_are_not(load: Load, catalog: Catalog) -> None:
    upper, lower = layer("u", "ab", "mn"), layer("l", "mn", "xy", hour=1)
    (row,) = run(load, catalog, "stack", [*upper, *lower]).rows
    assert (row["payers"], row["middle"], row["payees"]) == (list("ab"), list("mn"), list("xy"))
    assert run(load, catalog, "stack", upper).rows == ()
    assert run(load, catalog, "stack", [*upper, *layer("l", "mn", "xy", hour=0)]).rows == ()
    assert run(load, catalog, "stack", [*upper, *layer("l", "mz", "xy", hour=1)]).rows == ()


def small_payments(*, cents: int = 990_000, count: int = 4, last_hour: float = 72) -> list[Event]:
    """Payments of one account just below 10,000.00."""
    hours = [0.0] * (count - 1) + [last_hour]
    return [pay(f"t{n}", "payer", f"p{n}", hour=hour, cents=cents) for n, hour in enumerate(hours)]


def test_payments_just_below_a_threshold_are_found_and_those_at_it_far_below_or_too_few_are_not(
    load: Load, catalog: Catalog
) -> None:
    (row,) = run(load, catalog, "structuring", small_payments()).rows
    assert (row["id"], row["side"], row["count"], row["sum_cents"]) == ("payer", "sent", 4, 3_960_000)
    assert run(load, catalog, "structuring", small_payments(cents=900_000)).rows != ()
    misses: list[dict[str, Any]] = [{"cents": 1_000_000}, {"cents": 899_999}, {"count": 3}, {"last_hour": LATE}]
    for miss in misses:
        assert run(load, catalog, "structuring", small_payments(**miss)).rows == ()


def sleeper(*, gap_days: float = 60, count: int = 3, cents: int = 50_000, last_day: float = 7) -> list[Event]:
    """One payment, a long pause, then `count` payments within `last_day` days."""
    woke = gap_days * 24
    hours = [woke] * (count - 1) + [woke + last_day * 24]
    return [
        pay("old", "friend", "sleeper", hour=0),
        *(pay(f"t{n}", "sleeper", f"p{n}", hour=hour, cents=cents) for n, hour in enumerate(hours)),
    ]


def test_an_account_that_wakes_is_found_and_one_that_slept_less_or_did_less_is_not(
    load: Load, catalog: Catalog
) -> None:
    (row,) = run(load, catalog, "dormant_then_active", sleeper()).rows
    assert (row["id"], row["dormant_days"], row["count"], row["sum_cents"]) == ("sleeper", 60.0, 3, 150_000)
    misses: list[dict[str, Any]] = [
        {"gap_days": 60 - MS / 16},
        {"count": 2},
        {"cents": 33_333},
        {"last_day": 7 + MS / 16},
    ]
    for miss in misses:
        assert run(load, catalog, "dormant_then_active", sleeper(**miss)).rows == ()


def turnover(*, back: int = 80_000, staked: int = 10_000, hour: float = 72, paid: int = 100_000) -> list[Event]:
    """An account pays in, stakes little, and is paid out."""
    return [
        pay("in", "player", "house", hour=0, cents=paid, kind=DEPOSIT),
        pay("bet", "player", "house", hour=1, cents=staked, kind=BET),
        pay("out", "house", "player", hour=hour, cents=back, kind=PAYOUT),
    ]


def test_money_that_goes_in_and_out_without_bets_is_found_and_a_player_is_not(load: Load, catalog: Catalog) -> None:
    (row,) = run(load, catalog, "deposit_withdraw", turnover()).rows
    assert (row["id"], row["in_cents"], row["out_cents"], row["bet_cents"]) == ("player", 100_000, 80_000, 10_000)
    assert run(load, catalog, "deposit_withdraw", turnover(back=79_999)).rows == ()
    assert run(load, catalog, "deposit_withdraw", turnover(staked=10_001)).rows == ()
    assert run(load, catalog, "deposit_withdraw", turnover(hour=LATE)).rows == ()
    assert run(load, catalog, "deposit_withdraw", turnover(paid=49_999, staked=0)).rows == ()


def duel(
    markets: int, *, sides: str = "ha", minutes: float = 15, stakes: tuple[int, int] = (1_000, 500)
) -> list[Event]:
    """Two accounts bet on the same markets, `minutes` apart."""
    events: list[Event] = []
    for n in range(markets):
        for place, (account, side) in enumerate(zip("ab", sides, strict=True)):
            events.append(
                pay(
                    f"{account}{n}",
                    account,
                    "house",
                    hour=5 * n + place * minutes / 60,
                    cents=stakes[place],
                    kind=BET,
                    attributes=(("market", f"m{n}"), ("side", side)),
                )
            )
    return events


def test_accounts_that_bet_against_each_other_are_found_and_near_misses_are_not(load: Load, catalog: Catalog) -> None:
    (row,) = run(load, catalog, "opposite_bets", duel(3)).rows
    assert (row["accounts"], row["markets"], row["count"]) == (["a", "b"], ["m0", "m1", "m2"], 6)
    assert run(load, catalog, "opposite_bets", duel(2)).rows == ()
    assert run(load, catalog, "opposite_bets", duel(3, sides="hh")).rows == ()
    assert run(load, catalog, "opposite_bets", duel(3, minutes=15 + MS * 90)).rows == ()
    assert run(load, catalog, "opposite_bets", duel(3, stakes=(1_000, 499))).rows == ()


def test_what_two_blocked_accounts_have_in_common_is_found_and_a_watched_one_does_not_count(
    load: Load, catalog: Catalog
) -> None:
    money = [pay("1", "boss", "bad1", cents=5), pay("2", "boss", "bad2", cents=7), pay("3", "other", "bad1")]
    result = run(load, catalog, "upstream_of_blocked", [*money, listed(1, "bad1"), listed(2, "bad2")])
    assert [(row["id"], row["blocked"], row["sum_cents"]) for row in result.rows] == [("boss", ["bad1", "bad2"], 12)]
    assert result.findings[0].event_ids == ("tx:1", "tx:2")
    near = [*money, listed(1, "bad1"), listed(2, "bad2", ListKind.WATCH)]
    assert run(load, catalog, "upstream_of_blocked", near).rows == ()
    busy = run(load, catalog, "upstream_of_blocked", [*money, listed(1, "bad1"), listed(2, "bad2")], max_sent=1)
    assert (busy.rows, dict(busy.suppressed[0].params)) == ((), {"id": "boss", "count": 2, "limit": 1})


def test_money_is_followed_in_time_along_links_with_their_share_only(load: Load, catalog: Catalog) -> None:
    money = [
        pay("1", "a", "b", hour=1, cents=900),
        pay("2", "a", "c", hour=1, cents=99),
        pay("3", "b", "d", hour=2, cents=90),
        pay("4", "b", "e", hour=2, cents=89),
        pay("5", "b", "f", hour=1, cents=900),
    ]
    result = run(load, catalog, "flow_trace", money, account="a")
    assert [(row["hop"], row["source"], row["target"]) for row in result.rows] == [(1, "a", "b"), (2, "b", "d")]
    with pytest.raises(QueryRefused, match="account must be a text; account the money leaves from"):
        run(load, catalog, "flow_trace", money)


def test_two_accounts_are_linked_over_a_device_and_not_over_a_kiosk(load: Load, catalog: Catalog) -> None:
    kiosk = [use(n, name, device="kiosk") for n, name in enumerate(["a", "z", *(f"k{n}" for n in range(19))])]
    shared = [use(90, "a", device="d"), use(91, "b", device="d"), pay("t", "z", "b")]
    result = run(load, catalog, "shortest_link", [*kiosk, *shared], source="a", target="z")
    assert [(row["source"], row["target"], row["how"], row["thing"]) for row in result.rows] == [
        ("a", "b", "USED_DEVICE", "d"),
        ("b", "z", "RECEIVED", ""),
    ]
    assert run(load, catalog, "shortest_link", kiosk, source="a", target="z").rows == ()
    assert len(run(load, catalog, "shortest_link", kiosk[:-1], source="a", target="z").rows) == 1
    document = [hold(1, "p", "document:k:1"), hold(2, "q", "document:k:1")]
    (row,) = run(load, catalog, "shortest_link", document, source="p", target="q").rows
    assert (row["how"], row["thing"]) == ("HAS_IDENTIFIER", "document:k:1")


def sites(*spans: tuple[float, float]) -> list[Event]:
    """An operator's sites, each seen from one hour to another."""
    events: list[Event] = []
    for number, (first, last) in enumerate(spans):
        name = f"s{number}.example"
        events += [use(2 * number, "v", hour=first, domain=name), use(2 * number + 1, "v", hour=last, domain=name)]
        events.append(owns(number, "op", name) if first == 0 else owns_at(number, name, first))
    return events


def owns_at(number: int, domain: str, hour: float) -> Event:
    """The operator's site, known from an hour on."""
    fact = owns(number, "op", domain)
    return type(fact)(event_id=fact.event_id, ts=T0 + int(hour * HOUR), operator="op", fact=fact.fact, domain=domain)


def test_sites_in_a_row_are_found_and_sites_side_by_side_are_not(load: Load, catalog: Catalog) -> None:
    day = 24
    row = sites((0, 10 * day), (12 * day, 30 * day), (23 * day, 50 * day))
    (found,) = run(load, catalog, "domain_rotation", row).rows
    assert (found["label"], found["id"], found["domains"]) == ("Operator", "op", [f"s{n}.example" for n in range(3)])
    beside = sites((0, 50 * day), (12 * day, 51 * day), (23 * day, 52 * day))
    assert run(load, catalog, "domain_rotation", beside).rows == ()
    gap = sites((0, 10 * day), (12 * day, 30 * day), (60 * day + 1.5 * MS, 61 * day))
    assert run(load, catalog, "domain_rotation", gap).rows == ()
    hosted = [event for event in row if not event.event_id.startswith("fact")]
    hosted += [resolves(100, "s0.example", "10.0.0.1")]
    assert run(load, catalog, "domain_rotation", hosted).rows == ()


def test_accounts_on_one_address_or_site_are_found_as_hints_and_popular_ones_are_left_out(
    load: Load, catalog: Catalog
) -> None:
    address = [use(n, f"a{n}", ip="10.0.0.1") for n in range(3)]
    site = [use(10 + n, f"a{n}", domain="one.example") for n in range(3)]
    assert [row["id"] for row in run(load, catalog, "shared_ip", address).rows] == ["10.0.0.1"]
    assert run(load, catalog, "shared_ip", address[:2]).rows == ()
    assert [row["id"] for row in run(load, catalog, "shared_domain", site).rows] == ["one.example"]
    popular = run(load, catalog, "shared_domain", site, max_accounts=2)
    assert (popular.rows, dict(popular.suppressed[0].params)["count"]) == ((), 3)
