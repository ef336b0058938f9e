"""A model at work says what its training replay says, bit for bit, in whatever order and batches movements come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest

from gnn.artefact import Artefact
from gnn.dataset import Rated
from gnn.line import log_odds
from gnn.live import UNUSUAL
from gnn.log_rows import LogRows
from gnn.opened import line_of, open_model
from gnn.packing import unpack
from gnn.reasons import REASONS, TOLD_FROM
from graph.errors import ConfigurationError
from graph.events import Event, GovernanceChanged, Movement
from graph.evidence import Decision, Score, Signal
from graph.identity import IdentifierKeys
from graph.log.protocol import LogEntry
from scoring.checkpoint import freeze_projection, thaw_projection
from scoring.declared import canonical_text
from scoring.model_book import PART, ChosenModel, Loader, ModelChoice
from scoring.policy import Bands
from scoring.projection import Projection
from scoring.standard import standard_judging
from tests.gnn.lessons import START_MS, artefact_of, made_from, movements, played

pytestmark = pytest.mark.slow  # models are trained
COUNT, BEFORE = 900, 400
KEYS = IdentifierKeys.from_secret(b"a secret for tests only")


@dataclass(frozen=True)
class World:
    """A stream, its rows as training makes them, and a model of each kind trained on them."""

    events: list[Movement]
    rows: LogRows
    models: dict[str, Artefact]

    def load(self, chosen: ChosenModel):  # type: ignore[no-untyped-def]
        if chosen.version not in self.models:
            raise ConfigurationError("it was lost", cure="find it")
        return open_model(self.models[chosen.version])


@pytest.fixture(scope="module")
def world() -> World:
    events = movements(COUNT)
    rows = played(events)
    return World(
        events, rows, {name: artefact_of(made_from(rows, wanted=name)) for name in ("hybrid", "boosted features")}
    )


def projection(load: Loader) -> Projection:
    return Projection(judging=standard_judging(Bands(), KEYS, load=load))


def choice(live: str | None, shadow: str | None = None, *, number: int = 0) -> GovernanceChanged:
    chosen = (None if name is None else ChosenModel(name, "digest") for name in (live, shadow))
    content = canonical_text(ModelChoice(*chosen))
    return GovernanceChanged(event_id=f"governance:{number}", ts=START_MS, part=PART, content=content, author="ana")


def play(held: Projection, events: Sequence[Event], sizes: Sequence[int], *, begin: int = 0) -> dict[str, Score]:
    """Apply `events`, which follow the log's entry `begin`, in batches of the sizes in turn; return the last scores."""
    found: dict[str, Score] = {}
    done = turn = 0
    while done < len(events):
        size = sizes[turn % len(sizes)]
        batch = [LogEntry(begin + done + place + 1, 0, event) for place, event in enumerate(events[done : done + size])]
        found.update((score.tx_id, score) for score in held.apply(batch).scores)
        held.ring_changes(settle=True)
        done, turn = done + size, turn + 1
    return found


def said(score: Score, name: str = "model") -> Signal | None:
    return next((signal for signal in score.signals if signal.name == name), None)


def by_replay(world: World, name: str) -> dict[str, float]:
    """The probability of every movement as training works it out: LightGBM's own answers over the whole replay."""
    rows, artefact = world.rows, world.models[name]
    count = len(rows)
    rated = Rated(
        rows.tx_ids, rows.edges.ts, np.zeros(count, np.int8), np.zeros(count, np.int64), [""] * count, rows.features,
        np.arange(count), rows.edges, 0,
    )  # fmt: skip
    raw = unpack(artefact.packed).raw(rated)
    return dict(zip(rows.tx_ids, line_of(artefact.arrays, "head0.probability")(raw).tolist(), strict=True))


