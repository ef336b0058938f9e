"""Writing what live events left waiting, in a thread of its own."""

from __future__ import annotations

import threading

from graph.errors import RetryLater, TarrafaError
from service.bootstrap import Service


class Flushing:
    """Hands what was answered to the writer every `flush_seconds` while the block lasts."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tarrafa-flush", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._service.settings.pipeline.flush_seconds):
            self._service.turns.give_way()
            try:
                self._service.running.flush(settle=True)
            except RetryLater:
                continue  # the writer asks again by itself; until then what comes waits here, as far as a batch goes
            except TarrafaError:
                return  # the pipeline keeps the failure and gives it to every caller from now on
