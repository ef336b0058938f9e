"""What an account's whole life says: equal to a plain reading, blind to what comes later, and undone exactly."""

from __future__ import annotations

from collections import Counter
from math import exp, isnan, log, log1p, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gnn.dataset import Edges
from gnn.profiles import ENOUGH, FADED, PROFILE, RECENT_DAYS, STEPS, TRANSFERS, empty_lives, live, profiles, remember
from gnn.profiles import restore as take_back
from tests.gnn.streams import DAY_MS, poisoned, random_edges

HALF = len(PROFILE) // 2


def asked(edges: Edges) -> np.ndarray:
    everything = np.arange(len(edges.ts), dtype=np.int64)
    return profiles(edges.source, edges.target, edges.ts, edges.cents, edges.kind, everything)


def plain(edges: Edges, row: int, account: int) -> dict[str, float]:
    """Columns of one end by their meaning, from lists of earlier movements."""
    amount = [log1p(cents / 100) for cents in edges.cents.tolist()]
    source, target, kind = edges.source.tolist(), edges.target.tolist(), edges.kind.tolist()
    transfer = [code in TRANSFERS for code in kind]
    earlier = range(row)
    lists = {
        "spent": [i for i in earlier if source[i] == account and not transfer[i]],
        "earned": [i for i in earlier if target[i] == account and not transfer[i]],
        "sent": [i for i in earlier if source[i] == account and transfer[i]],
        "received": [i for i in earlier if target[i] == account and transfer[i]],
    }
    seen = [edges.ts[i] for i in earlier if account in (source[i], target[i])]
    days = max((edges.ts[row] - seen[0]) / DAY_MS, 1.0) if seen else 1.0
    found: dict[str, float] = {}
    for name, places in lists.items():
        values = [amount[i] for i in places]
        found[f"{name}_count"] = min(len(values), ENOUGH)
        if not values:
            continue
        mean = sum(values) / len(values)
        spread = sqrt(sum((value - mean) ** 2 for value in values) / len(values))
        ages = [(edges.ts[places[-1]] - edges.ts[i]) / DAY_MS for i in places]
        weights = [exp(-age / RECENT_DAYS) for age in ages]
        low = high = values[0]
        for value in values[1:]:
            low, high = min(low + FADED, value), max(high - FADED, value)
        found |= {f"{name}_rate": len(values) / days, f"{name}_mean": mean, f"{name}_low": low, f"{name}_high": high}
        found[f"{name}_recent"] = sum(w * v for w, v in zip(weights, values, strict=True)) / sum(weights) - mean
        if len(values) > 1:
            found[f"{name}_spread"] = spread
        if len(values) > 2 and spread > 1e-4:
            found[f"{name}_skew"] = sum((value - mean) ** 3 for value in values) / len(values) / spread**3
            found[f"{name}_surprise"] = (amount[row] - mean) / spread
    if lists["spent"]:
        steps = Counter(step_of(amount, transfer, i) for i in lists["spent"])
        for step in range(len(STEPS)):
            found[f"spent_step_{step}"] = sum(steps[s] for s in range(step + 1)) / len(lists["spent"])
    rarest_kind, rarest_end, rarities = 0.0, 0.0, []
    for i in earlier:
        if source[i] == account:
            rarest_kind = max(rarest_kind, -log(kind[: i + 1].count(kind[i]) / (i + 1)))
        if source[i] == account and not transfer[i]:
            visits = [target[j] for j in range(i + 1) if not transfer[j]]
            rarities.append(-log(visits.count(target[i]) / len(visits)))
            rarest_end = max(rarest_end - FADED, rarities[-1])
    money = [np.expm1(value) for value in amount]
    into = sum(money[i] for name in ("earned", "received") for i in lists[name])
    out = sum(money[i] for name in ("spent", "sent") for i in lists[name])
    found |= {"rarest_kind": rarest_kind, "rarest_end": rarest_end, "kept": log1p(into) - log1p(out)}
    if rarities:
        found["mean_rare_end"] = sum(rarities) / len(rarities)
    return found


def step_of(amount: list[float], transfer: list[bool], place: int) -> int:
    before = [amount[i] for i in range(place) if not transfer[i]]
    if not before:
        return 0
    return sum(amount[place] - sum(before) / len(before) >= edge for edge in STEPS)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), row=st.integers(0, 59))
def test_profiles_are_those_of_a_plain_reading(seed: int, row: int) -> None:
    edges = random_edges(seed)
    got = asked(edges)[row]
    for begin, account in ((0, int(edges.source[row])), (HALF, int(edges.target[row]))):
        expected = plain(edges, row, account)
        for name, value in zip(PROFILE[:HALF], got[begin : begin + HALF].tolist(), strict=True):
            key = name.removeprefix("life_")
            if key in expected:
                assert value == pytest.approx(expected[key], rel=2e-3, abs=2e-3), name
            else:
                assert isnan(value), name


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), row=st.integers(1, 59))
def test_what_comes_later_moves_no_profile(seed: int, row: int) -> None:
    edges = random_edges(seed)
    assert np.array_equal(asked(edges)[: row + 1], asked(poisoned(edges, row))[: row + 1], equal_nan=True)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), back=st.integers(1, 30))
def test_movements_taken_back_leave_no_trace(seed: int, back: int) -> None:
    edges = random_edges(seed)
    lives = empty_lives(8)
    taken = []
    kept = None
    for i in range(len(edges.ts)):
        if i == len(edges.ts) - back:
            kept = tuple(part.copy() for part in lives)
        ends = int(edges.source[i]), int(edges.target[i])
        taken.append((ends, remember(lives, *ends)))
        live(lives, *ends, int(edges.ts[i]), log1p(edges.cents[i] / 100), int(edges.kind[i]))
    for ends, remembered in reversed(taken[-back:]):
        take_back(lives, *ends, remembered)
    assert kept is not None
    assert all(np.array_equal(now, then) for now, then in zip(lives, kept, strict=True))
