"""Which shape a group of movements has, from who paid whom and in which order; None where it is too small to tell.

Only the movements within the group count. Two accounts, or one payment, are the beginning of every shape; a single
row is called layered although a stack one account wide looks the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from graph.evidence import RingKind
from graph.window.records import Edge

Neighbours = dict[str, set[str]]


def shape_of(edges: Sequence[Edge]) -> RingKind | None:
    """The shape of `edges`, in any order; payments of an account to itself are ignored."""
    ordered = sorted((e for e in edges if e.source != e.target), key=lambda edge: (edge.ts, edge.event_id))
    payees: Neighbours = defaultdict(set)
    payers: Neighbours = defaultdict(set)
    for edge in ordered:
        payees[edge.source].add(edge.target)
        payers[edge.target].add(edge.source)
    accounts = payees.keys() | payers.keys()
    if len(accounts) < 3 or len(ordered) < 2:
        return None
    between = {account for account in accounts if account in payees and account in payers}
    first = accounts - payers.keys()
    last = accounts - payees.keys()
    if not between:
        return RingKind.FAN_OUT if len(first) == 1 else RingKind.FAN_IN if len(last) == 1 else RingKind.BIPARTITE
    if _single(payees) and _single(payers):
        return _rows(payees, first, len(accounts))
    if len(between) == 1:
        return RingKind.GATHER_SCATTER
    if any(_scattered_and_gathered(start, payees, accounts) for start in payees):
        return RingKind.SCATTER_GATHER
    middle = [account for account in between if all(account in (edge.source, edge.target) for edge in ordered)]
    if middle:
        return RingKind.GATHER_SCATTER if ordered[0].target == middle[0] else RingKind.SCATTER_GATHER
    return RingKind.STACK


def _single(neighbours: Neighbours) -> bool:
    return all(len(others) == 1 for others in neighbours.values())


def _rows(payees: Neighbours, first: set[str], count: int) -> RingKind:
    """Everybody pays one and is paid by one at most: a circle, one row, or several side by side."""
    start = min(first) if first else min(payees)
    reached = [start]
    while reached[-1] in payees:
        (following,) = payees[reached[-1]]
        if following == start:
            break
        reached.append(following)
    if len(reached) < count:
        return RingKind.STACK
    return RingKind.LAYERED if first else RingKind.CYCLE


def _scattered_and_gathered(start: str, payees: Neighbours, accounts: set[str]) -> bool:
    """Whether all of the group is `start`, those it pays, and the one account that all of them pay."""
    middle = payees[start]
    ends = {end for account in middle for end in payees.get(account, set())} - {start}
    if len(ends) != 1:
        return False
    (end,) = ends
    others = middle - {end}
    return (
        accounts == {start, end, *others} and all(payees.get(account) == {end} for account in others) and bool(others)
    )
