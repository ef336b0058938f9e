"""Calls that wait together are done in one step, each gets its own answer, and nobody waits without end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest

from graph.errors import RejectedRecord, RetryableConflict, StopWork
from graph.events import Movement
from graph.evidence import Decision, Score
from scoring.microbatch import AnswerLate, LiveScorer, MicroBatches, Overloaded


class Gate:
    """Work that stands still until it is opened, and remembers what it was given at once."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.open.set()
        self.entered = threading.Event()
        self.steps: list[list[int]] = []

    def __call__(self, items: Sequence[int]) -> list[int]:
        self.entered.set()
        assert self.open.wait(10)
        self.steps.append(list(items))
        if 13 in items:
            raise RejectedRecord("unlucky", field="item", value=13, cure="give another")
        if 99 in items:
            raise RetryableConflict("someone else writes")
        return [item * 2 for item in items]


def batches(gate: Gate, *, together: int = 100, waiting: int = 100) -> MicroBatches[int, int]:
    return MicroBatches(gate, name="test", most_together=together, most_waiting=waiting)


async def behind(gate: Gate, batched: MicroBatches[int, int], items: Sequence[int]) -> list[int | BaseException]:
    """The outcomes of `items`, all sent while the first call (item 0) holds the thread."""
    gate.open.clear()
    gate.entered.clear()
    first = asyncio.create_task(batched.do(0))
    await asyncio.to_thread(gate.entered.wait, 10)
    calls = [asyncio.create_task(batched.do(item)) for item in items]
    await asyncio.sleep(0)
    gate.open.set()
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert await first == 0
    return list(outcomes)


def test_calls_that_wait_together_are_one_step_and_each_gets_its_own_answer() -> None:
    gate = Gate()
    with batches(gate) as batched:
        assert asyncio.run(behind(gate, batched, range(1, 9))) == [2, 4, 6, 8, 10, 12, 14, 16]
    assert gate.steps == [[0], [1, 2, 3, 4, 5, 6, 7, 8]]


def test_a_step_is_never_larger_than_allowed_and_keeps_the_order_of_arrival() -> None:
    gate = Gate()
    with batches(gate, together=3) as batched:
        asyncio.run(behind(gate, batched, range(1, 8)))
    assert gate.steps == [[0], [1, 2, 3], [4, 5, 6], [7]]


def test_while_calls_wait_it_says_how_many_and_since_when() -> None:
    gate = Gate()

    async def seen() -> tuple[int, float]:
        gate.open.clear()
        calls = [asyncio.create_task(batched.do(0))]
        await asyncio.to_thread(gate.entered.wait, 10)
        calls += [asyncio.create_task(batched.do(item)) for item in (1, 2)]
        await asyncio.sleep(0.02)
        found = batched.waiting, batched.oldest_seconds
        gate.open.set()
        await asyncio.gather(*calls)
        return found

    with batches(gate) as batched:
        assert (batched.waiting, batched.oldest_seconds) == (0, 0.0)
        waiting, oldest = asyncio.run(seen())
    assert waiting == 2, "the first one is being worked on"
    assert oldest >= 0.02, "and has no answer yet"
    assert (batched.waiting, batched.oldest_seconds) == (0, 0.0)


def test_a_call_larger_than_a_step_is_a_step_of_its_own() -> None:
    seen: list[list[str]] = []

    def work(items: Sequence[str]) -> list[int]:
        seen.append(list(items))
        return [len(item) for item in items]

    with MicroBatches(work, name="test", most_together=2, most_waiting=2, size=len) as batched:
        assert asyncio.run(batched.do("abcde")) == 5
    assert seen == [["abcde"]]


def test_an_error_is_told_to_the_call_it_belongs_to_and_the_others_get_their_answers() -> None:
    gate = Gate()
    with batches(gate) as batched:
        two, error, eight = asyncio.run(behind(gate, batched, [1, 13, 4]))
    assert (two, eight) == (2, 8)
    assert isinstance(error, RejectedRecord)
    assert error.code == "unlucky"


def test_an_error_that_is_nobodys_own_is_told_to_everyone_without_asking_again() -> None:
    gate = Gate()
    with batches(gate) as batched:
        outcomes = asyncio.run(behind(gate, batched, [1, 99, 4]))
    assert [type(outcome) for outcome in outcomes] == [RetryableConflict] * 3
    assert len(gate.steps) == 2


def test_more_than_may_wait_is_refused_and_nothing_of_it_is_done() -> None:
    gate = Gate()
    with batches(gate, waiting=2) as batched:
        outcomes = asyncio.run(behind(gate, batched, [1, 2, 3, 4]))
    assert outcomes[:2] == [2, 4]
    assert [type(outcome) for outcome in outcomes[2:]] == [Overloaded, Overloaded]
    assert gate.steps == [[0], [1, 2]]


def test_past_its_deadline_a_call_is_answered_and_its_work_is_still_done() -> None:
    gate = Gate()

    async def late() -> None:
        gate.open.clear()
        with pytest.raises(AnswerLate):
            await batched.do(7, deadline_ms=20)
        gate.open.set()

    with batches(gate) as batched:
        asyncio.run(late())
    assert gate.steps == [[7]]


def test_a_caller_who_leaves_spoils_nothing() -> None:
    gate = Gate()

    async def leaving() -> int:
        gate.open.clear()
        left = asyncio.create_task(batched.do(7))
        await asyncio.sleep(0.01)
        left.cancel()
        gate.open.set()
        return await batched.do(8)

    with batches(gate) as batched:
        assert asyncio.run(leaving()) == 16
    assert [item for step in gate.steps for item in step] == [7, 8]


def test_calls_from_several_event_loops_are_answered_each_in_its_own() -> None:
    gate = Gate()
    found: list[int] = []
    with batches(gate) as batched:
        threads = [threading.Thread(target=lambda n=n: found.append(asyncio.run(batched.do(n)))) for n in range(1, 6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
    assert sorted(found) == [2, 4, 6, 8, 10]


def test_after_the_end_calls_are_refused_not_left_waiting() -> None:
    gate = Gate()
    with batches(gate) as batched:
        pass
    with pytest.raises(StopWork):
        asyncio.run(batched.do(1))


class Numbered:
    """Scores movements by their amount."""

    def score(self, movements: Sequence[Movement]) -> list[Score]:
        return [
            Score(movement.tx_id, movement.ts, movement.amount_cents / 100, Decision.APPROVE, (), ())
            for movement in movements
        ]


def test_movements_of_one_call_get_their_scores_in_order() -> None:
    def movement(number: int) -> Movement:
        return Movement(event_id=f"tx:{number}", ts=10**12, source="a", target="b", amount_cents=number)

    async def both() -> tuple[Sequence[Score], Sequence[Score]]:
        return await asyncio.gather(scorer.score([movement(5), movement(3)]), scorer.score([movement(4)]))

    with LiveScorer(Numbered(), most_together=10, most_waiting=10) as scorer:
        first, second = asyncio.run(both())
    assert [score.tx_id for score in first] == ["5", "3"]
    assert [score.tx_id for score in second] == ["4"]
