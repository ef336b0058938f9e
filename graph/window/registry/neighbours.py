"""What the counterparties of source and target are like: two hops out, as of the moment of the movement.

Of each account, the 6 most recent counterparties of each direction, known services and the other end left out, among
its newest 128 events. Of each of these, at most 10 movements up to its newest one with the account and 10 after that.
"""

from __future__ import annotations

from collections.abc import Iterator

from graph.window.registry.feature import Cost, Feature

#: Groups of counterparties in the order the kernel fills them, with their words.
GROUPS = (
    ("payees", "accounts the source paid"),
    ("payers", "accounts that paid the source"),
    ("target_payees", "accounts the target paid"),
    ("target_payers", "accounts that paid the target"),
)


def _group(prefix: str, who: str) -> Iterator[Feature]:
    for name, unit, meaning in (
        ("degree_median", "count", "median number of other ends, of"),
        ("sent_share_median", "0..1", "median share of money sent in all money moved, of"),
        ("amount_median", "ratio", "median of mean amount / this amount, of"),
        ("age_median", "days", "median time since first seen, of"),
        ("rate_median", "1/day", "median of movements a day, over one day at least, of"),
        ("other_money_median", "0..1", "median share of other money than transfers in movements, of"),
        (
            "spend_quartiles_median",
            "ratio",
            "median of distance of the quartiles of spending / median, where known, of",
        ),
        ("spend_quartiles_max", "ratio", "largest distance of the quartiles of spending / median, of"),
        ("degree_max", "count", "largest number of other ends, of"),
        ("amount_max", "ratio", "largest mean amount / this amount, of"),
        ("rate_max", "1/day", "most movements a day, over one day at least, of"),
        ("sent_share_spread", "0..1", "largest less least share of money sent, of"),
    ):
        yield Feature(f"{prefix}_{name}", unit, f"{meaning} {who}", -1.0, "30d", Cost.NEIGHBOURS)


NEIGHBOURS: tuple[Feature, ...] = tuple(feature for prefix, who in GROUPS for feature in _group(prefix, who))
