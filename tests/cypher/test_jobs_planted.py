"""Each job finds what was planted for it, and not the near miss: one account, hour, cent or hop away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from cypher.catalog import Catalog
from cypher.job import JobResult
from cypher.jobs import run_job
from graph.events import Event, MovementKind
from tests.cypher.conftest import Load
from tests.cypher.worlds import HOUR, T0, collects, hold, owns, pay, resolves, use

MS = 1 / HOUR  # one millisecond, in hours


def run(load: Load, catalog: Catalog, name: str, events: Sequence[Event], **params: Any) -> JobResult:
    """Run a job over exactly these events."""
    return run_job(name, load(events), catalog, params)


def farm(accounts: int) -> list[Event]:
    """Accounts on one device, and another device with one account."""
    return [
        *(use(number, f"a{number}", hour=number, device="farm") for number in range(accounts)),
        use(99, "z", device="own"),
    ]


def test_a_device_farm_is_found(load: Load, catalog: Catalog) -> None:
    result = run(load, catalog, "shared_device", farm(3))
    assert [(row["id"], row["accounts"]) for row in result.rows] == [("farm", ["a0", "a1", "a2"])]
    (finding,) = result.findings
    assert finding.code == "shared_device"
    assert finding.nodes == (("Device", "farm"), ("Account", "a0"), ("Account", "a1"), ("Account", "a2"))
    assert dict(finding.params) == {"count": 3, "id": "farm", "days": round(2 / 24, 2)}
    assert finding.total_events == 3


def test_a_device_one_account_short_is_not_found(load: Load, catalog: Catalog) -> None:
    assert run(load, catalog, "shared_device", farm(2)).rows == ()


def test_a_device_whose_last_account_came_after_the_span_is_not_found(load: Load, catalog: Catalog) -> None:
    assert run(load, catalog, "shared_device", farm(3), hi=T0 + 2 * HOUR).rows == ()
    assert len(run(load, catalog, "shared_device", farm(3), hi=T0 + 2 * HOUR + 1).rows) == 1


def test_a_device_in_common_use_is_suppressed_and_said_so(load: Load, catalog: Catalog) -> None:
    result = run(load, catalog, "shared_device", farm(5), max_accounts=4)
    assert result.rows == ()
    (hub,) = result.suppressed
    assert (hub.code, dict(hub.params)) == ("hub_suppressed", {"id": "farm", "count": 5, "limit": 4})
    assert run(load, catalog, "shared_device", farm(5), max_accounts=5).suppressed == ()


def test_a_document_on_two_accounts_is_found_and_on_one_account_twice_is_not(load: Load, catalog: Catalog) -> None:
    planted = [hold(1, "a", "document:k:1"), hold(2, "b", "document:k:1")]
    near = [hold(3, "c", "document:k:2"), hold(4, "c", "document:k:2")]
    result = run(load, catalog, "shared_identifier", [*planted, *near])
    assert [(row["id"], row["accounts"]) for row in result.rows] == [("document:k:1", ["a", "b"])]
    assert result.findings[0].code == "shared_identifier"


def crowd(
    others: int, *, last_hour: float, inward: bool = True, kind: MovementKind = MovementKind.TRANSFER
) -> list[Event]:
    """Distinct others pay `hub` (or are paid), evenly from hour 0 to `last_hour`."""
    events: list[Event] = []
    for number in range(others):
        ends = (f"p{number}", "hub") if inward else ("hub", f"p{number}")
        hour = last_hour * number / (others - 1)
        events.append(pay(f"t{number:02}", *ends, hour=hour, cents=100 + number, kind=kind))
    return events


@pytest.mark.parametrize(("name", "inward"), [("fan_in", True), ("fan_out", False)])
def test_a_fan_inside_the_window_is_found(load: Load, catalog: Catalog, name: str, inward: bool) -> None:
    result = run(load, catalog, name, crowd(10, last_hour=24, inward=inward))
    (row,) = result.rows
    assert (row["id"], row["count"], row["sum_cents"]) == ("hub", 10, 1_045)
    assert row["others"] == [f"p{number}" for number in range(10)]
    (finding,) = result.findings
    assert finding.code == name
    assert finding.event_ids == tuple(f"tx:t{number:02}" for number in range(10))
    assert dict(finding.params) == {"count": 10, "hours": 24.0, "amount_cents": 1_045, "limit": 10}


@pytest.mark.parametrize(("name", "inward"), [("fan_in", True), ("fan_out", False)])
def test_a_fan_one_account_short_or_one_millisecond_long_is_not_found(
    load: Load, catalog: Catalog, name: str, inward: bool
) -> None:
    assert run(load, catalog, name, crowd(9, last_hour=24, inward=inward)).rows == ()
    assert run(load, catalog, name, crowd(10, last_hour=24 + MS, inward=inward)).rows == ()


def test_one_payer_many_times_and_bare_links_make_no_fan(load: Load, catalog: Catalog) -> None:
    same = [pay(f"s{number:02}", "p", "hub", hour=number) for number in range(20)]
    assert run(load, catalog, "fan_in", same, min_others=2).rows == ()
    assert run(load, catalog, "fan_in", crowd(10, last_hour=1, kind=MovementKind.LINK)).rows == ()
    assert run(load, catalog, "fan_in", crowd(10, last_hour=1), kind="bet").rows == ()
    assert len(run(load, catalog, "fan_in", crowd(10, last_hour=1), kind="transfer").rows) == 1


def round_of(length: int, *, hours: Sequence[float] = (), cents: Sequence[int] = ()) -> list[Event]:
    """A round of `length` accounts; hop times and amounts may be given."""
    times = hours or [float(place) for place in range(length)]
    amounts = cents or [10_000] * length
    return [
        pay(f"t{place}", f"c{place}", f"c{(place + 1) % length}", hour=times[place], cents=amounts[place])
        for place in range(length)
    ]


@pytest.mark.parametrize("length", [3, 4, 5, 6])
def test_a_rising_round_is_found_once(load: Load, catalog: Catalog, length: int) -> None:
    result = run(load, catalog, "rising_cycle", round_of(length))
    (row,) = result.rows
    assert row["accounts"] == [f"c{place}" for place in range(length)]
    assert row["transactions"] == [f"t{place}" for place in range(length)]
    (finding,) = result.findings
    assert (finding.code, finding.total_events) == ("round_trip", length)
    assert finding.event_ids == tuple(f"tx:t{place}" for place in range(length))
    assert dict(finding.params)["hours"] == float(length - 1)


def test_rounds_of_two_and_of_seven_are_not_found(load: Load, catalog: Catalog) -> None:
    assert run(load, catalog, "rising_cycle", round_of(2)).rows == ()
    assert run(load, catalog, "rising_cycle", round_of(7)).rows == ()
    assert run(load, catalog, "rising_cycle", round_of(5), max_length=4).rows == ()


def test_a_round_with_one_hop_out_of_time_is_not_found(load: Load, catalog: Catalog) -> None:
    assert run(load, catalog, "rising_cycle", round_of(4, hours=[0, 1, 1, 2])).rows == ()
    assert run(load, catalog, "rising_cycle", round_of(4, hours=[0, 1, 72, 72 + MS])).rows == ()
    assert len(run(load, catalog, "rising_cycle", round_of(4, hours=[0, 1, 2, 72])).rows) == 1


def test_a_round_that_does_not_close_is_not_found(load: Load, catalog: Catalog) -> None:
    open_round = [*round_of(3)[:2], pay("t2", "c2", "elsewhere", hour=2)]
    assert run(load, catalog, "rising_cycle", open_round).rows == ()


def test_a_round_whose_amount_changes_by_one_cent_too_much_is_not_found(load: Load, catalog: Catalog) -> None:
    kept = round_of(3, cents=[10_000, 9_000, 8_100])
    lost = round_of(3, cents=[10_000, 9_000, 8_099])
    assert len(run(load, catalog, "rising_cycle", kept, tolerance_bp=1_000).rows) == 1
    assert run(load, catalog, "rising_cycle", lost, tolerance_bp=1_000).rows == ()
    assert len(run(load, catalog, "rising_cycle", lost).rows) == 1
    assert run(load, catalog, "rising_cycle", lost, min_cents=8_100).rows == ()


def mule(*, out_cents: int = 90_000, out_hour: float = 24) -> list[Event]:
    """An account that receives 100,000 cents in two parts and sends `out_cents` on."""
    return [
        pay("in1", "victim1", "mule", cents=60_000, hour=0),
        pay("in2", "victim2", "mule", cents=40_000, hour=1),
        pay("out", "mule", "boss", cents=out_cents, hour=out_hour),
    ]


def test_an_account_that_passes_its_money_on_is_found(load: Load, catalog: Catalog) -> None:
    result = run(load, catalog, "pass_through", mule())
    (row,) = result.rows
    assert (row["id"], row["in_cents"], row["out_cents"], row["times"]) == ("mule", 100_000, 90_000, 1)
    (finding,) = result.findings
    assert (finding.code, finding.event_ids) == ("pass_through", ("tx:in1", "tx:in2", "tx:out"))
    assert dict(finding.params) == {"share": 0.9, "hours": 24.0, "amount_cents": 90_000, "times": 1}


def test_an_account_that_keeps_one_cent_or_waits_one_millisecond_too_long_is_not_found(
    load: Load, catalog: Catalog
) -> None:
    assert run(load, catalog, "pass_through", mule(out_cents=89_999)).rows == ()
    assert run(load, catalog, "pass_through", mule(out_cents=105_001)).rows == ()
    assert len(run(load, catalog, "pass_through", mule(out_cents=105_000)).rows) == 1
    assert run(load, catalog, "pass_through", mule(), min_cents=100_001).rows == ()
    assert run(load, catalog, "pass_through", mule(), min_times=2).rows == ()
    late = run(load, catalog, "pass_through", mule(out_hour=25 + MS), min_cents=1)
    assert late.rows == ()


def test_an_account_that_pays_before_it_is_paid_passes_nothing_on(load: Load, catalog: Catalog) -> None:
    shop = [pay("out", "shop", "supplier", cents=100_000, hour=0), pay("in", "client", "shop", cents=100_000, hour=0)]
    assert run(load, catalog, "pass_through", shop).rows == ()


def gang(*, second_collector: str = "shared", second_ip: str = "10.0.0.9", second_device: str = "d9") -> list[Event]:
    """Two operators that may share a collection account, a hosting address, or a collectors' device."""
    return [
        owns(1, "op1", "one.example"),
        owns(2, "op2", "two.example"),
        resolves(3, "one.example", "10.0.0.1"),
        resolves(4, "two.example", second_ip),
        collects(5, "op1", "shared"),
        collects(6, "op2", second_collector),
        use(7, "shared", device="d1"),
        use(8, second_collector, device=second_device),
    ]


