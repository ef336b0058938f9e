"""Where a movement stands to patterns completed before it: its ends took part in one, or dealt with someone who did.

Rings themselves are worked out batch by batch; what a score may rest on must not depend on that. So the context is read
from the patterns: at movement T an account counts when it is at the core of a pattern that a movement before T (in
canonical order) completed, in the last 30 days.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from graph.evidence import Evidence, Signal
from graph.window.columns import NEVER
from graph.window.kernels import DAY
from graph.window.window import Window
from rings.findings import Finding
from scoring.sources import Given, Rows

VERSION: Final = "1"
REACH_MS: Final = 30 * DAY
MEMBER_POINTS: Final = 8.0
NEAR_POINTS: Final = 3.0


class _Part(NamedTuple):
    """An account at the core of a pattern; orders by when the pattern was complete."""

    ts: int
    tie: int
    owner: str
    kind: str


class RingContext:
    """The accounts at the core of completed patterns, and since when. A `Source`."""

    name = "ring_context"

    def __init__(self) -> None:
        self._parts: dict[int, list[_Part]] = {}
        self._of_owner: dict[str, list[tuple[int, _Part]]] = {}
        self._since_ts = np.full(1 << 12, NEVER, dtype=np.int64)
        self._since_tie = np.full(1 << 12, NEVER, dtype=np.int64)

    def version_at(self, _mark: int) -> str:
        return VERSION

    def replace(self, owner: str, key: tuple[int, int], findings: Sequence[Finding], window: Window) -> set[int]:
        """Let `findings` be what movement `owner` (canonical key `key`) completes; return accounts that changed."""
        new = sorted(
            {(window.accounts.of[name], _Part(*key, owner, found.kind)) for found in findings for name in found.core}
        )
        old = self._of_owner.pop(owner, [])
        if new:
            self._of_owner[owner] = new
        if new == old:
            return set()
        changed = set(new) ^ set(old)
        for account, part in changed:
            parts = self._parts.setdefault(account, [])
            if (account, part) in old:
                parts.remove(part)
            else:
                insort(parts, part)
        accounts = {account for account, _ in changed}
        self._mark(accounts)
        return accounts

    def signals(self, rows: Rows) -> Given:
        """`ring_member` where an end is at the core of an earlier pattern, else `ring_neighbour` one hop from one."""
        found: dict[int, list[Signal]] = {}
        if not self._parts:
            return found
        near = rows.window.near(rows.answers.seqs, self._since_ts, self._since_tie)
        places = np.flatnonzero((near >= 0).any(axis=1))
        ties = rows.window.ties_of(rows.answers.seqs[places])
        for row, tie, accounts in zip(places.tolist(), ties, near[places].tolist(), strict=True):
            signal = self._signal(rows, row, (rows.times[row], tie), accounts)
            if signal is not None:
                found[row] = [signal]
        return found

    def parts(self) -> Mapping[str, Sequence[tuple[int, tuple[int, int, str, str]]]]:
        """Everything known, by owner, for a checkpoint; the lists are never changed."""
        return self._of_owner.copy()

    def restore(self, parts: Mapping[str, Sequence[tuple[int, Sequence[int | str]]]]) -> None:
        """Take back what `parts` gave."""
        for owner, held in parts.items():
            self._of_owner[owner] = [(account, _Part(*part)) for account, part in held]  # type: ignore[arg-type]
            for account, part in self._of_owner[owner]:
                insort(self._parts.setdefault(account, []), part)
        self._mark(self._parts)

    def _mark(self, accounts: Iterable[int]) -> None:
        accounts = list(accounts)
        while accounts and max(accounts) >= len(self._since_ts):
            more = np.full(len(self._since_ts), NEVER, dtype=np.int64)
            self._since_ts = np.concatenate((self._since_ts, more))
            self._since_tie = np.concatenate((self._since_tie, more))
        for account in accounts:
            first = self._parts[account][0] if self._parts[account] else None
            self._since_ts[account] = NEVER if first is None else first.ts
            self._since_tie[account] = NEVER if first is None else first.tie

    def _signal(self, rows: Rows, row: int, key: tuple[int, int], near: Sequence[int]) -> Signal | None:
        for code, points, accounts in (
            ("ring_member", MEMBER_POINTS, near[:2]),
            ("ring_neighbour", NEAR_POINTS, near[2:]),
        ):
            for account in accounts:
                part = self._newest(account, key)
                if part is not None:
                    name = rows.window.accounts.names[account]
                    days = round((key[0] - part.ts) / DAY, 2)
                    evidence = Evidence(
                        code,
                        (("days", days), ("pattern", part.kind)),
                        (part.owner, rows.event_id(row)),
                        2,
                        (("Account", name),),
                    )
                    return Signal(code, days, points, evidence)
        return None

    def _newest(self, account: int, key: tuple[int, int]) -> _Part | None:
        """The newest pattern of `account` before `key`, not older than 30 days."""
        parts = self._parts.get(account, [])
        place = bisect_left(parts, key, key=lambda part: part[:2])
        if place == 0 or parts[place - 1].ts < key[0] - REACH_MS:
            return None
        return parts[place - 1]
