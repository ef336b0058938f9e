"""What speaks for a model's answer: exact parts of its trees, summed by what the columns are about.

A column belongs to a reason by its name; `reports.words_model` has the words for each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gnn.carried import GROUPS as SIDES
from gnn.forest import Forest
from gnn.tree_parts import Paths, column_parts, paths_of
from graph.window.features import GROUPS

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

TOLD_FROM: Final = 10.0  # points of the score from which on an answer says why
MOST: Final = 3  # reasons named

_GROUP_REASONS: Final = dict(
    zip(
        GROUPS,
        (
            *("because_amount", "because_history", "because_pair", "because_ports", "because_flow"),
            *("because_kinds", "because_means", "because_site", "because_counterparties"),
        ),
        strict=True,
    )
)
_OF_FEATURE: Final = {feature.name: _GROUP_REASONS[group] for group, held in GROUPS.items() for feature in held}
#: Columns that a trail adds, by how their names begin; the four sides first, in the trail's own order.
_OF_TRAIL: Final = (
    ("payees_score_", "because_payees"),
    ("payers_score_", "because_payers"),
    ("target_payees_score_", "because_target_payees"),
    ("target_payers_score_", "because_target_payers"),
    ("payees_account_", "because_payees"),
    ("payers_account_", "because_payers"),
    ("target_payees_account_", "because_target_payees"),
    ("target_payers_account_", "because_target_payers"),
    ("source_account", "because_source"),
    ("target_account", "because_target"),
    ("pair_score_", "because_pair"),
    ("source_score_", "because_source"),
    ("target_score_", "because_target"),
    ("own_score", "because_itself"),
)
SIDE_REASONS: Final = tuple(code for _, code in _OF_TRAIL[:SIDES])
REASONS: Final = tuple(
    dict.fromkeys((*_GROUP_REASONS.values(), "because_patterns", *(code for _, code in _OF_TRAIL), "because_account"))
)
_PLACE: Final = {code: place for place, code in enumerate(REASONS)}


class Because(NamedTuple):
    """The reasons (codes, strongest first) that raised an answer, and the seqs of earlier movements that carried it."""

    reasons: tuple[str, ...]
    seqs: tuple[int, ...]


def reason_of(column: str) -> str:
    """The code of the reason that a column belongs to; columns of no group here are about the accounts themselves."""
    if column in _OF_FEATURE:
        return _OF_FEATURE[column]
    if column.startswith("pattern_"):
        return "because_patterns"
    return next((code for start, code in _OF_TRAIL if column.startswith(start)), "because_account")


@dataclass(frozen=True, slots=True)
class Grouped:
    """A forest whose columns are grouped by reason: `reason` int64[F] are places in REASONS."""

    forest: Forest
    paths: Paths
    reason: I64

    def parts(self, rows: F32) -> F64:
        """What each reason gave to the log odds of rows, float64[n, len(REASONS)]."""
        by_column = column_parts(self.forest, self.paths, np.ascontiguousarray(rows))
        found = np.zeros((len(rows), len(REASONS)))
        for column, place in enumerate(self.reason.tolist()):
            found[:, place] += by_column[:, column]
        return found


def grouped(forest: Forest, names: Sequence[str]) -> Grouped:
    """A forest with the reasons of its columns, which are called `names`."""
    return Grouped(forest, paths_of(forest), np.array([_PLACE[reason_of(name)] for name in names], dtype=np.int64))


def names_in(text: str) -> list[str]:
    """The names of the columns that LightGBM wrote with the trees `text`; none where it wrote none."""
    head = text.partition("\nTree=")[0]
    line = next((line for line in head.splitlines() if line.startswith("feature_names=")), "feature_names=")
    return line.removeprefix("feature_names=").split()


def strongest(parts: F64) -> tuple[str, ...]:
    """The MOST reasons that raised the log odds most, of one row of `Grouped.parts`; fewer where fewer raised them."""
    order = np.argsort(-parts, kind="stable")[:MOST].tolist()
    return tuple(REASONS[place] for place in order if parts[place] > 0)


def sides_of(parts: F64) -> NDArray[np.bool_]:
    """Which sides of the trail raised the log odds, bool[SIDES], of one row of `Grouped.parts`."""
    return np.array([parts[_PLACE[code]] > 0 for code in SIDE_REASONS])
