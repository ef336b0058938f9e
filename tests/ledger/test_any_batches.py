"""However the log is cut into batches, and however often they come again, the ledger ends the same."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from graph.evidence import Decision, Ring, RingChanges, Score
from ledger import Ledger
from tests.ledger.worlds import LOG, all_rings, all_scores, record, ring, score

RING_IDS = ("a", "b", "c")

#: What one log entry does to the rings: nothing, a ring's new score, or a ring gone with its survivor.
Step = tuple[str, float] | tuple[str, str | None] | None


@dataclass
class World:
    """The oracle: plain dictionaries, one log entry at a time."""

    scores: dict[str, Score] = field(default_factory=dict)
    rings: dict[str, Ring] = field(default_factory=dict)
    gone: dict[str, str | None] = field(default_factory=dict)

    def take(self, number: int, step: Step) -> None:
        self.scores[score(number).tx_id] = score(number)
        if step is None:
            return
        ring_id, change = step
        if isinstance(change, float):
            self.rings[ring_id] = ring(ring_id, value=change, accounts=(ring_id, f"x{int(change)}"))
            self.gone.pop(ring_id, None)
        elif ring_id in self.rings:
            del self.rings[ring_id]
            self.gone[ring_id] = change

    def resolve(self, ring_id: str | None) -> Ring | None:
        for _ in range(len(RING_IDS) + 1):
            if ring_id is None or ring_id in self.rings:
                break
            ring_id = self.gone.get(ring_id)
        return self.rings.get(ring_id) if ring_id is not None else None


def batch(steps: list[Step], first: int, last: int) -> tuple[list[Score], RingChanges]:
    """What the pipeline hands over for entries `first` to `last`: their scores, and each touched ring as it ends."""
    world = World()
    touched: set[str] = set()
    for number, step in enumerate(steps[:last], 1):
        world.take(number, step)
        if number >= first and step is not None:
            touched.add(step[0])
    changed = tuple(world.rings[ring_id] for ring_id in sorted(touched) if ring_id in world.rings)
    gone = tuple((ring_id, world.gone[ring_id]) for ring_id in sorted(touched) if ring_id in world.gone)
    return [score(number) for number in range(first, last + 1)], RingChanges(changed, gone)


steps_of_a_log = st.lists(
    st.one_of(
        st.none(),
        st.tuples(st.sampled_from(RING_IDS), st.sampled_from([10.0, 20.0, 30.0])),
        st.tuples(st.sampled_from(RING_IDS), st.sampled_from([None, *RING_IDS])),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=20, deadline=None)
@given(steps=steps_of_a_log, data=st.data())
def test_any_batches_and_repetitions_give_the_same_ledger(
    opened: Ledger, steps: list[Step], data: st.DataObject
) -> None:
    ledger = opened
    world = World()
    for number, step in enumerate(steps, 1):
        world.take(number, step)
    ledger.forget_projections(LOG)
    record(ledger, len(steps), *batch(steps, 1, len(steps)))
    digests = ledger.score_digest(), ledger.ring_digest()

    ledger.forget_projections(LOG)
    reached = 0
    while reached < len(steps):
        first = data.draw(st.integers(1, reached + 1), label="first")  # at or before what is missing
        last = data.draw(st.integers(first, len(steps)), label="last")  # may end before what is recorded
        record(ledger, last, *batch(steps, first, last))
        reached = max(reached, last)
        assert ledger.position(LOG) == reached

    assert (ledger.score_digest(), ledger.ring_digest()) == digests
    newest_first = sorted(world.scores.values(), key=lambda one: (one.ts, one.tx_id), reverse=True)
    assert all_scores(ledger) == newest_first
    assert all_rings(ledger) == sorted(world.rings.values(), key=lambda one: (-one.score, one.ring_id))
    for ring_id in RING_IDS:
        assert ledger.ring(ring_id) == world.resolve(ring_id)
    accounts = sorted({member.account for one in world.rings.values() for member in one.members})
    assert ledger.rings_of(accounts) == {
        account: sorted(r.ring_id for r in world.rings.values() if account in {m.account for m in r.members})
        for account in accounts
    }
    summary = ledger.summary()
    assert summary.decisions == {
        str(kind): sum(one.decision is kind for one in world.scores.values()) for kind in Decision
    }
    assert sum(summary.rings.values()) == len(world.rings)
