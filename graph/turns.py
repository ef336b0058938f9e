"""Callers first: whoever answers them says so, and work in the background goes on between their answers.

Python runs one thread at a time, and a call into a library may keep the others out for as long as it takes. So while
callers are about, a writer splits its work into short pieces and asks before each.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TypeVar

T = TypeVar("T")

#: Longest time (s) that one piece of background work waits: under any load it goes on, one piece at a time.
LONGEST_WAIT_S: Final = 0.004
#: Seconds after the last answer in which more callers are to be expected.
ABOUT_S: Final = 1.0
#: Rows of one call into a library that keeps the interpreter, while callers are about: about half a millisecond.
PIECE_ROWS: Final = 48


class Turns:
    """Who is being answered, and whether background work may go on. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answering = 0
        self._last = -ABOUT_S
        self._quiet = threading.Event()
        self._quiet.set()

    @contextmanager
    def answering(self) -> Iterator[None]:
        """While the block lasts somebody waits for an answer."""
        with self._lock:
            self._answering += 1
            self._quiet.clear()
        try:
            yield
        finally:
            with self._lock:
                self._answering -= 1
                self._last = time.monotonic()
                if self._answering == 0:
                    self._quiet.set()

    @property
    def calm(self) -> bool:
        """Whether nobody is being answered, nor was a moment ago."""
        return self._answering == 0 and time.monotonic() - self._last > ABOUT_S

    def give_way(self) -> None:
        """Wait until nobody is being answered, `LONGEST_WAIT_S` at most."""
        if not self._quiet.is_set():
            self._quiet.wait(LONGEST_WAIT_S)

    def pieces(self, rows: Sequence[T]) -> Iterator[Sequence[T]]:
        """Yield `rows` in one piece when it is calm, else in short ones, each when its turn has come."""
        size = len(rows) if self.calm else PIECE_ROWS
        for start in range(0, len(rows), max(1, size)):
            self.give_way()
            yield rows[start : start + size]
