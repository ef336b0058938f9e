"""How alike two accounts of a link list are, in bits: how much rather two of one hand show this than two strangers.

Evidence of a pair: they began close in time and turned over nearly the same (weighed by how many strangers would lie as
close), they use the same ways (channels and directions, by rarity), deal with the same outsiders (by rarity), and have
little life besides. The weights are log odds of a logistic model, in the manner of Fellegi and Sunter ("A theory for
record linkage", JASA 1969), fitted on pairs of one half of the known rings of the Hop airdrop and checked on the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

#: Pairs are looked at that began within this many seconds and turned over this near (natural logarithm) ...
NEAR_SECONDS = 7_200.0
NEAR_LOG_TURNOVER = 0.1
#: ... at most this many of the accounts that began next, and this many of them alike: a burst stays bounded.
NEAR_WIDTH = 400
NEAR_HITS = 64
#: An outsider that more accounts deal with joins none of them (a shop, an exchange, a contract everybody uses).
RARE_OUTSIDER = 20

#: Bits per unit of evidence.
BASE_BITS = -1.04
COINCIDENCE_BITS = -0.16  # per doubling of the strangers expected as near
WAYS_BITS = 8.09  # the same ways altogether, against none in common
SILENT_BITS = -5.41  # neither has any link: the same ways say less
OUTSIDERS_BITS = 6.13  # the same outsiders altogether
OTHER_LIFE_BITS = -1.23  # per unit of log(1 + bits of all their outsiders)
RARE_BITS = 3.36  # per rare outsider in common that only those two deal with


@dataclass(frozen=True, slots=True)
class Sets:
    """A set of numbered things per account, CSR: `things[at[i]:at[i + 1]]` ascending; `bits` is how rare a thing is."""

    at: I64
    things: I64
    bits: F64


@dataclass(frozen=True, slots=True)
class Accounts:
    """What a link list says of its accounts, row i about account i.

    `began` in epoch seconds and `turnover` as natural logarithm, NaN where the source does not say; `rare[k]` is what
    the outsider k proves when two accounts share it, 0 where it proves nothing.
    """

    began: F64
    turnover: F64
    ways: Sets
    outsiders: Sets
    rare: F64


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs a < b of accounts, sorted, with their likeness in bits and what rare outsiders they share (0: none)."""

    a: I64
    b: I64
    bits: F64
    rare: F64


