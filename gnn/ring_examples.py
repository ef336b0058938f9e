"""Rings that were found, told apart by what is known: fraud rings, honest look-alikes, and what is neither."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gnn.ring_columns import F32, ring_table
from graph.evidence import Ring

#: Shared accounts over all accounts of both, from which on a found ring stands for a true one.
ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class RingExamples:
    """Rows RING_COLUMNS of n rings that can be learnt from: `label` int8[n] is 1 for true rings, 0 for look-alikes.

    `rule` float64[n] is the ring's own score (0-100), `last_ts` when it last moved; `partial` counts rings left out
    because they share accounts with a true one without standing for it.
    """

    rows: F32
    label: NDArray[np.int8]
    rule: NDArray[np.float64]
    last_ts: NDArray[np.int64]
    ring_ids: tuple[str, ...]
    partial: int

    def __len__(self) -> int:
        return len(self.label)


def told_apart(rings: Sequence[Ring], truth: Mapping[str, frozenset[str]], scores: Mapping[str, float]) -> RingExamples:
    """Label found rings by the accounts of the true ones (`truth`: id -> accounts); `scores` as in `ring_table`.

    A ring is true when some true ring has Jaccard similarity of at least ALIKE with it, a look-alike when it shares
    no account with any.
    """
    of_account: dict[str, set[str]] = {}
    for name, accounts in truth.items():
        for account in accounts:
            of_account.setdefault(account, set()).add(name)
    kept: list[Ring] = []
    label: list[int] = []
    for ring in rings:
        members = {member.account for member in ring.members}
        near = {name for account in members for name in of_account.get(account, ())}
        alike = max((len(members & truth[name]) / len(members | truth[name]) for name in near), default=0.0)
        if not near or alike >= ALIKE:
            kept.append(ring)
            label.append(int(bool(near)))
    return RingExamples(
        rows=ring_table(kept, scores),
        label=np.array(label, dtype=np.int8),
        rule=np.array([ring.score for ring in kept]),
        last_ts=np.array([ring.last_ts for ring in kept], dtype=np.int64),
        ring_ids=tuple(ring.ring_id for ring in kept),
        partial=len(rings) - len(kept),
    )


def joined(parts: Sequence[RingExamples]) -> RingExamples:
    """All examples of several worlds, one after the other."""
    return RingExamples(
        rows=np.concatenate([part.rows for part in parts]),
        label=np.concatenate([part.label for part in parts]),
        rule=np.concatenate([part.rule for part in parts]),
        last_ts=np.concatenate([part.last_ts for part in parts]),
        ring_ids=tuple(ring_id for part in parts for ring_id in part.ring_ids),
        partial=sum(part.partial for part in parts),
    )


def chosen(examples: RingExamples, places: NDArray[np.int64]) -> RingExamples:
    """Those at `places`; what was left out is said of each part."""
    return RingExamples(
        rows=examples.rows[places],
        label=examples.label[places],
        rule=examples.rule[places],
        last_ts=examples.last_ts[places],
        ring_ids=tuple(examples.ring_ids[place] for place in places.tolist()),
        partial=examples.partial,
    )
