"""The feature registry: what the window can say about a movement at its own moment.

Serving, rules, explanation, documentation and training read this table; the kernels fill one float64 row per movement
in this order. Every feature of a movement depends only on events before it in canonical order `(ts, tie)`, inside the
horizon and the lookback, and on at most `WALK_LIMIT` of the newest incidences of each node it looks at (then
`truncated` is 1).
"""

from __future__ import annotations

from itertools import accumulate

from graph.window.registry.basic import BASIC
from graph.window.registry.feature import Feature
from graph.window.registry.flow import FLOW, KINDS
from graph.window.registry.history import HISTORY
from graph.window.registry.means import MEANS, SITE
from graph.window.registry.neighbours import NEIGHBOURS
from graph.window.registry.pair import PAIR, PORTS

#: Version of meanings and order; part of every score.
FEATURES_VERSION = "2"

#: Groups in the order of the row, each with what its features are about.
GROUPS: dict[str, tuple[Feature, ...]] = {
    "Amount, velocity, ages and lists": BASIC,
    "Own history": HISTORY,
    "The two accounts with each other": PAIR,
    "Port numbers and degrees": PORTS,
    "Flow": FLOW,
    "Kinds of money": KINDS,
    "Shared devices, addresses and identifiers": MEANS,
    "Attempts, site and operator": SITE,
    "Counterparties": NEIGHBOURS,
}
FEATURES: tuple[Feature, ...] = tuple(feature for group in GROUPS.values() for feature in group)
FEATURE_INDEX: dict[str, int] = {feature.name: index for index, feature in enumerate(FEATURES)}
#: Where each group begins in the row.
BASES: tuple[int, ...] = tuple(accumulate((len(group) for group in GROUPS.values()), initial=0))[:-1]

#: Newest incidences of one node that a feature may look at.
WALK_LIMIT = 128
