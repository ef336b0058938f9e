"""Calls that wait together are done in one step: one thread takes what is there, works once, answers everyone.

Nobody is made to wait for company: an idle thread takes a call at once, a busy one finds those that came meanwhile.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Generic, Protocol, TypeVar

from graph.errors import RetryLater, StopWork, StorageFull
from graph.events import Movement
from graph.evidence import Score
from graph.turns import Turns

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Overloaded(RetryLater):
    """More is waiting than may wait; nothing was done with this call."""

    def __init__(self, *, waiting: int, limit: int) -> None:
        self.waiting, self.limit = waiting, limit
        super().__init__(waiting, limit)

    def __str__(self) -> str:
        return f"{self.waiting} are waiting and at most {self.limit} may; send this again in a second"


class AnswerLate(RetryLater):
    """The answer was not there by the deadline; the work goes on, and the same call later gets its result."""

    http_status = 504

    def __init__(self, *, deadline_ms: float) -> None:
        self.deadline_ms = deadline_ms
        super().__init__(deadline_ms)

    def __str__(self) -> str:
        return f"no answer within {self.deadline_ms:g} ms; the same call again gets it when it is there"


class _Call(Generic[Item, Answer]):
    """One item, how much it weighs, and the future of whoever waits for it."""

    __slots__ = ("item", "loop", "reply", "size")

    def __init__(self, item: Item, size: int, loop: asyncio.AbstractEventLoop) -> None:
        self.item, self.size, self.loop = item, size, loop
        self.reply: asyncio.Future[Answer] = loop.create_future()


class MicroBatches(Generic[Item, Answer]):
    """Runs `work` on the items of all calls that wait, in the order in which they came.

    Guarantees: each call gets the answer to its own item; an error of one item is that call's alone (`work` is then run
    item by item, so it must bear repeating), except errors that are nobody's own (try later, no room), which everyone
    gets; at most `most_waiting` units wait, more are refused with `Overloaded`; a call that was taken is finished even
    when its caller left or its deadline passed; `turns` is told who waits. Use as a context manager; one thread.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Item]], Sequence[Answer]],
        *,
        name: str,
        most_together: int,
        most_waiting: int,
        size: Callable[[Item], int] | None = None,
        turns: Turns | None = None,
    ) -> None:
        self._turns = turns or Turns()
        self._work, self._most_together, self._most_waiting = work, most_together, most_waiting
        self._size = size or _one
        self._calls: queue.SimpleQueue[_Call[Item, Answer] | None] = queue.SimpleQueue()
        self._waiting = 0
        self._asked: deque[float] = deque()  # when each call came that has no answer yet
        self._lock = threading.Lock()
        self._open = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def __enter__(self) -> MicroBatches[Item, Answer]:
        self._open = True
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._open = False
        self._calls.put(None)
        self._thread.join()

    async def do(self, item: Item, *, deadline_ms: float | None = None) -> Answer:
        """The answer to `item`. Raises `Overloaded`, `AnswerLate`, or what `work` raised for it."""
        loop = asyncio.get_running_loop()
        call: _Call[Item, Answer] = _Call(item, self._size(item), loop)
        with self._lock:
            if not self._open:
                raise StopWork("the service is stopping", cure="send this again when it is back")
            if self._waiting and self._waiting + call.size > self._most_waiting:
                raise Overloaded(waiting=self._waiting, limit=self._most_waiting)
            self._waiting += call.size
            self._asked.append(time.monotonic())
            self._calls.put(call)
        with self._turns.answering():
            if deadline_ms is None:
                return await call.reply
            alarm = loop.call_later(deadline_ms / 1_000, _expire, call.reply, deadline_ms)
            try:
                return await call.reply
            finally:
                alarm.cancel()

    @property
    def waiting(self) -> int:
        """Units that nobody works on yet."""
        return self._waiting

    @property
    def oldest_seconds(self) -> float:
        """How long the first call without an answer has been waiting; 0 without any."""
        with self._lock:
            return time.monotonic() - self._asked[0] if self._asked else 0.0

    def _run(self) -> None:
        held: _Call[Item, Answer] | None = None
        while True:
            first = held or self._calls.get()
            held = None
            if first is None:
                return
            batch, units = [first], first.size
            while units < self._most_together and not self._calls.empty():
                call = self._calls.get()
                if call is None:
                    self._calls.put(None)  # the last of all: found again when this batch is done
                    break
                if units + call.size > self._most_together:
                    held = call
                    break
                batch.append(call)
                units += call.size
            with self._lock:
                self._waiting -= units
            self._answer(batch)
            with self._lock:
                for _ in batch:
                    self._asked.popleft()

    def _answer(self, batch: Sequence[_Call[Item, Answer]]) -> None:
        outcomes: Sequence[Answer | Exception]
        try:
            outcomes = self._work([call.item for call in batch])
        except (RetryLater, StorageFull) as error:
            outcomes = [error] * len(batch)
        except Exception as error:  # whose it is shows when each is done alone; nobody is left without an answer
            outcomes = [error] if len(batch) == 1 else [self._alone(call) for call in batch]
        by_loop = defaultdict(list)
        for call, outcome in zip(batch, outcomes, strict=True):
            by_loop[call.loop].append((call.reply, outcome))
        for loop, replies in by_loop.items():
            with suppress(RuntimeError):  # a closed loop: its callers left
                loop.call_soon_threadsafe(_reply, replies)

    def _alone(self, call: _Call[Item, Answer]) -> Answer | Exception:
        try:
            return self._work([call.item])[0]
        except Exception as error:  # handed to the caller
            return error


