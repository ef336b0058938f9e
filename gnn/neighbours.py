"""Causal temporal neighbourhoods: whom the two ends of a movement dealt with before it, and whom those dealt with.

A movement at place `e` of the canonical order sees only movements before `e`. The movements of an ordered pair of
accounts are pooled into one link, described by the newest of them and by running sums of the pair, before neighbours
are taken, newest first (Bilgi et al., MEGA-GNN, 2024, pool parallel edges first for the same reason).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gnn.dataset import Edges
from graph.events import MovementKind

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
I64 = NDArray[np.int64]

DAY_MS = 86_400_000.0
GROUPS = 4  # payees and payers of the source, payees and payers of the target
KINDS = len(MovementKind)

LINK_COLUMNS = (
    "newest_to_amount",  # log ratio of the newest amount of the pair to this movement's amount
    "mean_to_amount",  # the same of the mean amount of the pair
    "spread",  # standard deviation over mean of the amounts of the pair
    "count",  # log(1 + movements of the pair)
    "age",  # log(1 + days since the newest)
    "age_1d",  # exp(-days / 1), and so on: a relative time encoding
    "age_7d",
    "age_30d",
    "gap",  # log(1 + mean days between the pair's movements)
    "port_payee",  # log(1 + which payee of the payer, in order of first payment)
    "port_payer",
    "outward",  # 1: the neighbour was paid, 0: it paid
    "at_target",  # 1: hangs on the target of this movement (hop 2: below a neighbour of the target)
    "other_end",  # ego mark: the neighbour is the other end of this movement
    "shared",  # the neighbour dealt with both ends (hop 1), or is one of the ends (hop 2)
)
NODE_COLUMNS = ("sent", "received", "payees_share", "payers_share", "idle")
MARKS = len(LINK_COLUMNS)
LINK_WIDTH = MARKS + KINDS
FACTS = 7
NODE_WIDTH = len(NODE_COLUMNS)


class History(NamedTuple):
    """Movements with the links needed to walk back from any moment; N movements, A accounts.

    `out_*` and `in_*` list each account's movements in order (compressed rows). Per movement: the next of the same
    ordered pair (N if none), `facts` float32[N, FACTS] of the pair with it (logs of amount, mean amount, count, mean
    gap and ports, and the spread of amounts), and how many payees and payers its two accounts had with it.
    """

    source: I32
    target: I32
    ts: I64
    kind: I32
    out_start: I64
    out_list: I64
    in_start: I64
    in_list: I64
    pair_next: I64
    facts: F32
    payees: I64
    payers: I64


@dataclass(frozen=True, slots=True)
class Neighbourhoods:
    """Sampled links of a batch of B movements, flat; links come sorted by who receives their message.

    hop 1: `receiver1` int64[m1] is `2 * row + end` (end 0 source, 1 target), `link1` float32[m1, LINK_WIDTH],
    `account1` int32[m1], `node1` float32[m1, NODE_WIDTH]. hop 2: `receiver2` int64[m2] is a place in hop 1, `link2`,
    `node2` likewise. `ends` float32[2 B, NODE_WIDTH] are the two ends themselves.
    """

    receiver1: I64
    account1: I32
    link1: F32
    node1: F32
    receiver2: I64
    link2: F32
    node2: F32
    ends: F32


def history_of(edges: Edges) -> History:
    """Index `edges` once, in time O(N log N); nothing in it looks ahead except `pair_next`, which walks compare."""
    source, target = edges.source, edges.target
    accounts = int(max(source.max(initial=-1), target.max(initial=-1))) + 1
    _, pair = np.unique(source.astype(np.int64) * max(accounts, 1) + target, return_inverse=True)
    out_start, out_list = compressed(source, accounts)
    in_start, in_list = compressed(target, accounts)
    linked = _link(source, target, edges.ts, edges.cents, pair.astype(np.int64), accounts)
    return History(source, target, edges.ts, edges.kind, out_start, out_list, in_start, in_list, *linked)


def compressed(owner: I32, owners: int) -> tuple[I64, I64]:
    """Compressed rows: the places of each owner are `listed[start[owner] : start[owner + 1]]`, rising."""
    start = np.zeros(owners + 1, dtype=np.int64)
    np.cumsum(np.bincount(owner, minlength=owners), out=start[1:])
    return start, np.argsort(owner, kind="stable").astype(np.int64)


def neighbourhoods(history: History, at: I64, *, wide: int = 16, far: int = 4, walk: int = 64) -> Neighbourhoods:
    """Sample around the movements at places `at` (int64[B]).

    `wide` counterparties of each end in each direction, and `far` of each of those in each direction, newest first,
    without stepping back to where the walk came from. `walk` bounds the movements looked at per account and direction.
    """
    hop1 = np.full((len(at), GROUPS, wide), -1, dtype=np.int64)
    hop2 = np.full((len(at), GROUPS, wide, 2, far), -1, dtype=np.int64)
    _sample(history, at, walk, hop1, hop2)
    m1, m2 = int((hop1 >= 0).sum()), int((hop2 >= 0).sum())
    found = Neighbourhoods(
        receiver1=np.empty(m1, np.int64),
        account1=np.empty(m1, np.int32),
        link1=np.zeros((m1, LINK_WIDTH), np.float32),
        node1=np.empty((m1, NODE_WIDTH), np.float32),
        receiver2=np.empty(m2, np.int64),
        link2=np.zeros((m2, LINK_WIDTH), np.float32),
        node2=np.empty((m2, NODE_WIDTH), np.float32),
        ends=np.empty((2 * len(at), NODE_WIDTH), np.float32),
    )
    _describe(
        history, at, hop1, hop2, found.receiver1, found.account1, found.link1, found.node1,
        found.receiver2, found.link2, found.node2, found.ends,
    )  # fmt: skip
    return found


def nearest_links(history: History, at: int, *, wide: int = 16, walk: int = 64) -> I64:
    """Places of the movements that stand for the hop 1 links of `neighbourhoods` around `at`, in the same order."""
    hop1 = np.full((1, GROUPS, wide), -1, dtype=np.int64)
    _sample(history, np.array([at], dtype=np.int64), walk, hop1, np.full((1, GROUPS, wide, 2, 0), -1, dtype=np.int64))
    found: I64 = hop1[hop1 >= 0]
    return found


def movements_of(history: History, edge: int, *, most: int = 10) -> I64:
    """Places of the newest movements of the same ordered pair up to `edge`, rising; at most `most`."""
    account = history.source[edge]
    sent = history.out_list[history.out_start[account] : history.out_start[account + 1]]
    pair: I64 = sent[(history.target[sent] == history.target[edge]) & (sent <= edge)]
    return pair[-most:]


@njit(cache=True)
def _link(source: I32, target: I32, ts: I64, cents: I64, pair: I64, accounts: int) -> tuple[I64, F32, I64, I64]:
    """Running sums of pairs and ports of accounts, in order: pair_next, facts, payees and payers of History."""
    n = len(source)
    pairs = 0 if n == 0 else pair.max() + 1
    following, facts = np.full(n, n, np.int64), np.empty((n, FACTS), np.float32)
    payees, payers = np.zeros(n, np.int64), np.zeros(n, np.int64)
    newest, count, first = np.full(pairs, -1, np.int64), np.zeros(pairs, np.int64), np.zeros(pairs, np.int64)
    total, square = np.zeros(pairs), np.zeros(pairs)
    port_payee, port_payer = np.zeros(pairs, np.int64), np.zeros(pairs, np.int64)
    degree_out, degree_in = np.zeros(accounts, np.int64), np.zeros(accounts, np.int64)
    for i in range(n):
        a, b, p = source[i], target[i], pair[i]
        if newest[p] < 0:
            first[p], port_payee[p], port_payer[p] = ts[i], degree_out[a], degree_in[b]
            degree_out[a] += 1
            degree_in[b] += 1
        else:
            following[newest[p]] = i
        newest[p] = i
        amount = np.float64(cents[i])
        count[p] += 1
        total[p] += amount
        square[p] += amount * amount
        mean = total[p] / count[p]
        facts[i, 0], facts[i, 1] = np.log(amount + 1.0), np.log(mean + 1.0)
        facts[i, 2] = np.sqrt(max(square[p] / count[p] - mean * mean, 0.0)) / (mean + 1.0)
        facts[i, 3] = np.log1p(count[p])
        facts[i, 4] = np.log1p((ts[i] - first[p]) / DAY_MS / max(count[p] - 1, 1))
        facts[i, 5], facts[i, 6] = np.log1p(port_payee[p]), np.log1p(port_payer[p])
        payees[i], payers[i] = degree_out[a], degree_in[b]
    return following, facts, payees, payers


@njit(cache=True)
def earlier(start: I64, listed: I64, owner: int, before: int) -> int:
    """How far the owner's list goes before place `before`: `listed[start[owner] : answer]` are all earlier."""
    low: int = start[owner]
    high: int = start[owner + 1]
    while low < high:
        middle = (low + high) // 2
        if listed[middle] < before:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True)
