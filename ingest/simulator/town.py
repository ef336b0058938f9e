"""The businesses: employers, merchants, marketplaces, suppliers, cash points, payment intermediaries.

Their accounts are ids like anybody's. All of them collect or spread money, as rings do.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingest.simulator.seeds import TOWN, opaque, stream

INTERMEDIARIES = 8


@dataclass(frozen=True, slots=True)
class Town:
    """Account ids by trade."""

    employers: list[str]
    merchants: list[str]
    marketplaces: list[str]
    suppliers: list[str]
    cash_points: list[str]
    intermediaries: list[str]


def found_businesses(seed: int, people: int) -> Town:
    """Return the businesses that serve `people` inhabitants."""
    rng = stream(seed, TOWN)
    return Town(
        employers=opaque(rng, max(4, people // 200)),
        merchants=opaque(rng, max(20, people // 40)),
        marketplaces=opaque(rng, 3),
        suppliers=opaque(rng, max(6, people // 150)),
        cash_points=opaque(rng, max(8, people // 120)),
        intermediaries=opaque(rng, INTERMEDIARIES),
    )
