"""The worst streams, scored: values stay in their range, evidence stays short, and a score says what was cut."""

from __future__ import annotations

import math
from itertools import permutations
from pathlib import Path
from random import Random

import pytest

from graph.events import Movement
from graph.evidence import EVIDENCE_LIMIT, Score
from graph.identity import IdentifierKeys
from graph.log.protocol import LogEntry
from ingest.formats import open_source
from scoring.projection import Projection

START = 1_700_000_000_000
KEYS = IdentifierKeys.from_secret(b"stress" * 8)


def pay(number: int, source: str, target: str, *, cents: int = 10_000, ip: str | None = None) -> Movement:
    return Movement(
        event_id=f"tx:{number}", ts=START + number * 1_000, source=source, target=target, amount_cents=cents, ip=ip
    )


def scored(movements: list[Movement], *, batch: int = 128) -> dict[str, Score]:
    """The last score of every movement, each checked for what holds of any score."""
    projection = Projection()
    found: dict[str, Score] = {}
    for start in range(0, len(movements), batch):
        part = movements[start : start + batch]
        entries = [LogEntry(start + i, movement.ts, movement) for i, movement in enumerate(part, 1)]
        found |= {score.tx_id: score for score in projection.apply(entries).scores}
    for score in found.values():
        assert 0 <= score.value <= 100
        assert math.isclose(sum(signal.points for signal in score.signals), score.value, abs_tol=0.005)
        for signal in score.signals:
            assert math.isfinite(signal.value)
            assert len(signal.evidence.event_ids) <= EVIDENCE_LIMIT
            assert all(math.isfinite(value) for _, value in signal.evidence.params if isinstance(value, float))
    assert len(found) == len(movements)
    return found


def test_parallel_edges_on_one_pair_are_scored_and_said_to_be_cut() -> None:
    scores = scored([pay(number, "a", "b") for number in range(3_000)])
    assert "history" in scores["2999"].truncated
    assert scores["0"].truncated == ()


@pytest.mark.slow
def test_a_clique_of_two_hundred_is_scored_and_says_which_searches_were_cut() -> None:
    pairs = list(permutations(range(200), 2))
    Random(1).shuffle(pairs)
    scores = scored([pay(number, f"a{a}", f"a{b}") for number, (a, b) in enumerate(pairs[:3_000])])
    cut = [score for score in scores.values() if score.truncated]
    assert cut
    assert all("" not in score.truncated for score in cut)


def test_money_to_oneself_and_extreme_amounts_are_scored() -> None:
    cents = (0, 1, 10**13)
    accounts = ("a", "b", "c")
    moves = [(source, target, amount) for amount in cents for source in accounts for target in accounts]
    scored([pay(number, *ends, cents=amount) for number, (*ends, amount) in enumerate(moves * 8)], batch=7)


def test_one_bad_row_gets_its_reason_and_the_others_their_scores(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    rows = [f"t{i},2024-01-01T00:00:{i:02d}Z,a{i},b,10.00,transfer" for i in range(20)]
    rows[7] = "t7,2024-01-01T00:00:07Z,a7,b,1e400,transfer"
    path.write_text("\n".join(("tx_id,ts,source,target,amount,kind", *rows)) + "\n", encoding="utf-8")
    batches = list(open_source(path, keys=KEYS, now_ms=START + 10**11).batches(100))
    (aside,) = (row for batch in batches for row in batch.set_aside)
    assert "t7" in aside.raw
    movements = [event for batch in batches for event in batch.events if isinstance(event, Movement)]
    assert len(movements) == 19
    assert set(scored(movements)) == {movement.tx_id for movement in movements}
