"""The history of rings as it is kept: versions at steps, the one that stood at a moment, ties, and thinning."""

from __future__ import annotations

import pytest

from graph.evidence import Evidence
from graph.lineage import Change, LineageStep, RingVersion, Tie, TieKind
from ledger import Ledger
from ledger.ring_history import RECENT_VERSIONS, outdated
from tests.ledger.worlds import LOG, NOTHING, START, ring

HOUR = 3_600_000


def version(number: int, *, ring_id: str = "r1", gone: bool = False, closed: bool = False) -> RingVersion:
    """Version `number`, which lies at log offset 10 * number and an hour after the one before."""
    return RingVersion(
        ring_id=ring_id,
        version=number,
        position=10 * number,
        ts=START + number * HOUR,
        learned_at=START + number * HOUR + 5,
        changes=(Change.DISSOLVED if gone else Change.BORN if number == 1 else Change.ALTERED,),
        because=(Evidence("ring_cycle", (("count", number),), ("tx:1",), 1),),
        closed=closed,
        ring=None if gone else ring(ring_id, value=float(number)),
    )


def tie(source: str, target: str, position: int, kind: TieKind = TieKind.MERGED) -> Tie:
    return Tie(kind, source, target, position, START, 3, 3, 6)


def write(ledger: Ledger, *steps: LineageStep) -> None:
    ledger.record(log_id=LOG, position=steps[-1].position, scores=[], rings=NOTHING, steps=steps)


def test_versions_come_back_as_they_were_recorded_and_the_same_again_changes_nothing(ledger: Ledger) -> None:
    steps = [LineageStep(10, (version(1),), ()), LineageStep(20, (version(2, closed=True),), ())]
    write(ledger, *steps)
    write(ledger, *steps)
    assert ledger.ring_versions("r1") == [version(1), version(2, closed=True)]
    assert ledger.ring_versions("r1", limit=1) == [version(2, closed=True)]
    assert ledger.ring_versions("\ud800") == []


def test_the_version_at_a_moment_is_the_newest_up_to_it_on_each_clock(ledger: Ledger) -> None:
    write(ledger, *(LineageStep(10 * n, (version(n),), ()) for n in (1, 2, 3)))

    def at(**limits: int) -> int | None:
        found = ledger.ring_at("r1", **limits)
        return None if found is None else found.version

    assert [at(position=place) for place in (9, 10, 19, 20, 999)] == [None, 1, 1, 2, 3]
    assert [at(ts=START + n * HOUR - 1) for n in (1, 2, 3, 4)] == [None, 1, 2, 3]
    assert at(known=START + 2 * HOUR + 4) == 1
    assert at(known=START + 2 * HOUR + 5, position=10) == 1
    assert at() == 3
    assert ledger.ring_at("r9") is None


def test_a_ring_that_was_no_more_says_so_and_not_what_it_was_before(ledger: Ledger) -> None:
    write(ledger, LineageStep(10, (version(1),), ()), LineageStep(20, (version(2, gone=True),), ()))
    found = ledger.ring_at("r1", position=25)
    assert found is not None
    assert (found.version, found.ring) == (2, None)


def test_ties_are_found_from_both_ends_oldest_first(ledger: Ledger) -> None:
    ties = [tie("a", "b", 10), tie("b", "c", 20, TieKind.ABSORBED), tie("x", "y", 20)]
    write(ledger, LineageStep(10, (), (ties[0],)), LineageStep(20, (), tuple(ties[1:])))
    assert ledger.ring_ties(["b"]) == ties[:2]
    assert ledger.ring_ties(["a", "x"]) == [ties[0], ties[2]]
    assert ledger.ring_ties(["b"], limit=1) == ties[:1]
    assert ledger.ring_ties([]) == []


def test_forgetting_the_projections_forgets_the_history(ledger: Ledger) -> None:
    write(ledger, LineageStep(10, (version(1),), (tie("a", "r1", 10),)))
    ledger.forget_projections(LOG)
    assert (ledger.ring_versions("r1"), ledger.ring_ties(["r1"])) == ([], [])


def test_records_thin_out_the_older_they_are_and_what_changed_stays(ledger: Ledger) -> None:
    changed = 5 * RECENT_VERSIONS
    for number in range(1, changed + 1):
        write(ledger, LineageStep(10 * number, (version(number),), ()))
    found = ledger.ring_versions("r1")
    assert [one.version for one in found] == list(range(1, changed + 1))
    assert all(one.because == version(one.version).because for one in found)
    kept = [one.version for one in found if one.ring is not None]
    assert kept == [
        number
        for number in range(1, changed + 1)
        if number == 1
        or number > changed - RECENT_VERSIONS
        or (number > changed - 2 * RECENT_VERSIONS and number % 2 == 0)
        or (number > changed - 4 * RECENT_VERSIONS and number % 4 == 0)
        or number % 8 == 0
    ]
    thinned = next(number for number in range(2, changed) if number not in kept)
    before = ledger.ring_at("r1", position=10 * thinned)
    assert before is not None
    assert before.version == max(number for number in kept if number < thinned)


def test_ten_thousand_versions_keep_fewer_than_two_hundred_records() -> None:
    kept: set[int] = set()
    for newest in range(1, 10_001):
        kept.add(newest)
        kept -= set(outdated(newest))
    assert set(range(10_001 - RECENT_VERSIONS, 10_001)) | {1} <= kept
    assert len(kept) < 200


@pytest.mark.parametrize("count", [10_000])
def test_one_step_may_touch_ten_thousand_rings(ledger: Ledger, count: int) -> None:
    versions = tuple(version(1, ring_id=f"r{n:05}") for n in range(count))
    write(ledger, LineageStep(10, versions, ()))
    assert ledger.ring_versions("r09999")[0].version == 1
