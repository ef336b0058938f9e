"""Which scenes a world has, how many of each, and when each begins.

Starts are spread evenly over the span with a random shift each, so that the place in the stream tells nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph.evidence import RingKind
from ingest.simulator import lookalikes, rings_means, rings_money
from ingest.simulator.people import I64
from ingest.simulator.place import Place
from ingest.simulator.script import Script
from ingest.simulator.seeds import SCHEDULE, stream
from ingest.simulator.sites import moves

EVENTS_PER_RING = 1_750
CREW = 25  # people set aside for one ring, more than any ring casts
SHUFFLES = 32  # orders of kinds tried, for one that puts as many movements early as late


@dataclass(frozen=True, slots=True)
class RingScene:
    """How a kind of planted ring is written, how many days it takes (shortest, longest), and its usual movements."""

    kind: RingKind
    write: Callable[[Script, list[int]], None]
    days: tuple[float, float]
    movements: int


@dataclass(frozen=True, slots=True)
class HonestScene:
    """How an honest look-alike is written, how often in 60,000 events, and its days (shortest, longest)."""

    name: str
    write: Callable[[Script], None]
    per_60k: int
    days: tuple[float, float]


RING_SCENES = (
    RingScene(RingKind.FAN_IN, rings_money.mule_collection, (9, 17), 28),
    RingScene(RingKind.FAN_OUT, rings_money.payout_fan_out, (9, 17), 36),
    RingScene(RingKind.CYCLE, rings_money.rising_cycle, (10, 18), 21),
    RingScene(RingKind.SCATTER_GATHER, rings_money.scatter_gather, (9, 17), 19),
    RingScene(RingKind.GATHER_SCATTER, rings_money.gather_scatter, (9, 17), 30),
    RingScene(RingKind.LAYERED, rings_money.layered_pass_through, (9, 17), 20),
    RingScene(RingKind.SHARED_MEANS, rings_means.device_farm, (8, 16), 30),
    RingScene(RingKind.OPPOSITE_BETS, rings_means.opposite_bets, (10, 18), 41),
    RingScene(RingKind.OPERATOR, rings_means.joined_operators, (12, 20), 30),
)

HONEST_SCENES = (
    HonestScene("pay_day", lookalikes.pay_day, 18, (1, 1)),
    HonestScene("big_winner", lookalikes.big_winner, 20, (1, 4)),
    HonestScene("crowdfunding", lookalikes.crowdfunding, 14, (3, 9)),
    HonestScene("shop_sweep", lookalikes.shop_sweep, 30, (2, 6)),
    HonestScene("supply_chain", lookalikes.supply_chain, 25, (1, 3)),
    HonestScene("marketplace_settlement", lookalikes.marketplace_settlement, 14, (1, 3)),
    HonestScene("shared_rent", lookalikes.shared_rent, 40, (3, 10)),
    HonestScene("betting_pool", lookalikes.betting_pool, 16, (1, 3)),
    HonestScene("friends_round", lookalikes.friends_round, 30, (3, 12)),
    HonestScene("derby", lookalikes.derby, 25, (4, 12)),
    HonestScene("family_fees", lookalikes.family_fees, 24, (1, 3)),
    HonestScene("second_hand_sale", lookalikes.second_hand_sale, 30, (1, 2)),
)


@dataclass(frozen=True, slots=True)
class Schedule:
    """All scenes by start: arrays of one length. `kind` indexes RING_SCENES, then HONEST_SCENES, then the notices;
    `number` counts the scenes of a kind (of rings: all rings; of notices: see `notices`)."""

    start: NDArray[np.float64]  # days from the first day of the span
    days: NDArray[np.float64]
    kind: I64
    number: I64
    rings: int
    notices: tuple[tuple[int, int], ...]  # (operator index, turn); the number past the end: services listed

    def crew(self, place: Place, ring: int) -> list[int]:
        """Return the people set aside for ring number `ring`; those of rings near in time do not overlap."""
        first = ring * CREW
        people: list[int] = place.people.order[np.arange(first, first + CREW) % place.people.count].tolist()
        return people


NOTICE = len(RING_SCENES) + len(HONEST_SCENES)


def plan(place: Place, events: int) -> Schedule:
    """Return when every scene of a world of `events` events begins."""
    rng = stream(place.seed, SCHEDULE)
    span = float(place.calendar.days)
    rings = max(1, round(events / EVENTS_PER_RING))
    columns = [_rings(rng, rings, span)]
    for index, scene in enumerate(HONEST_SCENES):
        count = max(1, round(scene.per_60k * events / 60_000))
        columns.append(_spread(rng, np.full(count, len(RING_SCENES) + index), [scene.days], span))
    notices = tuple(_notices(place))
    starts = [turn * place.operators[index].days_per_domain for index, turn in notices] + [0]
    known = np.asarray(starts, dtype=np.float64)
    columns.append((known, np.ones(len(known)), np.full(len(known), NOTICE), np.arange(len(known))))
    start, days, kind, number = (np.concatenate(column) for column in zip(*columns, strict=True))
    order = np.lexsort((number, kind, start))
    return Schedule(start[order], days[order], kind[order], number[order], rings, notices)


def _rings(
    rng: np.random.Generator, count: int, span: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], I64, I64]:
    rounds = -(-count // len(RING_SCENES))
    weight = np.asarray([scene.movements for scene in RING_SCENES], dtype=np.float64)
    place = np.arange(count) - (count - 1) / 2
    best, least = np.zeros(count, dtype=np.int64), np.inf
    for _ in range(SHUFFLES):
        kinds = np.concatenate([rng.permutation(len(RING_SCENES)) for _ in range(rounds)])[:count]
        lean = abs(float((weight[kinds] * place).sum()))
        if lean < least:
            best, least = kinds, lean
    return _spread(rng, best, [scene.days for scene in RING_SCENES], span)


def _spread(
    rng: np.random.Generator, kinds: I64, lengths: list[tuple[float, float]], span: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], I64, I64]:
    """One scene per stretch of the span, whole days long enough for it to end inside."""
    count = len(kinds)
    limits = np.asarray(lengths)[kinds if len(lengths) > 1 else np.zeros(count, dtype=np.int64)]
    days = limits[:, 0] + (limits[:, 1] - limits[:, 0]) * rng.random(count)
    start = (np.arange(count) + 0.25 + 0.5 * rng.random(count)) / count * (span - days - 0.5)
    return start, days, kinds.astype(np.int64), np.arange(count, dtype=np.int64)


def _notices(place: Place) -> Iterator[tuple[int, int]]:
    for index, operator in enumerate(place.operators):
        for turn, _ in moves(operator, place.calendar):
            yield index, turn
