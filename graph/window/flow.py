"""Compiled features of what goes through an account, and of which kinds its money is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graph.window.columns import I64
from graph.window.compiled import kernel
from graph.window.walk import (
    ALL,
    BETS,
    FIRST_SPEND,
    IN,
    INCOME,
    INCOMES,
    LAST_IN,
    LAST_SPEND,
    LOOKBACK,
    MATCH,
    MATCH_DELAY,
    MATCHES,
    OUT,
    PASSED,
    PASSED_DELAY,
    PASSED_OF,
    RECEIVED_UNSENT,
    SPENDS,
    Walk,
)

(
    RATIOS,
    TARGET_RATIOS,
    MATCH_DIFFERENCE,
    MATCH_SECONDS,
    MATCH_COUNT,
    UNSENT,
    TO_LAST_IN,
    PASSED_ON,
    TARGET_PASSED_ON,
    ROUND_DIGITS,
    ROUND_HUNDRED,
    SELF,
) = (0, 4, 8, 9, 10, 11, 12, 13, 15, 17, 18, 19)
(
    SPEND_COUNT,
    SPEND_MEAN,
    SPEND_MEDIAN,
    SPEND_QUARTILES,
    SPEND_SPREAD,
    SPEND_GAP,
    SPEND_SHARE,
    INCOME_COUNT,
    INCOME_MEAN,
    INCOME_SHARE,
    BET_SHARE,
    NET,
) = range(12)
END = 12  # features of one end
HUNDRED = 10_000  # cents
LAST = LOOKBACK


@kernel
def _passed(w: Walk, o: int, f: NDArray[np.float64]) -> None:
    f[o] = f[o + 1] = -1.0
    if w.whole[PASSED_OF] > 0:
        f[o] = w.whole[PASSED] / w.whole[PASSED_OF]
    if w.whole[PASSED] > 0:
        f[o + 1] = w.whole[PASSED_DELAY] / w.whole[PASSED] / 1000.0


@kernel
def flow_features(source: Walk, target: Walk, amount: int, itself: bool, o: int, f: NDArray[np.float64]) -> None:
    """Fill the flow group from `f[o]` on; `itself`: source and target are one account."""
    for i in range(4):
        received, sent = source.money[ALL, IN, i + 1], source.money[ALL, OUT, i + 1] + amount
        f[o + RATIOS + i] = sent / received if received > 0 else -1.0
        received, sent = target.money[ALL, IN, i + 1] + amount, target.money[ALL, OUT, i + 1]
        f[o + TARGET_RATIOS + i] = sent / received if received > 0 else -1.0
    g = source.whole
    f[o + MATCH_DIFFERENCE] = source.part[MATCH]
    f[o + MATCH_SECONDS] = g[MATCH_DELAY] / 1000.0 if g[MATCH_DELAY] >= 0 else -1.0
    f[o + MATCH_COUNT] = g[MATCHES]
    f[o + UNSENT] = g[RECEIVED_UNSENT] / amount if amount > 0 else -1.0
    f[o + TO_LAST_IN] = amount / g[LAST_IN] if g[LAST_IN] > 0 else -1.0
    _passed(source, o + PASSED_ON, f)
    _passed(target, o + TARGET_PASSED_ON, f)
    zeros, rest = 0, amount
    while rest > 0 and rest % 10 == 0:
        rest //= 10
        zeros += 1
    f[o + ROUND_DIGITS] = zeros
    f[o + ROUND_HUNDRED] = 1.0 if amount > 0 and amount % HUNDRED == 0 else 0.0
    f[o + SELF] = 1.0 if itself else 0.0


@kernel
def sort_amounts(values: I64, count: int) -> None:
    """Sort the first `count` values in place (Shell 1959, gaps of Ciura 2001)."""
    for gap in (57, 23, 10, 4, 1):
        for i in range(gap, count):
            value = values[i]
            j = i
            while j >= gap and values[j - gap] > value:
                values[j] = values[j - gap]
                j -= gap
            values[j] = value


@kernel
def _end_kinds(w: Walk, o: int, f: NDArray[np.float64]) -> None:
    g = w.whole
    for i in range(END):
        f[o + i] = -1.0
    n = g[SPENDS]
    f[o + SPEND_COUNT], f[o + INCOME_COUNT] = n, g[INCOMES]
    f[o + NET] = w.money[ALL, IN, LAST] - w.money[ALL, OUT, LAST]
    if n > 0:
        amounts = w.spends
        sort_amounts(amounts, n)
        total = 0
        for i in range(n):
            total += amounts[i]
        median = amounts[(n - 1) // 2]
        f[o + SPEND_MEAN], f[o + SPEND_MEDIAN] = total / n, median
        if n > 1:
            f[o + SPEND_GAP] = (g[LAST_SPEND] - g[FIRST_SPEND]) / (n - 1) / 1000.0
        if median > 0:
            f[o + SPEND_QUARTILES] = (amounts[3 * (n - 1) // 4] - amounts[(n - 1) // 4]) / median
            f[o + SPEND_SPREAD] = (amounts[9 * (n - 1) // 10] - amounts[(n - 1) // 10]) / median
    if w.counts[ALL, OUT, LAST] > 0:
        f[o + SPEND_SHARE] = n / w.counts[ALL, OUT, LAST]
    if w.money[ALL, OUT, LAST] > 0:
        f[o + BET_SHARE] = g[BETS] / w.money[ALL, OUT, LAST]
    if g[INCOMES] > 0:
        f[o + INCOME_MEAN] = g[INCOME] / g[INCOMES]
    if w.money[ALL, IN, LAST] > 0:
        f[o + INCOME_SHARE] = g[INCOME] / w.money[ALL, IN, LAST]


@kernel
def kind_features(source: Walk, target: Walk, amount: int, o: int, f: NDArray[np.float64]) -> None:
    """Fill the group of money kinds from `f[o]` on: source, target, this amount beside their spending and income."""
    _end_kinds(source, o, f)
    _end_kinds(target, o + END, f)
    at = o + 2 * END
    for end in range(2):
        median, income = f[o + end * END + SPEND_MEDIAN], f[o + end * END + INCOME_MEAN]
        f[at + 2 * end] = amount / median if median > 0 else -1.0
        f[at + 2 * end + 1] = amount / income if income > 0 else -1.0
