"""Following money: small cases by hand, and random ones against a simulation that moves labelled money about."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rings.flow import ExitKind, FlowBudget, FlowTrace, Move, Rule, Way, funding_of, trace_money


def move(number: int, source: str, target: str, cents: int, *, cash: bool = False) -> Move:
    """The movement number `number`, at that minute."""
    return Move(f"tx:{number}", 1_700_000_000_000 + number * 60_000, source, target, cents, cash)


def reader(moves: Sequence[Move]) -> Callable[[str], list[Move]]:
    return lambda account: [one for one in moves if account in (one.source, one.target)]


def carried(trace: FlowTrace) -> dict[str, int]:
    return {step.move.event_id: step.traced_cents for step in trace.steps}


STOLEN = [
    move(1, "honest", "m", 60),
    move(2, "victim", "m", 100),
    move(3, "m", "x", 80),
    move(4, "m", "y", 40),
    move(5, "x", "z", 50),
]


def test_first_in_first_out_spends_the_oldest_money_first() -> None:
    found = trace_money([(STOLEN[1], 100)], reader(STOLEN), rule=Rule.FIFO)
    # of the 80 to x, 60 are honest; all 40 to y are stolen; x pays 50 of its 80, the stolen share of which is 20/80
    assert carried(found) == {"tx:2": 100, "tx:3": 20, "tx:4": 40, "tx:5": 12}
    assert {(one.account, one.kind, one.cents) for one in found.exits} == {
        ("m", ExitKind.KEPT, 40),
        ("y", ExitKind.KEPT, 40),
        ("z", ExitKind.KEPT, 12),
        ("x", ExitKind.KEPT, 8),
    }
    assert [step.hop for step in found.steps] == [0, 1, 1, 2]
    assert found.steps[3].via == ("tx:3",)


def test_pro_rata_spends_all_money_in_equal_shares() -> None:
    found = trace_money([(STOLEN[1], 100)], reader(STOLEN), rule=Rule.PRO_RATA)
    assert carried(found) == {"tx:2": 100, "tx:3": 50, "tx:4": 25, "tx:5": 31}
    assert sum(one.cents for one in found.exits) == 100


def test_poison_takes_whole_whatever_is_paid_after_the_sum_arrived() -> None:
    found = trace_money([(STOLEN[1], 100)], reader(STOLEN), rule=Rule.POISON)
    assert carried(found) == {"tx:2": 100, "tx:3": 80, "tx:4": 40, "tx:5": 50}


def test_backwards_the_same_funding_is_read_the_other_way() -> None:
    found = trace_money([(STOLEN[4], 50)], reader(STOLEN), rule=Rule.FIFO, way=Way.BACK)
    assert carried(found) == {"tx:5": 50, "tx:3": 50, "tx:1": 37, "tx:2": 13}
    assert {(one.account, one.cents, one.kind) for one in found.exits} == {
        ("honest", 37, ExitKind.UNSEEN),
        ("victim", 13, ExitKind.UNSEEN),
    }


def test_what_was_there_before_is_not_attributed_to_anyone() -> None:
    moves = [move(1, "a", "b", 10), move(2, "b", "c", 100)]
    assert funding_of("b", moves, Rule.FIFO) == {"tx:2": [(moves[0], 10)]}
    found = trace_money([(moves[1], 100)], reader(moves), way=Way.BACK)
    assert {(one.account, one.cents) for one in found.exits} == {("b", 90), ("a", 10)}


def test_cash_hubs_and_budgets_end_a_trace_and_say_so() -> None:
    moves = [move(1, "a", "b", 100), move(2, "b", "atm", 40, cash=True), move(3, "b", "shop", 60)]
    moves += [move(10 + n, f"buyer{n}", "shop", 5) for n in range(20)]
    found = trace_money([(moves[0], 100)], reader(moves), budget=FlowBudget(hub=10))
    assert {(one.account, one.kind, one.cents) for one in found.exits} == {
        ("atm", ExitKind.CASH, 40),
        ("shop", ExitKind.HUB, 60),
    }
    chain = [move(n, f"c{n}", f"c{n + 1}", 100) for n in range(10)]
    short = trace_money([(chain[0], 100)], reader(chain), budget=FlowBudget(hops=3))
    assert (short.truncated, [(one.account, one.kind) for one in short.exits]) == (
        ("max_hops",),
        [("c4", ExitKind.HOPS)],
    )
    whole = trace_money([(chain[0], 100)], reader(chain), budget=FlowBudget(hops=9))
    assert (whole.truncated, whole.exits[0].kind) == ((), ExitKind.KEPT)
    few = trace_money([(chain[0], 100)], reader(chain), budget=FlowBudget(movements=4, hops=50))
    assert few.truncated == ("max_movements",)
    assert sum(one.cents for one in few.exits) == 100


def test_money_that_goes_round_is_followed_in_time_and_ends() -> None:
    moves = [move(1, "a", "b", 100), move(2, "b", "c", 100), move(3, "c", "a", 100), move(4, "a", "b", 100)]
    found = trace_money([(moves[0], 100)], reader(moves))
    assert carried(found) == {f"tx:{n}": 100 for n in (1, 2, 3, 4)}
    assert [(one.account, one.cents) for one in found.exits] == [("b", 100)]


@st.composite
def streams(draw: st.DrawFn) -> list[Move]:
    names = "abcde"
    return [
        move(n, source, target, draw(st.integers(1, 500)))
        for n in range(draw(st.integers(1, 25)))
        if (source := draw(st.sampled_from(names))) != (target := draw(st.sampled_from(names)))
    ]


def simulated(moves: Sequence[Move], seed: Move, rule: Rule) -> dict[str, Fraction]:
    """How much of each movement is the seed's money, by moving all money about once in time order."""
    held: dict[str, deque[tuple[Fraction, Fraction]]] = defaultdict(deque)  # account -> (amount, traced part of it)
    found: dict[str, Fraction] = {}
    for one in sorted(moves, key=lambda m: m.key):
        need, traced = Fraction(one.cents), Fraction(0)
        purse = held[one.source]
        if rule is Rule.FIFO:
            while need and purse:
                amount, part = purse.popleft()
                spent = min(need, amount)
                traced += part * spent / amount
                if amount > spent:
                    purse.appendleft((amount - spent, part - part * spent / amount))
                need -= spent
        else:
            total = sum((amount for amount, _ in purse), Fraction(0))
            if total:
                share = min(Fraction(1), need / total)
                traced = share * sum((part for _, part in purse), Fraction(0))
                held[one.source] = deque((amount * (1 - share), part * (1 - share)) for amount, part in purse)
        if one is seed:
            traced = Fraction(one.cents)
        found[one.event_id] = traced
        held[one.target].append((Fraction(one.cents), traced))
    return found


