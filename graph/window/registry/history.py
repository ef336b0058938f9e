"""Own history of source and of target, sent and received, among movements alike.

Alike: of the same class as the movement in question, money between accounts (transfers) or other money (bets, deposits,
withdrawals, payouts, refunds, cards).
"""

from __future__ import annotations

from collections.abc import Iterator

from graph.window.registry.feature import Feature

#: The four histories in the order the kernel fills them, with their words.
SIDES = (
    ("alike_out", "the source sent"),
    ("alike_in", "the source received"),
    ("alike_target_out", "the target sent"),
    ("alike_target_in", "the target received"),
)


def _side(prefix: str, who: str) -> Iterator[Feature]:
    for span in ("24h", "72h", "7d", "30d"):
        yield Feature(f"{prefix}_count_{span}", "count", f"movements alike {who} in {span}", window=span)
    for span in ("24h", "72h", "7d", "30d"):
        yield Feature(f"{prefix}_sum_{span}", "cents", f"money of those {who} in {span}", window=span)
    for span in ("7d", "30d"):
        yield Feature(
            f"{prefix}_distinct_{span}", "count", f"other ends of movements alike {who} in {span}", window=span
        )
    yield Feature(f"{prefix}_mean_30d", "cents", f"mean amount of movements alike {who}", window="30d")
    yield Feature(f"{prefix}_sd_30d", "cents", f"population standard deviation of amounts {who}", window="30d")
    yield Feature(f"{prefix}_peak_30d", "ratio", f"largest amount {who} / mean amount", window="30d")
    for days in (1, 7):
        meaning = f"money {who}, each amount halved for every {days} days of its age"
        yield Feature(f"{prefix}_decayed_{days}d", "cents", meaning, window="30d")
    yield Feature(f"{prefix}_gap_mean_30d", "s", f"mean time between movements alike {who}", -1.0, "30d")
    yield Feature(f"{prefix}_gap_sd_30d", "s", "population standard deviation of those times", -1.0, "30d")
    yield Feature(f"{prefix}_gap_min_30d", "s", "shortest of those times", -1.0, "30d")
    yield Feature(
        f"{prefix}_burstiness_30d",
        "-1..1",
        "(sd - mean) / (sd + mean) of those times: -1 regular, 0 by chance",
        0.0,
        "30d",
    )
    yield Feature(
        f"{prefix}_rank_30d", "0..1", f"share of amounts {who} below this amount, equal ones by half", -1.0, "30d"
    )
    yield Feature(f"{prefix}_to_mean_30d", "ratio", f"this amount / mean amount {who}", -1.0, "30d")
    yield Feature(f"{prefix}_to_last_30d", "ratio", f"this amount / newest amount {who}", -1.0, "30d")
    yield Feature(f"{prefix}_near_30d", "count", f"amounts {who} within 2 % of this amount", window="30d")
    yield Feature(f"{prefix}_since_30d", "s", f"time since the newest movement alike {who}", -1.0, "30d")


HISTORY: tuple[Feature, ...] = tuple(feature for prefix, who in SIDES for feature in _side(prefix, who))
