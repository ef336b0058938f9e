"""A store that does not answer holds up nobody at once, loses nothing, and is caught up with when it answers again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from graph.errors import RetryLater, StopWork, StoreUnavailable
from scoring import patience
from scoring.patience import Patience


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "FIRST_WAIT_SECONDS", 0.01)
    monkeypatch.setattr(patience, "LONGEST_WAIT_SECONDS", 0.05)


def lost() -> StoreUnavailable:
    return StoreUnavailable(store="Neo4j", address="there", cause="gone", cure="start it")


class Step:
    """Fails `times` times with `error`, then succeeds."""

    def __init__(self, times: int, error: Callable[[], Exception] = lost) -> None:
        self.left, self.error, self.done = times, error, 0

    def __call__(self) -> None:
        if self.left:
            self.left -= 1
            raise self.error()
        self.done += 1


def test_a_step_is_repeated_until_it_succeeds_and_then_done_once() -> None:
    waiting, step = Patience(), Step(7)
    waiting.run(step, of="store")
    assert (step.left, step.done, waiting.error) == (0, 1, None)
    assert waiting.retries == {"store": 7}


def test_what_only_a_person_can_put_right_is_not_repeated() -> None:
    waiting, step = Patience(), Step(5, lambda: StopWork("the disk is full"))
    with pytest.raises(StopWork, match="disk is full"):
        waiting.run(step, of="store")
    assert step.left == 4


def test_while_it_waits_it_says_for_what(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting, step = Patience(), Step(10**9)

    def wait() -> None:
        with pytest.raises(RetryLater):
            waiting.run(step, of="store")

    thread = threading.Thread(target=wait)
    thread.start()
    until = time.monotonic() + 10
    while waiting.error is None and time.monotonic() < until:
        time.sleep(0.005)
    assert "Neo4j at there does not answer" in str(waiting.error)
    assert waiting.stuck is None, "a moment is nothing yet"
    monkeypatch.setattr(patience, "STUCK_SECONDS", 0.0)
    assert waiting.stuck is waiting.error
    waiting.give_up_in(0.1)
    thread.join(timeout=10)
    assert not thread.is_alive()


def test_who_gives_up_hears_the_last_error() -> None:
    waiting = Patience()
    waiting.give_up_in(0)
    with pytest.raises(StoreUnavailable, match="start it"):
        waiting.run(Step(3), of="store")
