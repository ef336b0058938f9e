"""What anybody would try first on the same links: connected components, and Leiden communities.

Leiden (Traag, Waltman, van Eck, "From Louvain to Leiden", Scientific Reports 2019) comes from graspologic-native: Rust,
no OpenMP runtime beside the embedded store's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import graspologic_native
import numpy as np

from rings.links import components

#: Accounts with more distinct neighbours join nothing, as is usual.
HUB_DEGREE = 100

Pairs = Mapping[tuple[str, str], int]


def component_rings(pairs: Pairs, *, services: Collection[str], smallest: int) -> dict[str, set[str]]:
    """Connected components of the pairs of accounts, without services and hubs, of at least `smallest` accounts."""
    names, a, b, _ = _numbered(pairs, services)
    labels = components(a, b, len(names))
    return _groups(names, labels.tolist(), smallest)


def leiden_rings(pairs: Pairs, *, services: Collection[str], smallest: int, seed: int = 1) -> dict[str, set[str]]:
    """Leiden communities (modularity, links weighted by their number) of the same pairs."""
    names, a, b, weight = _numbered(pairs, services)
    if not len(a):
        return {}
    one, two, both = np.r_[a, b], np.r_[b, a], np.r_[weight, weight].astype(np.float64)
    order = np.lexsort((two, one))
    at = np.zeros(len(names) + 1, np.int64)
    np.cumsum(np.bincount(one, minlength=len(names)), out=at[1:])
    _, found = graspologic_native.leiden_csr(
        at, two[order].astype(np.int32), both[order], len(names), iterations=3, seed=seed
    )
    return _groups(names, [found.get(node, -1 - node) for node in range(len(names))], smallest)


def _numbered(pairs: Pairs, services: Collection[str]) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray]:
    kept = sorted((min(pair), max(pair)) for pair in pairs if not (pair[0] in services or pair[1] in services))
    names = sorted({name for pair in kept for name in pair})
    number = {name: place for place, name in enumerate(names)}
    rows = np.array([(number[one], number[two]) for one, two in kept], np.int64).reshape(-1, 2)
    weight = np.array([pairs[pair] for pair in kept], np.int64)
    fit = (np.bincount(rows.ravel(), minlength=len(names)) <= HUB_DEGREE)[rows].all(axis=1)
    return names, rows[fit, 0].copy(), rows[fit, 1].copy(), weight[fit]


def _groups(names: list[str], labels: list[int], smallest: int) -> dict[str, set[str]]:
    groups: dict[int, set[str]] = {}
    for name, label in zip(names, labels, strict=True):
        groups.setdefault(label, set()).add(name)
    return {str(label): accounts for label, accounts in groups.items() if len(accounts) >= smallest}
