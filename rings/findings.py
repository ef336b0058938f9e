"""What makes a ring: findings, each a pattern in the money or a shared thing, with the accounts it joins.

A finding is a pure function of the events before (or at) its own, so the set of findings does not depend on arrival
order. Rings are the connected components of findings over their *core* accounts.
"""

from __future__ import annotations

from dataclasses import dataclass

from graph.evidence import RingKind
from graph.window.hits import (
    HIT_BIPARTITE,
    HIT_CYCLE,
    HIT_FAN_IN,
    HIT_FAN_OUT,
    HIT_GATHER_SCATTER,
    HIT_LAYERED,
    HIT_OPPOSITE,
    HIT_SCATTER_GATHER,
    HIT_STACK,
)
from graph.window.records import Edge

KIND_OF_HIT: dict[int, RingKind] = {
    HIT_FAN_IN: RingKind.FAN_IN,
    HIT_FAN_OUT: RingKind.FAN_OUT,
    HIT_GATHER_SCATTER: RingKind.GATHER_SCATTER,
    HIT_CYCLE: RingKind.CYCLE,
    HIT_LAYERED: RingKind.LAYERED,
    HIT_SCATTER_GATHER: RingKind.SCATTER_GATHER,
    HIT_OPPOSITE: RingKind.OPPOSITE_BETS,
    HIT_BIPARTITE: RingKind.BIPARTITE,
    HIT_STACK: RingKind.STACK,
}

Key = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason for a ring.

    `key` is (ts, event id) of the event that completed it, and orders findings; the smallest key of a ring founds it.
    `name` is unique among findings. `core` accounts join findings into one ring; `others` are members only.
    `edges` are the movements it consists of; `means` the shared things (label, id); `events` further proof.
    """

    name: str
    key: Key
    kind: RingKind
    core: frozenset[str]
    others: frozenset[str] = frozenset()
    edges: tuple[Edge, ...] = ()
    means: tuple[tuple[str, str], ...] = ()
    events: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()


def finding_of_hit(owner: Edge, kind: int, edges: tuple[Edge, ...]) -> Finding:
    """The finding of a pattern that the movement `owner` completes."""
    shape = KIND_OF_HIT[kind]
    everyone = {edge.source for edge in edges} | {edge.target for edge in edges}
    if shape in (RingKind.FAN_IN, RingKind.FAN_OUT, RingKind.GATHER_SCATTER):
        core = {owner.source}
    elif shape is RingKind.OPPOSITE_BETS:
        core = everyone = {edge.source for edge in edges}
    else:
        core = everyone
    ordered = tuple(sorted(set(edges), key=lambda edge: (edge.ts, edge.event_id)))
    # one movement can close several cycles, and completes one of each other shape at most
    way = ":".join(edge.event_id for edge in ordered) if shape is RingKind.CYCLE else owner.event_id
    return Finding(
        name=f"{shape}:{way}",
        key=(owner.ts, owner.event_id),
        kind=shape,
        core=frozenset(core),
        others=frozenset(everyone - core),
        edges=ordered,
    )