def sets_of(account: I64, thing: I64, count: int) -> Sets:
    """The sets that the rows (account, thing) make; repeated rows count once."""
    if not len(account):
        return Sets(np.zeros(count + 1, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float64))
    kinds = int(thing.max()) + 1
    rows = np.unique(account * kinds + thing)
    at = np.zeros(count + 1, np.int64)
    np.cumsum(np.bincount(rows // kinds, minlength=count), out=at[1:])
    things = rows % kinds
    users = np.bincount(things, minlength=kinds)
    return Sets(at, things, np.where(users > 0, np.log2(count / np.maximum(users, 1)), 0.0))


def rare_outsiders(outsiders: Sets, service: NDArray[np.bool_]) -> F64:
    """What sharing an outsider proves: 1 when only two accounts deal with it, less the more do, 0 for services."""
    users = np.bincount(outsiders.things, minlength=len(outsiders.bits))
    counts = (users >= 2) & (users <= RARE_OUTSIDER) & ~service[: len(users)]
    return np.where(counts, 1.0 / np.log2(np.maximum(users, 2)), 0.0)


def alike_pairs(accounts: Accounts, also: tuple[I64, I64], left_out: NDArray[np.bool_]) -> Pairs:
    """Every pair worth a look (near in start and turnover, a rare outsider in common, or one of `also`), weighed.

    Accounts of `left_out` are in none. Only pairs whose starts are both known can be alike.
    """
    known = np.isfinite(accounts.began) & ~left_out
    order = np.flatnonzero(known)
    order = order[np.lexsort((order, accounts.began[order]))]
    near = _near(order, accounts.began, accounts.turnover)
    shared = _sharing(accounts.outsiders, accounts.rare, known)
    one = np.concatenate([near[0], shared[0], also[0]])
    two = np.concatenate([near[1], shared[1], also[1]])
    fit = known[one] & known[two] & (one != two)
    count = max(len(accounts.began), 1)
    keys = np.unique(np.minimum(one[fit], two[fit]) * count + np.maximum(one[fit], two[fit]))
    a, b = keys // count, keys % count
    rare = _overlap(accounts.outsiders.at, accounts.outsiders.things, accounts.rare, a, b)
    return Pairs(a, b, _bits(accounts, known, a, b, rare), rare)


def _bits(accounts: Accounts, known: NDArray[np.bool_], a: I64, b: I64, rare: F64) -> F64:
    ways, all_ways = _shared(accounts.ways, a, b)
    outsiders, all_outsiders = _shared(accounts.outsiders, a, b)
    silent = all_ways <= 0
    likeness: F64 = BASE_BITS + COINCIDENCE_BITS * np.log2(_strangers(accounts, known, a, b))
    likeness += WAYS_BITS * np.where(silent, 1.0, ways / np.maximum(all_ways, 1e-9)) + SILENT_BITS * silent
    likeness += OUTSIDERS_BITS * np.where(all_outsiders > 0, outsiders / np.maximum(all_outsiders, 1e-9), 0.0)
    likeness += OTHER_LIFE_BITS * np.log1p(all_outsiders) + RARE_BITS * np.minimum(rare, 4.0)
    return likeness


def _shared(sets: Sets, a: I64, b: I64) -> tuple[F64, F64]:
    """(bits of what both have, bits of what either has) of each pair."""
    both = _overlap(sets.at, sets.things, sets.bits, a, b)
    whole = _totals(sets.at, sets.things, sets.bits)
    return both, whole[a] + whole[b] - both


def _strangers(accounts: Accounts, known: NDArray[np.bool_], a: I64, b: I64) -> F64:
    """How many of all accounts would by chance begin as near to each other and turn over as much alike."""
    began, turnover = accounts.began, accounts.turnover
    day = np.zeros(len(began), np.int64)
    first = began[known].min() if known.any() else 0.0
    day[known] = ((began[known] - first) // 86_400).astype(np.int64)
    per_day = np.convolve(np.bincount(day[known]), np.ones(7) / 7, "full")[3:] + 0.5 if known.any() else np.ones(1)
    rate = per_day[day] / 86_400
    strangers: F64 = (rate[a] + rate[b]) * (np.abs(began[a] - began[b]) + 60)
    said = known & np.isfinite(turnover)
    if said.any():
        lowest = turnover[said].min()
        width = max(0.035, (turnover[said].max() - lowest) / 4_096)
        place = np.zeros(len(began), np.int64)
        place[said] = ((turnover[said] - lowest) / width).astype(np.int64)
        share = np.convolve(np.bincount(place[said]), np.ones(3) / 3, "full")[1:] + 0.5
        density = share[place] / (np.count_nonzero(said) * width)
        apart = np.abs(turnover[a] - turnover[b])
        alike = np.minimum(density[a], density[b]) * 2 * (apart + 0.003)
        strangers *= np.where(said[a] & said[b], np.minimum(alike, 1.0), 1.0)
    floor: F64 = np.maximum(strangers, 1e-9)
    return floor


def _near(order: I64, began: F64, turnover: F64) -> tuple[I64, I64]:
    """Pairs that began and turned over alike, of accounts in the `order` in which they began."""
    width = np.minimum(NEAR_HITS, np.arange(len(order))[::-1])
    one, two = np.empty(int(width.sum()), np.int64), np.empty(int(width.sum()), np.int64)
    count = _near_pairs(order, began, turnover, one, two)
    return one[:count], two[:count]


@njit(cache=True)
def _near_pairs(order: I64, began: F64, turnover: F64, one: I64, two: I64) -> int:
    count = 0
    for place in range(len(order)):
        a = order[place]
        hits = 0
        for later in range(place + 1, min(len(order), place + 1 + NEAR_WIDTH)):
            b = order[later]
            if began[b] - began[a] > NEAR_SECONDS or hits == NEAR_HITS:
                break
            if abs(turnover[a] - turnover[b]) > NEAR_LOG_TURNOVER:  # false where one is not known
                continue
            one[count], two[count] = a, b
            count += 1
            hits += 1
    return count


def _sharing(outsiders: Sets, rare: F64, known: NDArray[np.bool_]) -> tuple[I64, I64]:
    """Pairs of accounts that deal with the same rare outsider."""
    owner = np.repeat(np.arange(len(outsiders.at) - 1), np.diff(outsiders.at))
    fit = (rare[outsiders.things] > 0) & known[owner]
    order = np.lexsort((owner[fit], outsiders.things[fit]))
    thing, user = outsiders.things[fit][order], owner[fit][order]
    starts = np.flatnonzero(np.r_[True, thing[1:] != thing[:-1]]) if len(thing) else np.zeros(0, np.int64)
    sizes = np.diff(np.r_[starts, len(thing)])
    total = int((sizes * (sizes - 1) // 2).sum())
    one, two = np.empty(total, np.int64), np.empty(total, np.int64)
    _pairs_within(user, starts, sizes, one, two)
    return one, two


@njit(cache=True)
def _pairs_within(user: I64, starts: I64, sizes: I64, one: I64, two: I64) -> None:
    count = 0
    for start, size in zip(starts, sizes):  # noqa: B905 - numba knows no strict
        for i in range(start, start + size):
            for j in range(i + 1, start + size):
                one[count], two[count] = user[i], user[j]
                count += 1


@njit(cache=True)
def _overlap(at: I64, things: I64, weight: F64, a: I64, b: I64) -> F64:
    """Sum of the weights of the things both accounts of a pair have, float64[len(a)]."""
    total = np.zeros(len(a))
    for pair in range(len(a)):
        i, j = at[a[pair]], at[b[pair]]
        while i < at[a[pair] + 1] and j < at[b[pair] + 1]:
            if things[i] == things[j]:
                total[pair] += weight[things[i]]
                i += 1
                j += 1
            elif things[i] < things[j]:
                i += 1
            else:
                j += 1
    return total


@njit(cache=True)
def _totals(at: I64, things: I64, weight: F64) -> F64:
    total = np.zeros(len(at) - 1)
    for account in range(len(at) - 1):
        for place in range(at[account], at[account + 1]):
            total[account] += weight[things[place]]
    return total
