"""How far a ring in a link list reaches: it grows from links over ever weaker likeness, and never swallows another.

Direct links join whatever they touch. Then accounts join the group they are most alike first (Kruskal's order), so
that each goes where its strongest evidence points; two groups that are rings already stay apart. Accounts joined by
strong, mutually confirmed likeness (each pair of three alike) are sure; what one strong pair adds is a weak member.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from rings.likeness import I64, Pairs

Bools = NDArray[np.bool_]

#: Smallest group that is a ring.
MIN_RING = 8
#: Likeness (bits) that makes a pair sure, one that a weak member needs, and one at which a shared rare outsider counts.
SURE_BITS = 1.58
WEAK_BITS = 1.4
OUTSIDER_BITS = -1.22
#: What a rare outsider must prove (see `rare_outsiders`).
OUTSIDER_PROOF = 0.2
#: Share of a group's accounts that must be alike to another of it, for a sure ring and for a weak one.
SURE_SHARE = 0.6
WEAK_SHARE = 0.5
#: Share of a group's accounts whose start must be known before likeness is asked for.
KNOWN_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Grown:
    """The rings: `ring[i]` is the smallest account of account i's ring, -1 outside of all; `sure[i]` how it belongs."""

    ring: I64
    sure: Bools


def grow(linked: tuple[I64, I64], pairs: Pairs, known: Bools) -> Grown:
    """The rings that direct links and likeness make of the accounts; `known` says whose start is known."""
    count = len(known)
    parent, size = np.arange(count), np.ones(count, np.int64)
    _join(parent, size, linked[0], linked[1], 0, 0)
    hint = np.flatnonzero((pairs.rare >= OUTSIDER_PROOF) & (pairs.bits >= OUTSIDER_BITS))
    hint = _strongest_first(pairs, hint)
    _join(parent, size, pairs.a[hint], pairs.b[hint], MIN_RING, 0)
    strong = _strongest_first(pairs, np.flatnonzero(pairs.bits >= SURE_BITS))
    a, b = pairs.a[strong], pairs.b[strong]
    confirmed = _in_triangles(*_neighbours(a, b, count), a, b)
    _join(parent, size, a[confirmed], b[confirmed], 0, MIN_RING)
    sure_group = _roots(parent)
    sure = _alike_enough(sure_group, pairs, known, SURE_BITS, SURE_SHARE)[sure_group]
    weak = _strongest_first(pairs, np.flatnonzero(pairs.bits >= WEAK_BITS))
    _join(parent, size, pairs.a[weak], pairs.b[weak], 0, MIN_RING)
    group = _roots(parent)
    wide = _alike_enough(group, pairs, known, WEAK_BITS, WEAK_SHARE)[group]
    return Grown(np.where(wide | sure, group, -1), sure)


def _strongest_first(pairs: Pairs, chosen: I64) -> I64:
    return chosen[np.lexsort((pairs.b[chosen], pairs.a[chosen], -pairs.bits[chosen]))]


def _alike_enough(group: I64, pairs: Pairs, known: Bools, bits: float, share: float) -> Bools:
    """Which groups (by their smallest account) are rings: large enough, and alike enough where that can be known."""
    count = len(group)
    inside = (pairs.bits >= bits) & (group[pairs.a] == group[pairs.b])
    alike = np.zeros(count, bool)
    alike[pairs.a[inside]] = True
    alike[pairs.b[inside]] = True
    sizes = np.bincount(group, minlength=count)
    like = np.bincount(group, weights=alike, minlength=count) >= share * sizes
    unknown = np.bincount(group, weights=known, minlength=count) < KNOWN_SHARE * sizes
    enough: Bools = (sizes >= MIN_RING) & (like | unknown)
    return enough


def _neighbours(a: I64, b: I64, count: int) -> tuple[I64, I64]:
    """CSR of who is paired with whom, ascending."""
    one, two = np.r_[a, b], np.r_[b, a]
    order = np.lexsort((two, one))
    at = np.zeros(count + 1, np.int64)
    np.cumsum(np.bincount(one, minlength=count), out=at[1:])
    return at, two[order]


@njit(cache=True)
def _in_triangles(at: I64, others: I64, a: I64, b: I64) -> Bools:
    """Whether some third account is paired with both ends, bool[len(a)]."""
    found = np.zeros(len(a), np.bool_)
    for pair in range(len(a)):
        i, j = at[a[pair]], at[b[pair]]
        while i < at[a[pair] + 1] and j < at[b[pair] + 1] and not found[pair]:
            if others[i] == others[j]:
                found[pair] = True
            elif others[i] < others[j]:
                i += 1
            else:
                j += 1
    return found


@njit(cache=True)
def _root(parent: I64, x: int) -> int:
    while parent[x] != x:
        parent[x] = parent[parent[x]]
        x = parent[x]
    return x


@njit(cache=True)
def _join(parent: I64, size: I64, a: I64, b: I64, needed: int, apart: int) -> None:
    """Unite the groups of a[i] and b[i] in turn, the smallest account leading.

    `needed`: only where the larger group has that many; `apart`: not where both have that many (0: no such limit).
    """
    for i in range(len(a)):
        x, y = _root(parent, a[i]), _root(parent, b[i])
        if x == y or max(size[x], size[y]) < needed or (apart > 0 and min(size[x], size[y]) >= apart):
            continue
        if y < x:
            x, y = y, x
        parent[y] = x
        size[x] += size[y]


@njit(cache=True)
def _roots(parent: I64) -> I64:
    roots = np.empty(len(parent), np.int64)
    for x in range(len(parent)):
        roots[x] = _root(parent, x)
    return roots
