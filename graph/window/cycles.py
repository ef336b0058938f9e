"""Compiled search for money that comes back: cycles in time order that the newest movement closes.

The search meets in the middle. For T = s -> t it follows money forwards from t over at most `FORWARD` movements (the
tree), and backwards from s over the rest; a cycle is a branch of the tree and a way back that meet in one account, in
time order, each hop passing on nearly the whole amount. A cycle of few hops is found by one step back and a branch of
any length, a longer one by more steps back and a branch of full length, so none is found twice.

An account with more movements than the budget's `walk` or `width` allows is followed along its newest ones only.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from graph.window.columns import I64, NONE, Columns, Nodes
from graph.window.compiled import kernel
from graph.window.histories import (
    GAINED_PER_HOP,
    KEPT_PER_HOP,
    Cursors,
    as_of,
    can_complete,
    leads_on,
    new_cursors,
    next_feeder,
)
from graph.window.hits import CUT_CYCLE, CUT_HUB, HIT_CYCLE, SINCE_IN, Budget, HitTable, is_transfer
from graph.window.kernels import DAY
from graph.window.linking import before

FORWARD = 3  # hops followed from the target
TREE = 512  # movements of the tree
BUCKETS = 256
CYCLES = Budget(hops=8, span=10 * DAY, steps=1_500, walk=128, width=32, results=4)


class Tree(NamedTuple):
    """Movements that the money of T's target took, in the order found; `parent` is the one before (NONE: first)."""

    edge: I64
    account: I64  # where the movement led
    parent: I64
    hop: I64  # 1 for a movement of the target
    next: I64  # next entry of the same bucket
    bucket: I64  # first entry of accounts with account % BUCKETS == place


@njit(cache=True)
def _new_tree() -> Tree:
    return Tree(
        np.empty(TREE, dtype=np.int64),
        np.empty(TREE, dtype=np.int64),
        np.empty(TREE, dtype=np.int64),
        np.empty(TREE, dtype=np.int64),
        np.empty(TREE, dtype=np.int64),
        np.empty(BUCKETS, dtype=np.int64),
    )


@njit(cache=True)
def find_cycles(
    cols: Columns,
    nodes: Nodes,
    seqs: I64,
    gates: NDArray[np.float64],
    first: int,
    budget: Budget,
    table: HitTable,
    cut: NDArray[np.int8],
    closed: NDArray[np.bool_],
) -> int:
    """Write the cycles that the movements `seqs` (canonical order is fastest) close; return how many, or -1 if room
    ran out.

    Sets `closed[i]` where movement i closes one, and bits of `cut[i]` where its search met the budget or a hub.
    """
    path = np.empty((4, budget.hops + 1), dtype=np.int64)
    return _search(cols, nodes, seqs, gates, first, budget, new_cursors(), _new_tree(), path, table, cut, closed)


@kernel
def _search(
    cols: Columns,
    nodes: Nodes,
    seqs: I64,
    gates: NDArray[np.float64],
    first: int,
    budget: Budget,
    cursors: Cursors,
    tree: Tree,
    room: NDArray[np.int64],
    table: HitTable,
    cut: NDArray[np.int8],
    closed: NDArray[np.bool_],
) -> int:
    """`find_cycles` with room to work in."""
    mask = len(cols.ts) - 1
    path, pointer, looked, taken = room[0], room[1], room[2], room[3]
    hits, last = 0, NONE
    for i in range(len(seqs) - 1, -1, -1):
        if hits + budget.results > len(table.owner):
            return -1
        row = seqs[i] & mask
        gate = gates[i]
        if gate[SINCE_IN] < 0 or gate[SINCE_IN] * 1000 > budget.span or not can_complete(cols, nodes, row):
            continue
        if last != NONE and before(cols, last, row):
            cursors.account[:] = NONE
        last = row
        oldest = cols.ts[row] - budget.span
        newest, _, _ = next_feeder(cols, nodes, cols.prev_src[row], first, row, oldest, cols.ts[row], budget.walk)
        if newest == NONE or not _pays_before(cols, row, newest & mask, first, oldest, budget):
            continue
        size, steps, stopped = _grow(cols, nodes, cursors, row, newest & mask, first, budget, tree)
        if size > 0:
            found, more = _meet(
                cols, nodes, seqs[i], first, budget, tree, size, steps, path, pointer, looked, taken, table, hits, i
            )
            stopped |= more
            closed[i] = found > 0
            hits += found
        cut[i] |= stopped
    return hits


