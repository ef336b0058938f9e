"""Steps that a server must do, repeated for as long as it does not answer."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable

from graph.errors import RetryLater

FIRST_WAIT_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 5.0
STUCK_SECONDS = 5.0  # two writers that met are through by then; a server that is gone is not back


class Patience:
    """Repeats steps that fail with `RetryLater`, waiting longer each time; `error` is what it waits for, None while all
    is well. Other errors go on to the caller at once; after `give_up_in`, when its time is over, the last one does.
    `retries` counts by what was asked again."""

    def __init__(self) -> None:
        self.error: RetryLater | None = None
        self.retries: Counter[str] = Counter()
        self._since = 0.0  # of `time.monotonic`, while there is an error
        self._deadline: float | None = None
        self._hurry = threading.Event()

    def run(self, step: Callable[[], None], *, of: str) -> None:
        """Do `step`, which is one of store or ledger, until it succeeds. It must bear being repeated."""
        wait = FIRST_WAIT_SECONDS
        while True:
            try:
                step()
            except RetryLater as error:
                if self.error is None:
                    self._since = time.monotonic()
                self.error = error
                left = LONGEST_WAIT_SECONDS if self._deadline is None else self._deadline - time.monotonic()
                if left <= 0:
                    raise
                if self._hurry.wait(min(wait, left)):
                    self._hurry.clear()  # somebody wants an end: try at once, then see how long is left
                wait = min(2 * wait, LONGEST_WAIT_SECONDS)
                self.retries[of] += 1
            else:
                self.error = None
                return

    @property
    def stuck(self) -> RetryLater | None:
        """What it waits for, if for longer than a moment."""
        error = self.error
        return error if error is not None and time.monotonic() - self._since >= STUCK_SECONDS else None

    def give_up_in(self, seconds: float) -> None:
        """From now on wait no longer than that."""
        self._deadline = time.monotonic() + seconds
        self._hurry.set()
