"""Every feature against its plain-Python twin, and the exceptions that random streams rarely meet."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.events import Event, Movement
from graph.window.features import FEATURES, WALK_LIMIT
from graph.window.holdings import HOLDERS, OWN, empty_holdings, note_holding
from graph.window.records import WindowSettings
from graph.window.window import Window
from tests.window import oracle, oracle_histories, oracle_surroundings
from tests.window.test_window import play, row
from tests.window.worlds import HOUR, START, streams

DAY = 24 * HOUR


def expected(events: list[Event], tx: Movement) -> dict[str, float]:
    return (
        oracle.features(events, tx)
        | oracle_histories.histories(events, tx)
        | oracle_surroundings.surroundings(events, tx)
    )


def pay(number: int, source: str, target: str, *, ts: int, cents: int = 100, ip: str | None = None) -> Movement:
    return Movement(event_id=f"tx:{number}", ts=ts, source=source, target=target, amount_cents=cents, ip=ip)


@settings(max_examples=60, deadline=None)
@given(streams())
def test_every_feature_equals_the_plain_computation(events: list[Event]) -> None:
    answers = play(Window(), events, batch=7)
    for event in events:
        if isinstance(event, Movement):
            mine, plain = row(answers[event.event_id]), expected(events, event)
            assert set(mine) == {*plain, "truncated"}
            for name, value in plain.items():
                assert np.isclose(mine[name], float(value), rtol=1e-9, atol=1e-6), (name, mine[name], value)


def test_what_the_registry_calls_unknown_is_what_a_first_movement_shows() -> None:
    shown = row(play(Window(), [pay(1, "a", "b", ts=START)], batch=1)["tx:1"])
    measured = {"amount", "round_digits", "target_out_in_ratio_24h", "target_out_in_ratio_72h"}
    measured |= {"target_out_in_ratio_7d", "target_out_in_ratio_30d", "received_unsent_30d"}
    for feature in FEATURES:
        assert feature.name in measured or shown[feature.name] == feature.unknown, feature.name


@pytest.mark.parametrize("cents", [0, 1, 10**14])
def test_no_value_is_ever_infinite_or_not_a_number(cents: int) -> None:
    amounts = [cents, 0, cents, 1, cents, 10**14, cents]
    names = [("a", "a"), ("a", "b"), ("b", "a"), ("a", "b"), ("b", "b"), ("a", "a"), ("b", "a")]
    events = [
        pay(i, *names[i % 7], ts=START + i // 2, cents=amounts[i % 7], ip="10.0.0.1") for i in range(3 * WALK_LIMIT)
    ]
    answers = play(Window(), events, batch=50)
    assert all(np.isfinite(np.frombuffer(features)).all() for features, _ in answers.values())


def test_a_pair_is_remembered_although_a_hub_has_since_dealt_with_many() -> None:
    events = [pay(0, "a", "hub", ts=START)]
    events += [pay(i, f"c{i}", "hub", ts=START + i) for i in range(1, 3 * WALK_LIMIT)]
    events += [pay(3 * WALK_LIMIT, "hub", "a", ts=START + DAY)]
    shown = row(play(Window(), events, batch=64)[f"tx:{3 * WALK_LIMIT}"])
    assert (shown["back_count"], shown["back_since_first"], shown["truncated"]) == (1, 86_400, 1)


def test_a_walk_that_is_cut_says_so() -> None:
    many = [pay(i, "a", "b", ts=START + i) for i in range(WALK_LIMIT + 2)]
    answers = play(Window(), many, batch=100)
    cut = [row(answers[f"tx:{i}"])["truncated"] for i in (WALK_LIMIT - 1, WALK_LIMIT, WALK_LIMIT + 1)]
    assert cut == [0, 0, 1]
    shared = [pay(i, f"s{i}", f"t{i}", ts=START + i, ip="10.0.0.1") for i in range(WALK_LIMIT + 2)]
    answers = play(Window(), shared, batch=100)
    assert row(answers[f"tx:{WALK_LIMIT - 1}"])["truncated"] == 0
    assert row(answers[f"tx:{WALK_LIMIT + 1}"])["truncated"] == 1
    assert row(answers[f"tx:{WALK_LIMIT + 1}"])["ip_accounts_30d"] == WALK_LIMIT


def test_a_short_lookback_cuts_every_longer_window() -> None:
    events = [pay(i, "a", "b", ts=START + i * DAY) for i in range(10)]
    window = Window(WindowSettings(lookback_days=2, horizon_days=3))
    shown = row(play(window, events, batch=1)["tx:9"])
    assert (shown["out_count_30d"], shown["pair_count"], shown["alike_out_count_7d"]) == (2, 2, 2)


def test_pairs_and_degrees_look_back_further_than_the_rest() -> None:
    events = [pay(i, "a", f"b{i}", ts=START + 40 * i * DAY) for i in range(3)]
    events += [pay(3, "a", "b0", ts=START + 100 * DAY)]
    window = Window(WindowSettings(horizon_days=120))
    shown = row(play(window, events, batch=1)["tx:3"])
    assert (shown["distinct_targets"], shown["pair_count"], shown["pair_since_first"]) == (3, 1, 100 * 86_400)
    assert (shown["port_target"], shown["out_count_30d"], shown["pair_count_30d"]) == (0, 1, 0)
    assert shown["payees_degree_median"] == 1


@settings(max_examples=30, deadline=None)
@given(streams(most=40), st.integers(1, 20))
def test_arrays_and_events_give_the_same_rows(events: list[Event], batch: int) -> None:
    moves = [
        Movement(event_id=e.event_id, ts=e.ts, source=e.source, target=e.target, amount_cents=e.amount_cents, ip=e.ip)
        for e in events
        if isinstance(e, Movement)
    ]
    window, found = Window(), {}
    for start in range(0, len(moves), batch):
        part = moves[start : start + batch]
        columns = {
            "ts": [m.ts for m in part],
            "tie": [oracle.key(m)[1] for m in part],
            "kind": [0] * len(part),
            "src": [window.accounts.intern(m.source) for m in part],
            "dst": [window.accounts.intern(m.target) for m in part],
            "cents": [m.amount_cents for m in part],
            "ip": [window.ips.intern(m.ip) for m in part],
        }
        arrays = {name: np.array(values, dtype=np.int64) for name, values in columns.items()}
        answers = window.answer(window.apply_rows(ids=[m.event_id for m in part], **arrays))
        for i, seq in enumerate(answers.seqs.tolist()):
            found[window.event_id(seq)] = answers.features[i].tobytes()
    assert found == {name: features for name, (features, _) in play(Window(), moves, batch=9).items()}


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 39), st.integers(0, 5), st.integers(1, 9)), max_size=120),
    st.randoms(use_true_random=False),
)
def test_the_earliest_holders_are_kept_in_whatever_order_they_are_stated(
    stated: list[tuple[int, int, int]], rng: random.Random
) -> None:
    hashes = np.array([(7 * i) % 41 for i in range(64)])

    def kept(order: list[tuple[int, int, int]]) -> tuple[bytes, ...]:
        holdings = empty_holdings(64)
        holdings.hash[:] = hashes
        for account, identifier, ts in order:
            note_holding(holdings, account, identifier, ts, hashes)
        return tuple(column.tobytes() for column in holdings)

    other = list(stated)
    rng.shuffle(other)
    assert kept(stated) == kept(other)
    since: dict[int, int] = {}
    for account, identifier, ts in stated:
        if identifier == 0:
            since[account] = min(ts, since.get(account, ts))
    earliest = sorted(since.items(), key=lambda item: (item[1], hashes[item[0]]))[:HOLDERS]
    holdings = empty_holdings(64)
    for account, identifier, ts in stated:
        note_holding(holdings, account, identifier, ts, hashes)
    assert holdings.account[: len(earliest)].tolist() == [account for account, _ in earliest]
    assert (holdings.own[: 40 * OWN] < 6).all()
