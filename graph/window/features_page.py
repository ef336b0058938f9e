"""`docs/features.md`, written from the registry: `python -m graph.window.features_page docs/features.md`."""

from __future__ import annotations

import sys
from pathlib import Path

from graph.window.features import FEATURES, FEATURES_VERSION, GROUPS, WALK_LIMIT
from graph.window.registry.feature import Cost, Feature

COSTS: dict[Cost, str] = {
    Cost.ROW: "the movement and its nodes alone",
    Cost.HISTORY: "one walk each over the histories of source and target, for all of these together",
    Cost.PAIR: "the walk over the movements between the two",
    Cost.MEANS: "walks over device, address and identifiers",
    Cost.SITE: "walks over site and operator",
    Cost.NEIGHBOURS: "short walks over the histories of counterparties",
}


def render() -> str:
    """Return the page: what holds for every feature, what each costs, and the registry group by group."""
    parts = [
        f"# Features, version {FEATURES_VERSION}\n\n"
        "Written by `python -m graph.window.features_page docs/features.md` from the registry that the program runs on;"
        " a test fails when it is stale.\n\n"
        f"{len(FEATURES)} columns, one row per money movement, as of its own moment: only events before it count, and\n"
        f"at most the {WALK_LIMIT} newest of each node it looks at (then `truncated` is 1). `unknown` is the value\n"
        "where there is nothing to measure. *Alike* are movements of the same class as the one in question: money\n"
        "between accounts (transfers), or other money (bets, deposits, withdrawals, payouts, refunds, cards).\n"
        "Windows longer than the lookback of the window are cut by it.\n",
        "| cost | what it takes |\n|---|---|",
        *(f"| {cost} | {meaning} |" for cost, meaning in COSTS.items()),
    ]
    index = 0
    for title, group in GROUPS.items():
        parts.append(
            f"\n## {title}\n\n| # | feature | unit | window | meaning | unknown | cost |\n|---|---|---|---|---|---|---|"
        )
        parts.extend(_row(index + place, feature) for place, feature in enumerate(group))
        index += len(group)
    return "\n".join(parts) + "\n"


def _row(index: int, feature: Feature) -> str:
    cells = (f"`{feature.name}`", feature.unit, feature.window, feature.meaning, f"{feature.unknown:g}", feature.cost)
    return f"| {index} | {' | '.join(cells)} |"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render(), encoding="utf-8")