def test_operators_with_one_collection_account_are_joined(load: Load, catalog: Catalog) -> None:
    result = run(load, catalog, "operator_footprint", gang())
    assert [(row["footprint"], row["label"], row["id"]) for row in result.rows] == [
        ("collector", "Account", "shared"),
        ("means", "Device", "d1"),
        ("means", "Device", "d9"),
    ]
    first = result.findings[0]
    assert first.code == "ring_operator"
    assert first.nodes == (("Account", "shared"), ("Operator", "op1"), ("Operator", "op2"))


def test_operators_are_joined_by_hosting_and_by_a_device_of_their_collectors(load: Load, catalog: Catalog) -> None:
    hosting = run(load, catalog, "operator_footprint", gang(second_collector="own", second_ip="10.0.0.1"))
    device = run(load, catalog, "operator_footprint", gang(second_collector="own", second_device="d1"))
    assert [(row["footprint"], row["id"], row["operators"]) for row in hosting.rows] == [
        ("hosting", "10.0.0.1", ["op1", "op2"])
    ]
    assert [(row["footprint"], row["id"]) for row in device.rows] == [("means", "d1")]


def test_operators_that_share_nothing_or_only_a_large_host_are_not_joined(load: Load, catalog: Catalog) -> None:
    assert run(load, catalog, "operator_footprint", gang(second_collector="own")).rows == ()
    hosts: list[Event] = []
    for number in range(3):
        hosts += [owns(number, f"op{number}", f"s{number}.example"), resolves(number, f"s{number}.example", "10.0.0.1")]
    result = run(load, catalog, "operator_footprint", hosts, max_operators=2)
    assert result.rows == ()
    assert [dict(each.params) for each in result.suppressed] == [{"id": "10.0.0.1", "count": 3, "limit": 2}]
