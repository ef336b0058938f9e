"""What each column gave to the log odds of boosted trees, exactly: Shapley values along the trees' own paths.

The values are those of Lundberg et al., "Consistent individualized feature attribution for tree ensembles" (2018),
path-dependent, as LightGBM's `pred_contrib` gives them: the average tree answer and the columns add up to the
prediction. Worked out leaf by leaf: along a path every column either leads there or not, and the polynomial of its
cover shares holds the weights of all subsets.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gnn.forest import DEFAULT_LEFT, MISSING_NAN, MISSING_SHIFT, MISSING_ZERO, ZERO, Forest

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I32 = NDArray[np.int32]

DEEPEST = 64  # different columns on one path


class Paths(NamedTuple):
    """The way back from every leaf of a forest, in the order of its leaves and nodes.

    `of_leaf` and `of_node` are the node above (-1 for a root); `share_*` the part of the training rows at the node
    above that went there; `base` the mean answer of the whole forest.
    """

    of_leaf: I32
    of_node: I32
    share_leaf: F64
    share_node: F64
    base: float


def paths_of(forest: Forest) -> Paths:
    """The paths of a forest."""
    of_node = np.full(len(forest.feature), -1, np.int32)
    of_leaf = np.full(len(forest.leaf), -1, np.int32)
    share_node, share_leaf = np.ones(len(of_node)), np.ones(len(of_leaf))
    for children in (forest.left, forest.right):
        above = np.arange(len(children), dtype=np.int32)
        for inner, parents, shares, counts in (
            (True, of_node, share_node, forest.node_count),
            (False, of_leaf, share_leaf, forest.leaf_count),
        ):
            chosen = (children >= 0) == inner
            place = children[chosen] if inner else ~children[chosen]
            parents[place] = above[chosen]
            shares[place] = counts[place] / np.maximum(forest.node_count[above[chosen]], 1.0)
    return Paths(of_leaf, of_node, share_leaf, share_node, _base(forest))


def column_parts(forest: Forest, paths: Paths, rows: F32) -> F64:
    """What each column gave, float64[n, F], for rows float32[n, F]; with `paths.base` they add up to `forest.raw`."""
    parts = np.zeros(rows.shape)
    _take_apart(forest, paths.of_leaf, paths.of_node, paths.share_leaf, paths.share_node, rows, parts)
    return parts


def _base(forest: Forest) -> float:
    """The sum over trees of the mean answer, each leaf weighed by the training rows it holds."""
    total, begin = 0.0, 0
    for count in _leaves_by_tree(forest):
        rows = forest.leaf_count[begin : begin + count]
        total += float((forest.leaf[begin : begin + count] * rows).sum() / max(rows.sum(), 1.0))
        begin += count
    return total


def _leaves_by_tree(forest: Forest) -> list[int]:
    """How many leaves each tree has: one more than its nodes."""
    roots = forest.roots.tolist()
    ends = [*[root for root in roots if root >= 0][1:], len(forest.feature)]
    sizes = iter(end - root for root, end in zip((root for root in roots if root >= 0), ends, strict=True))
    return [next(sizes) + 1 if root >= 0 else 1 for root in roots]


@njit(cache=True, nogil=True)
def _take_apart(
    forest: Forest, of_leaf: I32, of_node: I32, share_leaf: F64, share_node: F64, rows: F32, parts: F64
) -> None:
    goes_left = np.empty(len(forest.feature), np.bool_)
    column = np.empty(DEEPEST, np.int32)
    zero, one = np.empty(DEEPEST), np.empty(DEEPEST)
    whole, rest = np.empty(DEEPEST + 1), np.empty(DEEPEST + 1)
    for row in range(len(rows)):
        for node in range(len(forest.feature)):
            value = np.float64(rows[row, forest.feature[node]])
            decision = forest.decision[node]
            missing = (decision >> MISSING_SHIFT) & 3
            if np.isnan(value) and missing != MISSING_NAN:
                value = np.float64(0.0)
            absent = np.isnan(value) or (missing == MISSING_ZERO and -ZERO <= value <= ZERO)
            goes_left[node] = (decision & DEFAULT_LEFT) != 0 if absent else value <= forest.threshold[node]
        for leaf in range(len(forest.leaf)):
            depth = 0
            child, above, share = ~leaf, of_leaf[leaf], share_leaf[leaf]
            while above >= 0:
                follows = goes_left[above] == (forest.left[above] == child)
                feature = forest.feature[above]
                place = 0
                while place < depth and column[place] != feature:
                    place += 1
                if place == depth:
                    column[place], zero[place], one[place] = feature, 1.0, 1.0
                    depth += 1
                zero[place] *= share
                if not follows:
                    one[place] = 0.0
                child, share = above, share_node[above]
                above = of_node[above]
            if depth == 0:
                continue
            # coefficients of prod(zero + one * t): the power counts columns that are known
            whole[0] = 1.0
            for place in range(depth):
                whole[place + 1] = 0.0
                for power in range(place + 1, 0, -1):
                    whole[power] = whole[power] * zero[place] + whole[power - 1] * one[place]
                whole[0] *= zero[place]
            for place in range(depth):
                # the same without this column
                if one[place] != 0.0:
                    rest[depth - 1] = whole[depth]
                    for power in range(depth - 1, 0, -1):
                        rest[power - 1] = whole[power] - zero[place] * rest[power]
                else:
                    for power in range(depth):
                        rest[power] = whole[power] / zero[place]
                total, weight = 0.0, 1.0 / depth  # size! (depth - 1 - size)! / depth!
                for size in range(depth):
                    total += weight * rest[size]
                    if size + 1 < depth:
                        weight *= (size + 1) / (depth - 1 - size)
                parts[row, column[place]] += forest.leaf[leaf] * (one[place] - zero[place]) * total
