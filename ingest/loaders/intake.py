"""What a loader works with while it reads: canonical forms remembered, and an account of every row not passed on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Generic, TypeVar

from graph.errors import RejectedRecord
from graph.identity import IdentifierKeys, canonical_account, canonical_device, canonical_domain_name, canonical_ip
from graph.set_aside import RAW_LIMIT, SetAside
from ingest.validate import EMPTY_WORDS, parse_currency, parse_kind, plain_text, without_personal_data

REMEMBERED = 200_000  # canonical forms kept per field, so that a repeated value costs one look-up
MAX_CHANNEL = 64
MAX_OPERATOR = 256

Value = TypeVar("Value")


class Remembered(dict[str, Value], Generic[Value]):
    """Bounded memory of a pure function of text: `remembered[text]` computes a value once while it is kept."""

    def __init__(self, compute: Callable[[str], Value]) -> None:
        super().__init__()
        self._compute = compute

    def __missing__(self, text: str) -> Value:
        value = self._compute(text)
        if len(self) >= REMEMBERED:
            self.clear()
        self[text] = value
        return value


class Intake:
    """One reading of one source.

    Rows that cannot be accepted are `reject`ed (set aside with line, reason and raw text), rows that are left out on
    purpose are `drop`ped by reason, and facts worth telling about accepted rows are `note`d. `given` maps hashed
    account ids back to what the input said; it lives in memory only.
    """

    def __init__(self, *, source: str, keys: IdentifierKeys, now_ms: int) -> None:
        self.source = source
        self.keys = keys
        self.now_ms = now_ms
        self.given: dict[str, str] = {}
        self.notes: Counter[str] = Counter()
        self.accounts = Remembered(self._account)
        self.devices = Remembered(lambda text: None if _is_empty(text) else canonical_device(text))
        self.ips = Remembered(lambda text: (None, None) if _is_empty(text) else canonical_ip(text))
        self.domains = Remembered(lambda text: None if _is_empty(text) else canonical_domain_name(text))
        self.operators = Remembered(lambda text: plain_text(text, "operator", MAX_OPERATOR) or None)
        self.channels = Remembered(lambda text: plain_text(text, "channel", MAX_CHANNEL).lower())
        self.kinds = Remembered(parse_kind)
        self.currencies = Remembered(parse_currency)
        self.lost_rows = 0
        self._set_aside: list[SetAside] = []
        self._dropped: Counter[str] = Counter()

    def reject(
        self, line: int, error: RejectedRecord, raw: str, *, raw_length: int | None = None, row_kept: bool = False
    ) -> None:
        """Set a row aside; `row_kept` when only a part of it (its label) could not be used."""
        self._set_aside.append(
            SetAside(
                source=self.source,
                line=line,
                reason=error.code,
                message=without_personal_data(str(error)),
                raw=without_personal_data(raw[:RAW_LIMIT]),
                raw_length=len(raw) if raw_length is None else raw_length,
            )
        )
        if not row_kept:
            self.lost_rows += 1

    def drop(self, reason: str, rows: int = 1) -> None:
        """Count rows that are left out on purpose."""
        if rows:
            self._dropped[reason] += rows
        self.lost_rows += rows

    def note(self, fact: str) -> None:
        """Count an accepted row that somebody may want to know about."""
        self.notes[fact] += 1

    def take_lost(self) -> tuple[tuple[SetAside, ...], int, tuple[tuple[str, int], ...]]:
        """Return (set aside, rows lost, dropped by reason) since the last call."""
        lost = tuple(self._set_aside), self.lost_rows, tuple(sorted(self._dropped.items()))
        self._set_aside.clear()
        self._dropped.clear()
        self.lost_rows = 0
        return lost

    @property
    def waiting(self) -> int:
        """How many set-aside rows `take_lost` would return."""
        return len(self._set_aside)

    def _account(self, text: str) -> str:
        account = canonical_account(text, self.keys)
        if account != text and account.startswith("acct:"):
            self.given.setdefault(account, text.strip())
        return account


def _is_empty(text: str) -> bool:
    return text.strip().lower() in EMPTY_WORDS
