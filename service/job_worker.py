"""The thread of `tarrafa serve` that runs jobs: what is due, what was asked for, what a killed process left."""

from __future__ import annotations

import threading
from contextlib import suppress

from graph.errors import TarrafaError
from service.jobs import JobDesk


class JobWorker:
    """Does what is asked for and what is due, one run after the other, in a thread of its own."""

    def __init__(self, desk: JobDesk, *, pause_seconds: float = 0.5) -> None:
        self._desk, self._pause = desk, pause_seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="tarrafa-jobs", daemon=True)

    def __enter__(self) -> JobWorker:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                self._desk.ask_due()
                for run_id in self._desk.unfinished():
                    if self._stop.is_set():
                        return
                    self._one(run_id)
            except TarrafaError:
                pass  # the ledger is away: the next look says whether it is back; health names it meanwhile
            self._stop.wait(self._pause)

    def _one(self, run_id: int) -> None:
        with suppress(Exception):  # kept with the run, where whoever asked looks; the next run is another matter
            self._desk.do(run_id)
