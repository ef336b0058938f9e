"""Money of an open service: where a sum went or came from, and what to block to break a ring's flow."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import Any

from graph.errors import RejectedRecord
from graph.events import Movement, MovementKind
from reports.breaking import plans_for
from rings.disruption import Plan
from rings.flow import FlowBudget, FlowTrace, Move, Rule, Way, trace_money
from service.bootstrap import Service
from service.reporting import CatalogReads

DAY_MS = 86_400_000
MAX_DAYS = 366
MAX_HOPS = 12
MAX_MOVEMENTS = 5_000


class MoneyDesk:
    """Traces and plans over an open service; reads only.

    Guarantees: an unknown subject is refused by name; every answer says which budgets cut it; nothing is written.
    """

    def __init__(self, service: Service) -> None:
        self._service = service

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
        """Follow a transaction, or all that an account paid out (back: received) in its last `days`.

        Movements up to `days` before (of a trace forward: before and after) the subject count; older money is what an
        account had before.
        """
        for name, value, most in (
            ("days", days, MAX_DAYS),
            ("hops", hops, MAX_HOPS),
            ("movements", movements, MAX_MOVEMENTS),
        ):
            if not 1 <= value <= most:
                raise RejectedRecord("out_of_range", field=name, value=value, cure=f"give 1 to {most}")
        budget = FlowBudget(hops=hops, movements=movements)
        entry = self._service.log.event(f"tx:{subject.removeprefix('tx:')}")
        if entry is not None and isinstance(entry.event, Movement):
            seed = _move_of(entry.event)
            lo = seed.ts - days * DAY_MS
            hi = seed.ts + (days * DAY_MS if way is Way.FORWARD else 1)
            read = _Movements(self._service, lo=lo, hi=hi, most=budget.hub + 1)
            return trace_money([(seed, seed.cents)], read.of, rule=rule, way=way, budget=budget)
        return self._trace_account(subject, rule=rule, way=way, days=days, budget=budget)

    def _trace_account(self, account: str, *, rule: Rule, way: Way, days: int, budget: FlowBudget) -> FlowTrace:
        rows = self._service.catalog.read(self._service.store, "read/account", id=account)
        if not rows:
            raise RejectedRecord(
                "unknown_subject", field="subject", value=account, cure="give a transaction or account"
            )
        newest = self._service.catalog.read(
            self._service.store, "read/account_transactions", id=account, lo=0, hi=1 << 53, limit=1
        )
        hi = newest[0]["ts"] + 1 if newest else 0
        read = _Movements(self._service, lo=hi - days * DAY_MS, hi=hi, most=budget.hub + 1)
        mine = [move for move in read.of(account) if (move.source if way is Way.FORWARD else move.target) == account]
        chosen = heapq.nlargest(budget.movements, mine, key=lambda move: (move.cents, move.event_id))
        found = trace_money(
            [(move, move.cents) for move in chosen], read.of, rule=rule, way=way, budget=budget, home=account
        )
        if len(mine) > len(chosen) or len(read.of(account)) > budget.hub:
            return FlowTrace(
                found.rule, found.way, found.seed_cents, found.steps, found.exits, (*found.truncated, "seeds")
            )
        return found

    def plans(self, ring_id: str) -> tuple[Plan, ...]:
        """What to block so that the ring's money no longer arrives, best first."""
        ring = self._service.ledger.ring(ring_id)
        if ring is None:
            raise RejectedRecord("unknown_ring", field="ring", value=ring_id, cure="list the rings")
        reads = CatalogReads(self._service.catalog, self._service.store)
        return plans_for(ring, graph=reads, rings=self._service.ledger)


class _Movements:
    """Movements of accounts in a range of time, each account read once."""

    def __init__(self, service: Service, *, lo: int, hi: int, most: int) -> None:
        self._service, self._lo, self._hi, self._most = service, lo, hi, most
        self._known: dict[str, list[Move]] = {}

    def of(self, account: str) -> Sequence[Move]:
        """Its movements; one more than the hub limit at most."""
        if account not in self._known:
            rows = self._service.catalog.read(
                self._service.store,
                "read/account_transactions",
                id=account,
                lo=self._lo,
                hi=self._hi,
                limit=self._most,
            )
            self._known[account] = [_move(row) for row in rows]
        return self._known[account]


def _move(row: dict[str, Any]) -> Move:
    return Move(
        event_id=f"tx:{row['tx_id']}",
        ts=row["ts"],
        source=row["source"],
        target=row["target"],
        cents=row["amount_cents"],
        cash=row["kind"] == MovementKind.WITHDRAWAL,
    )


def _move_of(event: Movement) -> Move:
    return Move(
        event_id=event.event_id,
        ts=event.ts,
        source=event.source,
        target=event.target,
        cents=event.amount_cents,
        cash=event.kind is MovementKind.WITHDRAWAL,
    )