@pytest.mark.parametrize("sizes", [[1], [7, 40], [500]])
@pytest.mark.parametrize("name", ["hybrid", "boosted features"])
def test_what_is_served_is_what_the_training_replay_says_bit_for_bit(world: World, name: str, sizes: list[int]) -> None:
    events: list[Event] = [*world.events[:BEFORE], choice(name), *world.events[BEFORE:]]
    scores = play(projection(world.load), events, sizes)
    expected = by_replay(world, name)
    compared = 0
    for event in world.events[BEFORE:]:
        signal = said(scores[event.tx_id])
        assert signal is not None
        params = dict(signal.evidence.params)
        assert params["version"] == name
        if "fallback" not in params:
            assert signal.value == expected[event.tx_id]
            compared += 1
    assert compared > (COUNT - BEFORE) * 0.9
    assert len({*expected.values()}) > 20
    assert all(said(scores[event.tx_id]) is None for event in world.events[:BEFORE])  # no model was in force then


def test_contributions_add_up_exactly_and_the_version_is_in_every_answer(world: World) -> None:
    scores = play(projection(world.load), [choice("hybrid"), *world.events], [100])
    for score in scores.values():
        assert round(sum(signal.points for signal in score.signals), 2) == score.value
        assert dict(score.versions)["model"] == "hybrid"
    points = [signal.points for score in scores.values() if (signal := said(score))]
    assert min(points) < 0 < max(points)


def test_what_speaks_for_an_alarm_is_said_with_earlier_movements_of_its_own_accounts(world: World) -> None:
    scores = play(projection(world.load), [choice("hybrid"), *world.events], [100])
    by_id = {event.event_id: event for event in world.events}
    told = 0
    for tx_id, score in scores.items():
        signal = said(score)
        assert signal is not None
        params, own = dict(signal.evidence.params), by_id[f"tx:{tx_id}"]
        assert ("first" in params) <= (signal.points >= TOLD_FROM)
        if "first" not in params:
            assert signal.evidence.event_ids == (own.event_id,)
            continue
        told += 1
        first, *earlier = signal.evidence.event_ids
        assert first == own.event_id
        times = [by_id[event_id].ts for event_id in earlier]
        assert times == sorted(times)
        assert all(ts <= own.ts for ts in times)
        ends = {own.source, own.target}
        assert all({by_id[event_id].source, by_id[event_id].target} & ends for event_id in earlier)
        assert params["first"] in REASONS
    assert told > 20


def test_without_the_movements_that_carried_an_alarm_it_falls_more_than_without_as_many_others(world: World) -> None:
    scores = play(projection(world.load), [choice("hybrid"), *world.events], [300])
    rng = np.random.default_rng(1)
    carried: list[float] = []
    others: list[float] = []
    for own in world.events[-60::-1]:
        signal = said(scores[own.tx_id])
        if signal is None or len(signal.evidence.event_ids) < 3 or len(carried) == 6:
            continue
        named = set(signal.evidence.event_ids[1:])
        ends = {own.source, own.target}
        around = [
            event.event_id
            for event in world.events
            if event.ts < own.ts and {event.source, event.target} & ends and event.event_id not in named
        ]
        if len(around) < len(named):
            continue
        drawn = set(rng.choice(around, len(named), replace=False).tolist())
        for gone, falls in ((named, carried), (drawn, others)):
            kept = [event for event in world.events if event.event_id not in gone and event.ts <= own.ts]
            left = said(play(projection(world.load), [choice("hybrid"), *kept], [300])[own.tx_id])
            assert left is not None
            falls.append(float(log_odds(np.array(signal.value)) - log_odds(np.array(left.value))))
    assert len(carried) == 6
    assert np.mean(carried) > np.mean(others)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_any_order_of_arrival_ends_in_the_same_scores(world: World, seed: int) -> None:
    rng = np.random.default_rng(seed)
    later = world.events[BEFORE:]
    expected = play(projection(world.load), [*world.events[:BEFORE], choice("hybrid"), *later], [60])
    shuffled = [later[place] for place in np.argsort(np.arange(len(later)) + rng.normal(0, 60, len(later))).tolist()]
    got = play(projection(world.load), [*world.events[:BEFORE], choice("hybrid"), *shuffled], [1, 30])
    assert got == expected