def _newest_pairs(h: History, account: int, outward: bool, before: int, walk: int, avoid: int, found: I64) -> int:
    """Fill `found` with the newest movement of each of the account's newest pairs, not with `avoid`."""
    start, listed, other = (h.out_start, h.out_list, h.target) if outward else (h.in_start, h.in_list, h.source)
    place = earlier(start, listed, account, before)
    stop = max(start[account], place - walk)
    filled = 0
    while place > stop and filled < len(found):
        place -= 1
        edge = listed[place]
        if h.pair_next[edge] >= before and other[edge] != avoid:
            found[filled] = edge
            filled += 1
    return filled


@njit(cache=True)
def _sample(h: History, at: I64, walk: int, hop1: I64, hop2: I64) -> None:
    for row in range(len(at)):
        e = at[row]
        for group in range(GROUPS):
            end = h.source[e] if group < 2 else h.target[e]
            outward = group % 2 == 0
            filled = _newest_pairs(h, end, outward, e, walk, -1, hop1[row, group])
            for slot in range(filled):
                edge = hop1[row, group, slot]
                neighbour = h.target[edge] if outward else h.source[edge]
                for way in range(2):
                    _newest_pairs(h, neighbour, way == 0, e, walk, end, hop2[row, group, slot, way])


@njit(cache=True)
def _describe_link(h: History, e: int, edge: int, outward: bool, at_target: int, link: F32) -> None:
    facts, amount = h.facts[edge], h.facts[e, 0]
    days = (h.ts[e] - h.ts[edge]) / DAY_MS
    link[0], link[1], link[2], link[3] = facts[0] - amount, facts[1] - amount, facts[2], facts[3]
    link[4] = np.log1p(days)
    link[5], link[6], link[7] = np.exp(-days), np.exp(-days / 7.0), np.exp(-days / 30.0)
    link[8], link[9], link[10] = facts[4], facts[5], facts[6]
    link[11], link[12] = outward, at_target
    link[MARKS + h.kind[edge] % KINDS] = 1.0


