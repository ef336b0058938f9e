"""The ring engine under unkind input: what one batch costs stays bounded. Times are of the processor, generously."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from graph.events import Movement, MovementKind
from graph.evidence import RingKind
from graph.window.records import Edge
from rings.engine import MAX_FINDINGS, RingEngine
from rings.findings import Finding
from rings.links import HUB_DEGREE

START = 1_700_000_000_000


@contextmanager
def within(seconds: float) -> Iterator[None]:
    before = time.process_time()
    yield
    assert time.process_time() - before < seconds


def engine() -> RingEngine:
    return RingEngine(listed=set[str]().__contains__)


def cycle(number: int, names: Sequence[str]) -> Finding:
    edges = tuple(
        Edge(f"tx:{number}-{place}", START + number * 1_000 + place, name, names[(place + 1) % len(names)], 100_000, 0)
        for place, name in enumerate(names)
    )
    last = edges[-1]
    return Finding(f"cycle:{number}", (last.ts, last.event_id), RingKind.CYCLE, frozenset(names), edges=edges)


def link(rings: RingEngine, number: int, one: str, two: str) -> None:
    kind = MovementKind.LINK
    rings.links.note(Movement(event_id=f"tx:l{number}", ts=START, source=one, target=two, amount_cents=0, kind=kind))


def test_a_ring_that_takes_in_twelve_thousand_accounts_at_once_is_cut_and_says_so() -> None:
    rings = engine()
    for number in range(6_000):
        rings.replace(f"tx:{number}", [cycle(number, [f"a{2 * number}", f"a{2 * number + 1}", f"a{2 * number + 2}"])])
    with within(20):
        rings.changes(settle=False)
    (ring,) = rings.rings()
    assert len(ring.members) == 2 * MAX_FINDINGS + 1
    assert ring.truncated == ("findings",)


def test_ten_thousand_small_rings_touched_by_one_batch_each_cost_little() -> None:
    rings = engine()
    for number in range(10_000):
        rings.replace(f"tx:{number}", [cycle(number, [f"a{number}", f"b{number}", f"c{number}"])])
    assert len(rings.changes(settle=False).changed) == 10_000
    for number in range(10_000):
        rings.note_listed(f"a{number}")
    with within(20):
        rings.changes(settle=False)
    assert len(rings.rings()) == 10_000


def test_rings_that_merge_and_part_again_and_again_end_as_they_began() -> None:
    rings = engine()
    for number in range(2):
        rings.replace(f"tx:{number}", [cycle(number, [f"a{number}", f"b{number}", f"c{number}"])])
    rings.changes(settle=False)
    before = rings.rings()
    for _ in range(50):
        rings.replace("tx:join", [cycle(9, ["a0", "a1", "x"])])
        rings.changes(settle=False)
        assert len(rings.rings()) == 1
        rings.replace("tx:join", [])
        rings.changes(settle=False)
    assert rings.rings() == before


def test_one_device_on_fifty_thousand_accounts_joins_nobody() -> None:
    rings = engine()
    with within(20):
        for number in range(50_000):
            rings.means.use(f"a{number}", ("Device", "kiosk"), (START + number, f"e{number}"))
        rings.changes(settle=False)
    assert rings.rings() == []


def test_a_clique_of_hubs_and_a_great_star_are_no_ring_and_a_clique_below_the_limit_is_one() -> None:
    for size, found in ((400, 0), (HUB_DEGREE, 1)):
        rings = engine()
        for one in range(size):
            for two in range(one):
                link(rings, one * size + two, f"q{one}", f"q{two}")
        with within(20):
            rings.changes(settle=True)
        assert len(rings.rings()) == found
    rings = engine()
    for number in range(100_000):
        link(rings, number, "hub", f"s{number}")
    with within(20):
        rings.changes(settle=True)
    assert rings.rings() == []
