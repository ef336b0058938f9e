"""What a job found becomes rings and a signal from then on, whatever repeats, and stands no more when withdrawn."""

from __future__ import annotations

import pytest

from graph.errors import ConfigurationError
from graph.events import Event, GovernanceChanged, Movement
from graph.evidence import RingKind, Score
from graph.found import PART, Found, FoundMovement, change_of, content_of
from graph.log.protocol import LogEntry
from scoring.checkpoint import freeze_projection, thaw_projection
from scoring.found import POINTS, SIGNAL, JobFindings
from scoring.policy import Bands
from scoring.projection import Projection
from scoring.standard import standard_judging
from tests.rings.worlds import HOUR

T0 = 1_750_000_000_000


def moved(number: int, source: str, target: str, *, hour: int = 0) -> Movement:
    return Movement(event_id=f"tx:{number}", ts=T0 + hour * HOUR, source=source, target=target, amount_cents=50_000)


def found(accounts: str = "abcd", *, kind: RingKind | None = RingKind.CYCLE) -> Found:
    """A round of accounts, as a job of the catalogue says it."""
    hops = zip(accounts, accounts[1:] + accounts[0], strict=True)
    moves = tuple(
        FoundMovement(f"tx:{place}", T0 + place * HOUR, one, two, 50_000, "transfer")
        for place, (one, two) in enumerate(hops)
    )
    return Found(
        job="rising_cycle",
        version=2,
        code="round_trip",
        kind=kind,
        ts=T0 + 2 * HOUR,
        core=tuple(accounts),
        movements=moves,
    )


def says(number: int, *what: Found, withdrawn: tuple[str, ...] = ()) -> GovernanceChanged:
    return GovernanceChanged(
        event_id=f"governance:{number}",
        ts=T0 + 9 * HOUR,
        part=PART,
        content=content_of(what, withdrawn=withdrawn),
        author="job:rising_cycle",
    )


def projection() -> Projection:
    return Projection(judging=standard_judging(Bands(), None))  # type: ignore[arg-type]  # keys are not asked


def signals(score: Score) -> list[tuple[str, float]]:
    return [(signal.name, signal.points) for signal in score.signals if signal.name == SIGNAL]


def play(one: Projection, events: list[Event], *, start: int = 0) -> tuple[Score, ...]:
    """Scores of the movements among `events`, which come after `start` others."""
    return one.apply([LogEntry(start + number, 0, event) for number, event in enumerate(events, start=1)]).scores


def test_a_finding_makes_a_ring_and_a_signal_for_what_arrives_after_it() -> None:
    one = projection()
    before, after, other = play(
        one, [moved(50, "a", "x"), says(1, found()), moved(51, "a", "y", hour=1), moved(52, "u", "v", hour=2)]
    )
    assert [signals(score) for score in (before, after, other)] == [[], [(SIGNAL, POINTS)], []]
    (ring,) = one.ring_changes(settle=True).changed
    assert (ring.kind, [member.account for member in ring.members]) == (RingKind.CYCLE, ["a", "b", "c", "d"])
    assert {event_id for evidence in ring.evidence for event_id in evidence.event_ids} == {
        "tx:0",
        "tx:1",
        "tx:2",
        "tx:3",
    }
    proof = next(signal.evidence for signal in after.signals if signal.name == SIGNAL)
    assert proof.event_ids == ("governance:1", "tx:51")


def test_the_same_finding_again_changes_nothing() -> None:
    one, two = projection(), projection()
    play(one, [says(1, found()), moved(51, "a", "y")])
    play(two, [says(1, found()), says(2, found()), moved(51, "a", "y")])
    one.ring_changes(settle=True)
    two.ring_changes(settle=True)
    assert one.rings() == two.rings()
    assert len(one.rings()) == 1


def test_a_finding_of_no_shape_is_a_signal_and_no_ring() -> None:
    one = projection()
    (score,) = play(one, [says(1, found("a", kind=None)), moved(51, "z", "a")])
    assert signals(score) == [(SIGNAL, POINTS)]
    assert one.ring_changes(settle=True).changed == ()


def test_a_withdrawn_finding_is_neither_signal_nor_ring_and_does_not_come_back() -> None:
    one = projection()
    play(one, [says(1, found())])
    (ring,) = one.ring_changes(settle=True).changed
    (score,) = play(one, [says(2, withdrawn=(found().id,)), says(3, found()), moved(51, "a", "y")], start=1)
    assert signals(score) == []
    assert one.ring_changes(settle=True).gone == ((ring.ring_id, None),)
    assert one.rings() == []


def test_a_checkpoint_keeps_findings_and_what_was_withdrawn() -> None:
    one, two = projection(), projection()
    gone = found("wxyz")
    play(one, [says(1, found(), gone), says(2, withdrawn=(gone.id,))])
    one.ring_changes(settle=True)
    thaw_projection(two, freeze_projection(one))
    (score,) = play(two, [moved(51, "a", "y")], start=2)
    assert signals(score) == [(SIGNAL, POINTS)]
    play(two, [says(3, gone)], start=3)
    two.ring_changes(settle=True)
    assert two.rings() == one.rings()


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"found":[{"job":"x"}]}', '{"surprise":1}'])
def test_content_that_is_no_finding_is_refused(content: str) -> None:
    with pytest.raises(ConfigurationError):
        JobFindings().check(content)


def test_equal_findings_have_one_id_and_others_have_another() -> None:
    assert change_of(content_of([found()])).found[0].id == found().id
    assert found().id != found("abce").id
