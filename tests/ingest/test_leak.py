"""The leak check finds what tells a label, passes what does not, and agrees with counting pairs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.events import Event, LabelGiven, Movement
from ingest.formats import open_source
from ingest.leak import LeakReport, auc, leak_report
from ingest.source import Batch
from tests.ingest.reading import KEYS, NOW_MS

BASE = 1_700_000_000_000
DAY_MS = 86_400_000


class Listed:
    """A source that gives events as they stand."""

    name = "listed"

    def __init__(self, events: list[Event]) -> None:
        self._events = events

    @property
    def total_rows(self) -> int:
        return len(self._events)

    def batches(self, size: int, *, after: int = 0) -> Iterator[Batch]:
        for start in range(after, len(self._events), size):
            piece = tuple(self._events[start : start + size])
            yield Batch(events=piece, set_aside=(), rows=len(piece), position=start + len(piece))

    def as_given(self, account: str) -> str:
        return account


def payment(tx_id: str, ts: int, label: int, *, cents: int = 1_234, source: str = "a") -> list[Event]:
    movement = Movement(event_id=f"tx:{tx_id}", ts=ts, source=source, target="b", amount_cents=cents)
    given = LabelGiven(event_id=f"label:tx:{tx_id}", ts=ts, subject="tx", subject_id=tx_id, label=label)
    return [movement, given]


def world(leak: str = "", rows: int = 4_000) -> LeakReport:
    """A report over random payments, one in ten positive, with one thing that tells the label."""
    random = Random(11)
    days: list[list[Event]] = []
    for row in range(rows):
        label = int(random.random() < 0.1)
        day, within = row // 100, random.randrange(DAY_MS)
        tx_id, cents, source = f"t{random.randrange(10**9):09d}", random.randrange(100, 10**6), "acct"
        if leak == "rank_in_day":
            within = within // 2 + label * DAY_MS // 2
        elif leak == "id_order":
            tx_id = f"t{label}{tx_id[1:]}"
        elif leak == "id_length":
            tx_id += "x" * label
        elif leak == "amount_trailing_zeros":
            cents = cents // 1_000 * 1_000 if label else cents
        elif leak == "second":
            within = within // 60_000 * 60_000 + (random.randrange(1_000) if label else within % 60_000)
        elif leak == "account_id_length":
            source += "long" * label
        elif leak == "position":
            day = row // 100 + label * 20
        days.append(payment(tx_id, BASE // DAY_MS * DAY_MS + day * DAY_MS + within, label, cents=cents, source=source))
    days.sort(key=lambda events: events[0].ts)
    return leak_report(Listed([event for events in days for event in events]))


def test_honest_data_pass() -> None:
    report = world()
    assert report.suspects == ()
    assert len(report.checks) == 12
    assert report.labelled == 4_000


def test_each_planted_leak_is_found() -> None:
    for leak in (
        "position", "rank_in_day", "id_order", "id_length", "amount_trailing_zeros", "second", "account_id_length",
    ):  # fmt: skip
        assert leak in {check.name for check in world(leak).suspects}, leak


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=30))
def test_the_auc_is_the_share_of_pairs_in_the_right_order(rows: list[tuple[int, bool]]) -> None:
    positives = [value for value, positive in rows if positive]
    negatives = [value for value, positive in rows if not positive]
    if not positives or not negatives:
        return
    pairs = [(one > other) + (one == other) / 2 for one in positives for other in negatives]
    values = np.array([value for value, _ in rows], dtype=np.float64)
    assert abs(auc(values, np.array([positive for _, positive in rows])) - sum(pairs) / len(pairs)) < 1e-9


def test_data_with_one_kind_of_label_or_none_allow_no_check() -> None:
    assert leak_report(Listed(payment("t1", BASE, 1) + payment("t2", BASE, 1))).checks == ()
    assert leak_report(Listed([])).checks == ()


def test_a_report_over_part_of_the_data_says_so() -> None:
    events = [event for number in range(30) for event in payment(f"t{number}", BASE + number, number % 2)]
    assert leak_report(Listed(events), max_rows=10).truncated
    assert not leak_report(Listed(events), max_rows=30).truncated


def transfers_only(path: Path, folder: Path) -> Path:
    """The account-to-account rows of an AMLGentex log, in the order of the file."""
    table = pq.read_table(path)
    chosen = table.filter(pc.and_(pc.greater_equal(table["nameOrig"], 0), pc.greater_equal(table["nameDest"], 0)))
    pq.write_table(chosen, folder / "transfers.parquet")
    return folder / "transfers.parquet"


def report_as_listed(path: Path) -> LeakReport:
    """What the file's own order would tell, had it become time."""
    table = pq.read_table(path)
    rows = enumerate(zip(table["step"].to_pylist(), table["isSAR"].to_pylist(), strict=True))
    midnight = BASE // DAY_MS * DAY_MS
    return leak_report(
        Listed([event for row, (step, label) in rows for event in payment(str(row), midnight + step * DAY_MS, label)])
    )


def test_a_log_that_lists_laundering_last_leaks_and_its_source_does_not(tmp_path: Path) -> None:
    random = Random(4)
    rows = [(step, place >= 190) for step in range(20) for place in range(200)]
    columns = {
        "step": [step for step, _ in rows],
        "type": ["TRANSFER"] * len(rows),
        "amount": [random.uniform(1, 900) for _ in rows],
        "nameOrig": [random.randrange(100, 999) for _ in rows],
        "nameDest": [random.randrange(100, 999) for _ in rows],
        **{f"{age}balance{end}": [random.random() for _ in rows] for age in ("old", "new") for end in ("Orig", "Dest")},
        "isSAR": [int(last) for _, last in rows],
        "patternID": [1 if last else -1 for _, last in rows],
    }
    path = tmp_path / "log.parquet"
    pq.write_table(pa.table(columns), path)
    assert "rank_in_day" in {check.name for check in report_as_listed(path).suspects}
    assert leak_report(open_source(path, keys=KEYS, now_ms=NOW_MS)).suspects == ()


@pytest.mark.slow
def test_amlgentex_file_order_tells_the_label_and_the_loaders_order_does_not(
    tmp_path: Path, shared_data: Callable[[str], Path]
) -> None:
    path = transfers_only(shared_data("amlgentex-template10k/transactions.parquet"), tmp_path)
    leaking = {check.name: check for check in report_as_listed(path).checks}
    assert leaking["rank_in_day"].auc > 0.98
    assert leaking["rank_in_day"].suspect

    report = leak_report(open_source(path, keys=KEYS, now_ms=NOW_MS))
    assert (report.labelled, report.positive) == (111_386, 884)
    for check in report.checks:
        assert 0.45 <= check.auc <= 0.55, check
