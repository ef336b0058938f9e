"""Versions of rings lie at steps of the log, and say what became of what, whatever the batches."""

from __future__ import annotations

import random
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from graph.events import Event, GovernanceChanged, ListKind
from graph.lineage import Change, LineageStep, RingVersion, Tie, TieKind
from graph.log.protocol import LogEntry
from graph.verdicts import PART, Act, Verdict, content_of
from rings.lineage import CLOSE_AFTER_MS
from rings.steps import StepClock
from scoring.checkpoint import freeze_projection, thaw_projection
from scoring.projection import Projection
from tests.rings.test_any_order import worlds
from tests.rings.worlds import DAY, START, Notebook, accounts_of, cycle


class Told:
    """Chapters of one notebook, a step at the end of each: the log's clock goes on by a day."""

    def __init__(self) -> None:
        self.book = Notebook()
        self.projection = Projection()
        self.log: list[LogEntry] = []
        self.steps: list[LineageStep] = []

    def tell(self) -> LineageStep:
        """What the step after this chapter says."""
        day = len(self.steps)
        for event in self.book.events[len(self.log) :]:
            self.log.append(LogEntry(len(self.log) + 1, START + 1000 * DAY + day * DAY, event))
        self.projection.apply(self.log[self.projection.life.clock.position :])
        life = self.projection.life
        life._step()
        found = self.projection.ring_steps()
        self.steps.append(found[-1] if found else LineageStep(len(self.log), (), ()))
        return self.steps[-1]


def changes_of(step: LineageStep) -> dict[str, tuple[Change, ...]]:
    return {version.ring_id: version.changes for version in step.versions}


def by_accounts(step: LineageStep) -> dict[str, RingVersion]:
    return {"".join(sorted(accounts_of(one.ring))): one for one in step.versions if one.ring is not None}


def test_a_ring_is_born_grows_and_every_version_cites_what_is_new() -> None:
    story = Told()
    first = cycle(story.book, ["a", "b", "c"])
    born = by_accounts(story.tell())["abc"]
    assert (born.version, born.changes) == (1, (Change.BORN,))
    assert set(born.because[0].event_ids) == set(first)
    second = cycle(story.book, ["c", "d", "e"], at=DAY)
    grown = by_accounts(story.tell())["abcde"]
    assert (grown.ring_id, grown.version, grown.changes) == (born.ring_id, 2, (Change.GREW,))
    assert set(grown.because[0].event_ids) & set(second)


def test_rings_that_merge_say_so_on_both_sides_and_the_tie_counts_the_accounts() -> None:
    story = Told()
    cycle(story.book, ["a", "b", "c"])
    cycle(story.book, ["x", "y", "z"], at=DAY)
    rings = by_accounts(story.tell())
    cycle(story.book, ["c", "m", "x"], at=2 * DAY)
    step = story.tell()
    old, young = rings["abc"].ring_id, rings["xyz"].ring_id
    assert changes_of(step) == {old: (Change.TOOK_IN, Change.GREW), young: (Change.WENT_INTO,)}
    assert [(tie.kind, tie.source, tie.target, tie.shared, tie.share) for tie in step.ties] == [
        (TieKind.MERGED, young, old, 3, 1.0)
    ]


def test_a_small_ring_taken_in_by_a_large_one_is_absorbed() -> None:
    story = Told()
    cycle(story.book, list("abcdef"))
    cycle(story.book, list("cghij"), at=DAY)
    cycle(story.book, ["x", "y", "z"], at=2 * DAY)
    story.tell()
    cycle(story.book, ["a", "x", "k"], at=3 * DAY)
    assert [tie.kind for tie in story.tell().ties] == [TieKind.ABSORBED]


def test_a_fact_that_arrives_late_splits_a_ring_and_the_part_names_its_parent() -> None:
    story = Told()
    cycle(story.book, ["a", "b", "c"])
    cycle(story.book, ["c", "m", "x"], at=DAY)
    cycle(story.book, ["x", "y", "z"], at=2 * DAY)
    (whole,) = story.tell().versions
    story.book.list("m", ListKind.SERVICE, at=12 * 3_600_000)
    step = story.tell()
    rings = by_accounts(step)
    assert rings["abc"].ring_id == whole.ring_id
    assert rings["abc"].changes == (Change.GAVE_OFF, Change.SHRANK)
    assert rings["xyz"].changes == (Change.BORN,)
    assert [(tie.kind, tie.source, tie.target) for tie in step.ties] == [
        (TieKind.SPLIT, whole.ring_id, rings["xyz"].ring_id)
    ]


def test_a_ring_without_reason_dissolves_and_is_revived_when_it_is_found_again() -> None:
    story = Told()
    cycle(story.book, ["a", "b", "c"])
    (born,) = story.tell().versions
    story.book.list("b", ListKind.SERVICE, at=-DAY)
    (gone,) = story.tell().versions
    assert (gone.changes, gone.ring) == ((Change.DISSOLVED,), None)
    assert gone.because[0].code == "lineage_lost"
    name = min("ac", key=lambda account: account)
    cycle(story.book, [name, "c" if name == "a" else "a", "q"], at=DAY)
    (back,) = story.tell().versions
    if back.ring_id == born.ring_id:
        assert (back.version, back.changes) == (3, (Change.REVIVED,))


