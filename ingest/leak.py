"""Does anything that must not matter tell the label? Position, rank within a time unit, ids, digits, seconds, forms.

Each of these alone should tell a labelled row from any other no better than chance (AUC 0.45 to 0.55). Where one does,
every quality measured on the data is measured on the leak. AMLGentex in its own file order is the standing example:
the rank within a day tells the label with AUC 0.99.
"""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from graph.events import Event, LabelGiven, Movement
from ingest.source import Source

HONEST_AUC = (0.45, 0.55)
MAX_ROWS = 2_000_000  # labelled payments looked at; about 300 bytes each
UNLABELLED_AFTER = 50_000  # payments without any label: the source has none, and nothing more is kept
_BATCH_ROWS = 2_000
_UNITS_MS = {"day": 86_400_000, "hour": 3_600_000, "minute": 60_000}
_NOISE_SIGMAS = 3.0  # with few positives the AUC itself wavers; less than this is chance
_DIGITS = re.compile(r"\d+")

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LeakCheck:
    """How well one meaningless quantity tells the label of `subject` ("tx" or "account").

    `auc` is the area under the ROC curve (0.5 is chance), `noise` its standard error under chance.
    """

    subject: str
    name: str
    auc: float
    noise: float

    @property
    def suspect(self) -> bool:
        """Outside 0.45 to 0.55, and not by chance."""
        outside = not HONEST_AUC[0] <= self.auc <= HONEST_AUC[1]
        return outside and abs(self.auc - 0.5) > _NOISE_SIGMAS * self.noise


@dataclass(frozen=True, slots=True)
class LeakReport:
    """Every check that the labels allow; none where a source has no labels, or only one kind of label.

    `labelled` and `positive` count payments and accounts together; `truncated` says that later rows were not looked at.
    """

    source: str
    labelled: int
    positive: int
    checks: tuple[LeakCheck, ...]
    truncated: bool

    @property
    def suspects(self) -> tuple[LeakCheck, ...]:
        """The checks that tell the label."""
        return tuple(check for check in self.checks if check.suspect)


class LeakWatch:
    """Looks at events as they pass, in the order in which a source gives them."""

    def __init__(self, source: str, *, max_rows: int = MAX_ROWS) -> None:
        self._source = source
        self._payments = _Payments(max_rows)
        self._tx_labels: dict[str, int] = {}
        self._account_labels: dict[str, int] = {}
        self._unlabelled = False

    def add(self, events: Sequence[Event]) -> None:
        """Take in some events; payments past `max_rows` and their labels are not looked at."""
        if self._unlabelled:
            return
        for event in events:
            if isinstance(event, Movement):
                self._payments.add(event)
            elif isinstance(event, LabelGiven) and not self._payments.truncated:
                (self._tx_labels if event.subject == "tx" else self._account_labels)[event.subject_id] = event.label
        if len(self._payments.tx_ids) >= UNLABELLED_AFTER and not (self._tx_labels or self._account_labels):
            self._unlabelled = True
            self._payments = _Payments(0)

    def report(self) -> LeakReport:
        """What meaningless quantities tell about the labels seen so far."""
        checks = [*_payment_checks(self._payments, self._tx_labels), *_account_checks(self._account_labels)]
        return LeakReport(
            source=self._source,
            labelled=len(self._tx_labels) + len(self._account_labels),
            positive=sum(self._tx_labels.values()) + sum(self._account_labels.values()),
            checks=tuple(checks),
            truncated=self._payments.truncated,
        )


def leak_report(source: Source, *, max_rows: int = MAX_ROWS) -> LeakReport:
    """Read a labelled source once and return what meaningless quantities tell about its labels."""
    watch = LeakWatch(source.name, max_rows=max_rows)
    for batch in source.batches(_BATCH_ROWS):
        watch.add(batch.events)
    return watch.report()


