"""Points of feature signals against whole columns in numpy: the same bits, also at every threshold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.window.features import FEATURE_INDEX, FEATURES
from scoring.points import READ, SIGNALS, feature_points
from scoring.signals import RULES

Floats = NDArray[np.floating[Any]]
Columns = Mapping[str, Floats]


def _velocity(f: Columns) -> Floats:
    points: Floats = np.clip(5 + 2 * (f["out_count_1h"] - 5), 0, 15) * (f["out_count_1h"] >= 5)
    return points


def _amount_vs_history(f: Columns) -> Floats:
    spread = np.maximum(f["out_sd_30d"], 0.2 * f["out_mean_30d"])
    z = np.divide(f["amount"] - f["out_mean_30d"], spread, out=np.zeros_like(spread), where=spread > 0)
    points: Floats = np.clip(2 * (z - 2), 0, 15) * (f["out_count_30d"] >= 3)
    return points


def _new_counterparty(f: Columns) -> Floats:
    points: Floats = 4.0 * (
        (f["pair_count_30d"] == 0) & (f["out_count_30d"] >= 3) & (f["amount"] >= 2 * f["out_mean_30d"])
    )
    return points


def _first_seen_account(f: Columns) -> Floats:
    return 4.0 * ((f["account_age_days"] >= 0) & (f["account_age_days"] < 1) & (f["in_sum_24h"] > 0))


def _new_device(f: Columns) -> Floats:
    points: Floats = 8.0 * ((f["device_known"] == 0) & (f["account_age_days"] >= 1) & (f["out_count_30d"] >= 1))
    return points


def _shared_device(f: Columns) -> Floats:
    accounts = f["device_accounts_30d"]
    points: Floats = np.clip(4 * (accounts - 3), 0, 20) * (accounts <= 30)
    return points


def _shared_ip(f: Columns) -> Floats:
    return 3.0 * ((f["ip_accounts_30d"] >= 5) & (f["ip_accounts_30d"] <= 30))


def _young_site(f: Columns) -> Floats:
    age = f["site_age_days"]
    return np.where((age >= 0) & (age < 14), 8.0, 0.0) + np.where((age >= 0) & (age < 3), 4.0, 0.0)


def _listed(f: Columns) -> Floats:
    return np.minimum(45.0 * f["listed_block"] + 20.0 * f["listed_watch"], 75.0)


def _allowed(f: Columns) -> Floats:
    return -20.0 * (f["listed_allow"] > 0)


def _fan_in_target(f: Columns) -> Floats:
    passing = f["target_out_sum_72h"] >= 0.3 * f["target_in_sum_72h"]
    points: Floats = np.clip(2 * (f["target_distinct_sources_72h"] - 5), 0, 10) * passing
    return points


def _pass_through(f: Columns) -> Floats:
    quick = (f["seconds_since_in"] >= 0) & (f["seconds_since_in"] <= 6 * 3600)
    share = np.divide(f["amount"], f["in_sum_24h"], out=np.zeros_like(f["amount"]), where=f["in_sum_24h"] > 0)
    return 12.0 * (quick & (share >= 0.7) & (share <= 1.02))


def _failed_attempts(f: Columns) -> Floats:
    points: Floats = np.clip(3 * f["failed_attempts_24h"], 0, 15) * (f["failed_attempts_24h"] >= 3)
    return points


def _unlicensed_operator(f: Columns) -> Floats:
    return 10.0 * (f["operator_unlicensed"] > 0)


PLAIN: tuple[Callable[[Columns], Floats], ...] = (
    _listed,
    _allowed,
    _velocity,
    _amount_vs_history,
    _new_counterparty,
    _first_seen_account,
    _new_device,
    _shared_device,
    _shared_ip,
    _young_site,
    _unlicensed_operator,
    _fan_in_target,
    _pass_through,
    _failed_attempts,
)
#: Values at and around the thresholds, those for "nothing to measure", and ordinary ones.
EDGES = (-1.0, 0.0, 0.2, 0.5, 0.99, 1.0, 2.0, 2.99, 3.0, 4.0, 5.0, 6.0, 7.5, 13.9, 14.0, 29.0, 30.0, 31.0, 21_600.0)


def rows_of(seed: int, count: int) -> NDArray[np.float64]:
    """Rows of features, half of them at edges, the others of any size."""
    random = np.random.default_rng(seed)
    rows = random.choice(EDGES, (count, len(FEATURES)))
    large = random.random((count, len(FEATURES))) < 0.5
    return np.where(large, np.round(10 ** random.uniform(0, 7, rows.shape), 3), rows)


def test_points_are_those_of_plain_columns_bit_for_bit() -> None:
    rows = rows_of(1, 20_000)
    rows[::2, [FEATURE_INDEX["in_sum_24h"]]] = rows[::2, [FEATURE_INDEX["amount"]]] * 1.2
    columns = {name: rows[:, index] for name, index in FEATURE_INDEX.items()}
    plain = np.stack([np.round(points(columns), 2) for points in PLAIN], axis=1)
    mine = feature_points(rows)
    assert np.array_equal(mine, plain)
    assert (mine != 0).any(axis=0).all()  # every signal was met
    assert np.array_equal(feature_points(rows[:1]), mine[:1])


def test_rules_say_what_the_points_are_about_in_the_same_order() -> None:
    assert tuple(rule.name for rule in RULES) == SIGNALS
    for rule in RULES:
        assert rule.value in READ
