"""Partitions read side by side, in step by the time of what happened.

The window can take in an event late, but only by its horizon less the 30 days that features look back. A broker hands
over a backlog partition by partition, which may be months apart; so what was read waits here until the other
partitions have come as far.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from graph.events import Event
from graph.set_aside import SetAside

P = TypeVar("P", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Message:
    """What one message of a partition said, its offset, and names of fields that its form does not know."""

    offset: int
    read: Event | SetAside
    unknown: tuple[str, ...] = ()

    @property
    def ts(self) -> int:
        """When it happened (epoch ms); what cannot be read waits for nobody."""
        return self.read.ts if isinstance(self.read, Event) else -1


class InStep(Generic[P]):
    """Messages that were read and not handed out yet, per partition in offset order."""

    def __init__(self) -> None:
        self._waiting: dict[P, deque[Message]] = {}

    def put(self, partition: P, messages: Iterable[Message]) -> None:
        """Let `messages`, which come behind those already waiting, wait."""
        self._waiting.setdefault(partition, deque()).extend(messages)

    def forget(self, partition: P) -> None:
        """Drop what waits of a partition: it will be read again, or by someone else."""
        self._waiting.pop(partition, None)

    def waiting(self, partition: P) -> int:
        """How many messages of a partition wait."""
        return len(self._waiting.get(partition, ()))

    def take(self, size: int, *, unfinished: Collection[P]) -> dict[P, list[Message]]:
        """Hand out at most `size` messages, always the earliest of all partitions' next ones.

        Stops where one of `unfinished` (partitions that have more to read) has none waiting: what it has next may be
        earlier than all others.
        """
        taken: dict[P, list[Message]] = {}
        for _ in range(size):
            if any(not self._waiting.get(partition) for partition in unfinished):
                break
            heads = [(queue[0].ts, place) for place, queue in enumerate(self._waiting.values()) if queue]
            if not heads:
                break
            partition = list(self._waiting)[min(heads)[1]]
            taken.setdefault(partition, []).append(self._waiting[partition].popleft())
        return taken
