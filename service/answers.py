"""Answers under idempotency keys, kept in the ledger: those of concurrent calls in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from anyio import to_thread

from ledger.ledger import Ledger
from ledger.records import KeptAnswer
from scoring.microbatch import MicroBatches

MOST_TOGETHER = 500
MOST_WAITING = 5_000


class LedgerAnswers:
    """`api.context.AnswerKeeper` over a ledger; use as a context manager. `clock` gives UTC epoch ms."""

    def __init__(self, ledger: Ledger, *, clock: Callable[[], int]) -> None:
        self._ledger, self._clock = ledger, clock
        self._batches: MicroBatches[KeptAnswer, None] = MicroBatches(
            self._keep, name="tarrafa-answers", most_together=MOST_TOGETHER, most_waiting=MOST_WAITING
        )

    def __enter__(self) -> LedgerAnswers:
        self._batches.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._batches.__exit__()

    async def kept_answer(self, scope: str, key: str, *, now_ms: int) -> KeptAnswer | None:
        """The answer kept under a key, or None."""
        return await to_thread.run_sync(lambda: self._ledger.kept_answer(scope, key, now_ms=now_ms))

    async def keep_answer(self, answer: KeptAnswer) -> None:
        """Keep an answer; when this returns it survives a killed process."""
        await self._batches.do(answer)

    def _keep(self, answers: Sequence[KeptAnswer]) -> Sequence[None]:
        self._ledger.keep_answers(answers, now_ms=self._clock())
        return [None] * len(answers)
