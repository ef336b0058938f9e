"""Likeness of accounts in link lists, and the rings that grow over it, against plain Python."""

from __future__ import annotations

import random
from itertools import combinations
from math import inf, log, log1p, log2, nan

import numpy as np
import pytest

from graph.events import BEGAN, OUTSIDE, ListKind, Movement, MovementKind
from graph.evidence import RingKind
from rings.growth import MIN_RING, OUTSIDER_BITS, OUTSIDER_PROOF, SURE_BITS, WEAK_BITS, grow
from rings.likeness import (
    BASE_BITS,
    COINCIDENCE_BITS,
    NEAR_LOG_TURNOVER,
    NEAR_SECONDS,
    OTHER_LIFE_BITS,
    OUTSIDERS_BITS,
    RARE_BITS,
    RARE_OUTSIDER,
    SILENT_BITS,
    WAYS_BITS,
    Accounts,
    Pairs,
    alike_pairs,
    rare_outsiders,
    sets_of,
)
from tests.rings.worlds import START, Notebook, accounts_of, rings_of, shuffled


def drawn(seed: int, count: int = 40) -> tuple[Accounts, list[set[int]], list[set[int]]]:
    """Accounts with few ways and outsiders, and the sets they were made from."""
    rng = random.Random(seed)
    ways = [{rng.randrange(4) for _ in range(rng.randrange(4))} for _ in range(count)]
    outsiders = [{rng.randrange(60) for _ in range(rng.randrange(5))} for _ in range(count)]

    def rows(sets: list[set[int]]) -> tuple[np.ndarray, np.ndarray]:
        pairs = [(owner, thing) for owner, things in enumerate(sets) for thing in things]
        pairs = rng.sample(pairs, len(pairs)) + pairs[:5]
        table = np.array(pairs, np.int64).reshape(-1, 2)
        return table[:, 0].copy(), table[:, 1].copy()

    began = np.array([1e9 + rng.randrange(40) * 900.0 if rng.random() < 0.9 else nan for _ in range(count)])
    turnover = np.array([log(rng.choice([1_000, 1_020, 5_000])) if rng.random() < 0.8 else nan for _ in range(count)])
    dealt = sets_of(*rows(outsiders), count)
    service = np.zeros(60, bool)
    service[:5] = True
    return (
        Accounts(began, turnover, sets_of(*rows(ways), count), dealt, rare_outsiders(dealt, service)),
        ways,
        outsiders,
    )


