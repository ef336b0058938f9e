"""Boosted trees as arrays and one compiled walk: LightGBM's own answers, bit for bit, without its cost per call.

A booster answers a batch of few rows in some 100 microseconds before it looks at the first tree; a service asks for a
few rows thousands of times a second. The text that LightGBM saves says everything needed: every number is written so
that it reads back equal, and sums are taken in the same order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from graph.errors import StopWork

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I32 = NDArray[np.int32]
U8 = NDArray[np.uint8]

CATEGORICAL, DEFAULT_LEFT, MISSING_SHIFT = 1, 2, 2  # bits of LightGBM's decision_type
MISSING_ZERO, MISSING_NAN = 1, 2
ZERO = 1e-35  # values nearer to 0 are 0 where 0 stands for missing


class Forest(NamedTuple):
    """Trees one after the other. `roots[t]` is the first node of tree t, or ~leaf where it has one leaf only.

    Per node the feature, the threshold, the decision type and both children: a node, or ~leaf. `*_count` is how many
    training rows came to each node and leaf.
    """

    roots: I32
    feature: I32
    threshold: F64
    decision: U8
    left: I32
    right: I32
    leaf: F64
    node_count: F64
    leaf_count: F64

    def raw(self, rows: F32) -> F64:
        """Log odds of rows, float64[n], from the columns that the trees were trained on, float32[n, F]."""
        found = np.zeros(len(rows))
        _add_up(self, rows, found)
        return found


class ForestUnreadable(StopWork):
    """A text is no forest of ours."""


def read_forest(text: str, *, width: int) -> Forest:
    """Return the forest that LightGBM saved as `text`, over `width` columns.

    Raises ForestUnreadable for a text that is cut off, or asks for columns or branches that are not there: the compiled
    walk does not look at bounds.
    """
    roots: list[int] = []
    parts: dict[str, list[NDArray[Any]]] = {name: [] for name in Forest._fields[1:]}
    nodes = leaves = 0
    try:
        for tree in _trees(text):
            leaf = _numbers(tree["leaf_value"], np.float64)
            if len(leaf) != int(tree["num_leaves"]) or int(tree.get("num_cat", "0")):
                raise ValueError("a tree is not whole, or has categories")
            parts["leaf"].append(leaf)
            if len(leaf) == 1:
                roots.append(~leaves)
                parts["leaf_count"].append(np.ones(1))
            else:
                roots.append(nodes)
                _add_nodes(tree, parts, nodes=nodes, leaves=leaves, width=width)
            nodes += len(leaf) - 1
            leaves += len(leaf)
    except (KeyError, ValueError, OverflowError) as error:
        raise ForestUnreadable(f"the trees cannot be read: {error}") from error
    types = {"feature": np.int32, "decision": np.uint8, "left": np.int32, "right": np.int32}
    arrays = {
        name: np.concatenate(pieces).astype(types.get(name, np.float64))
        if pieces
        else np.empty(0, types.get(name, np.float64))
        for name, pieces in parts.items()
    }
    return Forest(np.array(roots, dtype=np.int32), **arrays)


def _trees(text: str) -> Iterator[dict[str, str]]:
    """Yield the fields of each tree. Raises ValueError when the end is missing."""
    head, end, _ = text.partition("\nend of trees")
    if not end:
        raise ValueError("the text is cut off")
    for block in head.split("\nTree=")[1:]:
        yield dict(line.split("=", 1) for line in block.splitlines()[1:] if "=" in line)


def _add_nodes(
    tree: dict[str, str], parts: dict[str, list[NDArray[Any]]], *, nodes: int, leaves: int, width: int
) -> None:
    count = int(tree["num_leaves"]) - 1
    feature, decision = _numbers(tree["split_feature"], np.int64), _numbers(tree["decision_type"], np.int64)
    threshold = _numbers(tree["threshold"], np.float64)
    left, right = _numbers(tree["left_child"], np.int64), _numbers(tree["right_child"], np.int64)
    if {len(column) for column in (feature, decision, threshold, left, right)} != {count}:
        raise ValueError("a tree is not whole")
    if ((feature < 0) | (feature >= width)).any():
        raise ValueError(f"a tree asks for a column beyond {width}")
    if ((decision < 0) | (decision > 255) | (decision & CATEGORICAL)).any():
        raise ValueError("a decision is of no known type")
    own = np.arange(count)
    for children in (left, right):  # a child comes after its parent, so that every walk ends
        if ((children >= count) | (children < -count - 1) | ((children >= 0) & (children <= own))).any():
            raise ValueError("a branch leads nowhere")
    counts = {"node_count": _numbers(tree["internal_count"], np.float64)}
    counts["leaf_count"] = _numbers(tree["leaf_count"], np.float64)
    if (
        len(counts["node_count"]) != count
        or len(counts["leaf_count"]) != count + 1
        or min(map(np.min, counts.values())) < 0
    ):
        raise ValueError("the counts of a tree are not whole")
    for name, values in counts.items():
        parts[name].append(values)
    parts["feature"].append(feature)
    parts["threshold"].append(threshold)
    parts["decision"].append(decision)
    for name, children in (("left", left), ("right", right)):
        parts[name].append(np.where(children >= 0, children + nodes, children - leaves))


def _numbers(text: str, kind: type[Any]) -> NDArray[Any]:
    return np.array(text.split(), dtype=kind)


def stacked(forests: Sequence[Forest], which: NDArray[np.int64], rows: F32) -> F64:
    """Log odds of rows, each by the forest `which` names, float64[n]."""
    if len(which) and (which == which[0]).all():
        return forests[int(which[0])].raw(rows)
    found = np.empty(len(rows))
    for number in np.unique(which).tolist():
        chosen = which == number
        found[chosen] = forests[number].raw(rows[chosen])
    return found


@njit(cache=True, nogil=True)
def _add_up(forest: Forest, rows: F32, found: F64) -> None:
    for tree in range(len(forest.roots)):
        root = forest.roots[tree]
        for row in range(len(rows)):
            node = root
            while node >= 0:
                value = np.float64(rows[row, forest.feature[node]])
                decision = forest.decision[node]
                missing = (decision >> MISSING_SHIFT) & 3
                if np.isnan(value) and missing != MISSING_NAN:
                    value = np.float64(0.0)
                absent = np.isnan(value) or (missing == MISSING_ZERO and -ZERO <= value <= ZERO)
                go_left = (decision & DEFAULT_LEFT) != 0 if absent else value <= forest.threshold[node]
                node = forest.left[node] if go_left else forest.right[node]
            found[row] += forest.leaf[~node]
