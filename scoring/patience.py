"""Steps that a server must do, repeated for as long as it does not answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from graph.errors import RetryLater

FIRST_WAIT_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 5.0


class Patience:
    """Repeats steps that fail with `RetryLater`, waiting longer each time; `trouble` says what it waits for.

    Other errors go on to the caller at once. After `give_up_in` the last error does, when its time is over.
    """

    def __init__(self) -> None:
        self.trouble = ""
        self.since: float | None = None  # of `time.monotonic`, while there is trouble
        self._deadline: float | None = None
        self._changed = threading.Event()

    def run(self, step: Callable[[], None]) -> None:
        """Do `step` until it succeeds. It must bear being repeated."""
        wait = FIRST_WAIT_SECONDS
        while True:
            try:
                step()
            except RetryLater as error:
                self.trouble = str(error)
                self.since = self.since or time.monotonic()
                if self._deadline is not None and time.monotonic() >= self._deadline:
                    raise
                left = LONGEST_WAIT_SECONDS if self._deadline is None else self._deadline - time.monotonic()
                if self._changed.wait(max(0.0, min(wait, left))):
                    self._changed.clear()  # somebody wants an end: try once more, then see
                wait = min(2 * wait, LONGEST_WAIT_SECONDS)
            else:
                self.trouble, self.since = "", None
                return

    def give_up_in(self, seconds: float) -> None:
        """From now on wait no longer than that."""
        self._deadline = time.monotonic() + seconds
        self._changed.set()