def test_a_ring_in_which_nothing_moved_for_long_is_closed_and_stays_readable_and_revives() -> None:
    story = Told()
    cycle(story.book, ["a", "b", "c"])
    (born,) = story.tell().versions
    later = CLOSE_AFTER_MS + DAY
    story.book.pay("q", "r", 100, later)
    (closed,) = story.tell().versions
    assert (closed.ring_id, closed.changes, closed.closed) == (born.ring_id, (Change.CLOSED,), True)
    assert closed.ring == born.ring
    cycle(story.book, ["a", "b", "c"], at=later)
    (again,) = story.tell().versions
    assert (again.ring_id, again.closed) == (born.ring_id, False)
    assert Change.REVIVED in again.changes


def test_an_event_dated_far_ahead_closes_nothing() -> None:
    story = Told()
    cycle(story.book, ["a", "b", "c"])
    story.tell()
    story.book.pay("q", "r", 100, 20_000 * DAY)
    log = [LogEntry(entry.offset, START + DAY, entry.event) for entry in story.log]
    projection = Projection()
    projection.apply([*log, LogEntry(len(log) + 1, START + DAY, story.book.events[-1])])
    projection.life._step()
    assert not any(version.closed for step in projection.ring_steps() for version in step.versions)


def test_what_people_decide_much_later_closes_nothing() -> None:
    story = Told()
    cycle(story.book, ["a", "b", "c"])
    story.tell()
    verdict = Verdict(Act.CONFIRM, "R-1", ("a", "b", "c"))
    later = START + 900 * DAY
    change = GovernanceChanged(event_id="governance:1", ts=later, part=PART, content=content_of(verdict), author="ana")
    story.projection.apply([LogEntry(len(story.log) + 1, START + 1_001 * DAY, change)])
    (step,) = story.projection.ring_steps()
    (judged,) = step.versions
    assert (judged.changes, judged.closed) == ((Change.JUDGED,), False)


def test_cyclic_merges_end_with_one_ring_and_every_id_tied_to_it() -> None:
    story = Told()
    names = [[f"{part}{n}" for n in range(3)] for part in "abcd"]
    for place, part in enumerate(names):
        cycle(story.book, part, at=place * DAY)
    story.tell()
    for place, part in enumerate(names):  # a joins b, b joins c, c joins d, d joins a
        cycle(story.book, [part[0], f"m{place}", names[(place + 1) % 4][0]], at=(5 + place) * DAY)
        story.tell()
    (ring,) = story.projection.rings()
    ties: list[Tie] = [tie for step in story.steps for tie in step.ties]
    assert len(ties) == 3
    ends = {tie.source: tie.target for tie in ties}
    for source in ends:
        at = source
        for _ in range(5):
            at = ends.get(at, at)
        assert at == ring.ring_id


@st.composite
def logs(draw: st.DrawFn) -> list[LogEntry]:
    """A world in log order, some days of the log's clock, and verdicts anywhere about accounts of it."""
    events: list[Event] = list(draw(worlds()))
    for number in range(draw(st.integers(0, 3))):
        accounts = draw(st.lists(st.sampled_from([f"a{n}" for n in range(16)]), min_size=4, max_size=8, unique=True))
        act = draw(st.sampled_from([Act.CONFIRM, Act.PIN, Act.SPLIT, Act.MERGE, Act.REMOVE]))
        sides = (
            (tuple(accounts[:2]), tuple(accounts[2:]))
            if act in (Act.SPLIT, Act.MERGE, Act.REMOVE)
            else (
                tuple(accounts),
                (),
            )
        )
        verdict = Verdict(act, "R-1", sides[0], sides[1])
        change = GovernanceChanged(
            event_id=f"governance:{number}", ts=START, part=PART, content=content_of(verdict), author="ana"
        )
        events.insert(draw(st.integers(0, len(events))), change)
    days = draw(st.integers(1, 40))
    return [LogEntry(n, START + 500 * DAY + (n // days) * DAY, event) for n, event in enumerate(events, 1)]


def history(log: Sequence[LogEntry], cuts: Sequence[int], *, restarts: bool) -> list[LineageStep]:
    projection = _new()
    found: list[LineageStep] = []
    for start, end in zip((0, *cuts), (*cuts, len(log)), strict=True):
        projection.apply(log[start:end])
        projection.ring_changes(settle=bool(end % 2))
        found += projection.ring_steps()
        if restarts:
            frozen = freeze_projection(projection)
            projection = _new()
            thaw_projection(projection, frozen)
    return found


def _new() -> Projection:
    projection = Projection()
    projection.life.clock = StepClock(every=7, least=3)
    return projection


@settings(max_examples=60, deadline=None)
@given(logs(), st.randoms(use_true_random=False), st.booleans())
def test_any_batches_questions_and_restarts_give_the_same_history(
    log: list[LogEntry], rng: random.Random, restarts: bool
) -> None:
    cuts = sorted(rng.sample(range(1, len(log)), min(len(log) - 1, rng.randrange(6)))) if len(log) > 1 else []
    assert history(log, cuts, restarts=restarts) == history(log, [], restarts=False)
