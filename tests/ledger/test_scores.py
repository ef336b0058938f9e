"""Scores: recorded once, found again exactly, paged newest first, counted without counting."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from hashlib import blake2b
from math import inf, nan

import pytest

from graph.errors import RejectedRecord, StoreMismatch
from graph.evidence import Decision, Evidence, Signal
from ledger import Ledger
from tests.ledger.worlds import LOG, NOTHING, all_scores, changes, record, ring, score, scores


def test_a_score_comes_back_as_it_was_recorded(ledger: Ledger) -> None:
    record(ledger, 5, scores(1, 5))
    assert ledger.score("t003") == score(3)
    assert ledger.scores_of(["t001", "t004", "unknown"]) == {"t001": score(1), "t004": score(4)}
    assert type(ledger.scores_of(["t001"])["t001"].decision) is Decision


@pytest.mark.parametrize("unknown", ["t9", "", "\x00", "\ud800", "t001\x00"])
def test_an_unknown_transaction_has_no_score(ledger: Ledger, unknown: str) -> None:
    record(ledger, 1, scores(1, 1))
    assert ledger.score(unknown) is None
    assert ledger.scores_of([unknown]) == {}


def test_scores_come_newest_first_in_pages_that_neither_repeat_nor_skip(ledger: Ledger) -> None:
    record(ledger, 20, scores(1, 20))
    expected = sorted(scores(1, 20), key=lambda one: (one.ts, one.tx_id), reverse=True)
    for limit in (1, 3, 19, 20, 50):
        assert all_scores(ledger, limit=limit) == expected
    denied = [one for one in expected if one.decision is Decision.DENY]
    assert all_scores(ledger, decision=Decision.DENY, limit=2) == denied


def test_a_page_goes_on_where_it_stopped_though_newer_scores_came(ledger: Ledger) -> None:
    record(ledger, 10, scores(1, 10))
    page = ledger.scores(limit=4)
    record(ledger, 20, scores(11, 20))
    following = ledger.scores(after=page.next, limit=4)
    expected = sorted(scores(1, 10), key=lambda one: (one.ts, one.tx_id), reverse=True)
    assert [*page.items, *following.items] == expected[:8]


def test_a_wrong_cursor_or_limit_is_refused(ledger: Ledger) -> None:
    record(ledger, 3, scores(1, 3), changes(ring("a"), ring("b")))
    of_rings = ledger.rings(limit=1).next
    assert of_rings is not None
    for cursor in ("", "x", "!!!", "é", of_rings, "WzFd"):
        with pytest.raises(RejectedRecord, match="bad cursor"):
            ledger.scores(after=cursor, limit=1)
    for limit in (0, -1):
        with pytest.raises(RejectedRecord, match="bad limit"):
            ledger.scores(limit=limit)


def test_the_highest_scores_come_first(ledger: Ledger) -> None:
    record(ledger, 30, scores(1, 30))
    assert [one.tx_id for one in ledger.top_scores(4)] == ["t029", "t019", "t009", "t028"]


def test_a_later_score_of_a_transaction_replaces_the_earlier(ledger: Ledger) -> None:
    record(ledger, 1, [score(1, value=10.0, decision=Decision.APPROVE)])
    record(ledger, 2, [score(1, value=90.0, decision=Decision.DENY)])
    assert ledger.score("t001") == score(1, value=90.0, decision=Decision.DENY)
    assert ledger.summary().decisions == {"approve": 0, "review": 0, "deny": 1}


def test_a_transaction_scored_twice_in_one_batch_keeps_the_last(ledger: Ledger) -> None:
    record(ledger, 2, [score(1, value=10.0), score(1, value=20.0)])
    assert ledger.score("t001") == score(1, value=20.0)
    assert ledger.summary().transactions == 1


def test_the_position_never_moves_backwards(ledger: Ledger) -> None:
    assert ledger.position(LOG) == 0
    record(ledger, 10, scores(1, 2))
    record(ledger, 4, [])
    assert ledger.position(LOG) == 10
    record(ledger, 10, [])
    record(ledger, 11, [])
    assert ledger.position(LOG) == 11
    with pytest.raises(RejectedRecord, match="bad position"):
        record(ledger, -1, [])


def test_an_older_batch_adds_what_is_missing_and_replaces_nothing(ledger: Ledger) -> None:
    record(ledger, 10, [score(1, value=90.0)], changes(ring("a", value=9.0)))
    record(ledger, 5, [score(1, value=10.0), score(2)], changes(ring("a", value=1.0), ring("b")))
    assert ledger.score("t001") == score(1, value=90.0)
    assert ledger.score("t002") == score(2)
    assert ledger.summary().transactions == 2
    assert all_scores(ledger) == [score(2), score(1, value=90.0)]
    assert [(one.ring_id, one.score) for one in ledger.rings().items] == [("a", 9.0)]


def test_the_summary_counts_decisions_rings_and_degraded_ones(ledger: Ledger) -> None:
    empty = ledger.summary()
    assert (empty.transactions, empty.decisions) == (0, {"approve": 0, "review": 0, "deny": 0})
    record(ledger, 20, scores(1, 20), changes(ring("a"), ring("b")))
    for _ in range(2):
        record(ledger, 20, scores(11, 20))
    summary = ledger.summary()
    assert summary.transactions == 20
    assert summary.decisions == {str(kind): sum(one.decision is kind for one in scores(1, 20)) for kind in Decision}
    assert summary.degraded == sum(bool(one.degraded) for one in scores(1, 20))
    assert (summary.rings, summary.set_aside) == ({"fan_in": 2}, {})


@pytest.mark.parametrize("wrong", [nan, inf, -inf])
def test_a_score_that_is_not_a_number_is_refused_and_nothing_is_kept(ledger: Ledger, wrong: float) -> None:
    broken = replace(score(2), signals=(Signal("s", wrong, 0.0, Evidence("c")),))
    for bad in (replace(score(2), value=wrong), broken):
        with pytest.raises(RejectedRecord, match="t002"):
            record(ledger, 2, [score(1), bad])
    with pytest.raises(RejectedRecord, match="a"):
        record(ledger, 2, [score(1)], changes(ring("a", value=wrong)))
    assert (ledger.score("t001"), ledger.position(LOG), ledger.summary().transactions) == (None, 0, 0)


def test_the_digest_is_the_sum_over_canonical_records(ledger: Ledger) -> None:
    assert ledger.score_digest() == ledger.ring_digest() == 0
    record(ledger, 9, scores(1, 9), changes(ring("a"), ring("b", value=0.1)))

    def digest(records: list[object]) -> int:
        texts = [json.dumps(one, sort_keys=True, separators=(",", ":"), ensure_ascii=False) for one in records]
        hashes = [blake2b(text.encode(), digest_size=16).digest() for text in texts]
        return sum(int.from_bytes(one, "big") for one in hashes) % 2**128

    assert ledger.score_digest() == digest([asdict(one) for one in scores(1, 9)])
    assert ledger.ring_digest() == digest([asdict(ring("a")), asdict(ring("b", value=0.1))])


def test_a_change_of_one_score_changes_the_digest(ledger: Ledger) -> None:
    record(ledger, 3, scores(1, 3))
    before = ledger.score_digest()
    record(ledger, 4, [score(2, value=99.0)])
    assert ledger.score_digest() != before
    record(ledger, 5, [score(2)])
    assert ledger.score_digest() == before


def test_another_log_is_refused_until_the_projections_are_forgotten(ledger: Ledger) -> None:
    record(ledger, 3, scores(1, 3), changes(ring("a")))
    other = "b" * 32
    with pytest.raises(StoreMismatch, match="rebuild"):
        ledger.position(other)
    with pytest.raises(StoreMismatch, match="rebuild"):
        ledger.record(log_id=other, position=9, scores=scores(4, 5), rings=NOTHING)
    assert ledger.summary().transactions == 3
    ledger.forget_projections(other)
    assert (ledger.position(other), ledger.score_digest(), ledger.ring_ids()) == (0, 0, [])
    ledger.record(log_id=other, position=1, scores=scores(4, 5), rings=NOTHING)
    assert ledger.summary().transactions == 2


def test_thousands_of_scores_go_in_and_out_in_one_call(ledger: Ledger) -> None:
    many = [replace(score(1), tx_id=f"m{number}") for number in range(5_000)]
    record(ledger, 5_000, many)
    assert ledger.scores_of([one.tx_id for one in many]) == {one.tx_id: one for one in many}
    assert ledger.summary().decisions["review"] == 5_000
