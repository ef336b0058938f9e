"""Rings: the current ones, their members and versions, and where a merged one answers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graph.evidence import RingKind, Role
from ledger import Ledger
from ledger.ring_history import RECENT_VERSIONS, outdated
from tests.ledger.worlds import LOG, all_rings, changes, record, ring


def test_a_ring_comes_back_as_it_was_recorded(ledger: Ledger) -> None:
    whole = ring("r1", accounts=("acc:1", "acc:2"))
    record(ledger, 1, [], changes(whole))
    assert ledger.ring("r1") == whole
    assert type(whole.members[0].role) is Role


@pytest.mark.parametrize("unknown", ["r9", "", "\x00", "\ud800"])
def test_an_unknown_ring_is_none(ledger: Ledger, unknown: str) -> None:
    record(ledger, 1, [], changes(ring("r1")))
    assert ledger.ring(unknown) is None
    assert ledger.ring_versions(unknown) == []
    assert ledger.rings_of([unknown]) == {unknown: []}


def test_rings_come_highest_first_and_equal_ones_by_id(ledger: Ledger) -> None:
    given = [
        ring("c", value=50.0),
        ring("a", value=50.0),
        ring("B", value=50.0),
        ring("d", value=0.1 + 0.2, kind=RingKind.CYCLE),
        ring("e", value=99.0, kind=RingKind.CYCLE),
    ]
    record(ledger, 1, [], changes(*given))
    assert [one.ring_id for one in all_rings(ledger)] == ["e", "B", "a", "c", "d"]
    assert [one.ring_id for one in all_rings(ledger, kind=RingKind.CYCLE)] == ["e", "d"]
    assert [one.ring_id for one in all_rings(ledger, min_score=50.0)] == ["e", "B", "a", "c"]
    assert ledger.ring_ids() == ["B", "a", "c", "d", "e"]
    assert ledger.summary().rings == {"cycle": 2, "fan_in": 3}


def test_accounts_find_their_rings_as_members_come_and_go(ledger: Ledger) -> None:
    record(ledger, 1, [], changes(ring("r1", accounts=("a", "b")), ring("r2", accounts=("b",))))
    assert ledger.rings_of(["a", "b", "c"]) == {"a": ["r1"], "b": ["r1", "r2"], "c": []}
    record(ledger, 2, [], changes(ring("r1", accounts=("a", "c"))))
    assert ledger.rings_of(["a", "b", "c"]) == {"a": ["r1"], "b": ["r2"], "c": ["r1"]}
    record(ledger, 3, [], changes(gone=(("r1", None),)))
    assert ledger.rings_of(["a", "b", "c"]) == {"a": [], "b": ["r2"], "c": []}


def test_every_change_is_a_version_and_the_same_again_is_none(ledger: Ledger) -> None:
    for position, value in ((1, 10.0), (2, 20.0), (3, 20.0), (4, 10.0)):
        record(ledger, position, [], changes(ring("r1", value=value)))
    record(ledger, 4, [], changes(ring("r1", value=10.0)))
    kept = [(one.version, one.position, one.ring.score) for one in ledger.ring_versions("r1")]
    assert kept == [(1, 1, 10.0), (2, 2, 20.0), (3, 4, 10.0)]


def test_a_ring_merged_away_resolves_to_its_survivor_through_chains_of_merges(ledger: Ledger) -> None:
    record(ledger, 1, [], changes(ring("a"), ring("b"), ring("c"), ring("d")))
    record(ledger, 2, [], changes(gone=(("a", "b"),)))
    record(ledger, 3, [], changes(gone=(("b", "c"),)))
    record(ledger, 4, [], changes(gone=(("c", "d"),)))
    for ring_id in "abcd":
        assert ledger.ring(ring_id) == ring("d")
    assert ledger.ring_ids() == ["d"]
    assert [one.version for one in ledger.ring_versions("a")] == [1]


def test_a_dissolved_ring_is_none_also_at_the_end_of_a_chain(ledger: Ledger) -> None:
    record(ledger, 1, [], changes(ring("a"), ring("b")))
    record(ledger, 2, [], changes(gone=(("a", "b"),)))
    record(ledger, 3, [], changes(gone=(("b", None),)))
    assert ledger.ring("a") is None
    assert ledger.ring("b") is None


def test_a_loop_of_merges_ends(ledger: Ledger) -> None:
    record(ledger, 1, [], changes(ring("a"), ring("b")))
    record(ledger, 2, [], changes(gone=(("a", "b"),)))
    record(ledger, 3, [], changes(gone=(("b", "a"), ("c", "c"))))
    assert [ledger.ring(ring_id) for ring_id in "abc"] == [None, None, None]


def test_a_ring_that_comes_back_is_itself_again_and_counts_its_versions_on(ledger: Ledger) -> None:
    record(ledger, 1, [], changes(ring("a"), ring("b")))
    record(ledger, 2, [], changes(gone=(("a", "b"),)))
    record(ledger, 3, [], changes(ring("a", value=70.0)))
    assert ledger.ring("a") == ring("a", value=70.0)
    assert [(one.version, one.position) for one in ledger.ring_versions("a")] == [(1, 1), (2, 3)]


def test_a_merge_and_its_survivor_can_come_in_one_batch(ledger: Ledger) -> None:
    record(ledger, 1, [], changes(ring("a", accounts=("x",)), ring("b", accounts=("y",))))
    record(ledger, 2, [], changes(ring("b", accounts=("x", "y")), gone=(("a", "b"),)))
    assert ledger.ring("a") == ring("b", accounts=("x", "y"))
    assert ledger.rings_of(["x", "y"]) == {"x": ["b"], "y": ["b"]}


def test_an_older_batch_does_not_bring_a_merged_ring_back(ledger: Ledger) -> None:
    record(ledger, 1, [], changes(ring("a"), ring("b")))
    record(ledger, 2, [], changes(gone=(("a", "b"),)))
    record(ledger, 1, [], changes(ring("a"), ring("b")))
    assert ledger.ring_ids() == ["b"]
    assert ledger.ring("a") == ring("b")


def test_amounts_beyond_64_bits_are_exact_in_the_record(ledger: Ledger) -> None:
    huge = replace(ring("r1"), in_cents=1 << 63, retained_cents=-(1 << 63) + 1)
    record(ledger, 1, [], changes(huge))
    assert ledger.ring("r1") == huge


def test_forgetting_the_projections_forgets_rings_members_versions_and_aliases(ledger: Ledger) -> None:
    record(ledger, 1, [], changes(ring("a"), ring("b")))
    record(ledger, 2, [], changes(gone=(("a", "b"),)))
    ledger.forget_projections(LOG)
    assert (ledger.position(LOG), ledger.ring_ids(), ledger.ring("a")) == (0, [], None)
    assert (ledger.ring_versions("a"), ledger.rings_of(["acc:1"])) == ([], {"acc:1": []})


def test_versions_thin_out_the_older_they_are(ledger: Ledger) -> None:
    changed = 5 * RECENT_VERSIONS
    for position in range(1, changed + 1):
        record(ledger, position, [], changes(ring("r1", value=float(position))))
    kept = [one.version for one in ledger.ring_versions("r1")]
    assert kept == [
        version
        for version in range(1, changed + 1)
        if version == 1
        or version > changed - RECENT_VERSIONS
        or (version > changed - 2 * RECENT_VERSIONS and version % 2 == 0)
        or (version > changed - 4 * RECENT_VERSIONS and version % 4 == 0)
        or version % 8 == 0
    ]
    assert all(one.ring.score == float(one.version) == float(one.position) for one in ledger.ring_versions("r1"))


def test_ten_thousand_versions_keep_fewer_than_two_hundred() -> None:
    kept: set[int] = set()
    for newest in range(1, 10_001):
        kept.add(newest)
        kept -= set(outdated(newest))
    assert set(range(10_001 - RECENT_VERSIONS, 10_001)) | {1} <= kept
    assert len(kept) < 200
