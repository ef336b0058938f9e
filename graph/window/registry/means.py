"""Devices, addresses and identifiers that accounts share; sites and operators.

A shared thing weighs 1 / log2(2 + n) where n accounts share it, and nothing while one account has it alone: few sharers
say much, a carrier's address says little.
"""

from __future__ import annotations

from collections.abc import Iterator

from graph.window.registry.feature import Cost, Feature


def _means() -> Iterator[Feature]:
    for name, unit, meaning, unknown, window in (
        ("device_weight_30d", "0..1", "1 / log2(2 + accounts on this device), 0 if not shared", 0.0, "30d"),
        ("device_own_share_30d", "0..1", "share of the source in the use of this device", -1.0, "30d"),
        ("device_of_target_30d", "0/1", "the target was seen on this device", 0.0, "30d"),
        ("device_failed_24h", "count", "failed authentication attempts on this device, of anyone", 0.0, "24h"),
        ("ip_entropy_30d", "bits", "how evenly the accounts on this address share it (Shannon entropy)", 0.0, "30d"),
        ("ip_weight_30d", "0..1", "1 / log2(2 + accounts on this address), 0 if not shared", 0.0, "30d"),
        ("ip_own_share_30d", "0..1", "share of the source in the use of this address", -1.0, "30d"),
        ("ip_of_target_30d", "0/1", "the target was seen on this address", 0.0, "30d"),
        ("ip_failed_24h", "count", "failed authentication attempts from this address, of anyone", 0.0, "24h"),
        ("ip_known_30d", "0/1", "the source used this address before", -1.0, "30d"),
        ("devices_30d", "count", "devices the source acted from before", 0.0, "30d"),
        ("ips_30d", "count", "addresses the source acted from before", 0.0, "30d"),
        ("identifiers", "count", "identifiers the source is stated to hold, at most 4", 0.0, ""),
        (
            "identifier_accounts",
            "count",
            "most accounts (at most 16) that one of those 4 earliest is stated for",
            0.0,
            "",
        ),
        ("identifier_weight", "ratio", "sum of 1 / log2(2 + accounts) of those that are shared", 0.0, ""),
        ("identifiers_of_target", "count", "identifiers of the source that the target is stated to hold too", 0.0, ""),
        ("target_identifier_accounts", "count", "as identifier_accounts, of the target", 0.0, ""),
        ("target_identifier_weight", "ratio", "as identifier_weight, of the target", 0.0, ""),
    ):
        yield Feature(name, unit, meaning, unknown, window, Cost.MEANS)


def _site() -> Iterator[Feature]:
    for name, unit, meaning, unknown, window in (
        ("failed_attempts_7d", "count", "failed authentication attempts of the source", 0.0, "7d"),
        ("target_failed_attempts_24h", "count", "failed authentication attempts of the target", 0.0, "24h"),
    ):
        yield Feature(name, unit, meaning, unknown, window)
    yield Feature("site_listed", "0/1", "the site is on a block or watch list by now", cost=Cost.ROW)
    yield Feature("operator_listed", "0/1", "the operator is on a block or watch list by now", cost=Cost.ROW)
    for prefix, where in (("site", "on this site"), ("operator", "at this operator")):
        yield Feature(
            f"{prefix}_accounts_30d", "count", f"accounts seen {where}, the source among them", 0.0, "30d", Cost.SITE
        )
        meaning = f"share of those that were first seen {where} in the last 7 days"
        yield Feature(f"{prefix}_newcomers_30d", "0..1", meaning, -1.0, "30d", Cost.SITE)
        yield Feature(f"{prefix}_entropy_30d", "bits", f"how evenly those accounts act {where}", 0.0, "30d", Cost.SITE)


MEANS: tuple[Feature, ...] = tuple(_means())
SITE: tuple[Feature, ...] = tuple(_site())
