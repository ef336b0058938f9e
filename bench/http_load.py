"""An open-loop HTTP load: requests go out when they are due, whether or not earlier ones were answered.

Latency counts from the moment a request was due, so that a stalled server is charged for everything it kept waiting
(Tene's "coordinated omission"). Arrivals are a seeded Poisson process: calls of strangers come in bunches.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np

CONNECTIONS = 64
GRACE_SECONDS = 10.0  # for the last answers, after the last request was due


@dataclass
class Load:
    """What came back: milliseconds from due to answered, by request; NaN where nothing came or it was refused."""

    latency_ms: np.ndarray
    bodies: list[bytes] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    def percentile(self, share: float) -> float:
        """Latency below which `share` percent of the answers came; lost ones count as never."""
        known = np.where(np.isnan(self.latency_ms), np.inf, self.latency_ms)
        return float(np.sort(known)[min(len(known) - 1, int(np.ceil(len(known) * share / 100)) - 1)])

    @property
    def lost(self) -> int:
        """Requests without a good answer."""
        return int(np.isnan(self.latency_ms).sum())


class _Connection(asyncio.Protocol):
    """One keep-alive connection with one request under way."""

    def __init__(self, driver: _Driver) -> None:
        self.driver, self.received, self.request = driver, b"", -1
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def send(self, number: int) -> None:
        assert self.transport is not None
        self.request = number
        self.transport.write(self.driver.requests[number])

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, found, body = self.received.partition(b"\r\n\r\n")
        if not found:
            return
        place = head.lower().index(b"content-length:") + 15
        length = int(head[place:].split(b"\r\n", 1)[0])
        if len(body) == length:
            self.received = b""
            self.driver.answered(self, int(head[9:12]), body)

    def connection_lost(self, _error: Exception | None) -> None:
        self.driver.gone(self)


class _Driver:
    def __init__(self, requests: Sequence[bytes], due: np.ndarray) -> None:
        self.requests, self.due = requests, due
        self.load = Load(np.full(len(requests), np.nan), [b""] * len(requests))
        self.idle: deque[_Connection] = deque()
        self.waiting: deque[int] = deque()
        self.open = len(requests)
        self.finished = asyncio.Event()
        self.began = 0.0

    async def run(self, port: int) -> Load:
        loop = asyncio.get_running_loop()
        for _ in range(CONNECTIONS):
            _, connection = await loop.create_connection(lambda: _Connection(self), "127.0.0.1", port)
            self.idle.append(connection)
        self.began = time.perf_counter()
        for number, due in enumerate(self.due.tolist()):
            late = self.began + due - time.perf_counter()
            if late > 0:
                await asyncio.sleep(late)
            self.waiting.append(number)
            self._send()
        with suppress(TimeoutError):  # what is missing is counted as lost
            await asyncio.wait_for(self.finished.wait(), GRACE_SECONDS)
        return self.load

    def answered(self, connection: _Connection, status: int, body: bytes) -> None:
        number, connection.request = connection.request, -1
        self.load.statuses[status] = self.load.statuses.get(status, 0) + 1
        self.load.bodies[number] = body
        if status == 200:
            self.load.latency_ms[number] = (time.perf_counter() - self.began - self.due[number]) * 1_000
        self.idle.append(connection)
        self._done()
        self._send()

    def gone(self, connection: _Connection) -> None:
        if connection.request >= 0:
            self._done()
        elif connection in self.idle:
            self.idle.remove(connection)

    def _send(self) -> None:
        while self.waiting and self.idle:
            self.idle.popleft().send(self.waiting.popleft())

    def _done(self) -> None:
        self.open -= 1
        if not self.open:
            self.finished.set()


def request_bytes(path: str, body: bytes, *, key: str = "") -> bytes:
    """A POST of JSON over a connection that stays open."""
    lines = [
        f"POST {path} HTTP/1.1",
        "host: localhost",
        "content-type: application/json",
        f"content-length: {len(body)}",
    ]
    if key:
        lines.append(f"idempotency-key: {key}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def drive(port: int, requests: Sequence[bytes], *, per_second: float, seed: int = 1) -> Load:
    """Send all requests to the local `port`, `per_second` on average; return what came back."""
    gaps = np.random.default_rng(seed).exponential(1 / per_second, len(requests))
    return asyncio.run(_run(port, requests, np.cumsum(gaps)))


async def _run(port: int, requests: Sequence[bytes], due: np.ndarray) -> Load:
    return await _Driver(requests, due).run(port)
