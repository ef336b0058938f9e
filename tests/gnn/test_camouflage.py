"""Attacks change what a ring does and nobody else: the same truth, the same other events, the money unchanged."""

from __future__ import annotations

import numpy as np
import pytest

from bench.camouflage import ATTACKS, COVER_PAYMENTS, PIECES, SLOWER, Attacked
from bench.robustness import world_of
from graph.events import Event, Movement


@pytest.fixture(scope="module")
def world() -> tuple[list[Event], dict[str, str]]:
    return world_of(3, 6_000)


def attacked(world: tuple[list[Event], dict[str, str]], name: str) -> Attacked:
    return ATTACKS[name](*world, np.random.default_rng(1))


def laundering(events: list[Event] | tuple[Event, ...], ring_of: object) -> list[Movement]:
    return [event for event in events if isinstance(event, Movement) and event.tx_id in ring_of]  # type: ignore[operator]


@pytest.mark.parametrize("name", list(ATTACKS))
def test_an_attack_leaves_others_alone_keeps_rings_and_money_and_time_order(
    world: tuple[list[Event], dict[str, str]], name: str
) -> None:
    events, ring_of = world
    found = attacked(world, name)
    own = {event.event_id for event in laundering(events, ring_of)}
    before = {event.event_id: event for event in events if event.event_id not in own}
    after = {event.event_id: event for event in found.events}
    assert all(after[event_id] == event for event_id, event in before.items())
    assert len(after) == len(found.events)
    assert set(found.ring_of.values()) == set(ring_of.values())
    moved = sum(event.amount_cents for event in laundering(events, ring_of))
    assert sum(event.amount_cents for event in laundering(found.events, found.ring_of)) == moved
    times = [event.ts for event in found.events]
    assert times == sorted(times)
    assert found.cover.isdisjoint(found.ring_of)


def test_each_attack_does_what_its_name_says(world: tuple[list[Event], dict[str, str]]) -> None:
    events, ring_of = world
    before = laundering(events, ring_of)
    members = {account for event in before for account in (event.source, event.target)}
    company = attacked(world, "popular company")
    cover = [event for event in company.events if isinstance(event, Movement) and event.tx_id in company.cover]
    assert len(cover) == COVER_PAYMENTS * len(before)
    assert all(event.target not in members for event in cover)
    split = attacked(world, "split amounts")
    assert len(split.ring_of) == PIECES * len(before)
    assert all(event.amount_cents >= 0 for event in split.events if isinstance(event, Movement))
    slow = laundering(attacked(world, "waiting").events, ring_of)

    def span(movements: list[Movement], ring: str) -> int:
        times = [event.ts for event in movements if ring_of[event.tx_id] == ring]
        return max(times) - min(times)

    for ring in set(ring_of.values()):
        assert span(slow, ring) == pytest.approx(SLOWER * span(before, ring), abs=10)
    fresh = laundering(attacked(world, "fresh means").events, ring_of)
    assert len({event.device for event in fresh}) == len(before)