@kernel
def _pays_before(cols: Columns, row: int, newest: int, first: int, oldest: int, budget: Budget) -> bool:
    """Whether the target of event row `row` paid anybody before event row `newest`, as far as a hub is followed."""
    mask = len(cols.ts) - 1
    current = cols.prev_dst[row]
    looked = 0
    while current != NONE and (current >> 1) >= first and looked < budget.walk:
        other = (current >> 1) & mask
        if cols.ts[other] < oldest:
            return False
        looked += 1
        if current & 1 == 0 and is_transfer(cols.kind[other]) and before(cols, other, newest):
            return True
        current = cols.prev_src[other] if current & 1 == 0 else cols.prev_dst[other]
    return bool(current != NONE and (current >> 1) >= first)


@kernel
def _grow(
    cols: Columns, nodes: Nodes, cursors: Cursors, row: int, newest: int, first: int, budget: Budget, tree: Tree
) -> tuple[int, int, int]:
    """Fill the tree of the target of event row `row` with movements before event row `newest`, breadth first.

    Returns (movements in it, incidences looked at, bits for what was cut).
    """
    mask = len(cols.ts) - 1
    src, dst, ts, cents = cols.src[row], cols.dst[row], cols.ts[row], cols.cents[row]
    tree.bucket[:] = NONE
    deepest = min(FORWARD, budget.hops - 2)
    size, steps, stopped = 0, 0, 0
    node = -1  # the target itself
    while node < size:
        hop = 0 if node < 0 else tree.hop[node]
        if hop == deepest:
            break
        arrived = NONE if node < 0 else tree.edge[node] & mask
        low = cents / (1.0 + GAINED_PER_HOP) ** (budget.hops - 1 - hop) * 0.999
        high = cents / (1.0 - KEPT_PER_HOP) ** (budget.hops - 1 - hop) * 1.001
        account = dst if node < 0 else tree.account[node]
        current = cols.prev_dst[row] if node < 0 else as_of(cols, nodes, cursors, account, row, first)
        looked, taken = 0, 0
        while current != NONE and (current >> 1) >= first:
            edge, other, role = current >> 1, (current >> 1) & mask, current & 1
            if cols.ts[other] < ts - budget.span or (arrived != NONE and not before(cols, arrived, other)):
                break
            if looked == budget.walk or taken == budget.width:
                stopped |= CUT_HUB
                break
            if steps == budget.steps // 2 or size == TREE:
                return size, steps, stopped | CUT_CYCLE
            looked += 1
            steps += 1
            current = cols.prev_src[other] if role == 0 else cols.prev_dst[other]
            if role == 1 or not is_transfer(cols.kind[other]) or not before(cols, other, newest):
                continue
            paid, payee = cols.cents[other], cols.dst[other]
            if paid < low or paid > high or payee in (src, dst) or nodes.acct_service[payee] <= ts:
                continue
            if arrived != NONE and (not leads_on(cols.cents[arrived], paid) or _on_branch(tree, node, payee)):
                continue
            taken += 1
            tree.edge[size], tree.account[size], tree.parent[size], tree.hop[size] = edge, payee, node, hop + 1
            tree.next[size] = tree.bucket[payee % BUCKETS]
            tree.bucket[payee % BUCKETS] = size
            size += 1
        node += 1
    return size, steps, stopped


@kernel
def _on_branch(tree: Tree, node: int, account: int) -> bool:
    """Whether the branch that ends in tree entry `node` passes `account`."""
    while node >= 0:
        if tree.account[node] == account:
            return True
        node = tree.parent[node]
    return False


