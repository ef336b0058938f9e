"""What goes through an account, what the money is, and how this amount fits what came in."""

from __future__ import annotations

from collections.abc import Iterator

from graph.window.registry.feature import Cost, Feature

SPANS = ("24h", "72h", "7d", "30d")


def _flow() -> Iterator[Feature]:
    for span in SPANS:
        yield Feature(
            f"out_in_ratio_{span}", "ratio", f"sent by the source, this included / received, {span}", -1.0, span
        )
    for span in SPANS:
        yield Feature(
            f"target_out_in_ratio_{span}", "ratio", f"sent by the target / received, this included, {span}", -1.0, span
        )
    yield Feature(
        "match_difference_72h", "0..1", "least relative difference to an amount the source received", -1.0, "72h"
    )
    yield Feature(
        "match_delay_72h", "s", "time since the source received that amount, the newest if several", -1.0, "72h"
    )
    yield Feature("match_count_72h", "count", "amounts the source received that differ by at most 5 %", window="72h")
    yield Feature(
        "received_unsent_30d", "ratio", "received by the source since it last sent / this amount", -1.0, "30d"
    )
    yield Feature("to_last_in_30d", "ratio", "this amount / newest amount the source received", -1.0, "30d")
    for prefix, who in (("", "source"), ("target_", "target")):
        yield Feature(
            f"{prefix}passed_share_30d",
            "0..1",
            f"share of amounts the {who} received and sent on: 85 % to 102 % of it in one of its next 16"
            " movements, within 72 h",
            -1.0,
            "30d",
        )
        yield Feature(f"{prefix}passed_delay_30d", "s", "mean time until those were sent on", -1.0, "30d")
    yield Feature("round_digits", "count", "zeros at the end of this amount in cents", cost=Cost.ROW)
    yield Feature("round_hundred", "0/1", "this amount is a multiple of 100 units of money, and not 0", cost=Cost.ROW)
    yield Feature("self_transfer", "0/1", "source and target are one account", cost=Cost.ROW)


def _kinds(prefix: str, who: str) -> Iterator[Feature]:
    yield Feature(f"{prefix}spend_count_30d", "count", f"movements other than transfers the {who} sent", window="30d")
    yield Feature(f"{prefix}spend_mean_30d", "cents", "mean amount of those", -1.0, "30d")
    yield Feature(f"{prefix}spend_median_30d", "cents", "median amount of those (the lower one)", -1.0, "30d")
    yield Feature(f"{prefix}spend_quartiles_30d", "ratio", "distance of their quartiles / median", -1.0, "30d")
    yield Feature(
        f"{prefix}spend_spread_30d", "ratio", "distance of their 10 % and 90 % quantiles / median", -1.0, "30d"
    )
    yield Feature(f"{prefix}spend_gap_30d", "s", "mean time between those", -1.0, "30d")
    yield Feature(f"{prefix}spend_share_30d", "0..1", f"share of those among movements the {who} sent", -1.0, "30d")
    yield Feature(f"{prefix}income_count_30d", "count", f"deposits and payouts the {who} received", window="30d")
    yield Feature(f"{prefix}income_mean_30d", "cents", "mean amount of those", -1.0, "30d")
    yield Feature(f"{prefix}income_share_30d", "0..1", f"share of those in the money the {who} received", -1.0, "30d")
    yield Feature(f"{prefix}bet_share_30d", "0..1", f"share of bets in the money the {who} sent", -1.0, "30d")
    yield Feature(f"{prefix}net_30d", "cents", f"received by the {who} less sent, without this movement", window="30d")


def _relative() -> Iterator[Feature]:
    yield Feature("to_spend_median_30d", "ratio", "this amount / median of what the source spends", -1.0, "30d")
    yield Feature("to_income_mean_30d", "ratio", "this amount / mean income of the source", -1.0, "30d")
    yield Feature("to_target_spend_median_30d", "ratio", "this amount / median of what the target spends", -1.0, "30d")
    yield Feature("to_target_income_mean_30d", "ratio", "this amount / mean income of the target", -1.0, "30d")


FLOW: tuple[Feature, ...] = tuple(_flow())
KINDS: tuple[Feature, ...] = (*_kinds("", "source"), *_kinds("target_", "target"), *_relative())
