"""What one pipeline did since it was made, in numbers, for whoever watches it."""

from __future__ import annotations

from graph.durations import Durations


class Tally:
    """Counts of events by what became of them, and how long each step of a batch took.

    Written once per batch, by the thread that works on it; reading needs no lock.
    """

    def __init__(self) -> None:
        self.outcomes = {"accepted": 0, "repeat": 0, "conflict": 0}
        self.log, self.apply, self.store, self.record = Durations(), Durations(), Durations(), Durations()

    def taken(self, *, accepted: int, repeats: int, conflicts: int) -> None:
        """Count what became of one batch."""
        self.outcomes["accepted"] += accepted
        self.outcomes["repeat"] += repeats
        self.outcomes["conflict"] += conflicts

    def steps(self) -> dict[str, Durations]:
        """How long each step took, by its name."""
        return {"log": self.log, "apply": self.apply, "store": self.store, "record": self.record}
