"""Rings do not depend on the order or the batches in which facts arrive, and the changes say all that changed."""

from __future__ import annotations

import random
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from graph.events import Event, ListKind
from graph.evidence import Ring
from rings.engine import MIN_MEMBERS, MIN_SCORE
from rings.identity import name_from
from rings.ring import BASE_POINTS
from scoring.projection import Projection
from tests.rings import oracle
from tests.rings.worlds import (
    DAY,
    HOUR,
    MINUTE,
    Notebook,
    accounts_of,
    chain,
    collection,
    cycle,
    entries,
    farm,
    opposed,
    scatter,
    shuffled,
)

NAMES = [f"a{n}" for n in range(16)]


@st.composite
def worlds(draw: st.DrawFn) -> list[Event]:
    """A few planted shapes over the same sixteen accounts, so that they touch, among unrelated noise."""
    book = Notebook()

    def some(least: int, most: int) -> list[str]:
        return draw(st.lists(st.sampled_from(NAMES), min_size=least, max_size=most, unique=True))

    def when() -> int:
        return draw(st.integers(0, 12)) * 8 * HOUR

    for _ in range(draw(st.integers(1, 6))):
        shape = draw(st.integers(0, 8))
        if shape == 0:
            cycle(book, some(3, 5), at=when())
        elif shape == 1:
            chain(book, some(4, 6), at=when())
        elif shape == 2:
            scatter(book, "origin", some(4, 5), draw(st.sampled_from(["end", "a0"])))
        elif shape == 3:
            collection(book, draw(st.sampled_from(["boss", "a1"])), some(5, 6), "a2", at=when())
        elif shape == 4:
            farm(book, some(3, 6), draw(st.sampled_from(["shared-1", "shared-2"])), at=when())
        elif shape == 5:
            one, two = some(2, 2)
            opposed(book, one, two, times=draw(st.integers(2, 5)))
        elif shape == 6:
            for account in some(2, 8):
                book.hold(account, draw(st.sampled_from(["phone-1", "phone-2"])), when())
                book.use(account, when(), ip=draw(st.sampled_from(["10.0.0.1", "10.0.0.2"])))
        elif shape == 7:
            for operator in ("op-1", "op-2", "op-3"):
                for account in some(0, 6):
                    book.collects(operator, account, when())
                book.hosts(operator, f"{operator}.example", "192.0.2.1", when())
        else:
            for account in some(1, 10):
                book.link(account, draw(st.sampled_from(NAMES)), when())
    for account in some(0, 2):
        book.list(account, draw(st.sampled_from([ListKind.BLOCK, ListKind.SERVICE])), when())
    for n in range(draw(st.integers(0, 8))):
        book.pay(draw(st.sampled_from(NAMES)), draw(st.sampled_from(NAMES)), 900_000, when() + n * MINUTE)
    return book.events


def settled(events: Sequence[Event]) -> list[Ring]:
    projection = Projection()
    projection.apply(entries(events))
    projection.ring_changes(settle=True)
    return projection.rings()


@settings(max_examples=120, deadline=None)
@given(worlds(), st.randoms(use_true_random=False), st.integers(1, 40))
def test_any_order_batches_and_questions_in_between_end_in_the_same_rings(
    events: list[Event], rng: random.Random, batch: int
) -> None:
    mixed = entries(shuffled(events, rng.randrange(1 << 30)))
    projection = Projection()
    told: dict[str, Ring] = {}
    for start in range(0, len(mixed), batch):
        projection.apply(mixed[start : start + batch])
        if rng.random() < 0.6:
            follow(projection, told, settle=rng.random() < 0.5)
    follow(projection, told, settle=True)
    assert projection.rings() == settled(events)


def follow(projection: Projection, told: dict[str, Ring], *, settle: bool) -> None:
    """Apply the changes to `told`, which must then be all rings; nothing is told twice or without reason."""
    changes = projection.ring_changes(settle=settle)
    names = [ring.ring_id for ring in changes.changed]
    assert names == sorted(set(names))
    for ring in changes.changed:
        assert told.get(ring.ring_id) != ring
        told[ring.ring_id] = ring
    for ring_id, survivor in changes.gone:
        del told[ring_id]
        assert ring_id not in names
        assert survivor is None or survivor in {ring.ring_id for ring in projection.rings()}
    assert told == {ring.ring_id: ring for ring in projection.rings()}
    again = projection.ring_changes(settle=settle)
    assert (again.changed, again.gone) == ((), ())


@settings(max_examples=120, deadline=None)
@given(worlds())
def test_rings_are_the_components_of_what_joins_their_accounts(events: list[Event]) -> None:
    expected = oracle.components(events)
    for ring in settled(events):
        (found,) = [one for one in expected if ring.ring_id in {min(map(name_from, core)) for core in one[2]}]
        expected.remove(found)
        assert (frozenset(accounts_of(ring)), frozenset(ring.kinds)) == found[:2]
        assert ring.score >= MIN_SCORE
    for members, kinds, _ in expected:  # no ring: too few, or a shape that says too little by itself
        base = [BASE_POINTS[kind] for kind in kinds]
        assert len(members) < MIN_MEMBERS or sum(b if b == max(base) else b / 2 for b in base) < MIN_SCORE


def test_an_account_that_becomes_a_hub_late_leaves_the_same_rings_as_one_that_was_always_known() -> None:
    book = Notebook()
    cycle(book, ["a", "hub", "c"])
    cycle(book, ["c", "d", "e"], at=DAY)
    for n in range(140):
        book.pay(f"customer{n}", "hub", 10_000 + n, n * MINUTE)
    rings = settled(book.events)
    assert [accounts_of(ring) for ring in rings] == [{"c", "d", "e"}]
    for seed in range(6):
        projection = Projection()
        mixed = entries(shuffled(book.events, seed))
        for start in range(0, len(mixed), 10):
            projection.apply(mixed[start : start + 10])
            projection.ring_changes(settle=False)
        projection.ring_changes(settle=True)
        assert projection.rings() == rings