@pytest.mark.parametrize("seed", range(8))
def test_the_likeness_of_a_pair_is_the_sum_of_its_evidence(seed: int) -> None:
    accounts, ways, outsiders = drawn(seed)
    count = len(ways)
    known = [value == value for value in accounts.began.tolist()]
    none = np.zeros(0, np.int64)
    pairs = alike_pairs(accounts, (none, none), np.zeros(count, bool))
    users = {thing: sum(thing in mine for mine in outsiders) for thing in range(60)}
    way_users = {way: sum(way in mine for mine in ways) for way in range(4)}

    def bits(things: set[int], by: dict[int, int]) -> float:
        return sum(log2(count / by[thing]) for thing in things)

    first = min(b for b, k in zip(accounts.began.tolist(), known, strict=True) if k)
    days = [int((b - first) // 86_400) if k else 0 for b, k in zip(accounts.began.tolist(), known, strict=True)]
    starts = {day: sum(d == day and k for d, k in zip(days, known, strict=True)) for day in range(-3, max(days) + 4)}
    rate = [(sum(starts.get(day + off, 0) for off in range(-3, 4)) / 7 + 0.5) / 86_400 for day in days]
    expected = {}
    for a, b in combinations(range(count), 2):
        if not (known[a] and known[b]):
            continue
        shared = {t for t in outsiders[a] & outsiders[b] if t >= 5 and 2 <= users[t] <= RARE_OUTSIDER}
        apart = abs(accounts.began[a] - accounts.began[b])
        near = apart <= NEAR_SECONDS and not abs(accounts.turnover[a] - accounts.turnover[b]) > NEAR_LOG_TURNOVER
        if not (near or shared):
            continue
        rare = sum(1 / log2(users[t]) for t in shared)
        every_way, every_outsider = ways[a] | ways[b], outsiders[a] | outsiders[b]
        whole = bits(every_way, way_users)
        likeness = BASE_BITS + RARE_BITS * min(rare, 4.0) + OTHER_LIFE_BITS * log1p(bits(every_outsider, users))
        likeness += WAYS_BITS * (bits(ways[a] & ways[b], way_users) / whole if whole > 0 else 1.0)
        likeness += SILENT_BITS if whole <= 0 else 0.0
        if bits(every_outsider, users) > 0:
            likeness += OUTSIDERS_BITS * bits(outsiders[a] & outsiders[b], users) / bits(every_outsider, users)
        by_time = (rate[a] + rate[b]) * (apart + 60)
        expected[a, b] = (likeness, rare, by_time)
    found = {
        (int(a), int(b)): (one, rare) for a, b, one, rare in zip(pairs.a, pairs.b, pairs.bits, pairs.rare, strict=True)
    }
    assert found.keys() == expected.keys()
    assert len(found) > 20
    for pair, (likeness, rare, by_time) in expected.items():
        assert found[pair][1] == pytest.approx(rare)
        said = [accounts.turnover[end] == accounts.turnover[end] for end in pair]
        coincidence = found[pair][0] - likeness
        if all(said):  # a like turnover can only make strangers rarer
            assert coincidence >= COINCIDENCE_BITS * log2(by_time) - 1e-9
        else:
            assert coincidence == pytest.approx(COINCIDENCE_BITS * log2(by_time))


@pytest.mark.parametrize("seed", range(20))
def test_rings_grow_as_the_rules_say(seed: int) -> None:
    """Oracle: sets of accounts merged one pair at a time."""
    rng = random.Random(seed)
    count = 90
    drawn_pairs = sorted({tuple(sorted(rng.sample(range(count), 2))) for _ in range(220)})
    bits = [rng.choice([-3.0, -1.0, 1.45, 2.0, 3.0]) + rng.random() / 10 for _ in drawn_pairs]
    rare = [rng.choice([0.0, 0.0, 0.3, 1.0]) for _ in drawn_pairs]
    linked = [tuple(rng.sample(range(count), 2)) for _ in range(60)]
    known = [rng.random() < 0.7 for _ in range(count)]
    groups = [{account} for account in range(count)]

    def join(a: int, b: int, *, needed: int = 0, apart: float = inf) -> None:
        one = next(group for group in groups if a in group)
        two = next(group for group in groups if b in group)
        if one is two or max(len(one), len(two)) < needed or min(len(one), len(two)) >= apart:
            return
        groups.remove(two)
        one |= two

    def rings(least: float, share: float) -> list[set[int]]:
        found = []
        for group in groups:
            inside = [p for p, b in zip(drawn_pairs, bits, strict=True) if b >= least and set(p) <= group]
            alike = {account for pair in inside for account in pair}
            unknown = sum(known[account] for account in group) < 0.5 * len(group)
            if len(group) >= MIN_RING and (len(alike) >= share * len(group) or unknown):
                found.append(set(group))
        return found

    order = sorted(range(len(bits)), key=lambda place: (-bits[place], drawn_pairs[place]))
    for a, b in linked:
        join(a, b)
    for place in order:
        if rare[place] >= OUTSIDER_PROOF and bits[place] >= OUTSIDER_BITS:
            join(*drawn_pairs[place], needed=MIN_RING)
    strong = {pair for pair, b in zip(drawn_pairs, bits, strict=True) if b >= SURE_BITS}
    for place in order:
        a, b = drawn_pairs[place]
        if (a, b) in strong and any({tuple(sorted((a, c))), tuple(sorted((b, c)))} <= strong for c in range(count)):
            join(a, b, apart=MIN_RING)
    sure = set().union(*rings(SURE_BITS, 0.6))
    for place in order:
        if bits[place] >= WEAK_BITS:
            join(*drawn_pairs[place], apart=MIN_RING)
    wide = rings(WEAK_BITS, 0.5)
    expected = {}
    for group in groups:
        kept = group if group in wide else group & sure
        expected.update({account: min(group) for account in kept})

    table = np.array(drawn_pairs, np.int64)
    ends = np.array(linked, np.int64)
    grown = grow(
        (ends[:, 0].copy(), ends[:, 1].copy()),
        Pairs(table[:, 0].copy(), table[:, 1].copy(), np.array(bits), np.array(rare)),
        np.array(known),
    )
    assert {account: int(ring) for account, ring in enumerate(grown.ring) if ring >= 0} == expected
    assert {account for account in range(count) if grown.sure[account]} == sure


def town(book: Notebook, seed: int = 0, people: int = 300) -> None:
    """Strangers who begin over a month, each with dealings of his own."""
    rng = random.Random(seed)
    for n in range(people):
        book.begin(f"p{n}", rng.randrange(30 * 86_400_000), rng.uniform(1_000, 100_000))
        for _ in range(rng.randrange(2, 9)):
            book.deal(f"p{n}", f"shop{rng.randrange(40)}", f"way{rng.randrange(6)}")


def gang(book: Notebook, size: int, *, gap: int = 300_000, way: str = "way1") -> set[str]:
    names = {f"g{n}" for n in range(size)}
    for n in range(size):
        book.begin(f"g{n}", 10 * 86_400_000 + n * gap, 4_000 - 7 * n)
        book.deal(f"g{n}", "rare-exit" if n % 2 else "other-exit", way)
    return names


@pytest.mark.parametrize("seed", range(4))
def test_accounts_begun_and_run_alike_are_a_ring_without_any_link_in_whatever_order_they_come(seed: int) -> None:
    book = Notebook()
    town(book, seed)
    names = gang(book, 12)
    book.events = shuffled(book.events, seed)
    (ring,) = rings_of(book)
    assert ring.kind is RingKind.ALIKE
    assert names <= accounts_of(ring)
    assert len(accounts_of(ring) - names) <= 2
    mixed = Notebook()
    mixed.events = shuffled(book.events, seed + 100)
    assert rings_of(mixed) == [ring]


def test_strangers_who_happen_to_be_linked_are_no_ring_where_their_starts_are_known() -> None:
    book = Notebook()
    town(book)
    for n in range(9):
        book.link(f"p{n}", f"p{n + 1}")
    assert rings_of(book) == []
    bare = Notebook()
    for n in range(9):
        bare.link(f"p{n}", f"p{n + 1}")
    assert len(rings_of(bare)) == 1, "without starts a component is all there is to go by"


def test_a_shop_where_everybody_deals_and_a_listed_exchange_join_nobody() -> None:
    for name, customers in (("shop", RARE_OUTSIDER + 1), ("exchange", 10)):
        book = Notebook()
        town(book)
        for n in range(customers):
            book.deal(f"p{n * 7}", name, "way0")
        if name == "exchange":
            book.list(name, ListKind.SERVICE)
        assert rings_of(book) == []


def test_a_start_with_no_number_for_turnover_counts_as_one_without() -> None:
    book = Notebook()
    for n in range(10):
        book.begin(f"g{n}", n * 60_000, None)
    (ring,) = rings_of(book)
    assert len(ring.members) == 10
    odd = Movement(
        event_id="tx:odd", ts=START, source="z", target="b", amount_cents=0, kind=MovementKind.LINK,
        attributes=((OUTSIDE, "target"), (BEGAN, "much")),
    )  # fmt: skip
    book.events.append(odd)
    assert len(rings_of(book)) == 1
