"""Fans, scatterings and opposite bets against their plain definitions."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from graph.events import Event, IndicatorListed, ListKind, Movement, MovementKind, NodeKind
from graph.window.bets import BET_GAP, BET_SIMILAR, MIN_OPPOSITE
from graph.window.fans import HUB_DEGREE, MIN_FAN, PASSED_ON_HIGH, PASSED_ON_LOW
from graph.window.hits import HIT_FAN_IN, HIT_FAN_OUT, HIT_GATHER_SCATTER, HIT_OPPOSITE
from graph.window.kernels import DAY
from graph.window.window import Window
from tests.window import oracle
from tests.window.worlds import HOUR, START

FANS = {HIT_FAN_IN, HIT_FAN_OUT, HIT_GATHER_SCATTER}


@st.composite
def fans(draw: st.DrawFn) -> list[Event]:
    """Payments in and out of one centre, some by a service, some too old, some the centre's own."""
    others = [f"p{n}" for n in range(7)]
    events: list[Event] = []
    for number in range(draw(st.integers(6, 26))):
        kind = draw(st.sampled_from([MovementKind.TRANSFER] * 6 + [MovementKind.BET, MovementKind.PAYOUT]))
        ends = [draw(st.sampled_from([*others, "shop", "centre"])), "centre"]
        source, target = ends if draw(st.booleans()) else reversed(ends)
        events.append(
            Movement(
                event_id=f"tx:{number}",
                ts=START + draw(st.integers(0, 80)) * HOUR,
                source=source,
                target=target,
                amount_cents=draw(st.sampled_from([0, 900, 1_000, 1_000, 5_000])),
                kind=kind,
            )
        )
    if draw(st.booleans()):
        events.append(
            IndicatorListed(
                event_id="listed:1",
                ts=START + draw(st.integers(0, 80)) * HOUR,
                list_name="list",
                list_kind=ListKind.SERVICE,
                entity_kind=NodeKind.ACCOUNT,
                entity_id="shop",
            )
        )
    return events


def fan(events: list[Event], tx: Movement) -> tuple[int, frozenset[str]] | None:
    """The shape that `tx` completes at its source and the movements in it, or None."""
    services = oracle._services(events, tx.ts)
    if tx.kind is MovementKind.BET or tx.source == tx.target or not tx.amount_cents:
        return None
    seen = oracle.features(events, tx)
    if {tx.source, tx.target} & services or not seen["in_sum_72h"]:
        return None
    if seen["out_sum_72h"] + tx.amount_cents < PASSED_ON_LOW * seen["in_sum_72h"]:
        return None
    past = [
        event
        for event in oracle.before(events, tx)
        if isinstance(event, Movement)
        and event.kind is not MovementKind.BET
        and tx.ts - event.ts <= 3 * DAY
        and event.source != event.target
    ]
    into = [move for move in past if move.target == tx.source]
    out = [move for move in past if move.source == tx.source and move.target not in services] + [tx]
    paying = [move for move in into if move.source not in services]
    payers, payees = len({move.source for move in paying}), len({move.target for move in out})
    money = sum(move.amount_cents for move in into)
    if not PASSED_ON_LOW * money <= sum(move.amount_cents for move in out) <= PASSED_ON_HIGH * money:
        return None
    assert payers + payees <= HUB_DEGREE
    edges = frozenset(move.event_id for move in (*paying, *out))
    if payers >= MIN_FAN and payees >= MIN_FAN:
        return HIT_GATHER_SCATTER, edges
    if payers >= MIN_FAN and payees <= 3:
        return HIT_FAN_IN, edges
    if payees >= MIN_FAN and payers <= 3:
        return HIT_FAN_OUT, edges
    return None


@settings(max_examples=150, deadline=None)
@given(fans())
def test_fans_are_found_exactly_when_they_are_there(events: list[Event]) -> None:
    window = Window()
    answers = window.answer(window.apply(events))
    found = {
        window.event_id(hit.owner): (hit.kind, frozenset(window.event_id(edge) for edge in hit.edges))
        for hit in answers.hits
        if hit.kind in FANS
    }
    expected = {event.event_id: fan(events, event) for event in events if isinstance(event, Movement)}
    assert found == {event_id: shape for event_id, shape in expected.items() if shape is not None}


@st.composite
def bets(draw: st.DrawFn) -> list[Movement]:
    """Bets of three accounts on few markets, minutes apart, on few days."""
    return [
        Movement(
            event_id=f"tx:{number}",
            ts=START + draw(st.integers(0, 3)) * DAY + draw(st.integers(0, 8)) * 4 * 60_000,
            source=draw(st.sampled_from(["a", "b", "c"])),
            target="house",
            amount_cents=draw(st.sampled_from([1_000, 1_500, 4_000])),
            kind=MovementKind.BET,
            attributes=(
                ("market", draw(st.sampled_from(["m0", "m1"]))),
                ("side", draw(st.sampled_from(["home", "away"]))),
            ),
        )
        for number in range(draw(st.integers(4, 24)))
    ]


def opposed(one: Movement, two: Movement) -> bool:
    small, large = sorted((one.amount_cents, two.amount_cents))
    mine, theirs = dict(one.attributes), dict(two.attributes)
    return (
        one.source != two.source
        and mine["market"] == theirs["market"]
        and mine["side"] != theirs["side"]
        and abs(one.ts - two.ts) <= BET_GAP
        and small >= large * BET_SIMILAR
    )


def bets_against_one(events: list[Movement], tx: Movement) -> bool:
    """Whether `tx` is at least the third coincidence of its bettor with one other account."""
    past = [event for event in oracle.before(events, tx) if isinstance(event, Movement)]
    for partner in (other for other in past if opposed(tx, other)):
        pair = {tx.source, partner.source}
        later = [
            move
            for move in past
            if (move.source == tx.source or (move.source == partner.source and oracle.key(move) < oracle.key(partner)))
        ]
        count = 1 + sum(
            any(
                opposed(move, other) and {move.source, other.source} == pair
                for other in past
                if oracle.key(other) < oracle.key(move)
            )
            for move in later
        )
        if count >= MIN_OPPOSITE:
            return True
    return False


@settings(max_examples=150, deadline=None)
@given(bets())
def test_opposite_bets_are_found_exactly_when_they_are_there(events: list[Movement]) -> None:
    window = Window()
    answers = window.answer(window.apply(events))
    moves = {move.event_id: move for move in events}
    found = set()
    for hit in answers.hits:
        assert hit.kind == HIT_OPPOSITE
        edges = [moves[window.event_id(edge)] for edge in hit.edges]
        assert all(opposed(one, two) for one, two in zip(edges[::2], edges[1::2], strict=True))
        assert len({move.source for move in edges}) == 2
        found.add(window.event_id(hit.owner))
    assert found == {event.event_id for event in events if bets_against_one(events, event)}
