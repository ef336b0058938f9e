"""The catalogued reads over the hand-made world, in plain Python."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graph.errors import QueryRefused
from graph.events import ListKind, Movement
from tests.api.story import NOW, OPERATOR, SITE, START

if TYPE_CHECKING:
    from tests.api.world import World


@dataclass
class FakeGraph:
    """The catalogued reads, answered from the events in plain Python."""

    world: World

    def read(self, name: str, **params: object) -> list[dict[str, Any]]:
        self.world._ask(name)
        reads: dict[str, Callable[..., Iterable[dict[str, Any]]]] = {
            "read/account": self._account,
            "read/account_means": self._account_means,
            "read/account_transactions": self._account_transactions,
            "read/counterparties": self._counterparties,
            "read/flagged": self._flagged,
            "read/operator": self._operator,
            "read/operator_footprint": self._operator_footprint,
            "read/operators": self._operators,
        }
        if name not in reads:
            raise QueryRefused(f"no query is called {name}")
        return list(reads[name](**params))

    def _of(self, account: str) -> list[Movement]:
        own = (event for event in self.world.movements.values() if account in (event.source, event.target))
        return sorted(own, key=lambda event: (-event.ts, event.event_id))

    def _account(self, *, id: str) -> Iterable[dict[str, Any]]:
        own = self._of(id)
        if own:
            incoming = [event.amount_cents for event in own if event.target == id]
            outgoing = [event.amount_cents for event in own if event.source == id]
            yield {
                "id": id,
                "first_seen": own[-1].ts,
                "last_seen": own[0].ts,
                "in_count": len(incoming),
                "in_cents": sum(incoming),
                "out_count": len(outgoing),
                "out_cents": sum(outgoing),
            }

    def totals(self, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        self.world._ask("totals")
        return {row["id"]: row for account in ids for row in self._account(id=account)}

    def _account_means(self, *, id: str, limit: int) -> Iterable[dict[str, Any]]:
        uses: dict[tuple[str, str, str], list[Movement]] = defaultdict(list)
        for event in self._of(id):
            if event.source == id:
                for kind, label, thing in (
                    ("USED_DEVICE", "Device", event.device),
                    ("FROM_IP", "Ip", event.ip),
                    ("BET_AT", "Domain", event.domain),
                ):
                    if thing:
                        uses[kind, label, thing].append(event)
        return [_link(*key, events) for key, events in sorted(uses.items())][:limit]

    def _account_transactions(self, *, id: str, lo: int, hi: int, limit: int) -> Iterable[dict[str, Any]]:
        return [_row(event) for event in self._of(id) if lo <= event.ts < hi][:limit]

    def _counterparties(self, *, id: str, limit: int) -> Iterable[dict[str, Any]]:
        pairs: dict[tuple[str, str], list[Movement]] = defaultdict(list)
        for event in self._of(id):
            pairs[("out", event.target) if event.source == id else ("in", event.source)].append(event)
        rows = [_link("SENT", "Account", other, events) | {"direction": way} for (way, other), events in pairs.items()]
        return sorted(rows, key=lambda row: (-row["sum_cents"], row["id"]))[:limit]

    def _flagged(self, *, label: str, id: str) -> Iterable[dict[str, Any]]:
        if (label, id) == ("Account", "collector-1"):
            yield {"indicator": "order-77", "list_kind": str(ListKind.WATCH), "list_name": "court-orders"}

    def _operator(self, *, id: str) -> Iterable[dict[str, Any]]:
        return [row for row in self._operators(limit=99, after="") if row["id"] == id]

    def _operators(self, *, limit: int, after: str) -> Iterable[dict[str, Any]]:
        licences = {"op-aurora": True, OPERATOR: False, "op-zephyr": None}
        return [
            {"id": key, "licensed": known, "first_seen": START, "last_seen": NOW, "domains": 1, "collectors": 2}
            for key, known in sorted(licences.items())
            if key > after
        ][:limit]

    def _operator_footprint(self, *, id: str, limit: int) -> Iterable[dict[str, Any]]:
        if id != OPERATOR:
            return []
        own = [event for event in self.world.movements.values() if event.operator == OPERATOR]
        return [
            _link("OWNS", "Domain", SITE, own),
            _link("COLLECTS_WITH", "Account", "mule-0", own[:5]),
            _link("COLLECTS_WITH", "Account", "mule-1", own[:4]),
            _link("RESOLVES_TO", "Ip", "203.0.113.9", own[:1]),
        ][:limit]


def _row(event: Movement) -> dict[str, Any]:
    return {
        "tx_id": event.tx_id,
        "ts": event.ts,
        "amount_cents": event.amount_cents,
        "currency": event.currency,
        "kind": str(event.kind),
        "channel": event.channel,
        "source": event.source,
        "target": event.target,
    }


def _link(kind: str, label: str, id: str, events: Sequence[Movement]) -> dict[str, Any]:
    times = [event.ts for event in events]
    cents = sum(event.amount_cents for event in events)
    return {
        "kind": kind,
        "label": label,
        "id": id,
        "count": len(events),
        "sum_cents": cents,
        "first_seen": min(times),
        "last_seen": max(times),
    }
