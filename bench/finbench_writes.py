"""The FinBench-derived read-writes: insert, look, keep or undo in one transaction; block both ends if undone."""

from __future__ import annotations

from collections.abc import Callable

from bench.finbench_world import Money, blocked, movement
from cypher.catalog import Catalog
from graph.events import Movement, MovementKind, NodeKind
from graph.log.protocol import LogEntry
from graph.store.protocol import GraphStore, Transaction
from graph.store.sink import GraphSink


class _Positive(Exception):
    """The check found what must not be: nothing of the transaction stays."""


class Writes:
    """Read-writes over a store that `sink` filled up to log entry `position`."""

    def __init__(self, catalog: Catalog, store: GraphStore, sink: GraphSink, position: int) -> None:
        self._catalog, self._store, self._sink, self._position = catalog, store, sink, position

    def trw1(self, tx: str, each: Money, *, lo: int, hi: int) -> bool:
        """Insert a transfer unless it closes a ring of three; return whether it stayed."""
        text, asked = self._catalog["finbench/closing"].text, {"source": each.source, "target": each.target}
        event = movement(tx, each, MovementKind.TRANSFER)
        return self._insert(event, lambda inside: bool(inside.run(text, {**asked, "lo": lo, "hi": hi})))

    def trw2(self, tx: str, each: Money, *, lo: int, hi: int, least: int, ratio: float) -> bool:
        """Insert a transfer unless both ends then received more than `ratio` times what they sent."""
        text = self._catalog["finbench/in_and_out"].text

        def passing(inside: Transaction, account: str) -> bool:
            (row,) = inside.run(text, {"id": account, "lo": lo, "hi": hi, "min_cents": least})
            return bool(row["out_cents"]) and row["in_cents"] / row["out_cents"] > ratio

        event = movement(tx, each, MovementKind.TRANSFER)
        return self._insert(event, lambda inside: passing(inside, each.source) and passing(inside, each.target))

    def trw3(self, tx: str, each: Money, *, lo: int, hi: int, most_cents: int) -> bool:
        """Insert a guarantee unless the loans along the chain of who gives it then add up to more than `most_cents`."""
        hop, loans = self._catalog["finbench/party_links"].text, self._catalog["finbench/loans_of"].text

        def heavy(inside: Transaction) -> bool:
            seen, here = {each.source}, [each.source]
            while here:
                rows = inside.run(hop, {"ids": here, "channel": "guarantee", "lo": lo, "hi": hi})
                here = sorted({row["other"] for row in rows} - seen)
                seen |= set(here)
            total: int = sum(row["cents"] for row in inside.run(loans, {"ids": sorted(seen - {each.source})}))
            return total > most_cents

        return self._insert(movement(tx, each, MovementKind.LINK, "guarantee"), heavy)

    def _insert(self, event: Movement, positive: Callable[[Transaction], bool]) -> bool:
        text = self._catalog["ingest/sent_create"].text
        row = {
            "source": event.source,
            "target": event.target,
            "tx_id": event.tx_id,
            "ts": event.ts,
            "amount_cents": event.amount_cents,
            "currency": event.currency,
            "kind": str(event.kind),
            "channel": event.channel,
            "market": None,
            "side": None,
        }

        def work(inside: Transaction) -> None:
            inside.run(text, {"rows": [row]})
            if positive(inside):
                raise _Positive

        try:
            self._store.transact(work)
        except _Positive:
            for account in (event.source, event.target):
                self._position += 1
                self._sink.write([LogEntry(self._position, 0, blocked(NodeKind.ACCOUNT, account, event.ts))])
            return False
        return True
