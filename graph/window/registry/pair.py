"""History of the two accounts with each other, and the place of each among the other's counterparties.

These look back further than the rest, as far as `WindowSettings.pair_lookback_days` and the horizon let them: rings pay
seldom, and who is new to whom is only known from all that went before.
"""

from __future__ import annotations

from collections.abc import Iterator

from graph.window.registry.feature import Cost, Feature

EVER = "ever"


def _pair() -> Iterator[Feature]:
    for name, unit, meaning, unknown in (
        ("pair_count", "count", "earlier movements from source to target", 0.0),
        ("pair_sum", "cents", "money of those", 0.0),
        ("pair_mean", "cents", "mean amount of those", 0.0),
        ("pair_since_first", "s", "time since the first of those", -1.0),
        ("pair_since_last", "s", "time since the last of those", -1.0),
        ("pair_to_mean", "ratio", "this amount / their mean amount", -1.0),
        ("pair_to_last", "ratio", "this amount / amount of the last", -1.0),
        ("back_count", "count", "earlier movements from target to source", 0.0),
        ("back_sum", "cents", "money of those", 0.0),
        ("back_since_first", "s", "time since the first of those", -1.0),
        ("back_since_last", "s", "time since the last of those", -1.0),
        ("back_to_last", "ratio", "this amount / amount of the last", -1.0),
        ("pair_reciprocity", "0..1", "fewer / more movements of the two directions, this one included", 0.0),
    ):
        yield Feature(name, unit, meaning, unknown, EVER, Cost.PAIR)


#: The four histories, each with what its other ends are.
SIDES = (
    ("out", "accounts the source paid"),
    ("in", "accounts that paid the source"),
    ("target_out", "accounts the target paid"),
    ("target_in", "accounts that paid the target"),
)


def _ports() -> Iterator[Feature]:
    for name, unit, meaning, unknown in (
        ("port_target", "count", "counterparties the source paid before it first paid the target", 0.0),
        ("port_source", "count", "accounts that paid the target before the source first did", 0.0),
        ("back_port_target", "count", "accounts that paid the source before the target first did", -1.0),
        ("back_port_source", "count", "accounts the target paid before it first paid the source", -1.0),
        ("port_target_share", "0..1", "port_target / accounts the source paid, with this movement", 0.0),
        ("port_source_share", "0..1", "port_source / accounts that paid the target, with this movement", 0.0),
        ("distinct_targets", "count", "accounts the source paid, without this movement", 0.0),
        ("distinct_sources", "count", "accounts that paid the source", 0.0),
        ("target_distinct_targets", "count", "accounts the target paid", 0.0),
        ("target_distinct_sources", "count", "accounts that paid the target, without this movement", 0.0),
        ("mutual", "count", "accounts that both paid the source and were paid by it", 0.0),
        ("target_mutual", "count", "accounts that both paid the target and were paid by it", 0.0),
    ):
        yield Feature(name, unit, meaning, unknown, EVER)
    for prefix, others in SIDES:
        yield Feature(f"{prefix}_repeats", "ratio", f"movements per one of the {others}", -1.0, EVER)
    for span in ("24h", "7d", "30d"):
        for prefix, others in SIDES:
            meaning = f"of the movements with {others}: share that was the first with its account"
            yield Feature(f"{prefix}_new_share_{span}", "0..1", meaning, -1.0, span)
    for prefix, others in SIDES:
        yield Feature(f"{prefix}_since_new", "s", f"time since a new one came to the {others}", -1.0, EVER)


PAIR: tuple[Feature, ...] = tuple(_pair())
PORTS: tuple[Feature, ...] = tuple(_ports())
