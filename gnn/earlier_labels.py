"""What labels of earlier movements say of a movement: running shares of fraud by who, where, how and how much.

For settings in which the truth about a payment is known soon (a card is reported the same day). Such columns use
labels of the past, those of the part that is measured among them once they were known; so they are asked for, never on
by themselves (ADR 0027).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gnn.dataset import Rated
from gnn.split import Split
from graph.errors import ConfigurationError
from graph.events import Event, Movement, tie_of

F32 = NDArray[np.float32]
I8 = NDArray[np.int8]
I64 = NDArray[np.int64]

HOUR_MS = 3_600_000.0
HALF_LIVES_HOURS = (1.0, 6.0, 48.0, 240.0)
UNKNOWN = -1
PRIOR = 0.1  # share of fraud that one label is weighed against

OF_KEY = (
    "movements",
    "hours_since",
    "amount_above_mean",
    *(f"faded_{hours:g}h" for hours in HALF_LIVES_HOURS),
    "frauds",
    "fraud_share",
    "fraud_share_slow",  # the newest 30 labels or so
    "fraud_share_fast",  # the newest 5 or so
    "last_label",
    "hours_since_fraud",
)
_KEPT = np.array([0.97, 0.8])


class Known(StrEnum):
    """Which labels of earlier movements may be used."""

    NONE = "none"
    BEFORE_TEST = "before-test"  # those of movements before the test part
    RUNNING = "running"  # all, each from the moment it was known


def parse_known(text: str) -> Known:
    """The setting that `text` names; raise ConfigurationError for anything else."""
    try:
        return Known(text)
    except ValueError as error:
        raise ConfigurationError(
            f"--known-labels {text} is not a choice", cure=f"write one of {', '.join(Known)}"
        ) from error


@dataclass(slots=True)
class Traits:
    """What movements have in common beside their accounts: channel and attributes, noted as a stream is read."""

    _rows: dict[str, tuple[int, int, str, int, str, tuple[tuple[str, str], ...]]] = field(default_factory=dict)

    def note(self, events: Sequence[Event]) -> None:
        """Take the movements among `events`; of several with one id the first."""
        for event in events:
            if isinstance(event, Movement):
                about = (event.amount_cents, event.channel or "", event.attributes)
                self._rows.setdefault(event.event_id, (event.ts, tie_of(event.event_id), event.event_id, *about))

    def keys(self, rated: Rated) -> dict[str, I64]:
        """Codes int64[N] of the N movements of `rated.edges` by key; equal codes have the key in common."""
        rows = sorted(self._rows.values())
        edges = rated.edges
        if [row[0] for row in rows] != edges.ts.tolist():
            raise ConfigurationError("the stream changed while it was read", cure="run it again on a file at rest")
        source, target = edges.source.astype(np.int64), edges.target.astype(np.int64)
        how = {"channel": _coded([row[4] for row in rows])}
        for name in sorted({name for row in rows for name, _ in row[5]}):
            how[name] = _coded([dict(row[5]).get(name, "") for row in rows])
        how = {name: codes for name, codes in how.items() if codes.max(initial=0) > 0}
        keys = {"all": np.zeros(len(rows), np.int64), "source": source, "target": target}
        keys |= how | {"amount": _coded(edges.cents.tolist()), "pair": _crossed(source, target)}
        for name, codes in how.items():
            keys |= {f"source_{name}": _crossed(source, codes), f"target_{name}": _crossed(target, codes)}
        if len(how) > 1:
            every = np.zeros(len(rows), np.int64)
            for codes in how.values():
                every = _crossed(every, codes)
            keys |= {"how": every, "target_how": _crossed(target, every)}
        return keys


@dataclass(frozen=True)
class EarlierLabels:
    """Columns of every rated movement and their names."""

    table: F32
    names: tuple[str, ...]


def earlier_labels(rated: Rated, split: Split, traits: Traits, *, known: Known, delay_ms: int) -> EarlierLabels:
    """Columns OF_KEY for every key of `traits`, float32[n, width]; NaN where there is nothing to say.

    A label counts for movements after its own, from `rated.known + delay_ms` on; with `BEFORE_TEST` only labels of
    movements before the first of the test part ever count. Of the movement itself only key, time and amount are read.
    """
    keys = traits.keys(rated)
    movements = len(rated.edges.ts)
    label = np.full(movements, UNKNOWN, np.int8)
    reveal = np.full(movements, np.iinfo(np.int64).max, np.int64)
    told = rated.edge if known is Known.RUNNING else rated.edge[: split.test[0]]
    label[told] = rated.label[: len(told)]
    reveal[told] = rated.known[: len(told)] + delay_ms
    order = told[np.argsort(reveal[told], kind="stable")]
    amount = np.log1p(rated.edges.cents / 100)
    table = np.full((len(rated), len(keys) * len(OF_KEY)), np.nan, np.float32)
    whole = np.empty((movements, len(OF_KEY)), np.float32)
    for place, codes in enumerate(keys.values()):
        _run(codes, rated.edges.ts, amount, label, reveal, order, whole)
        table[:, place * len(OF_KEY) : (place + 1) * len(OF_KEY)] = whole[rated.edge]
    return EarlierLabels(table, tuple(f"{key}_{name}" for key in keys for name in OF_KEY))


def _coded(values: Sequence[object]) -> I64:
    numbers: dict[object, int] = {}
    return np.array([numbers.setdefault(value, len(numbers)) for value in values], dtype=np.int64)


def _crossed(one: I64, other: I64) -> I64:
    _, codes = np.unique(one * (int(other.max(initial=0)) + 1) + other, return_inverse=True)
    return np.asarray(codes, dtype=np.int64)


@njit(cache=True)
def _run(codes: I64, ts: I64, amount: NDArray[np.float64], label: I8, reveal: I64, order: I64, columns: F32) -> None:
    """One pass in canonical order. `order` lists the labelled movements by when their label was known."""
    size = codes.max() + 1 if len(codes) else 0
    count, total, newest = np.zeros(size), np.zeros(size), np.full(size, -1, np.int64)
    faded, labelled, frauds = np.zeros((size, 4)), np.zeros(size), np.zeros(size)
    running = np.zeros((size, 2, 2))
    last, last_fraud = np.full(size, np.nan), np.full(size, -1, np.int64)
    next_known = 0
    for row in range(len(codes)):
        while next_known < len(order):
            told = order[next_known]
            if told >= row or reveal[told] > ts[row]:
                break
            key = codes[told]
            labelled[key] += 1
            frauds[key] += label[told]
            for pace in range(2):
                running[key, pace, 0] = running[key, pace, 0] * _KEPT[pace] + label[told]
                running[key, pace, 1] = running[key, pace, 1] * _KEPT[pace] + 1
            last[key] = label[told]
            if label[told]:
                last_fraud[key] = max(last_fraud[key], told)
            next_known += 1
        key = codes[row]
        out = columns[row]
        out[:] = np.nan
        out[0] = count[key]
        if count[key] > 0:
            hours = (ts[row] - ts[newest[key]]) / HOUR_MS
            out[1] = hours
            out[2] = amount[row] - total[key] / count[key]
            for place in range(4):
                faded[key, place] *= 0.5 ** (hours / HALF_LIVES_HOURS[place])
        out[3:7] = faded[key]
        if labelled[key] > 0:
            out[7] = frauds[key]
            out[8] = (frauds[key] + PRIOR) / (labelled[key] + 1)
            for pace in range(2):
                out[9 + pace] = (running[key, pace, 0] + PRIOR) / (running[key, pace, 1] + 1)
            out[11] = last[key]
            if last_fraud[key] >= 0:
                out[12] = (ts[row] - ts[last_fraud[key]]) / HOUR_MS
        count[key] += 1
        total[key] += amount[row]
        faded[key] += 1
        newest[key] = row
