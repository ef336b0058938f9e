"""A ring keeps its id while it only grows; merged and split rings are told as such."""

from __future__ import annotations

from graph.events import ListKind
from graph.evidence import RingChanges
from rings.identity import name_from
from scoring.projection import Projection
from tests.rings.worlds import DAY, HOUR, Notebook, accounts_of, cycle, entries


class Story:
    """A projection told chapter by chapter, each a slice of one notebook."""

    def __init__(self) -> None:
        self.book = Notebook()
        self.projection = Projection()
        self._told = 0

    def tell(self) -> RingChanges:
        self.projection.apply(entries(self.book.events[self._told :]))
        self._told = len(self.book.events)
        return self.projection.ring_changes(settle=True)


def test_a_ring_that_grows_keeps_its_id() -> None:
    story = Story()
    cycle(story.book, ["a", "b", "c"])
    (small,) = story.tell().changed
    assert small.ring_id == min(map(name_from, "abc"))
    cycle(story.book, ["c", "d", "e"], at=DAY)
    changes = story.tell()
    (grown,) = changes.changed
    assert grown.ring_id == small.ring_id
    assert accounts_of(grown) == set("abcde")
    assert changes.gone == ()


def test_what_does_not_touch_a_ring_does_not_tell_it_again() -> None:
    story = Story()
    cycle(story.book, ["a", "b", "c"])
    story.tell()
    cycle(story.book, ["x", "y", "z"], at=DAY)
    (other,) = story.tell().changed
    assert accounts_of(other) == set("xyz")


def test_merged_rings_become_the_older_one_and_the_younger_names_it() -> None:
    story = Story()
    cycle(story.book, ["a", "b", "c"])
    cycle(story.book, ["x", "y", "z"], at=DAY)
    first, second = sorted(story.tell().changed, key=lambda ring: ring.first_ts)
    cycle(story.book, ["c", "m", "x"], at=2 * DAY)
    changes = story.tell()
    (merged,) = changes.changed
    assert merged.ring_id == first.ring_id
    assert changes.gone == ((second.ring_id, first.ring_id),)
    assert accounts_of(merged) == set("abcmxyz")


def test_rings_merge_when_their_accounts_turn_out_to_share_a_phone() -> None:
    story = Story()
    cycle(story.book, ["a", "b", "c"])
    cycle(story.book, ["x", "y", "z"], at=DAY)
    assert len(story.tell().changed) == 2
    story.book.hold("a", "phone")
    story.book.hold("z", "phone")
    (merged,) = story.tell().changed
    assert accounts_of(merged) == set("abcxyz")


def test_a_phone_that_too_many_hold_joins_nobody_any_more() -> None:
    story = Story()
    cycle(story.book, ["a", "b", "c"])
    cycle(story.book, ["x", "y", "z"], at=DAY)
    for account in ("a", "z", "q1", "q2", "q3", "q4"):
        story.book.hold(account, "phone")
    assert len(story.tell().changed) == 1
    story.book.hold("q5", "phone")
    changes = story.tell()
    assert sorted(map(accounts_of, changes.changed), key=sorted) == [set("abc"), set("xyz")]
    assert changes.gone == ()


def test_a_fact_that_arrives_late_can_split_a_ring() -> None:
    story = Story()
    cycle(story.book, ["a", "b", "c"])
    cycle(story.book, ["c", "m", "x"], at=DAY)
    cycle(story.book, ["x", "y", "z"], at=2 * DAY)
    (whole,) = story.tell().changed
    story.book.list("m", ListKind.SERVICE, at=12 * HOUR)  # before it took part
    changes = story.tell()
    assert sorted(map(accounts_of, changes.changed), key=sorted) == [set("abc"), set("xyz")]
    assert whole.ring_id in {ring.ring_id for ring in changes.changed}
    assert changes.gone == ()


def test_a_ring_whose_only_reason_falls_away_is_gone_without_survivor() -> None:
    story = Story()
    cycle(story.book, ["a", "b", "c"])
    (ring,) = story.tell().changed
    story.book.list("b", ListKind.SERVICE, at=-HOUR)
    changes = story.tell()
    assert changes.changed == ()
    assert changes.gone == ((ring.ring_id, None),)
    assert story.projection.rings() == []


def test_an_earlier_reason_that_arrives_late_renames_the_ring_and_the_old_id_names_the_new() -> None:
    story = Story()
    cycle(story.book, ["a", "b", "c"], at=5 * DAY)
    (old,) = story.tell().changed
    cycle(story.book, ["a", "d", "e"])
    changes = story.tell()
    (new,) = changes.changed
    assert new.ring_id != old.ring_id
    assert changes.gone == ((old.ring_id, new.ring_id),)


def test_an_account_put_on_a_block_list_changes_the_score_of_its_ring() -> None:
    story = Story()
    cycle(story.book, ["a", "b", "c"])
    (before,) = story.tell().changed
    story.book.list("a", ListKind.BLOCK, at=DAY)
    (after,) = story.tell().changed
    assert after.ring_id == before.ring_id
    assert after.score == before.score + 10
    assert "ring_listed" in {signal.name for signal in after.contributions}


def test_bare_links_wait_until_the_list_has_grown_or_is_settled() -> None:
    story = Story()
    for n in range(10):
        story.book.link(f"n{n}", f"n{n + 1}", n)
    story.projection.apply(entries(story.book.events))
    assert len(story.projection.ring_changes(settle=False).changed) == 1
    story.projection.apply(entries([*story.book.events, *_one_more().events]))
    assert story.projection.ring_changes(settle=False).changed == ()
    (grown,) = story.projection.ring_changes(settle=True).changed
    assert "late" in accounts_of(grown)


def _one_more() -> Notebook:
    book = Notebook("late-")
    book.link("n0", "late", 100)
    return book