class BatchScorer(Protocol):
    """Scores many movements in one step; see `scoring.pipeline.Pipeline.score`."""

    def score(self, movements: Sequence[Movement]) -> Sequence[Score]: ...


class LiveScorer:
    """Scores the movements of concurrent calls together: one step of the window and one commit of the log for all."""

    def __init__(
        self, pipeline: BatchScorer, *, most_together: int, most_waiting: int, turns: Turns | None = None
    ) -> None:
        self._pipeline = pipeline
        self._batches: MicroBatches[Sequence[Movement], Sequence[Score]] = MicroBatches(
            self._score_all,
            name="tarrafa-score",
            most_together=most_together,
            most_waiting=most_waiting,
            size=len,
            turns=turns,
        )

    def __enter__(self) -> LiveScorer:
        self._batches.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._batches.__exit__()

    async def score(self, movements: Sequence[Movement], *, deadline_ms: float | None = None) -> Sequence[Score]:
        """One score per movement, in their order. Raises `Overloaded`, `AnswerLate`, and what the pipeline raises.

        Past the deadline the movements are in the log, or will be: the same call later gets their scores.
        """
        return await self._batches.do(movements, deadline_ms=deadline_ms)

    @property
    def waiting(self) -> int:
        """Movements that wait to be scored."""
        return self._batches.waiting

    @property
    def oldest_seconds(self) -> float:
        """How long the first movement without a score has been waiting; 0 without any."""
        return self._batches.oldest_seconds

    def _score_all(self, calls: Sequence[Sequence[Movement]]) -> Sequence[Sequence[Score]]:
        scores = iter(self._pipeline.score([movement for call in calls for movement in call]))
        return [[next(scores) for _ in call] for call in calls]


def _one(_item: object) -> int:
    return 1


def _reply(replies: Sequence[tuple[asyncio.Future[Answer], Answer | Exception]]) -> None:
    for reply, outcome in replies:
        if reply.done():  # its deadline passed or its caller left
            continue
        if isinstance(outcome, Exception):
            reply.set_exception(outcome)
        else:
            reply.set_result(outcome)


def _expire(reply: asyncio.Future[Answer], deadline_ms: float) -> None:
    if not reply.done():
        reply.set_exception(AnswerLate(deadline_ms=deadline_ms))
