"""What people decide about rings holds in every later pass, whatever the order and batches, until it is undone."""

from __future__ import annotations

import random
from itertools import count

from graph.events import GovernanceChanged
from graph.evidence import Ring, Standing
from graph.log.protocol import LogEntry
from graph.verdicts import PART, Act, Verdict, content_of
from rings.engine import MIN_SCORE
from scoring.projection import Projection
from tests.rings.worlds import DAY, HOUR, START, Notebook, accounts_of, chain, cycle, farm


class Office:
    """A projection over a notebook and the people who judge its rings."""

    def __init__(self) -> None:
        self.book = Notebook()
        self.projection = Projection()
        self.log: list[LogEntry] = []
        self._written = 0
        self._numbers = count()

    def rings(self) -> list[Ring]:
        for event in self.book.events[self._written :]:
            self._add(event)
        self._written = len(self.book.events)
        self.projection.ring_changes(settle=True)
        return self.projection.rings()

    def only(self) -> Ring:
        (ring,) = self.rings()
        return ring

    def judge(self, verdict: Verdict, *, by: str = "ana") -> str:
        self.rings()
        name = f"governance:{next(self._numbers)}"
        self._add(
            GovernanceChanged(
                event_id=name, ts=START, part=PART, content=content_of(verdict), author=by, reason="looked at it"
            )
        )
        return name

    def _add(self, event: object) -> None:
        entry = LogEntry(len(self.log) + 1, START, event)  # type: ignore[arg-type]
        self.log.append(entry)
        self.projection.apply([entry])

    def again(self, seed: int) -> list[Ring]:
        """The rings when the whole log is played anew in other batches."""
        rng = random.Random(seed)
        projection = Projection()
        start = 0
        while start < len(self.log):
            end = start + rng.randrange(1, 9)
            projection.apply(self.log[start:end])
            if rng.random() < 0.3:
                projection.ring_changes(settle=rng.random() < 0.5)
            start = end
        projection.ring_changes(settle=True)
        return projection.rings()


def about(ring: Ring, act: Act = Act.CONFIRM) -> Verdict:
    moved = sum(link.sum_cents for link in ring.links if link.kind == "SENT")
    return Verdict(act, ring.ring_id, tuple(sorted(accounts_of(ring))), kinds=ring.kinds, money_cents=moved)


def dismiss(office: Office, ring: Ring) -> str:
    name = office.judge(about(ring, Act.DISMISS))
    office.judge(Verdict(Act.APPROVE, ring.ring_id, of=name), by="bia")
    return name


def test_a_confirmed_ring_says_who_when_and_why_and_an_undone_word_is_gone() -> None:
    office = Office()
    cycle(office.book, ["a", "b", "c"])
    before = office.only()
    name = office.judge(about(before))
    standing = office.only().standing
    assert (standing.state, standing.author, standing.at, standing.reason, standing.event_id) == (
        Standing.CONFIRMED,
        "ana",
        START,
        "looked at it",
        name,
    )
    office.judge(Verdict(Act.UNDO, before.ring_id, of=name))
    assert office.only() == before


def test_a_dismissal_counts_when_another_person_approved_it_and_not_when_the_same_did() -> None:
    office = Office()
    cycle(office.book, ["a", "b", "c"])
    ring = office.only()
    name = office.judge(about(ring, Act.DISMISS))
    assert office.only().standing.state is Standing.PROPOSED
    office.judge(Verdict(Act.APPROVE, ring.ring_id, of=name), by="ana")
    assert office.only().standing.state is Standing.PROPOSED
    office.judge(Verdict(Act.APPROVE, ring.ring_id, of=name), by="bia")
    standing = office.only().standing
    assert (standing.state, standing.approver) == (Standing.DISMISSED, "bia")


def test_a_dismissed_ring_that_reappears_stays_dismissed_also_under_another_id() -> None:
    office = Office()
    cycle(office.book, ["a", "b", "c"], at=5 * DAY)
    ring = office.only()
    dismiss(office, ring)
    cycle(office.book, ["a", "b", "c"], at=9 * DAY, cents=300_000)
    again = office.only()
    assert again.standing.state is Standing.DISMISSED
    assert again != ring
    assert office.again(1) == office.rings()


def test_a_dismissed_ring_that_became_something_else_is_open_again_and_says_in_what() -> None:
    office = Office()
    cycle(office.book, ["a", "b", "c"])
    dismiss(office, office.only())
    cycle(office.book, ["c", "d", "e"], at=DAY)
    chain(office.book, ["e", "f", "g", "h", "i"], at=2 * DAY)
    standing = office.only().standing
    assert standing.state is Standing.REOPENED
    assert {one.code for one in standing.changed} == {"changed_members", "changed_shape", "changed_money"}
    (members,) = [one for one in standing.changed if one.code == "changed_members"]
    assert dict(members.params)["count"] == len(accounts_of(office.only())) - 3


