"""Traces and plans over the hand-made world, behind the Protocol of `api.money`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from graph.errors import RejectedRecord
from graph.events import Movement
from graph.evidence import Ring
from rings.continuity import LEAST, Shared, Tied, tie_of
from rings.disruption import Plan, plans_of
from rings.flow import FlowBudget, FlowTrace, Move, Rule, Way, trace_money


class HasMoney(Protocol):
    """A world with rings and movements."""

    known_rings: dict[str, Ring]
    movements: dict[str, Movement]


@dataclass
class FakeMoney:
    """The real rules over what is in memory; nobody outside a ring is known to be hit."""

    world: HasMoney

    def trace(
        self,
        subject: str,
        *,
        rule: Rule = Rule.FIFO,
        way: Way = Way.FORWARD,
        days: int = 30,
        hops: int = 6,
        movements: int = 500,
    ) -> FlowTrace:
        assert days
        moves = [
            Move(one.event_id, one.ts, one.source, one.target, one.amount_cents)
            for one in self.world.movements.values()
        ]
        seed = next((move for move in moves if move.event_id in (subject, f"tx:{subject}")), None)
        if seed is None:
            raise RejectedRecord("unknown_subject", field="subject", value=subject, cure="give a transaction")
        budget = FlowBudget(hops=hops, movements=movements)
        return trace_money(
            [(seed, seed.cents)],
            lambda account: [move for move in moves if account in (move.source, move.target)],
            rule=rule,
            way=way,
            budget=budget,
        )

    def plans(self, ring_id: str) -> Sequence[Plan]:
        return plans_of(self.world.known_rings[ring_id], {})


@dataclass
class FakeSites:
    """One operator linked to another, and nothing that came back."""

    def links(self, operator_id: str) -> Sequence[Tied]:
        found = tie_of(operator_id, "op-other", [Shared("collector", "Account", "till-1", 2, ("fact:1",))])
        return () if found is None else (found,)

    def returns(self, *, least: float = LEAST, domain: str | None = None) -> Sequence[Tied]:
        assert least
        assert domain is None
        return ()
