"""Nothing outside behaviour tells who is a fraudster: not the place in the stream, ids, cents, clock or formatting."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from graph.events import Movement
from ingest.simulator import World
from tests.ingest.simulator.conftest import Played, play

SEEDS = (1, 2, 3, 4, 5)
LOWEST, HIGHEST = 0.45, 0.55


def auc(values: Sequence[float], labels: Sequence[bool]) -> float:
    """Chance that a random positive has the larger value than a random negative (ties count half)."""
    given, label = np.asarray(values, dtype=np.float64), np.asarray(labels)
    _, inverse, counts = np.unique(given, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - counts + (counts + 1) / 2)[inverse]
    positive = int(label.sum())
    return float((rank[label].sum() - positive * (positive + 1) / 2) / (positive * (len(label) - positive)))


def zeros_at_the_end(cents: int) -> int:
    text = str(cents)
    return len(text) - len(text.rstrip("0"))


TELLS: dict[str, Callable[[Movement], float]] = {
    "number made of the transaction id": lambda movement: int(movement.tx_id, 16),
    "length of the transaction id": lambda movement: len(movement.tx_id),
    "length of the account ids": lambda movement: len(movement.source) + len(movement.target),
    "cents": lambda movement: movement.amount_cents % 100,
    "last digit": lambda movement: movement.amount_cents % 10,
    "zeros at the end of the amount": lambda movement: zeros_at_the_end(movement.amount_cents),
    "millisecond": lambda movement: movement.ts % 1_000,
    "second of the minute": lambda movement: movement.ts // 1_000 % 60,
    "minute of the hour": lambda movement: movement.ts // 60_000 % 60,
    "hour in UTC": lambda movement: movement.ts // 3_600_000 % 24,
    "hour in Brasilia": lambda movement: (movement.ts // 3_600_000 - 3) % 24,
}


@pytest.fixture(scope="module", params=SEEDS)
def played(request: pytest.FixtureRequest) -> Played:
    return play(World(seed=request.param, events=20_000))


def test_the_measure_sees_a_leak_when_there_is_one() -> None:
    assert auc([1, 2, 3, 4], [False, False, True, True]) == 1.0
    assert auc([4, 3, 2, 1], [False, False, True, True]) == 0.0
    assert auc([7, 7, 7, 7], [False, False, True, True]) == 0.5
    assert auc([1, 3, 2, 4], [False, False, True, True]) == 0.75


def test_no_single_field_tells_the_label(played: Played) -> None:
    planted = played.planted_transactions
    labels = [movement.tx_id in planted for movement in played.movements]
    told = {name: auc([tell(movement) for movement in played.movements], labels) for name, tell in TELLS.items()}
    assert {name: value for name, value in told.items() if not LOWEST <= value <= HIGHEST} == {}


def test_the_place_in_the_stream_does_not_tell_the_label(played: Played) -> None:
    planted = played.planted_transactions
    labels = [movement.tx_id in planted for movement in played.movements]
    assert LOWEST <= auc(range(len(labels)), labels) <= HIGHEST
    by_day: dict[int, int] = {}
    within = []
    for movement in played.movements:
        day = movement.ts // 86_400_000
        by_day[day] = by_day.get(day, 0) + 1
        within.append((day, by_day[day]))
    assert LOWEST <= auc([rank / by_day[day] for day, rank in within], labels) <= HIGHEST


def test_the_order_of_account_ids_does_not_tell_the_members(played: Played) -> None:
    people = sorted({movement.source for movement in played.movements} | {m.target for m in played.movements})
    members = {account for ring in played.rings for account in ring.roles}
    assert (
        LOWEST <= auc([int(account, 16) for account in people], [account in members for account in people]) <= HIGHEST
    )


def test_amounts_of_planted_and_honest_movements_overlap(demo: Played) -> None:
    planted = demo.planted_transactions
    labels = [movement.tx_id in planted for movement in demo.movements]
    assert 0.4 <= auc([movement.amount_cents for movement in demo.movements], labels) <= 0.7


def test_ids_look_alike_whatever_they_name(demo: Played) -> None:
    accounts = {movement.source for movement in demo.movements} | {movement.target for movement in demo.movements}
    assert all(len(account) == 16 and set(account) <= set("0123456789abcdef") for account in accounts)
    assert all(len(m.tx_id) == 20 and set(m.tx_id) <= set("0123456789abcdef") for m in demo.movements)
