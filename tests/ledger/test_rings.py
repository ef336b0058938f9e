"""Rings: the current ones, their members, and where a merged one answers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graph.evidence import RingKind, RingStanding, Role, Standing
from ledger import Ledger
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


def test_a_ring_merged_away_resolves_to_its_survivor_through_chains_of_merges(ledger: Ledger) -> None:
    record(ledger, 1, [], changes(ring("a"), ring("b"), ring("c"), ring("d")))
    record(ledger, 2, [], changes(gone=(("a", "b"),)))
    record(ledger, 3, [], changes(gone=(("b", "c"),)))
    record(ledger, 4, [], changes(gone=(("c", "d"),)))
    for ring_id in "abcd":
        assert ledger.ring(ring_id) == ring("d")
    assert ledger.ring_ids() == ["d"]


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


def test_a_ring_that_comes_back_is_itself_again(ledger: Ledger) -> None:
    record(ledger, 1, [], changes(ring("a"), ring("b")))
    record(ledger, 2, [], changes(gone=(("a", "b"),)))
    record(ledger, 3, [], changes(ring("a", value=70.0)))
    assert ledger.ring("a") == ring("a", value=70.0)


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


def test_rings_are_listed_by_how_they_stand(ledger: Ledger) -> None:
    dismissed = replace(ring("b"), standing=RingStanding(state=Standing.DISMISSED, author="ana", approver="bia"))
    record(ledger, 1, [], changes(ring("a"), dismissed))
    assert ledger.ring("b") == dismissed
    assert [one.ring_id for one in ledger.rings(standing=[Standing.OPEN, Standing.CONFIRMED]).items] == ["a"]
    assert [one.ring_id for one in ledger.rings(standing=[Standing.DISMISSED]).items] == ["b"]
    assert [one.ring_id for one in ledger.rings().items] == ["a", "b"]


def test_forgetting_the_projections_forgets_rings_members_and_aliases(ledger: Ledger) -> None:
    record(ledger, 1, [], changes(ring("a"), ring("b")))
    record(ledger, 2, [], changes(gone=(("a", "b"),)))
    ledger.forget_projections(LOG)
    assert (ledger.position(LOG), ledger.ring_ids(), ledger.ring("a")) == (0, [], None)
    assert ledger.rings_of(["acc:1"]) == {"acc:1": []}
