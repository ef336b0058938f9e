"""History of the two accounts with each other, and the place of each among the other's counterparties."""

from __future__ import annotations

from collections.abc import Iterator

from graph.window.registry.feature import Cost, Feature


def _pair() -> Iterator[Feature]:
    for name, unit, meaning, unknown in (
        ("pair_sum_30d", "cents", "money of earlier movements from source to target", 0.0),
        ("pair_mean_30d", "cents", "mean amount of those", 0.0),
        ("pair_since_first_30d", "s", "time since the first of those", -1.0),
        ("pair_since_last_30d", "s", "time since the last of those", -1.0),
        ("pair_to_mean_30d", "ratio", "this amount / their mean amount", -1.0),
        ("pair_to_last_30d", "ratio", "this amount / amount of the last", -1.0),
        ("back_count_30d", "count", "earlier movements from target to source", 0.0),
        ("back_sum_30d", "cents", "money of those", 0.0),
        ("back_since_first_30d", "s", "time since the first of those", -1.0),
        ("back_since_last_30d", "s", "time since the last of those", -1.0),
        ("back_to_last_30d", "ratio", "this amount / amount of the last", -1.0),
        ("pair_reciprocity_30d", "0..1", "fewer / more movements of the two directions, this one included", 0.0),
    ):
        yield Feature(name, unit, meaning, unknown, "30d", Cost.PAIR)


def _ports() -> Iterator[Feature]:
    for name, meaning in (
        ("port_target_30d", "counterparties the source paid before it first paid the target"),
        ("port_source_30d", "accounts that paid the target before the source first did"),
        ("back_port_target_30d", "accounts that paid the source before the target first did; unknown if it never did"),
        ("back_port_source_30d", "accounts the target paid before it first paid the source; unknown if it never did"),
    ):
        yield Feature(name, "count", meaning, -1.0 if name.startswith("back") else 0.0, "30d")
    yield Feature(
        "port_target_share_30d", "0..1", "that of the target / accounts the source paid, with this one", 0.0, "30d"
    )
    yield Feature(
        "port_source_share_30d", "0..1", "that of the source / accounts that paid the target, with this one", 0.0, "30d"
    )
    for name, meaning in (
        ("distinct_targets_30d", "accounts the source paid, without this movement"),
        ("distinct_sources_30d", "accounts that paid the source"),
        ("target_distinct_targets_30d", "accounts the target paid"),
        ("target_distinct_sources_30d", "accounts that paid the target, without this movement"),
    ):
        yield Feature(name, "count", meaning, 0.0, "30d")
    yield Feature("mutual_30d", "count", "accounts that both paid the source and were paid by it", 0.0, "30d")
    yield Feature("target_mutual_30d", "count", "accounts that both paid the target and were paid by it", 0.0, "30d")


PAIR: tuple[Feature, ...] = tuple(_pair())
PORTS: tuple[Feature, ...] = tuple(_ports())