@njit(cache=True)
def _describe_node(h: History, account: int, before: int, node: F32) -> None:
    sent = earlier(h.out_start, h.out_list, account, before)
    received = earlier(h.in_start, h.in_list, account, before)
    newest = np.int64(-1)
    node[2] = node[3] = 0.0
    if sent > h.out_start[account]:
        newest = h.out_list[sent - 1]
        node[2] = h.payees[newest] / (sent - h.out_start[account])
    if received > h.in_start[account]:
        last = h.in_list[received - 1]
        newest = max(newest, last)
        node[3] = h.payers[last] / (received - h.in_start[account])
    node[0], node[1] = np.log1p(sent - h.out_start[account]), np.log1p(received - h.in_start[account])
    node[4] = np.log1p((h.ts[before] - h.ts[newest]) / DAY_MS) if newest >= 0 else 0.0


@njit(cache=True)
def _describe(
    h: History,
    at: I64,
    hop1: I64,
    hop2: I64,
    receiver1: I64,
    account1: I32,
    link1: F32,
    node1: F32,
    receiver2: I64,
    link2: F32,
    node2: F32,
    ends: F32,
) -> None:
    m1 = m2 = 0
    for row in range(len(at)):
        e = at[row]
        source, target = h.source[e], h.target[e]
        _describe_node(h, source, e, ends[2 * row])
        _describe_node(h, target, e, ends[2 * row + 1])
        first = m1
        for group in range(GROUPS):
            end, other = group // 2, target if group < 2 else source
            outward = group % 2 == 0
            for edge in hop1[row, group]:
                if edge < 0:
                    break
                account = h.target[edge] if outward else h.source[edge]
                receiver1[m1], account1[m1] = 2 * row + end, account
                _describe_link(h, e, edge, outward, end, link1[m1])
                _describe_node(h, account, e, node1[m1])
                link1[m1, 13] = account == other
                if end == 1:
                    for place in range(first, m1):
                        if receiver1[place] == 2 * row and account1[place] == account:
                            link1[place, 14] = link1[m1, 14] = 1.0
                m1 += 1
        flat = first
        for group in range(GROUPS):
            end, other = group // 2, target if group < 2 else source
            for slot in range(hop1.shape[2]):
                if hop1[row, group, slot] < 0:
                    break
                for way in range(2):
                    for edge in hop2[row, group, slot, way]:
                        if edge < 0:
                            break
                        account = h.target[edge] if way == 0 else h.source[edge]
                        receiver2[m2] = flat
                        _describe_link(h, e, edge, way == 0, end, link2[m2])
                        _describe_node(h, account, e, node2[m2])
                        link2[m2, 13] = account == other
                        link2[m2, 14] = account in (source, target)
                        m2 += 1
                flat += 1
