"""Each shape is found in its smallest example and not in the near miss."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from graph.events import ListKind
from graph.evidence import RingKind
from tests.rings.worlds import (
    DAY,
    HOUR,
    MINUTE,
    Notebook,
    accounts_of,
    chain,
    collection,
    cycle,
    farm,
    layers,
    only_ring,
    opposed,
    rings_of,
    scatter,
    spreading,
)

FOUR, FIVE = [f"p{n}" for n in range(4)], [f"p{n}" for n in range(5)]
GROUPS = [[f"{group}{n}" for n in range(3)] for group in "xyz"]


def run_by_one_hand(book: Notebook, names: list[str]) -> None:
    """A phone number that a few accounts share: what a fan needs beyond its shape."""
    for name in names:
        book.hold(name, "phone-1")


def fan_in(book: Notebook, *, payers: list[str] = FIVE, kept: bool = False) -> None:
    collection(book, "boss", payers, "exit")
    if kept:
        book.events.pop()
    run_by_one_hand(book, ["boss", "exit", *payers[:2]])


def fan_out(book: Notebook, *, payees: list[str] = FIVE) -> None:
    spreading(book, "bank", "boss", payees)
    run_by_one_hand(book, ["boss", *payees[:3]])


def gather_scatter(book: Notebook, *, payees: int = 5) -> None:
    collection(book, "boss", FIVE, "q0", cents=900_000)
    book.events.pop()
    for n in range(payees):
        book.pay("boss", f"q{n}", 4_500_000 // payees, 3 * HOUR + n * MINUTE)
    run_by_one_hand(book, ["boss", "p0", "p1", "q0"])


def linked(book: Notebook, *, size: int = 8) -> None:
    for n in range(size - 1):
        book.link(f"n{n}", f"n{n + 1}", n)


def alike(book: Notebook, *, size: int = 8) -> None:
    for n in range(size):
        book.begin(f"n{n}", n * MINUTE, 2_000.0)


def operators(book: Notebook, *, shared: int = 4) -> None:
    """Two operators that collect through the same accounts, and each through one of its own."""
    for operator in ("op-1", "op-2"):
        book.collects(operator, f"own-{operator}")
        for n in range(shared):
            book.collects(operator, f"common-{n}")


def three(book: Notebook) -> None:
    farm(book, ["a", "b", "c", "d"], "handed-round")


PLANTED: list[tuple[RingKind, Callable[[Notebook], object], set[str]]] = [
    (RingKind.CYCLE, lambda book: cycle(book, ["a", "b", "c"]), {"a", "b", "c"}),
    (RingKind.LAYERED, lambda book: chain(book, ["a", "b", "c", "d", "e"]), {"a", "b", "c", "d", "e"}),
    (RingKind.SCATTER_GATHER, lambda book: scatter(book, "a", FOUR, "z"), {"a", *FOUR, "z"}),
    (RingKind.GATHER_SCATTER, gather_scatter, {"boss", *FIVE, *(f"q{n}" for n in range(5))}),
    (RingKind.FAN_IN, fan_in, {"boss", *FIVE, "exit"}),
    (RingKind.FAN_OUT, fan_out, {"bank", "boss", *FIVE}),
    (RingKind.BIPARTITE, lambda book: layers(book, GROUPS[:2]), {*GROUPS[0], *GROUPS[1]}),
    (RingKind.STACK, lambda book: layers(book, GROUPS), {name for group in GROUPS for name in group}),
    (RingKind.SHARED_MEANS, three, {"a", "b", "c", "d"}),
    (RingKind.OPPOSITE_BETS, lambda book: opposed(book, "a", "b", times=4), {"a", "b"}),
    (RingKind.OPERATOR, operators, {"own-op-1", "own-op-2", *(f"common-{n}" for n in range(4))}),
    (RingKind.LINKED, linked, {f"n{n}" for n in range(8)}),
    (RingKind.ALIKE, alike, {f"n{n}" for n in range(8)}),
]


@pytest.mark.parametrize(("kind", "plant", "accounts"), PLANTED, ids=[str(kind) for kind, _, _ in PLANTED])
def test_the_smallest_example_of_a_shape_is_a_ring(
    kind: RingKind, plant: Callable[[Notebook], object], accounts: set[str]
) -> None:
    book = Notebook()
    plant(book)
    ring = only_ring(book)
    assert ring.kind is kind
    assert accounts_of(ring) == accounts


def test_every_kind_has_an_example_here() -> None:
    assert {kind for kind, _, _ in PLANTED} == set(RingKind)


def two_hops(book: Notebook) -> None:
    cycle(book, ["a", "b"])


def wrong_order(book: Notebook) -> None:
    for place, (one, two) in enumerate((("c", "a"), ("b", "c"), ("a", "b"))):
        book.pay(one, two, 900_000, place * HOUR)


def with_service(book: Notebook) -> None:
    book.list("b", ListKind.SERVICE, at=-DAY)
    cycle(book, ["a", "b", "c"])


def through_a_hub(book: Notebook) -> None:
    """The one in the middle deals with everybody."""
    for n in range(150):
        book.pay(f"customer{n}", "b", 10_000 + n, -DAY + n * MINUTE)
    cycle(book, ["a", "b", "c"])


def shrinking(book: Notebook) -> None:
    for place, (one, two) in enumerate((("a", "b"), ("b", "c"), ("c", "a"))):
        book.pay(one, two, 900_000 // 5**place, place * HOUR)


def slow_chain(book: Notebook) -> None:
    chain(book, ["a", "b", "c", "d", "e"], gap=DAY + 1)


def too_late_scatter(book: Notebook) -> None:
    for n, name in enumerate(FOUR):
        book.pay("a", name, 900_000, n * MINUTE)
        book.pay(name, "z", 900_000, 3 * DAY + HOUR + n * MINUTE)


def marketplace(book: Notebook) -> None:
    """Three buyers of three shops that have other buyers too."""
    for n in range(12):
        book.pay(f"buyer{n}", GROUPS[1][n % 3], 900_000, -HOUR + n * MINUTE)
    layers(book, GROUPS[:2])


def family(book: Notebook) -> None:
    """Everybody of one generation gives something to everybody of the next, and lives a life beside that."""
    for n, name in enumerate(GROUPS[0]):
        book.pay(name, f"landlord-{n}", 4_000_000, n * MINUTE)
    layers(book, GROUPS[:2])


def two_payrolls(book: Notebook) -> None:
    """Two employers pay the same people."""
    layers(book, [["employer-1", "employer-2"], FIVE])


def far_apart_bets(book: Notebook) -> None:
    opposed(book, "a", "b", times=4, gap=16 * MINUTE)


def same_side(book: Notebook) -> None:
    for n in range(4):
        book.bet("a", f"match-{n}", "home", 500_000, n * DAY)
        book.bet("b", f"match-{n}", "home", 500_000, n * DAY + MINUTE)


def small_against_large(book: Notebook) -> None:
    for n in range(4):
        book.bet("a", f"match-{n}", "home", 500_000, n * DAY)
        book.bet("b", f"match-{n}", "away", 200_000, n * DAY + MINUTE)


MISSES: list[Callable[[Notebook], object]] = [
    two_hops,
    wrong_order,
    with_service,
    through_a_hub,
    shrinking,
    slow_chain,
    too_late_scatter,
    marketplace,
    family,
    two_payrolls,
    far_apart_bets,
    same_side,
    small_against_large,
]


@pytest.mark.parametrize("miss", MISSES, ids=[miss.__name__ for miss in MISSES])
def test_a_near_miss_is_no_ring(miss: Callable[[Notebook], object]) -> None:
    book = Notebook()
    miss(book)
    assert rings_of(book) == []


def test_one_account_less_is_no_ring() -> None:
    smaller: list[Callable[[Notebook], object]] = [
        lambda book: chain(book, ["a", "b", "c", "d"]),
        lambda book: scatter(book, "a", FOUR[:3], "z"),
        lambda book: fan_in(book, payers=FOUR),
        lambda book: fan_out(book, payees=FOUR),
        lambda book: farm(book, ["a", "b"], "handed-round"),
        lambda book: opposed(book, "a", "b", times=2),
        lambda book: layers(book, [GROUPS[0], GROUPS[1][:2]]),
        lambda book: linked(book, size=7),
        lambda book: operators(book, shared=0),
    ]
    for plant in smaller:
        book = Notebook()
        plant(book)
        assert rings_of(book) == []


def test_a_gathering_that_keeps_the_money_is_no_ring() -> None:
    book = Notebook()
    fan_in(book, kept=True)
    assert rings_of(book) == []


def test_a_fan_by_itself_is_a_shape_of_honest_life_and_no_ring() -> None:
    fans: list[Callable[[Notebook], object]] = [
        lambda book: collection(book, "boss", FIVE, "exit"),
        lambda book: spreading(book, "bank", "boss", FIVE),
    ]
    for plant in fans:
        book = Notebook()
        plant(book)
        assert rings_of(book) == []
