"""The demo world holds what `docs/simulator.md` says: every kind of ring with its roles, and honest look-alikes."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from graph.codec import encode_event
from graph.events import (
    Access,
    AuthenticationAttempt,
    DomainObservation,
    IndicatorListed,
    ListKind,
    Movement,
    OperatorFact,
    OperatorFactKind,
)
from graph.evidence import RingKind, Role
from ingest.simulator import World
from ingest.simulator.place import build_place
from ingest.simulator.schedule import HONEST_SCENES, RING_SCENES, plan
from ingest.simulator.script import Planted
from ingest.simulator.world import START_MS
from rings.evaluate import evaluate, read_truth
from tests.ingest.simulator.conftest import Played

ROLES = {
    RingKind.FAN_IN: {Role.COLLECTOR, Role.CASH_OUT, Role.MULE},
    RingKind.FAN_OUT: {Role.ORGANISER, Role.CASH_OUT, Role.MULE},
    RingKind.CYCLE: {Role.ORGANISER, Role.PASS_THROUGH, Role.CASH_OUT},
    RingKind.SCATTER_GATHER: {Role.ORGANISER, Role.COLLECTOR, Role.MULE},
    RingKind.GATHER_SCATTER: {Role.COLLECTOR, Role.MULE, Role.CASH_OUT},
    RingKind.LAYERED: {Role.ORGANISER, Role.PASS_THROUGH, Role.CASH_OUT},
    RingKind.SHARED_MEANS: {Role.ORGANISER, Role.MULE},
    RingKind.OPPOSITE_BETS: {Role.ORGANISER, Role.MULE},
    RingKind.OPERATOR: {Role.ORGANISER, Role.COLLECTOR, Role.CASH_OUT},
}


def members(ring: Planted) -> set[str]:
    return {account for account, role in ring.roles.items() if role is not Role.VICTIM}


def rings_of(demo: Played, kind: RingKind) -> list[tuple[Planted, list[Movement]]]:
    movement_of = {movement.tx_id: movement for movement in demo.movements}
    return [
        (ring, sorted((movement_of[tx] for tx in ring.transactions), key=lambda movement: movement.ts))
        for ring in demo.rings
        if ring.kind is kind
    ]


def test_thirty_to_forty_rings_of_all_nine_kinds_are_planted(demo: Played) -> None:
    kinds = Counter(ring.kind for ring in demo.rings)
    assert 30 <= len(demo.rings) <= 40
    assert set(kinds) == set(ROLES) == {scene.kind for scene in RING_SCENES}
    assert min(kinds.values()) >= 3


def test_every_ring_has_the_roles_of_its_kind_and_four_to_twenty_five_members(demo: Played) -> None:
    for ring in demo.rings:
        assert {role for role in ring.roles.values() if role is not Role.VICTIM} == ROLES[ring.kind]
        assert 4 <= len(members(ring)) <= 25


def test_every_ring_is_built_up_then_active_then_cashed_out(demo: Played) -> None:
    for ring in demo.rings:
        begins = {phase: min(f for (_, p), (f, _) in ring.acts.items() if p == phase) for _, phase in ring.acts}
        assert set(begins) == {"build_up", "active", "cash_out"}
        assert begins["build_up"] < begins["active"] < begins["cash_out"]


def test_no_two_rings_of_the_demo_share_a_member(demo: Played) -> None:
    counted = Counter(account for ring in demo.rings for account in members(ring))
    assert set(counted.values()) == {1}


def test_one_to_two_percent_of_the_movements_are_planted(demo: Played) -> None:
    assert 0.01 <= len(demo.planted_transactions) / len(demo.movements) <= 0.02


def test_members_also_do_what_everybody_does(demo: Played) -> None:
    """Most of what members do is honest: counted over bets, payments and log-ins that they start."""
    planted = {f"tx:{tx}" for tx in demo.planted_transactions}
    crooks = {account for ring in demo.rings for account in members(ring)}
    honest = sum(
        1
        for event in demo.events
        if (isinstance(event, Movement) and crooks & {event.source, event.target} and event.event_id not in planted)
        or (isinstance(event, (Access, AuthenticationAttempt)) and event.account in crooks)
    )
    touched = sum(1 for m in demo.movements if m.event_id in planted and crooks & {m.source, m.target})
    assert honest > 2 * touched


def test_every_planted_transaction_is_in_the_stream_and_only_those_of_the_file(demo: Played, tmp_path: Path) -> None:
    demo.world.write_truth(tmp_path / "truth.csv")
    with (tmp_path / "truth_tx.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["tx_id"] for row in rows} == demo.planted_transactions <= {m.tx_id for m in demo.movements}
    assert {row["label"] for row in rows} == {"1"}
    with (tmp_path / "truth.csv").open(encoding="utf-8") as file:
        accounts = list(csv.DictReader(file))
    assert list(accounts[0]) == ["kind", "ring_id", "account_id", "role", "phase", "first_ts", "last_ts"]
    assert all(int(row["first_ts"]) <= int(row["last_ts"]) for row in accounts)
    acted = {(r["ring_id"], r["account_id"]) for r in accounts}
    assert {(ring.ring_id, account) for ring in demo.rings for account in ring.roles} == acted


def test_truth_read_back_is_a_perfect_finding_of_itself(demo: Played, tmp_path: Path) -> None:
    demo.world.write_truth(tmp_path / "truth.csv")
    truth = read_truth(tmp_path / "truth.csv")
    assert truth.rings == {ring.ring_id: members(ring) for ring in demo.rings}
    result = evaluate(truth.rings, truth.rings, kinds=truth.kinds)
    assert (result.rings.f1, result.accounts.f1, result.adjusted_rand) == (1.0, 1.0, 1.0)
    assert all(kind.recall == 1.0 for kind in result.kinds)


def test_writing_the_truth_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        World(seed=9, events=5_000).write_truth(tmp_path / f"{name}.csv")
    for suffix in ("", "_tx"):
        first, second = tmp_path / f"one{suffix}.csv", tmp_path / f"two{suffix}.csv"
        assert first.read_bytes() == second.read_bytes()


def test_the_label_is_nowhere_in_the_stream(demo: Played) -> None:
    ring_ids = {ring.ring_id for ring in demo.rings}
    stream = b"".join(encode_event(event)[1] for event in demo.events)
    assert not any(ring_id.encode() in stream for ring_id in ring_ids)


def runs_on(movements: list[Movement], first: Movement, goal: str, *, hops: int) -> bool:
    """Whether money of `first` reaches `goal` in exactly `hops` movements, later and a little less each time."""
    if hops == 1:
        return first.target == goal
    return any(
        runs_on(movements, following, goal, hops=hops - 1)
        for following in movements
        if following.source == first.target
        and following.ts > first.ts
        and 0.9 * first.amount_cents - 1_000 <= following.amount_cents <= first.amount_cents
    )


@pytest.mark.parametrize("kind", [RingKind.CYCLE, RingKind.LAYERED])
def test_money_runs_on_in_time_and_a_little_less_each_hop(demo: Played, kind: RingKind) -> None:
    for ring, movements in rings_of(demo, kind):
        start = next(account for account, role in ring.roles.items() if role is Role.ORGANISER)
        end = next(account for account, role in ring.roles.items() if role is Role.CASH_OUT)
        hops = len(ring.roles) - 1  # a cycle leaves its cash-out account aside, a chain ends in it
        goal = start if kind is RingKind.CYCLE else end
        begun = [movement for movement in movements if movement.source == start]
        assert sum(runs_on(movements, movement, goal, hops=hops) for movement in begun) >= 2


@pytest.mark.parametrize(
    ("kind", "role", "fewest"), [(RingKind.FAN_IN, Role.COLLECTOR, 5), (RingKind.GATHER_SCATTER, Role.COLLECTOR, 5)]
)
def test_many_pay_the_collector_who_passes_it_on(demo: Played, kind: RingKind, role: Role, fewest: int) -> None:
    for ring, movements in rings_of(demo, kind):
        centre = next(account for account in ring.roles if ring.roles[account] is role)
        taken = [movement for movement in movements if movement.target == centre]
        sent = [m for m in movements if m.source == centre and ring.roles.get(m.target) is Role.CASH_OUT]
        assert len({movement.source for movement in taken}) >= fewest
        assert sent
        total = sum(movement.amount_cents for movement in taken)
        assert 0.6 * total <= sum(movement.amount_cents for movement in sent) <= 1.1 * total


def test_scattered_money_is_gathered_again(demo: Played) -> None:
    for ring, movements in rings_of(demo, RingKind.SCATTER_GATHER):
        by_role = {role: {a for a in ring.roles if ring.roles[a] is role} for role in ROLES[ring.kind]}
        middle = {m.target for m in movements if m.source in by_role[Role.ORGANISER]}
        middle &= {m.source for m in movements if m.target in by_role[Role.COLLECTOR]}
        assert middle == by_role[Role.MULE]
        assert len(middle) >= 4


def test_a_device_farm_runs_its_accounts_from_few_devices(demo: Played) -> None:
    for ring, movements in rings_of(demo, RingKind.SHARED_MEANS):
        mules = {account for account in ring.roles if ring.roles[account] is Role.MULE}
        devices = {m.device for m in movements if m.source in mules}
        assert len(devices) <= 3 < len(mules)


def test_opposite_bettors_meet_on_both_sides_of_a_market_within_minutes(demo: Played) -> None:
    for _, movements in rings_of(demo, RingKind.OPPOSITE_BETS):
        by_market = defaultdict(list)
        for movement in movements:
            if movement.attributes:
                stated = dict(movement.attributes)
                by_market[stated["market"]].append((stated["side"], movement.ts, movement.source))
        assert len(by_market) >= 7
        for bets in by_market.values():
            assert {side for side, _, _ in bets} == {"home", "away"}
            assert len({source for _, _, source in bets}) == len(bets)
            assert max(ts for _, ts, _ in bets) - min(ts for _, ts, _ in bets) <= 9 * 60_000


def test_joined_operators_share_collectors_and_hosting(demo: Played) -> None:
    hosts = defaultdict(set)
    for event in demo.events:
        if isinstance(event, DomainObservation) and event.ip is not None:
            hosts[event.domain].add(event.ip)
    for ring, movements in rings_of(demo, RingKind.OPERATOR):
        collectors = {account for account in ring.roles if ring.roles[account] is Role.COLLECTOR}
        deposits = [movement for movement in movements if movement.target in collectors]
        by_operator = defaultdict(set)
        addresses: dict[str, set[str]] = defaultdict(set)
        for movement in deposits:
            assert movement.operator is not None
            assert movement.domain is not None
            by_operator[movement.operator].add(movement.target)
            addresses[movement.operator] |= hosts[movement.domain]
        assert len(by_operator) == 2
        assert set.intersection(*by_operator.values())
        assert set.intersection(*addresses.values())


def test_look_alikes_are_there_in_the_documented_numbers() -> None:
    place = build_place(1, events=60_000, start_ms=START_MS)
    schedule = plan(place, 60_000)
    counts = Counter(schedule.kind.tolist())
    planned = {scene.name: counts[len(RING_SCENES) + index] for index, scene in enumerate(HONEST_SCENES)}
    documented = {}
    for line in (Path(__file__).parents[3] / "docs" / "simulator.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and cells[0].startswith("`"):
            documented[cells[0].strip("`")] = int(cells[1])
    assert planned == documented
    assert sum(planned.values()) > 5 * schedule.rings


def test_families_kiosks_campus_and_carriers_share_devices_and_addresses(demo: Played) -> None:
    on_device, on_address = defaultdict(set), defaultdict(set)
    for event in demo.events:
        if isinstance(event, (Movement, Access, AuthenticationAttempt)):
            account = event.source if isinstance(event, Movement) else event.account
            on_device[event.device].add(account)
            on_address[event.ip].add(account)
    del on_device[None], on_address[None]
    sizes = [len(accounts) for accounts in on_device.values()]
    assert sum(2 <= size <= 5 for size in sizes) > 100  # families
    assert sum(size >= 20 for size in sizes) >= 3  # lottery shops
    assert sum(len(accounts) >= 150 for accounts in on_address.values()) >= 10  # carriers, campus


def test_illegal_sites_move_and_are_listed_only_after_days_of_use(demo: Played) -> None:
    licensed = {
        event.operator: event.licensed
        for event in demo.events
        if isinstance(event, OperatorFact) and event.fact is OperatorFactKind.LICENCE
    }
    domains = defaultdict(set)
    seen: dict[str, int] = {}
    for event in demo.events:
        if isinstance(event, (Movement, Access)) and event.domain is not None and event.operator is not None:
            domains[event.operator].add(event.domain)
        if isinstance(event, DomainObservation):
            seen.setdefault(event.domain, event.ts)
    assert all(len(domains[operator]) == 1 for operator, legal in licensed.items() if legal)
    assert sum(len(names) >= 3 for operator, names in domains.items() if not licensed.get(operator)) >= 5
    blocked = [e for e in demo.events if isinstance(e, IndicatorListed) and e.list_kind is ListKind.BLOCK]
    assert len(blocked) >= 10
    assert all(event.ts - seen[event.entity_id] > 86_400_000 for event in blocked)
    assert any(isinstance(e, IndicatorListed) and e.list_kind is ListKind.SERVICE for e in demo.events)