def auc(values: Values, labels: NDArray[np.bool_]) -> float:
    """Return the probability that a positive has the larger value, ties counting half (Mann-Whitney)."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    mid_ranks = np.cumsum(counts) - (counts - 1) / 2
    positives = int(labels.sum())
    rank_sum = float(mid_ranks[inverse][labels].sum())
    return (rank_sum - positives * (positives + 1) / 2) / (positives * (len(labels) - positives))


@dataclass(slots=True)
class _Payments:
    """Columns of the payments in the order in which the source gave them."""

    max_rows: int
    truncated: bool = False
    tx_ids: list[str] = field(default_factory=list)
    times: array[int] = field(default_factory=lambda: array("q"))
    cents: array[int] = field(default_factory=lambda: array("q"))
    account_lengths: array[int] = field(default_factory=lambda: array("q"))

    def add(self, event: Movement) -> None:
        if len(self.tx_ids) >= self.max_rows:
            self.truncated = True
            return
        self.tx_ids.append(event.tx_id)
        self.times.append(event.ts)
        self.cents.append(event.amount_cents)
        self.account_lengths.append(len(event.source) + len(event.target))


def _payment_checks(payments: _Payments, labels: dict[str, int]) -> list[LeakCheck]:
    rows = [row for row, tx_id in enumerate(payments.tx_ids) if tx_id in labels]
    ids = [payments.tx_ids[row] for row in rows]
    times = np.frombuffer(payments.times, dtype=np.int64)[rows]
    cents = np.frombuffer(payments.cents, dtype=np.int64)[rows]
    quantities: dict[str, Sequence[float] | NDArray[np.int64]] = {
        "position": range(len(rows)),
        **{f"rank_in_{unit}": _ranks_within(times // length) for unit, length in _UNITS_MS.items()},
        "id_order": _natural_order(ids),
        "id_length": [len(tx_id) for tx_id in ids],
        "account_id_length": np.frombuffer(payments.account_lengths, dtype=np.int64)[rows],
        "amount_last_digit": cents % 10,
        "amount_cents": cents % 100,
        "amount_trailing_zeros": [_trailing_zeros(int(amount)) for amount in cents],
        "second": times // 1_000 % 60,
        "millisecond": times % 1_000,
    }
    return _checks("tx", quantities, [labels[tx_id] for tx_id in ids])


def _account_checks(labels: dict[str, int]) -> list[LeakCheck]:
    accounts = list(labels)
    quantities: dict[str, Sequence[float] | NDArray[np.int64]] = {
        "id_order": _natural_order(accounts),
        "id_length": [len(account) for account in accounts],
    }
    return _checks("account", quantities, list(labels.values()))


def _checks(
    subject: str, quantities: dict[str, Sequence[float] | NDArray[np.int64]], labels: list[int]
) -> list[LeakCheck]:
    is_positive = np.array(labels, dtype=np.bool_)
    positives = int(is_positive.sum())
    negatives = len(labels) - positives
    if not positives or not negatives:
        return []
    noise = float(np.sqrt((positives + negatives + 1) / (12 * positives * negatives)))
    return [
        LeakCheck(subject, name, auc(np.asarray(values, dtype=np.float64), is_positive), noise)
        for name, values in quantities.items()
    ]


def _ranks_within(units: NDArray[np.int64]) -> list[float]:
    """Place of each row among those of its time unit, in the order given: 0 first, 1 last, 0.5 when alone."""
    seen: dict[int, int] = defaultdict(int)
    places = []
    for unit in units.tolist():
        places.append(seen[unit])
        seen[unit] += 1
    return [
        place / (seen[unit] - 1) if seen[unit] > 1 else 0.5 for place, unit in zip(places, units.tolist(), strict=True)
    ]


def _natural_order(ids: list[str]) -> list[int]:
    """Place of each id when sorted as people count: t9 before t10."""
    padded = [_DIGITS.sub(lambda digits: digits[0].zfill(20), text) for text in ids]
    places = [0] * len(ids)
    for place, row in enumerate(sorted(range(len(ids)), key=padded.__getitem__)):
        places[row] = place
    return places


def _trailing_zeros(amount: int) -> int:
    text = str(amount)
    return len(text) - len(text.rstrip("0"))
