"""Every signal is produced by a small example, proves itself, and the points add up to the score."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings

from graph.events import (
    AuthenticationAttempt,
    DomainObservation,
    Event,
    IndicatorListed,
    LabelGiven,
    ListKind,
    Movement,
    NodeKind,
    OperatorFact,
    OperatorFactKind,
)
from graph.evidence import Decision, Score, Signal
from reports.formats import Language
from reports.phrases import known_codes, phrase
from scoring.policy import Bands
from scoring.projection import Judging, Projection
from scoring.scorer import FixedPolicy
from scoring.signals import SIGNAL_NAMES
from tests.rings.worlds import (
    DAY,
    HOUR,
    MINUTE,
    START,
    Notebook,
    chain,
    collection,
    cycle,
    entries,
    layers,
    opposed,
    spreading,
)
from tests.rings.worlds import scatter as scattered
from tests.window.worlds import streams


def scores_of(events: Sequence[Event], *, bands: Bands | None = None) -> dict[str, Score]:
    """Final score of every movement, by transaction id."""
    projection = Projection(judging=Judging(policy=FixedPolicy(bands)))
    return {score.tx_id: score for score in projection.apply(entries(events)).scores}


def last_move(book: Notebook) -> Movement:
    return next(event for event in reversed(book.events) if isinstance(event, Movement))


def score_of_last(book: Notebook) -> Score:
    return scores_of(book.events)[last_move(book).tx_id]


def again(book: Notebook, **changed: object) -> None:
    """Replace the last movement by one that differs in `changed`."""
    move = last_move(book)
    book.events[book.events.index(move)] = Movement(
        **{**{name: getattr(move, name) for name in Movement.__dataclass_fields__}, **changed}
    )


def listed(book: Notebook, kind: ListKind, entity: NodeKind, name: str, at: int = -HOUR) -> None:
    number = len(book.events)
    book.events.append(
        IndicatorListed(
            event_id=f"on-list:{number}",
            ts=START + at,
            list_name="list",
            list_kind=kind,
            entity_kind=entity,
            entity_id=name,
        )
    )


def blocked_source(book: Notebook) -> None:
    listed(book, ListKind.BLOCK, NodeKind.ACCOUNT, "a")
    book.pay("a", "b", 1_000, 0)


def allowed_target(book: Notebook) -> None:
    blocked_source(book)
    listed(book, ListKind.ALLOW, NodeKind.ACCOUNT, "b")


def many_in_an_hour(book: Notebook) -> None:
    for n in range(6):
        book.pay("a", f"b{n}", 1_000, n * MINUTE)


def used_to_small(book: Notebook) -> None:
    for n in range(3):
        book.pay("a", "b", 1_000, n * DAY)
    book.pay("a", "new", 100_000, 4 * DAY)


def paid_then_pays(book: Notebook) -> None:
    book.pay("x", "a", 50_000, 0)
    book.pay("a", "b", 49_000, HOUR)


def other_phone(book: Notebook) -> None:
    book.pay("a", "b", 1_000, 0, device="old")
    book.pay("a", "b", 1_000, 2 * DAY, device="new")


def crowded_device(book: Notebook) -> None:
    for n in range(5):
        book.use(f"u{n}", n, device="phone", ip="10.0.0.1")
    book.pay("a", "b", 1_000, HOUR, device="phone")
    again(book, ip="10.0.0.1")


def registered_yesterday(book: Notebook) -> None:
    seen = DomainObservation(event_id="domain:1", ts=START, domain="bet.example", registered_ts=START - DAY)
    book.events.append(seen)
    book.pay("a", "b", 1_000, HOUR)
    again(book, domain="bet.example")


def no_licence(book: Notebook) -> None:
    fact = OperatorFact(event_id="fact:1", ts=START, operator="op", fact=OperatorFactKind.LICENCE, licensed=False)
    book.events.append(fact)
    book.pay("a", "b", 1_000, HOUR)
    again(book, operator="op")


def popular_target(book: Notebook) -> None:
    for n in range(7):
        book.pay(f"p{n}", "boss", 1_000, n * MINUTE)
    book.pay("boss", "exit", 5_000, HOUR)
    book.pay("p9", "boss", 1_000, 2 * HOUR)


def guessed_password(book: Notebook) -> None:
    for n in range(4):
        book.events.append(
            AuthenticationAttempt(event_id=f"auth:{n}", ts=START + n * MINUTE, account="a", succeeded=False)
        )
    book.pay("a", "b", 1_000, HOUR)


def gathered_and_scattered(book: Notebook) -> None:
    for n in range(5):
        book.pay(f"p{n}", "boss", 100_000, n * MINUTE)
    for n in range(5):
        book.pay("boss", f"q{n}", 100_000, HOUR + n * MINUTE)


def over_the_top(book: Notebook) -> None:
    for entity, name in ((NodeKind.ACCOUNT, "a"), (NodeKind.ACCOUNT, "c")):
        listed(book, ListKind.BLOCK, entity, name, at=-DAY)
    cycle(book, ["a", "b", "c"])


FIVE = [f"p{n}" for n in range(5)]
GROUPS = [[f"{group}{n}" for n in range(3)] for group in "xyz"]
PLANTED: dict[str, Callable[[Notebook], object]] = {
    "listed_indicator": blocked_source,
    "allow_listed": allowed_target,
    "velocity": many_in_an_hour,
    "amount_vs_history": used_to_small,
    "new_counterparty": used_to_small,
    "first_seen_account": paid_then_pays,
    "new_device": other_phone,
    "shared_device": crowded_device,
    "shared_ip": crowded_device,
    "young_site": registered_yesterday,
    "unlicensed_operator": no_licence,
    "fan_in": popular_target,
    "pass_through": paid_then_pays,
    "failed_attempts": guessed_password,
    "forwarded_collection": lambda book: collection(book, "boss", FIVE, "exit"),
    "gather_scatter": gathered_and_scattered,
    "fan_out": lambda book: spreading(book, "bank", "boss", FIVE),
    "round_trip": lambda book: cycle(book, ["a", "b", "c"]),
    "layered": lambda book: chain(book, ["a", "b", "c", "d", "e"]),
    "scatter_gather": lambda book: scattered(book, "a", FIVE[:4], "z"),
    "bipartite": lambda book: layers(book, GROUPS[:2]),
    "stack": lambda book: layers(book, GROUPS),
    "opposite_bets": lambda book: opposed(book, "a", "b", times=3),
    "cap": over_the_top,
}


def test_every_signal_has_an_example_here() -> None:
    assert set(PLANTED) == set(SIGNAL_NAMES)


@pytest.mark.parametrize("name", SIGNAL_NAMES)
def test_a_planted_example_makes_the_signal_and_it_proves_itself(name: str) -> None:
    book = Notebook()
    PLANTED[name](book)
    score = score_of_last(book)
    (signal,) = [signal for signal in score.signals if signal.name == name]
    assert signal.points != 0
    assert (signal.points < 0) == (name in ("allow_listed", "cap"))
    assert signal.evidence.event_ids
    assert set(signal.evidence.event_ids) <= {event.event_id for event in book.events}
    assert last_move(book).event_id in signal.evidence.event_ids
    assert name in known_codes()
    for language in Language:
        bare = phrase(type(signal.evidence)(name), language)
        assert phrase(signal.evidence, language).endswith(".")
        assert bare.endswith(".")


def test_a_lonely_first_payment_has_no_signal_and_is_approved() -> None:
    book = Notebook()
    book.pay("a", "b", 1_000, 0)
    score = score_of_last(book)
    assert (score.value, score.signals, score.decision) == (0, (), Decision.APPROVE)


def signal(book: Notebook, name: str) -> Signal:
    return next(signal for signal in score_of_last(book).signals if signal.name == name)


def test_a_watch_list_counts_as_an_entry_too() -> None:
    book = Notebook()
    listed(book, ListKind.WATCH, NodeKind.ACCOUNT, "b")
    book.pay("a", "b", 1_000, 0)
    found = signal(book, "listed_indicator")
    assert (found.value, found.points) == (1, 20)
    assert "1 entry" in phrase(found.evidence, Language.EN)


def test_words_name_what_was_measured() -> None:
    said = {}
    for name in ("pass_through", "fan_in", "fan_out", "forwarded_collection", "amount_vs_history", "opposite_bets"):
        book = Notebook()
        PLANTED[name](book)
        said[name] = phrase(signal(book, name).evidence, Language.EN).replace("\u00a0", " ")
    assert "within 1 hour" in said["pass_through"]
    assert "7 payers, BRL 70.00 in total" in said["fan_in"]
    assert "5 recipients" in said["fan_out"]
    assert "5 payers" in said["forwarded_collection"]
    assert "against a mean of BRL 10.00" in said["amount_vs_history"]
    assert "6 bets" in said["opposite_bets"]


@settings(max_examples=80, deadline=None)
@given(streams())
def test_points_add_up_to_the_score_exactly_and_every_proof_exists(events: list[Event]) -> None:
    known = {event.event_id for event in events}
    for score in scores_of(events).values():
        assert round(sum(signal.points for signal in score.signals), 2) == score.value
        assert 0 <= score.value <= 100
        for found in score.signals:
            assert found.name in (*SIGNAL_NAMES, "ring_member", "ring_neighbour")
            assert found.points != 0
            assert found.points == round(found.points, 2)
            assert set(found.evidence.event_ids) <= known
            assert 1 <= len(found.evidence.event_ids) <= found.evidence.total_events
        strength = [abs(found.points) for found in score.signals]
        assert strength == sorted(strength, reverse=True)


@settings(max_examples=40, deadline=None)
@given(streams(most=40))
def test_labels_never_change_a_score(events: list[Event]) -> None:
    labels: list[Event] = [
        LabelGiven(event_id=f"label:{n}", ts=event.ts, subject="account", subject_id=f"a{n % 7}", label=n % 2)
        for n, event in enumerate(events)
    ]
    assert scores_of([*labels, *events]) == scores_of(events)


@pytest.mark.parametrize(
    ("value", "decision"),
    [
        (0, Decision.APPROVE),
        (30, Decision.APPROVE),
        (30.01, Decision.REVIEW),
        (70, Decision.REVIEW),
        (70.01, Decision.DENY),
        (100, Decision.DENY),
    ],
)
def test_a_band_holds_its_upper_edge(value: float, decision: Decision) -> None:
    assert Bands().decide(value) is decision


@pytest.mark.parametrize(("approve", "review"), [(-1, 50), (50, 50), (60, 50), (10, 101)])
def test_bands_that_overlap_or_leave_the_scale_are_refused(approve: float, review: float) -> None:
    with pytest.raises(ValueError, match="bands"):
        Bands(approve=approve, review=review)


def test_other_bands_give_another_decision_and_the_same_score() -> None:
    book = Notebook()
    cycle(book, ["a", "b", "c"])
    tx = last_move(book).tx_id
    usual, strict = scores_of(book.events)[tx], scores_of(book.events, bands=Bands(approve=5, review=20))[tx]
    assert usual.value == strict.value
    assert (usual.decision, strict.decision) == (Decision.REVIEW, Decision.DENY)


def test_a_history_longer_than_the_walk_is_said() -> None:
    book = Notebook()
    for n in range(140):
        book.pay("a", "b", 1_000, n * MINUTE)
    assert "history" in score_of_last(book).truncated