@pytest.mark.parametrize("rule", [Rule.FIFO, Rule.PRO_RATA])
@settings(max_examples=150, deadline=None)
@given(moves=streams(), data=st.data())
def test_traced_amounts_are_those_of_a_simulation_and_add_up(
    rule: Rule, moves: list[Move], data: st.DataObject
) -> None:
    if not moves:
        return
    seed = data.draw(st.sampled_from(moves))
    found = trace_money([(seed, seed.cents)], reader(moves), rule=rule, budget=FlowBudget(hops=99))
    assert found.truncated == ()
    assert sum(one.cents for one in found.exits) == seed.cents
    expected = simulated(moves, seed, rule)
    mine = carried(found)
    for one in moves:
        assert abs(mine.get(one.event_id, 0) - expected[one.event_id]) <= 2 * len(moves)  # whole cents at every hop


@settings(max_examples=100, deadline=None)
@given(moves=streams(), data=st.data())
def test_what_a_payment_came_from_adds_up_to_it(moves: list[Move], data: st.DataObject) -> None:
    if not moves:
        return
    seed = data.draw(st.sampled_from(moves))
    rule = data.draw(st.sampled_from([Rule.FIFO, Rule.PRO_RATA]))
    found = trace_money([(seed, seed.cents)], reader(moves), rule=rule, way=Way.BACK, budget=FlowBudget(hops=99))
    assert sum(one.cents for one in found.exits) == seed.cents
    assert all(0 < step.traced_cents <= step.move.cents for step in found.steps)


@settings(max_examples=100, deadline=None)
@given(moves=streams(), data=st.data())
def test_poison_reaches_every_payment_that_time_allows_and_no_other(moves: list[Move], data: st.DataObject) -> None:
    if not moves:
        return
    seed = data.draw(st.sampled_from(moves))
    found = trace_money([(seed, seed.cents)], reader(moves), rule=Rule.POISON, budget=FlowBudget(hops=99))
    poisoned, reached = {seed.target}, {seed.event_id}
    for one in sorted(moves, key=lambda m: m.key):
        if one.key > seed.key and one.source in poisoned:
            reached.add(one.event_id)
            poisoned.add(one.target)
    assert set(carried(found)) == reached