@kernel
def _meet(
    cols: Columns,
    nodes: Nodes,
    seq: int,
    first: int,
    budget: Budget,
    tree: Tree,
    size: int,
    steps: int,
    path: I64,
    pointer: I64,
    looked: I64,
    taken: I64,
    table: HitTable,
    start: int,
    owner: int,
) -> tuple[int, int]:
    """Go back from the source of movement `seq`, depth first and newest first, and write the cycles that meet the tree.

    Returns (cycles written from `table` row `start` on, bits for what was cut).
    """
    mask = len(cols.ts) - 1
    row = seq & mask
    ts, goal = cols.ts[row], cols.dst[row]
    full = tree.hop[size - 1] == FORWARD  # breadth first: the last entry is the deepest
    furthest = budget.hops - 1 - FORWARD if full else 1
    path[0], pointer[0], looked[0], taken[0] = seq, cols.prev_src[row], 0, 0
    depth, found, stopped = 0, 0, 0
    while depth >= 0:
        if steps >= budget.steps:
            return found, stopped | CUT_CYCLE
        left = 0 if taken[depth] == budget.width else budget.walk - looked[depth]
        edge, current, used = next_feeder(
            cols, nodes, pointer[depth], first, path[depth] & mask, ts - budget.span, ts, left
        )
        pointer[depth] = current
        looked[depth] += used
        steps += used
        if edge == NONE:
            if current != NONE:
                stopped |= CUT_HUB
            depth -= 1
            continue
        taken[depth] += 1
        payer = cols.src[edge & mask]
        if payer == goal or _on_way(cols, path, depth, payer):
            continue
        path[depth + 1] = edge
        node = tree.bucket[payer % BUCKETS]
        while node != NONE:
            if (
                tree.account[node] == payer
                and (depth == 0 or tree.hop[node] == FORWARD)
                and _joins(cols, tree, node, path, depth + 1)
                and _is_new(cols, tree, node, path, depth + 1, table, start, found)
            ):
                if found == budget.results:
                    return found, stopped | CUT_CYCLE
                _write(tree, node, path, depth + 1, table, start + found, owner)
                found += 1
            node = tree.next[node]
        if depth + 1 < furthest:
            depth += 1
            pointer[depth], looked[depth], taken[depth] = cols.prev_src[edge & mask], 0, 0
    return found, stopped


@kernel
def _on_way(cols: Columns, path: I64, depth: int, account: int) -> bool:
    """Whether `account` is the source of one of the movements path[0..depth]."""
    mask = len(cols.ts) - 1
    met = False
    for i in range(depth + 1):
        met |= cols.src[path[i] & mask] == account
    return met


@kernel
def _joins(cols: Columns, tree: Tree, node: int, path: I64, depth: int) -> bool:
    """Whether the branch that ends in `node` goes on in path[depth], in time, amount and without an account twice."""
    mask = len(cols.ts) - 1
    arrived, leaving = tree.edge[node] & mask, path[depth] & mask
    if not before(cols, arrived, leaving) or not leads_on(cols.cents[arrived], cols.cents[leaving]):
        return False
    node = tree.parent[node]
    while node >= 0:
        if _on_way(cols, path, depth, tree.account[node]):
            return False
        node = tree.parent[node]
    return True


@kernel
def _is_new(
    cols: Columns, tree: Tree, node: int, path: I64, depth: int, table: HitTable, start: int, found: int
) -> bool:
    """Whether no cycle written for this movement passes the same accounts in the same order."""
    mask = len(cols.ts) - 1
    length = depth + 1 + tree.hop[node]
    for h in range(start, start + found):
        if table.size[h] != length:
            continue
        same, entry = True, node
        for i in range(length):
            edge = path[i]
            if i > depth:
                edge, entry = tree.edge[entry], tree.parent[entry]
            if cols.src[table.edges[h, i] & mask] != cols.src[edge & mask]:
                same = False
        if same:
            return False
    return True


@kernel
def _write(tree: Tree, node: int, path: I64, depth: int, table: HitTable, h: int, owner: int) -> None:
    """Write the cycle of path[0..depth] and the branch that ends in `node`, newest movement first."""
    n = 0
    for i in range(depth + 1):
        table.edges[h, n] = path[i]
        n += 1
    while node >= 0:
        table.edges[h, n] = tree.edge[node]
        n += 1
        node = tree.parent[node]
    table.owner[h], table.kind[h], table.size[h] = owner, HIT_CYCLE, n
