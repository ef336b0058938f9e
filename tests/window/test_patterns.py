"""New-edge patterns against their plain definitions, with their budgets, in any order and with a poisoned future."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.events import Event, IndicatorListed, ListKind, Movement, NodeKind
from graph.window import patterns
from graph.window.cycles import CYCLES
from graph.window.hits import (
    CUT_CYCLE,
    CUT_HUB,
    HIT_BIPARTITE,
    HIT_CYCLE,
    HIT_SCATTER_GATHER,
    HIT_STACK,
    cut_names,
)
from graph.window.window import Window
from tests.window import oracle, pattern_oracle
from tests.window.test_touched import answers_of, money, pay
from tests.window.worlds import HOUR, START

SHAPES = {HIT_CYCLE, HIT_SCATTER_GATHER, HIT_BIPARTITE, HIT_STACK}


def found_in(events: Sequence[Event]) -> tuple[dict[str, list[tuple[int, list[Movement]]]], dict[str, int]]:
    """By movement: its patterns (newest movement first where in a row), and what was cut."""
    window = Window()
    answers = window.answer(window.apply(events))
    moves = {event.event_id: event for event in events if isinstance(event, Movement)}
    found: dict[str, list[tuple[int, list[Movement]]]] = {name: [] for name in moves}
    for hit in answers.hits:
        edges = [moves[window.event_id(edge)] for edge in hit.edges]
        found[window.event_id(hit.owner)].append((hit.kind, edges))
    cut = {window.event_id(seq): int(bits) for seq, bits in zip(answers.seqs.tolist(), answers.cut, strict=True)}
    return found, cut


@st.composite
def round_trips(draw: st.DrawFn) -> list[Event]:
    """A cycle of 3 to 9 hops, its amounts falling, between random payments of the same accounts and others."""
    length = draw(st.integers(3, 9))
    names = [f"a{n}" for n in range(length)]
    at = sorted(draw(st.lists(st.integers(0, 70), min_size=length, max_size=length)))
    kept = draw(st.sampled_from([0, 100, 1_600]))
    events: list[Event] = [
        pay(n, names[n], names[(n + 1) % length], at[n], 10_000 - n * kept if n * kept < 6_000 else 4_000)
        for n in range(length)
    ]
    others = st.sampled_from([*names, "b0", "b1"])
    for number in range(draw(st.integers(0, 14))):
        hour, cents = draw(st.integers(0, 70)), draw(st.sampled_from([9_000, 9_900, 10_000]))
        events.append(pay(100 + number, draw(others), draw(others), hour, cents))
    return events


@settings(max_examples=200, deadline=None)
@given(st.one_of(round_trips(), money()))
def test_every_cycle_up_to_eight_hops_is_found_and_none_that_is_not_there(events: list[Event]) -> None:
    found, cut = found_in(events)
    for event in events:
        if not isinstance(event, Movement):
            continue
        ways = [edges for kind, edges in found[event.event_id] if kind == HIT_CYCLE]
        assert all(edges[0] == event and oracle.rises(edges) for edges in ways)
        mine = {tuple(move.source for move in reversed(edges)) for edges in ways}
        assert len(mine) == len(ways)
        plain = pattern_oracle.cycles(events, event)
        if len(plain) <= CYCLES.results and not cut[event.event_id] & CUT_CYCLE:
            assert mine == plain
        else:
            assert mine < plain
            assert cut[event.event_id] & CUT_CYCLE


@pytest.mark.parametrize("hops", range(3, 9))
def test_a_planted_cycle_is_found_between_hubs_and_other_payments(hops: int) -> None:
    events: list[Event] = [pay(n, f"a{n}", f"a{(n + 1) % hops}", n + 1, 100_000 - 500 * n) for n in range(hops)]
    for n in range(hops):  # everybody also pays a shop that everybody pays, and is paid by an employer
        events += [pay(1_000 + n, f"a{n}", "shop", n + 2), pay(2_000 + n, "employer", f"a{n}", n)]
    events += [pay(3_000 + n, f"c{n}", "shop", n % 20) for n in range(400)]
    found, _ = found_in(events)
    (way,) = [edges for kind, edges in found[f"tx:{hops - 1}"] if kind == HIT_CYCLE]
    assert {move.event_id for move in way} == {f"tx:{n}" for n in range(hops)}


def through_hub(later: int) -> list[Event]:
    """A cycle a -> hub -> b -> c -> a; the hub makes `later` payments of the same amount after that to b."""
    return [
        pay(0, "a", "hub", 0),
        pay(1, "hub", "b", 1),
        *(pay(10 + n, "hub", f"d{n}", 2) for n in range(later)),
        pay(2, "b", "c", 3),
        pay(3, "c", "a", 4),
    ]


def test_a_hub_is_followed_along_its_newest_payments_and_that_is_said() -> None:
    found, cut = found_in(through_hub(later=20))
    assert [kind for kind, _ in found["tx:3"]] == [HIT_CYCLE]
    assert cut["tx:3"] == 0
    found, cut = found_in(through_hub(later=400))
    assert HIT_CYCLE not in {kind for kind, _ in found["tx:3"]}
    assert cut["tx:3"] & CUT_HUB
    assert "hub_discounted" in cut_names(cut["tx:3"])


def test_a_search_out_of_steps_says_which_it_was() -> None:
    events: list[Event] = [pay(n, "t", f"b{n}", 0) for n in range(9)]
    events += [pay(100 + n, f"b{n % 9}", f"b{(n * 5 + 1) % 9}", 1 + n % 20) for n in range(40)]
    events += [pay(400, "b0", "s", 22), pay(900, "s", "t", 30)]
    for steps, cut_short in ((50, True), (CYCLES.steps, False)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(patterns, "CYCLES", CYCLES._replace(steps=steps, results=2_000))
            _, cut = found_in(events)
        assert ("cycle_search" in cut_names(cut["tx:900"])) == cut_short


@st.composite
def groups(draw: st.DrawFn) -> list[Event]:
    """Three groups, most of each paying most of the next, some payments late, lost, repeated, out of order or aside."""
    sizes = [draw(st.integers(2, 4)) for _ in range(3)]
    names = [[f"{group}{n}" for n in range(size)] for group, size in zip("xyz", sizes, strict=True)]
    everybody = [name for group in names for name in group] + ["shop"]
    events: list[Event] = []
    for place in range(draw(st.integers(0, 1)), 2):
        for one in names[place]:
            for two in names[place + 1]:
                if draw(st.integers(0, 7)):
                    hour = draw(st.integers(20 * place, 20 * place + 40))
                    events.append(pay(len(events), one, two, hour, draw(st.sampled_from([9_000, 10_000, 30_000]))))
    for _ in range(draw(st.integers(0, 8))):
        one, two = draw(st.sampled_from(everybody)), draw(st.sampled_from(everybody))
        events.append(pay(len(events), one, two, draw(st.integers(0, 90)), draw(st.sampled_from([0, 9_000, 60_000]))))
    if draw(st.booleans()):
        listed = IndicatorListed(
            event_id="listed:1",
            ts=START + draw(st.integers(0, 60)) * HOUR,
            list_name="list",
            list_kind=ListKind.SERVICE,
            entity_kind=NodeKind.ACCOUNT,
            entity_id=draw(st.sampled_from(everybody)),
        )
        events.append(listed)
    return events


@settings(max_examples=300, deadline=None)
@given(groups())
def test_bipartites_and_stacks_are_found_exactly_when_they_are_there(events: list[Event]) -> None:
    found, cut = found_in(events)
    for event in events:
        if isinstance(event, Movement):
            mine = [
                (kind, {(move.source, move.target) for move in edges})
                for kind, edges in found[event.event_id]
                if kind in (HIT_BIPARTITE, HIT_STACK)
            ]
            plain = pattern_oracle.layers(events, event)
            assert mine == ([] if plain is None else [plain])
            assert cut[event.event_id] == 0 or kind_of_cut_is_elsewhere(cut[event.event_id])


def kind_of_cut_is_elsewhere(bits: int) -> bool:
    return cut_names(bits) == ("cycle_search",)  # more cycles than are written down


@st.composite
def scatterings(draw: st.DrawFn) -> list[Event]:
    """Money from one or two origins over several accounts to one, some payments late, lost or of another size."""
    events: list[Event] = []
    for middle in range(draw(st.integers(3, 7))):
        for origin in ("o0", "o1"):
            if draw(st.integers(0, 3)):
                hour = draw(st.integers(0, 40))
                events.append(pay(len(events), origin, f"m{middle}", hour, draw(st.sampled_from([10_000, 14_000]))))
        if draw(st.integers(0, 7)):
            hour, cents = draw(st.integers(20, 80)), draw(st.sampled_from([9_000, 10_000, 10_300]))
            events.append(pay(len(events), f"m{middle}", "z", hour, cents))
    for _ in range(draw(st.integers(0, 6))):
        names = st.sampled_from(["o0", "m0", "m1", "m2", "z"])
        events.append(pay(len(events), draw(names), draw(names), draw(st.integers(0, 80))))
    return events


@settings(max_examples=200, deadline=None)
@given(scatterings())
def test_scatter_gathers_are_found_exactly_when_they_are_there(events: list[Event]) -> None:
    found, _ = found_in(events)
    for event in events:
        if isinstance(event, Movement):
            mine = [
                {move.event_id for move in edges} for kind, edges in found[event.event_id] if kind == HIT_SCATTER_GATHER
            ]
            plain = pattern_oracle.scatter_gather(events, event)
            assert mine == ([] if plain is None else [plain])


worlds = st.one_of(money(), groups(), round_trips(), scatterings())


@settings(max_examples=100, deadline=None)
@given(worlds, st.randoms(use_true_random=False), st.integers(1, 20))
def test_any_order_of_arrival_gives_the_same_patterns_and_cuts(
    events: list[Event], rng: random.Random, batch: int
) -> None:
    shuffled = list(events)
    rng.shuffle(shuffled)
    one, other = Window(), Window()
    one.apply(sorted(events, key=oracle.key))
    for start in range(0, len(shuffled), batch):
        other.apply(shuffled[start : start + batch])
    assert answers_of(one) == answers_of(other)


@settings(max_examples=100, deadline=None)
@given(worlds, worlds)
def test_patterns_never_use_what_lies_after(events: list[Event], poison: list[Event]) -> None:
    end = max((event.ts for event in events), default=START)
    later = [
        replace(event, event_id=f"{event.event_id}-poison", ts=end + 1 + event.ts - START)
        for event in poison
        if isinstance(event, Movement)
    ]
    alone, poisoned = Window(), Window()
    alone.apply(events)
    poisoned.apply([*events, *later])
    after = answers_of(poisoned)
    assert all(after[event_id] == answer for event_id, answer in answers_of(alone).items())
