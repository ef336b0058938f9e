"""Points of the signals that read single features, compiled: one pass over the rows of a batch, no column copied.

Every signal of `SIGNALS` is one column of the answer. Points are whole hundredths, so that contributions add up to the
score exactly. The thresholds live beside the code that uses them because compiled code is kept by file.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from graph.window.compiled import kernel
from graph.window.features import FEATURE_INDEX

Floats = NDArray[np.floating[Any]]

#: Accounts on one device or address beyond which sharing says nothing (kiosks, campus networks, carrier NAT).
SHARED_HUB = 30

#: Features that are read; a kernel finds them by their place here.
READ: Final = (
    "amount",
    "out_count_1h",
    "out_mean_30d",
    "out_sd_30d",
    "out_count_30d",
    "pair_count_30d",
    "account_age_days",
    "in_sum_24h",
    "device_known",
    "device_accounts_30d",
    "ip_accounts_30d",
    "site_age_days",
    "operator_unlicensed",
    "listed_block",
    "listed_watch",
    "listed_allow",
    "target_distinct_sources_72h",
    "target_in_sum_72h",
    "target_out_sum_72h",
    "seconds_since_in",
    "failed_attempts_24h",
)
(
    AMOUNT,
    OUT_1H,
    MEAN,
    SPREAD,
    OUT_30D,
    PAIR,
    AGE,
    IN_24H,
    DEVICE_KNOWN,
    ON_DEVICE,
    ON_IP,
    SITE_AGE,
    UNLICENSED,
    BLOCKED,
    WATCHED,
    ALLOWED,
    T_SOURCES,
    T_IN,
    T_OUT,
    SINCE_IN,
    FAILED,
) = range(len(READ))

#: The signals, in the order of the columns.
SIGNALS: Final = (
    "listed_indicator",
    "allow_listed",
    "velocity",
    "amount_vs_history",
    "new_counterparty",
    "first_seen_account",
    "new_device",
    "shared_device",
    "shared_ip",
    "young_site",
    "unlicensed_operator",
    "fan_in",
    "pass_through",
    "failed_attempts",
)

_COLUMNS = np.array([FEATURE_INDEX[name] for name in READ], dtype=np.int64)


def feature_points(features: Floats) -> NDArray[np.float64]:
    """Points of every signal: float64[n, len(SIGNALS)], whole hundredths, from float64[n, len(FEATURES)]."""
    points = np.empty((len(features), len(SIGNALS)), dtype=np.float64)
    fill_points(np.ascontiguousarray(features), _COLUMNS, points)
    return points


@kernel
def fill_points(features: NDArray[np.float64], columns: NDArray[np.int64], points: NDArray[np.float64]) -> None:
    """Fill `points[i]` from `features[i]`, where feature `READ[k]` is column `columns[k]`."""
    for i in range(len(features)):
        f, given = features[i], points[i]
        given[0] = min(45.0 * f[columns[BLOCKED]] + 20.0 * f[columns[WATCHED]], 75.0)
        given[1] = -20.0 if f[columns[ALLOWED]] > 0 else 0.0
        given[2] = _velocity(f[columns[OUT_1H]])
        _of_history(f, columns, given)
        given[6] = 8.0 if f[columns[DEVICE_KNOWN]] == 0 and f[columns[AGE]] >= 1 and f[columns[OUT_30D]] >= 1 else 0.0
        given[7] = _within(4 * (f[columns[ON_DEVICE]] - 3), 20.0) if f[columns[ON_DEVICE]] <= SHARED_HUB else 0.0
        given[8] = 3.0 if f[columns[ON_IP]] >= 5 and f[columns[ON_IP]] <= SHARED_HUB else 0.0
        given[9] = _young_site(f[columns[SITE_AGE]])
        given[10] = 10.0 if f[columns[UNLICENSED]] > 0 else 0.0
        _of_flow(f, columns, given)
        given[13] = _within(3 * f[columns[FAILED]], 15.0) if f[columns[FAILED]] >= 3 else 0.0
        for signal in range(len(given)):
            given[signal] = np.rint(given[signal] * 100.0) / 100.0


@kernel
def _within(points: float, most: float) -> float:
    return min(max(points, 0.0), most)


@kernel
def _velocity(count: float) -> float:
    return _within(5 + 2 * (count - 5), 15.0) if count >= 5 else 0.0


@kernel
def _young_site(age: float) -> float:
    if not 0 <= age < 14:
        return 0.0
    return 12.0 if age < 3 else 8.0


@kernel
def _of_history(f: NDArray[np.float64], columns: NDArray[np.int64], given: NDArray[np.float64]) -> None:
    """What is unusual for the account: amount, counterparty, and an account that was first seen a moment ago."""
    amount, mean, count, age = f[columns[AMOUNT]], f[columns[MEAN]], f[columns[OUT_30D]], f[columns[AGE]]
    given[3] = given[4] = given[5] = 0.0
    if count >= 3:
        spread = max(f[columns[SPREAD]], 0.2 * mean)
        if spread > 0:
            given[3] = _within(2 * ((amount - mean) / spread - 2), 15.0)
        if f[columns[PAIR]] == 0 and amount >= 2 * mean:
            given[4] = 4.0
    if 0 <= age < 1 and f[columns[IN_24H]] > 0:
        given[5] = 4.0


@kernel
def _of_flow(f: NDArray[np.float64], columns: NDArray[np.int64], given: NDArray[np.float64]) -> None:
    """Money that many bring to the target and that it sends on, and money that the source passes on at once."""
    given[11] = given[12] = 0.0
    if f[columns[T_OUT]] >= 0.3 * f[columns[T_IN]]:
        given[11] = _within(2 * (f[columns[T_SOURCES]] - 5), 10.0)
    received = f[columns[IN_24H]]
    if 0 <= f[columns[SINCE_IN]] <= 6 * 3600 and received > 0:
        share = f[columns[AMOUNT]] / received
        if 0.7 <= share <= 1.02:
            given[12] = 12.0