def test_a_checkpoint_in_between_changes_nothing(world: World) -> None:
    events: list[Event] = [*world.events[:BEFORE], choice("hybrid", "boosted features"), *world.events[BEFORE:]]
    expected = play(projection(world.load), events, [50])
    first = projection(world.load)
    middle = BEFORE + 200
    got = play(first, events[:middle], [50])
    second = projection(world.load)
    thaw_projection(second, freeze_projection(first))
    got.update(play(second, events[middle:], [50], begin=middle))
    assert got == expected


def test_each_movement_is_judged_by_the_model_in_force_when_it_arrived(world: World) -> None:
    late = world.events[600]
    rest = [event for event in world.events if event is not late]
    events: list[Event] = [
        choice("hybrid", number=1), *rest[:650], choice("boosted features", number=2), late, *rest[650:700],
        choice(None, number=3), *rest[700:],
    ]  # fmt: skip
    scores = play(projection(world.load), events, [40])
    for event in rest[:650]:  # answered again after the change of models, where the late one touched them
        assert dict(scores[event.tx_id].versions)["model"] == "hybrid"
    expected = by_replay(world, "hybrid")
    signals = [(event, said(scores[event.tx_id])) for event in rest[:650]]
    whole = [(event, signal) for event, signal in signals if signal and "fallback" not in dict(signal.evidence.params)]
    assert all(signal.value == expected[event.tx_id] for event, signal in whole)
    assert len(whole) > 550
    assert dict(scores[late.tx_id].versions)["model"] == "boosted features"
    assert dict(scores[rest[-1].tx_id].versions)["model"] == "absent"
    assert said(scores[rest[-1].tx_id]) is None


def test_a_shadow_is_recorded_without_points(world: World) -> None:
    scores = play(projection(world.load), [choice("boosted features", "hybrid"), *world.events], [100])
    alone = play(projection(world.load), [choice("boosted features"), *world.events], [100])
    expected = by_replay(world, "hybrid")
    for tx_id, score in scores.items():
        shadow = said(score, "model_shadow")
        assert shadow is not None
        assert shadow.points == 0
        assert (score.value, score.decision) == (alone[tx_id].value, alone[tx_id].decision)
        if "fallback" not in dict(shadow.evidence.params):
            assert shadow.value == expected[tx_id]


def test_a_movement_unlike_all_that_training_saw_is_judged_by_the_plain_head_and_says_so(world: World) -> None:
    begin = world.events[-1].ts
    odd = [
        Movement(event_id=f"tx:odd{place}", ts=begin + place, source="hub", target=f"n{place}", amount_cents=10**13)
        for place in range(200)
    ]
    scores = play(projection(world.load), [choice("hybrid"), *world.events, *odd], [300])
    signal = said(scores["odd199"])
    assert signal is not None
    assert dict(signal.evidence.params)["fallback"] == f"fallback_{UNUSUAL}"


def test_a_model_that_cannot_be_opened_is_missing_and_nothing_is_approved(world: World) -> None:
    scores = play(projection(world.load), [choice("lost"), *world.events[:20]], [20])
    for score in scores.values():
        signal = said(score)
        assert signal is not None
        assert (signal.points, signal.missing) == (0.0, "it was lost; find it")
        assert score.degraded == ("model",)
        assert score.decision is not Decision.APPROVE


def test_a_choice_that_cannot_be_used_is_refused_before_it_is_logged(world: World) -> None:
    held = projection(world.load)
    with pytest.raises(ConfigurationError, match="model lost cannot be used: it was lost"):
        held.governance.check(choice("lost"))
    with pytest.raises(ConfigurationError, match="unknown field `lives`"):
        held.governance.check(replace(choice(None), content='{"lives": null}'))
