"""The feature registry: what the window can say about a movement at its own moment.

Serving, explanation and documentation read this table; the kernel fills one float64 row per movement in this order.
Every feature of a movement depends only on events before it in canonical order `(ts, tie)`, inside the horizon, and
on at most `WALK_LIMIT` of the newest incidences of each node it looks at (then `truncated` is 1).
"""

from __future__ import annotations

from dataclasses import dataclass

#: Version of meanings and order; part of every score.
FEATURES_VERSION = "1"


@dataclass(frozen=True, slots=True)
class Feature:
    """A column of the feature row: `unknown` is the value when there is nothing to measure."""

    name: str
    unit: str
    meaning: str
    unknown: float = 0.0


FEATURES: tuple[Feature, ...] = (
    Feature("amount", "cents", "amount of this movement"),
    Feature("seconds_since_last", "s", "time since the source last sent money", -1.0),
    Feature("out_count_1h", "count", "movements the source sent in the last hour, without this one"),
    Feature("out_count_24h", "count", "movements the source sent in 24 h, without this one"),
    Feature("out_sum_72h", "cents", "money the source sent in 72 h, without this one"),
    Feature("in_count_24h", "count", "movements the source received in 24 h"),
    Feature("in_sum_24h", "cents", "money the source received in 24 h"),
    Feature("in_sum_72h", "cents", "money the source received in 72 h"),
    Feature("distinct_sources_72h", "count", "accounts that paid the source in 72 h"),
    Feature("distinct_targets_72h", "count", "accounts the source paid in 72 h, without this movement"),
    Feature("out_count_30d", "count", "movements the source sent in 30 days, without this one"),
    Feature("out_mean_30d", "cents", "mean amount of those"),
    Feature("out_sd_30d", "cents", "population standard deviation of those"),
    Feature("pair_count_30d", "count", "earlier movements from this source to this target in 30 days"),
    Feature("seconds_since_in", "s", "time since the source last received money", -1.0),
    Feature("failed_attempts_24h", "count", "failed authentication attempts of the source in 24 h"),
    Feature("device_known", "0/1", "the source used this device before, in 30 days", -1.0),
    Feature("device_accounts_30d", "count", "accounts seen on this device in 30 days, the source among them"),
    Feature("device_entropy", "bits", "how evenly those accounts share it (Shannon entropy of their use)"),
    Feature("ip_accounts_30d", "count", "accounts seen on this address in 30 days, the source among them"),
    Feature("ip_reputation", "-2..1", "address on a list: -2 block, -1 watch, 1 allow, 0 none"),
    Feature(
        "site_age_days", "days", "age of the betting site: since registration if known, else since first seen", -1.0
    ),
    Feature("account_age_days", "days", "time since the source was first seen", -1.0),
    Feature("target_age_days", "days", "time since the target was first seen", -1.0),
    Feature("target_distinct_sources_72h", "count", "accounts that paid the target in 72 h before this movement"),
    Feature("target_in_sum_72h", "cents", "money the target received in 72 h before this movement"),
    Feature("target_out_sum_72h", "cents", "money the target sent in 72 h before this movement"),
    Feature("listed_block", "count", "entities of this movement on a block list by now"),
    Feature("listed_watch", "count", "entities of this movement on a watch list by now"),
    Feature("listed_allow", "count", "source or target on an allow list by now"),
    Feature("operator_unlicensed", "0/1", "the operator was stated to have no licence"),
    Feature("truncated", "0/1", "a history was longer than the walk limit"),
)
FEATURE_INDEX: dict[str, int] = {feature.name: index for index, feature in enumerate(FEATURES)}

#: Newest incidences of one node that a feature may look at.
WALK_LIMIT = 128