def test_a_member_that_was_removed_stays_out_and_joins_nothing_to_the_ring() -> None:
    office = Office()
    cycle(office.book, ["a", "b", "c"])
    cycle(office.book, ["c", "d", "e"], at=DAY)
    whole = office.only()
    stay = tuple(sorted(accounts_of(whole) - {"c"}))
    name = office.judge(Verdict(Act.REMOVE, whole.ring_id, ("c",), stay))
    assert all("c" not in accounts_of(ring) for ring in office.rings())
    cycle(office.book, ["a", "c", "b"], at=2 * DAY)
    rings = office.rings()
    assert all("c" not in accounts_of(ring) for ring in rings)
    assert all(name in ring.standing.verdicts for ring in rings)
    for seed in range(4):
        assert office.again(seed) == rings
    office.judge(Verdict(Act.UNDO, whole.ring_id, of=name))
    assert accounts_of(office.only()) == set("abcde")


def test_a_split_holds_against_what_would_join_the_parts_later() -> None:
    office = Office()
    cycle(office.book, ["a", "b", "c"])
    cycle(office.book, ["c", "m", "x"], at=DAY)
    cycle(office.book, ["x", "y", "z"], at=2 * DAY)
    whole = office.only()
    office.judge(Verdict(Act.SPLIT, whole.ring_id, ("x", "y", "z"), ("a", "b", "c", "m")))
    parts = sorted(map(accounts_of, office.rings()), key=sorted)
    assert parts == [set("abcm"), set("xyz")]
    assert whole.ring_id in {ring.ring_id for ring in office.rings()}
    cycle(office.book, ["b", "n", "y"], at=3 * DAY)
    rings = office.rings()
    for ring in rings:
        assert not (accounts_of(ring) & set("abc") and accounts_of(ring) & set("xyz"))
    for seed in range(4):
        assert office.again(seed) == rings


def test_merged_rings_are_one_until_it_is_undone_and_a_merge_bridges_an_earlier_split() -> None:
    office = Office()
    cycle(office.book, ["a", "b", "c"])
    cycle(office.book, ["x", "y", "z"], at=DAY)
    one, two = sorted(office.rings(), key=lambda ring: ring.first_ts)
    name = office.judge(Verdict(Act.MERGE, one.ring_id, ("a", "b", "c"), ("x", "y", "z"), two.ring_id))
    merged = office.only()
    assert (merged.ring_id, accounts_of(merged)) == (one.ring_id, set("abcxyz"))
    office.judge(Verdict(Act.SPLIT, one.ring_id, ("x", "y", "z"), ("a", "b", "c")))
    assert len(office.rings()) == 2
    office.judge(Verdict(Act.MERGE, one.ring_id, ("a", "b", "c"), ("x", "y", "z"), two.ring_id))
    assert accounts_of(office.only()) == set("abcxyz")
    office.judge(Verdict(Act.UNDO, one.ring_id, of=name))
    assert accounts_of(office.only()) == set("abcxyz")  # the second merge still counts
    assert office.again(3) == office.rings()


def test_a_pinned_ring_keeps_its_id_when_an_older_one_takes_it_in_and_stays_below_the_score() -> None:
    office = Office()
    cycle(office.book, ["x", "y", "z"], at=5 * DAY)
    pinned = office.only()
    office.judge(Verdict(Act.PIN, pinned.ring_id, ("x", "y", "z")))
    cycle(office.book, ["a", "b", "c"])
    cycle(office.book, ["c", "m", "x"], at=6 * DAY)
    merged = office.only()
    assert (merged.ring_id, merged.standing.pinned) == (pinned.ring_id, True)
    assert accounts_of(merged) == set("abcmxyz")


def test_two_rings_never_have_one_id_although_a_pin_took_the_name_of_another() -> None:
    office = Office()
    cycle(office.book, ["a", "b", "c"])
    cycle(office.book, ["c", "m", "x"], at=DAY)
    cycle(office.book, ["x", "y", "z"], at=2 * DAY)
    whole = office.only()
    office.judge(Verdict(Act.PIN, whole.ring_id, ("x", "y", "z")))
    office.judge(Verdict(Act.SPLIT, whole.ring_id, ("x", "y", "z"), ("a", "b", "c", "m")))
    rings = {ring.ring_id: accounts_of(ring) for ring in office.rings()}
    assert rings.pop(whole.ring_id) == set("xyz")
    assert list(rings.values()) == [set("abcm")]


def test_a_ring_of_devices_is_judged_like_any_other() -> None:
    office = Office()
    farm(office.book, list("abcdef"), "shared")
    ring = office.only()
    office.judge(Verdict(Act.REMOVE, ring.ring_id, ("d",), tuple("abcef")))
    assert accounts_of(office.only()) == set("abcef")
    office.book.use("g", 3 * HOUR, device="own-g")
    office.book.use("g", 4 * HOUR, device="shared")
    assert accounts_of(office.only()) == set("abcefg")


def test_a_confirmed_ring_stays_when_its_score_falls_below_what_makes_one() -> None:
    office = Office()
    farm(office.book, list("abcd"), "shared")
    ring = office.only()
    office.judge(about(ring))
    office.judge(Verdict(Act.REMOVE, ring.ring_id, ("d",), tuple("abc")))
    left = office.only()
    assert (accounts_of(left), left.standing.state) == (set("abc"), Standing.CONFIRMED)
    assert left.score < MIN_SCORE


def test_a_verdict_about_nothing_known_changes_nothing() -> None:
    office = Office()
    cycle(office.book, ["a", "b", "c"])
    before = office.only()
    office.judge(Verdict(Act.UNDO, "R-9", of="governance:unknown"))
    office.judge(Verdict(Act.CONFIRM, "R-9", ("nobody",)))
    assert office.only() == before
