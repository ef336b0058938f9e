"""The FinBench-derived reads that the hot window can answer: those that ask about money alone.

The window has no persons, guarantees or holders of documents, so TCR1, 2, 5, 10, 11 and 12 stay with the stores.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from bench.finbench_queries import Reads
from cypher.catalog import Catalog
from graph.events import MovementKind
from graph.store.protocol import Row
from graph.window.columns import NEVER
from graph.window.window import MOVEMENT_CODES, Window

ANSWERED = ("tcr3", "tcr4", "tcr6", "tcr7", "tcr8", "tcr9", "tsr1", "tsr2", "tsr3", "tsr4", "tsr5", "tsr6")
TRANSFER, WITHDRAWAL = MOVEMENT_CODES[MovementKind.TRANSFER], MOVEMENT_CODES[MovementKind.WITHDRAWAL]
DEPOSIT, REFUND = MOVEMENT_CODES[MovementKind.DEPOSIT], MOVEMENT_CODES[MovementKind.REFUND]
_CODES = {str(kind): code for kind, code in MOVEMENT_CODES.items()}
Move = tuple[str, int, int, int]  # other, ts, cents, kind


class WindowReads(Reads):
    """`Reads` whose statements are answered from the histories of a window."""

    def __init__(self, window: Window) -> None:
        super().__init__(Catalog({}), _Nothing())
        self._window = window
        self._answers: dict[str, Callable[..., list[Row]]] = {
            "hop_out": self._hop_out,
            "hop_in": self._hop_in,
            "transfers": self._transfers,
            "closing": self._closing,
            "pooled": self._pooled,
            "in_and_out": self._in_and_out,
            "flow": self._flow,
            "loan_money": self._loan_money,
            "counterparts_out": partial(self._counterparts, way=0),
            "counterparts_in": partial(self._counterparts, way=1),
            "blocked_among": self._blocked_among,
            "blocked_beside": self._blocked_beside,
        }

    def tsr1(self, account: str) -> list[tuple[Any, ...]]:
        number = self._window.accounts.of.get(account)
        return [(number is not None, number is not None and self._blocked(account))]

    def _ask(self, name: str, **params: Any) -> list[Row]:
        return self._answers[name](**params)

    def _moves(self, account: str, lo: int, hi: int, *, way: int, kinds: Sequence[int] = (TRANSFER,)) -> Iterator[Move]:
        """Movements out of (way 0) or into (way 1) an account at lo <= ts < hi, newest first."""
        number = self._window.accounts.of.get(account)
        if number is None:
            return
        cols, mask, first = self._window._cols, self._window._mask, self._window.first
        names = self._window.accounts.names
        at = int(self._window._nodes.acct_head[number])
        while at >= 0:
            seq, side = at >> 1, at & 1
            if seq < first:
                return
            row = seq & mask
            ts = int(cols.ts[row])
            if ts < lo:
                return
            at = int(cols.prev_dst[row] if side else cols.prev_src[row])
            if side == way and ts < hi and cols.kind[row] in kinds:
                other = cols.src[row] if way else cols.dst[row]
                yield names[other], ts, int(cols.cents[row]), int(cols.kind[row])

    def _blocked(self, account: str) -> bool:
        return bool(self._window._nodes.acct_block[self._window.accounts.of[account]] != NEVER)

    def _hop_out(self, rows: list[Row], hi: int) -> list[Row]:
        found: dict[tuple[str, str], int] = {}
        for row in rows:
            for other, ts, _, _ in self._moves(row["id"], row["ts"] + 1, hi, way=0):
                found[row["id"], other] = ts  # newest first: the last one seen is the earliest
        return [{"id": one, "other": other, "first_ts": ts} for (one, other), ts in sorted(found.items())]

    def _hop_in(self, rows: list[Row], lo: int) -> list[Row]:
        found: dict[tuple[str, str], int] = {}
        for row in rows:
            for other, ts, _, _ in self._moves(row["id"], lo, row["ts"], way=1):
                found.setdefault((row["id"], other), ts)
        return [{"id": one, "other": other, "last_ts": ts} for (one, other), ts in sorted(found.items())]

    def _transfers(self, ids: list[str], lo: int, hi: int) -> list[Row]:
        return [
            {"id": name, "other": other, "ts": ts, "tx_id": ""}
            for name in ids
            for other, ts, _, _ in self._moves(name, lo, hi, way=0)
        ]

    def _closing(self, source: str, target: str, lo: int, hi: int) -> list[Row]:
        on, back = defaultdict(list), defaultdict(list)
        for other, _, cents, _ in self._moves(target, lo, hi, way=0):
            on[other].append(cents)
        for other, _, cents, _ in self._moves(source, lo, hi, way=1):
            back[other].append(cents)
        rows = [
            {
                "id": third,
                "in_count": len(on[third]),
                "in_cents": sum(on[third]),
                "in_max": max(on[third]),
                "out_count": len(back[third]),
                "out_cents": sum(back[third]),
                "out_max": max(back[third]),
            }
            for third in (on.keys() & back.keys()) - {source, target}
        ]
        return sorted(rows, key=lambda row: (-row["out_cents"], -row["in_cents"], row["id"]))

    def _pooled(self, id: str, lo: int, hi: int, min_in_cents: int, min_out_cents: int) -> list[Row]:
        taken: dict[str, int] = defaultdict(int)
        for other, _, cents, _ in self._moves(id, lo, hi, way=1, kinds=(WITHDRAWAL,)):
            if cents > min_out_cents:
                taken[other] += cents
        rows = []
        for name, cents in taken.items():
            came = [move for move in self._moves(name, lo, hi, way=1) if move[2] > min_in_cents]
            if len({move[0] for move in came}) > 3:
                rows.append({"id": name, "in_cents": sum(move[2] for move in came), "out_cents": cents})
        return sorted(rows, key=lambda row: (-row["out_cents"], row["id"]))

    def _in_and_out(self, id: str, lo: int, hi: int, min_cents: int) -> list[Row]:
        row: Row = {"id": id}
        for way, others, tag in ((1, "sources", "in"), (0, "targets", "out")):
            moves = [move for move in self._moves(id, lo, hi, way=way) if move[2] > min_cents]
            row[others] = len({move[0] for move in moves})
            row[f"{tag}_count"], row[f"{tag}_cents"] = len(moves), sum(move[2] for move in moves)
            row[f"{tag}_max"] = max((move[2] for move in moves), default=None)
        return [row]

    def _flow(self, ids: list[str], lo: int, hi: int, kinds: list[str]) -> list[Row]:
        rows = []
        for name in ids:
            sums: dict[str, int] = defaultdict(int)
            for other, _, cents, _ in self._moves(name, lo, hi, way=0, kinds=[_CODES[kind] for kind in kinds]):
                sums[other] += cents
            rows += [{"id": name, "other": other, "cents": cents} for other, cents in sorted(sums.items())]
        return rows

    def _loan_money(self, id: str, lo: int, hi: int, min_cents: int) -> list[Row]:
        def total(way: int, kind: int) -> int:
            return sum(move[2] for move in self._moves(id, lo, hi, way=way, kinds=(kind,)) if move[2] > min_cents)

        return [
            {
                "id": id,
                "deposit_cents": total(1, DEPOSIT),
                "repay_cents": total(0, REFUND),
                "in_cents": total(1, TRANSFER),
                "out_cents": total(0, TRANSFER),
            }
        ]

    def _counterparts(self, id: str, lo: int, hi: int, min_cents: int, *, way: int) -> list[Row]:
        sums: dict[str, list[int]] = {}
        for other, _, cents, _ in self._moves(id, lo, hi, way=way):
            if cents > min_cents:
                total = sums.setdefault(other, [0, 0])
                total[0] += 1
                total[1] += cents
        rows = [{"id": name, "count": count, "cents": cents} for name, (count, cents) in sums.items()]
        return sorted(rows, key=lambda row: (-row["cents"], row["id"]))

    def _blocked_among(self, ids: list[str]) -> list[Row]:
        return [{"id": name} for name in sorted(ids) if self._blocked(name)]

    def _blocked_beside(self, id: str, lo: int, hi: int) -> list[Row]:
        payers = {move[0] for move in self._moves(id, lo, hi, way=1)}
        paid = {move[0] for name in payers for move in self._moves(name, lo, hi, way=0)} - {id}
        return [{"id": name} for name in sorted(paid) if self._blocked(name)]


class _Nothing:
    def read(self, text: str, params: object, *, timeout_ms: int = 0, query: str = "") -> list[Row]:
        raise AssertionError(f"the window has no statement {query or text} for {params} in {timeout_ms} ms")
