"""The real data sets: counts as their description states them, nothing set aside without reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from graph.events import Access, IdentifierHeld, IndicatorListed, LabelGiven, Movement, MovementKind
from ingest.formats import open_source
from tests.ingest.reading import KEYS, NOW_MS, Reading, read

Find = Callable[[str], Path]


def kinds(result: Reading) -> Counter[MovementKind]:
    return Counter(movement.kind for movement in result.movements)


def whole(result: Reading) -> Reading:
    """The reading, after the checks that hold for every set."""
    assert result.rows == result.source.total_rows
    ids = [event.event_id for event in result.events]
    assert len(set(ids)) == len(ids)
    return result


def test_finbench_small(shared_data: Find) -> None:
    result = whole(read(shared_data("finbench-small")))
    incremental = 1_179 + 1_205 + 9_546
    assert kinds(result) == {
        MovementKind.TRANSFER: 37_861 + incremental,
        MovementKind.WITHDRAWAL: 42_069 + 13_453,
    }
    counts = Counter(type(event) for event in result.events)
    assert counts[Access] == 5_146 + 6_181
    assert counts[IdentifierHeld] == 4_185 + 2_015
    assert len([listed for listed in result.listed if listed.entity_kind == "Account"]) == 311
    assert result.set_aside == []


@pytest.mark.parametrize(
    ("name", "transfers", "fraudulent"),
    [
        ("20K_cycle200", 117_805, 945),
        pytest.param("20K_fanin200", 118_250, 954, marks=pytest.mark.slow),
        # its metadata.txt says 1,803; nodes.csv has one more
        pytest.param("20K_fanin200cycle200", 120_558, 1_804, marks=pytest.mark.slow),
    ],
)
def test_amlsim_sample(shared_data: Find, name: str, transfers: int, fraudulent: int) -> None:
    result = whole(read(shared_data(f"amlsim-sample/{name}")))
    assert len(result.movements) == transfers
    assert sum(label.label for label in result.labels) == fraudulent
    assert len(result.labels) == 20_000
    assert result.set_aside == []


def test_amlworld_patterns(shared_data: Find) -> None:
    result = whole(read(shared_data("amlworld-patterns")))
    rings = {label.ring for label in result.labels}
    assert len(rings) == 370
    assert len({ring.rpartition("-")[0] for ring in rings}) == 8
    assert result.set_aside == []


def test_s_ffsd(shared_data: Find) -> None:
    result = whole(read(shared_data("s-ffsd")))
    assert len(result.movements) == 77_881
    assert Counter(label.label for label in result.labels) == {0: 24_387, 1: 5_256}
    assert result.set_aside == []


@pytest.mark.slow
def test_amlgentex_template(shared_data: Find) -> None:
    result = whole(read(shared_data("amlgentex-template10k")))
    assert kinds(result) == {
        MovementKind.TRANSFER: 111_386,
        MovementKind.DEPOSIT: 40_000,
        MovementKind.WITHDRAWAL: 528_000,
    }
    assert Counter(label.label for label in result.labels) == {0: 110_502, 1: 884}
    assert len({label.ring for label in result.labels if label.label}) == 70
    assert result.set_aside == []


@pytest.mark.slow
def test_hop_rings(shared_data: Find) -> None:
    counts = tallied(shared_data("hop-rings"))
    assert counts == {
        "link": 758_877 + 43_052,  # and each account's first use of the bridge
        "Account listed": 112_979,
        "label 1": 10_144,
        "label 0": 28_857,
        "label with ring": 10_752,
    }


@pytest.mark.slow
def test_maltrail_infra(shared_data: Find) -> None:
    assert tallied(shared_data("maltrail-infra")) == {
        "Domain listed": 1_164_793,
        "Ip listed": 188_467,
        "set aside bad_domain": 120,
        "dropped indicator_kind_not_used:other": 78_163,
        "dropped indicator_kind_not_used:url": 106_406,
    }


def tallied(path: Path) -> Counter[str]:
    """Count what a large source gives, without keeping it."""
    source = open_source(path, keys=KEYS, now_ms=NOW_MS)
    counts: Counter[str] = Counter()
    rows = 0
    for batch in source.batches(5_000):
        rows += batch.rows
        counts.update(str(event.kind) for event in batch.events if isinstance(event, Movement))
        counts.update(f"{event.entity_kind} listed" for event in batch.events if isinstance(event, IndicatorListed))
        labels = [event for event in batch.events if isinstance(event, LabelGiven)]
        counts.update(f"label {event.label}" for event in labels)
        counts.update("label with ring" for event in labels if event.ring)
        counts.update(f"set aside {row.reason}" for row in batch.set_aside)
        counts.update({f"dropped {reason}": number for reason, number in batch.dropped})
    assert rows == source.total_rows
    return counts
