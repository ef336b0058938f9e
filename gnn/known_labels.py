"""Labels as they were known at a moment, and no more of them from one source than it may give.

A label counts from when it was known plus the delay. A source of labels other than the trusted ones may give at most a
share of the fraudulent and of the honest labels that a model learns from: who can give labels could otherwise teach it.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gnn.labels import Label
from graph.events import Event, GovernanceChanged, LabelGiven, Movement, MovementKind
from graph.verdicts import GIVEN_BY, Act, verdict_of
from graph.verdicts import PART as VERDICTS

I64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True, order=True)
class _Said:
    ts: int
    event_id: str
    label: int = field(compare=False)
    ring: str = field(compare=False)
    given_by: str = field(compare=False)


@dataclass(slots=True)
class KnownLabels:
    """Every label that was given, by subject, in the order in which they became known; `undone` are sources whose
    labels no longer count, since when (epoch ms): verdicts about rings that were taken back."""

    transactions: dict[str, list[_Said]] = field(default_factory=dict)
    accounts: dict[str, list[_Said]] = field(default_factory=dict)
    undone: dict[str, int] = field(default_factory=dict)

    def note(self, events: Iterable[Event]) -> None:
        """Take the labels among `events`, and the verdicts that take some back."""
        for event in events:
            if isinstance(event, GovernanceChanged) and event.part == VERDICTS:
                verdict = verdict_of(event.content)
                if verdict.act is Act.UNDO:
                    self.undone.setdefault(f"{GIVEN_BY}{verdict.of}", event.ts)
            if isinstance(event, LabelGiven):
                table = self.transactions if event.subject == "tx" else self.accounts
                said = _Said(event.ts, event.event_id, event.label, event.ring, event.given_by)
                insort(table.setdefault(event.subject_id, []), said)

    def of(self, movement: Movement, *, by: int) -> tuple[Label, str] | None:
        """The label of a movement as known at `by` (epoch ms) and who gave it, or None.

        Where nothing is said about the transaction its two accounts speak: between two fraudulent ones it is fraud,
        else honest, as `gnn.labels.Labels` has it.
        """
        said = self._newest(self.transactions.get(movement.tx_id, ()), by)
        if said is not None:
            return Label(said.label, said.ring, said.ts), said.given_by
        if movement.kind is MovementKind.LINK:
            return None
        source = self._newest(self.accounts.get(movement.source, ()), by)
        target = self._newest(self.accounts.get(movement.target, ()), by)
        if source is None or target is None:
            return None
        ring = source.ring if source.ring == target.ring else ""
        giver = source.given_by if source.given_by == target.given_by else f"{source.given_by} and {target.given_by}"
        return Label(min(source.label, target.label), ring, max(source.ts, target.ts)), giver

    def _newest(self, said: Sequence[_Said], by: int) -> _Said | None:
        """The newest of the labels of one subject that was known, and not taken back, by then."""
        place = bisect_right(said, by, key=lambda one: one.ts)
        while place and self.undone.get(said[place - 1].given_by, by + 1) <= by:
            place -= 1
        return said[place - 1] if place else None


def capped(
    rows: I64, label: NDArray[np.int8], giver: Sequence[str], *, share: float, trusted: Iterable[str], seed: int
) -> tuple[I64, Mapping[str, int]]:
    """Those of `rows` that may be learnt from, and how many were left out by source.

    Of each class a source that is not trusted gives at most `share` of all rows of it; which ones is drawn by `seed`.
    """
    free = frozenset(trusted)
    rng = np.random.default_rng(seed)
    left_out: Counter[str] = Counter()
    keep = np.ones(len(rows), dtype=bool)
    by_source: dict[tuple[str, int], list[int]] = {}
    totals: Counter[int] = Counter(label[rows].tolist())
    for place, row in enumerate(rows.tolist()):
        if giver[row] not in free:
            by_source.setdefault((giver[row], int(label[row])), []).append(place)
    for (source, value), places in sorted(by_source.items()):
        most = int(share * totals[value])
        if len(places) > most:
            gone = rng.choice(np.array(places), len(places) - most, replace=False)
            keep[gone] = False
            left_out[source] += len(gone)
    return rows[keep], dict(left_out)
