"""What the API needs to follow money and to plan what to block.

Every method may block; implementations must bear being called from several threads at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rings.disruption import Plan
from rings.flow import FlowTrace, Rule, Way


class Money(Protocol):
    """Trace sums and plan disruptions.

    Guarantees: an unknown subject is refused by name; an answer that budgets cut says which; nothing is written.
    """

    def trace(
        self,
        subject: str,
        *,
        rule: Rule = Rule.FIFO,
        way: Way = Way.FORWARD,
        days: int = 30,
        hops: int = 6,
        movements: int = 500,
    ) -> FlowTrace: ...

    def plans(self, ring_id: str) -> Sequence[Plan]: ...
