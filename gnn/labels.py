"""What is known about movements, and since when: labels as training may use them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from graph.events import Event, LabelGiven, Movement, MovementKind


@dataclass(frozen=True, slots=True)
class Label:
    """1 fraud, 0 honest; the ring it belongs to ('' if none); known since `ts` (epoch ms), plus the label delay."""

    value: int
    ring: str
    ts: int


@dataclass(slots=True)
class Labels:
    """Labels of transactions, and of accounts where nothing is said about transactions.

    Where only accounts are labelled, a movement between two fraudulent accounts is fraud, one between two honest ones
    is honest, and one with a fraudulent account at one end only is honest too: what a ring does with the rest of the
    world is mostly ordinary. Fraud is known when both accounts are; what nobody reports counts as honest from the
    movement's own time on, because a list of accounts is only complete when a stream has ended.
    """

    transactions: dict[str, Label] = field(default_factory=dict)
    accounts: dict[str, Label] = field(default_factory=dict)

    def note(self, events: Iterable[Event]) -> None:
        """Take the labels among `events`; the newest of several holds."""
        for event in events:
            if isinstance(event, LabelGiven):
                table = self.transactions if event.subject == "tx" else self.accounts
                held = table.get(event.subject_id)
                if held is None or event.ts >= held.ts:
                    table[event.subject_id] = Label(event.label, event.ring, event.ts)

    def of(self, movement: Movement) -> Label | None:
        """The label of a movement, or None when nothing is known about it."""
        if self.transactions:
            return self.transactions.get(movement.tx_id)
        if movement.kind is MovementKind.LINK:
            return None
        source, target = self.accounts.get(movement.source), self.accounts.get(movement.target)
        if source is None or target is None:
            return None
        if not (source.value and target.value):
            return Label(0, "", movement.ts)
        return Label(1, source.ring if source.ring == target.ring else "", max(source.ts, target.ts, movement.ts))
