"""The seeded betting world as a source of events: played slice by slice, the same every time, in bounded memory.

Scenes (planted rings, honest look-alikes, notices) are written when their first day is reached and wait in a heap;
ordinary life fills each slice up to its share of the events asked for.
"""

from __future__ import annotations

import csv
import heapq
from collections.abc import Iterator
from pathlib import Path

from graph.errors import ConfigurationError
from graph.events import Event, tie_of
from graph.evidence import Role
from ingest.simulator.calendar import DAY_MS
from ingest.simulator.everyday import Everyday
from ingest.simulator.notices import services_listed, site_shown
from ingest.simulator.place import Place, build_place
from ingest.simulator.schedule import HONEST_SCENES, NOTICE, RING_SCENES, Schedule, plan
from ingest.simulator.script import Planted, Script
from ingest.simulator.seeds import SCENE, opaque, stream
from ingest.source import Batch

SLICE_EVENTS = 2_000
FEWEST_EVENTS, MOST_EVENTS = 1_000, 100_000_000
START_MS = 1_741_575_600_000  # Monday 2025-03-10, midnight in Brasilia


class World:
    """`events` events of Brazilian betting life from `start_ms` (UTC epoch ms), with rings planted in it.

    Guarantees those of `ingest.source.Source`: the same seed and size give the same events in time order, whatever the
    batch size; memory does not grow with the number of events once the population is full (20,000 people).
    Raises `ConfigurationError` for a size outside 10^3 to 10^8.
    """

    def __init__(self, *, seed: int = 1, events: int = 60_000, start_ms: int = START_MS) -> None:
        if not FEWEST_EVENTS <= events <= MOST_EVENTS:
            raise ConfigurationError(
                f"a world of {events} events cannot be played", cure=f"ask for {FEWEST_EVENTS} to {MOST_EVENTS} events"
            )
        self._seed, self._events = seed, events
        self._place: Place = build_place(seed, events=events, start_ms=start_ms)
        self._schedule: Schedule = plan(self._place, events)

    @property
    def name(self) -> str:
        return f"simulator:{self._seed}:{self._events}"

    @property
    def total_rows(self) -> int:
        """How many events come, to within one slice."""
        return self._events

    def as_given(self, account: str) -> str:
        """Accounts of the world are written as they are."""
        return account

    def batches(self, size: int, *, after: int = 0) -> Iterator[Batch]:
        """Yield batches of `size` events (the last may be smaller), leaving out the first `after` events."""
        waiting: list[Event] = []
        position = 0
        for event in self._play():
            position += 1
            if position <= after:
                continue
            waiting.append(event)
            if len(waiting) == size:
                yield Batch(tuple(waiting), (), size, position)
                waiting = []
        if waiting:
            yield Batch(tuple(waiting), (), len(waiting), position)

    def planted(self) -> Iterator[Planted]:
        """Yield the truth about every planted ring, by start; one at a time, none is kept."""
        for index in range(len(self._schedule.start)):
            if self._schedule.kind[index] < len(RING_SCENES):
                script = self._write(index)
                if script.planted is not None:
                    yield script.planted

    def write_truth(self, path: Path) -> None:
        """Write who is in which ring to `path` (CSV), and every ring's transactions beside it (`<stem>_tx.csv`).

        A row of the first is an account in a phase of a ring, times in UTC epoch ms; a transaction that is not in the
        second is honest.
        """
        with (
            path.open("w", newline="", encoding="utf-8") as accounts,
            path.with_name(f"{path.stem}_tx.csv").open("w", newline="", encoding="utf-8") as transactions,
        ):
            by_account = csv.writer(accounts, lineterminator="\n")
            by_account.writerow(("kind", "ring_id", "account_id", "role", "phase", "first_ts", "last_ts"))
            by_transaction = csv.writer(transactions, lineterminator="\n")
            by_transaction.writerow(("tx_id", "label", "ring_id"))
            for ring in self.planted():
                for (account, phase), (first, last) in sorted(ring.acts.items()):
                    role: Role = ring.roles[account]
                    by_account.writerow((ring.kind, ring.ring_id, account, role, phase, first, last))
                by_transaction.writerows((tx, 1, ring.ring_id) for tx in sorted(ring.transactions))

    def _play(self) -> Iterator[Event]:
        everyday = Everyday(self._place)
        calendar, schedule = self._place.calendar, self._schedule
        slices = -(-self._events // SLICE_EVENTS)
        ahead: list[tuple[int, int, str, Event]] = []
        following = emitted = 0
        for number in range(slices):
            until = calendar.end_ms
            if number + 1 < slices:
                until = calendar.moment_of((number + 1) / slices)
            while (
                following < len(schedule.start) and schedule.start[following] < (until - calendar.start_ms) / DAY_MS + 2
            ):
                for event in self._write(following).events:
                    heapq.heappush(ahead, (event.ts, tie_of(event.event_id), event.event_id, event))
                following += 1
            due = []
            while ahead and ahead[0][0] < until:
                due.append(heapq.heappop(ahead)[3])
            room = max(0, self._events * (number + 1) // slices - emitted - len(due))
            due += everyday.slice_of(number, room, first=number / slices, last=(number + 1) / slices, until=until)
            due.sort(key=lambda event: (event.ts, tie_of(event.event_id)))
            emitted += len(due)
            yield from due

    def _write(self, index: int) -> Script:
        """Write the scene at `index` of the schedule."""
        schedule, place = self._schedule, self._place
        kind, number = int(schedule.kind[index]), int(schedule.number[index])
        rng = stream(self._seed, SCENE, kind, number)
        start, days = float(schedule.start[index]), float(schedule.days[index])
        if kind < len(RING_SCENES):
            scene = RING_SCENES[kind]
            script = Script(
                place, rng, start=start, days=days, planted=Planted(opaque(rng, 1, digits=12)[0], scene.kind)
            )
            scene.write(script, schedule.crew(place, number))
            return script
        script = Script(place, rng, start=start, days=days)
        if kind < NOTICE:
            HONEST_SCENES[kind - len(RING_SCENES)].write(script)
        elif number < len(schedule.notices):
            operator, turn = schedule.notices[number]
            site_shown(script, place.operators[operator], turn)
        else:
            services_listed(script)
        return script
