"""A small labelled stream, and models trained on its beginning, for tests of models at work."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gnn.artefact import Artefact
from gnn.log_rows import LogRows, rows_of_log
from gnn.stages import Once
from gnn.training import UNKNOWN, Known, Made, candidates_of, lesson_of, make_model
from graph.events import LATEST_TS, Movement
from graph.window.records import WindowSettings

START_MS = 1_740_000_000_000
DAY_MS = 86_400_000


def movements(count: int, *, seed: int = 3, days: int = 20) -> list[Movement]:
    """Ordinary payments among 40 accounts; a tenth are fraud (see `fraudulent`): bursts that money mules collect."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(count):
        ts = START_MS + number * days * DAY_MS // count + int(rng.integers(0, 3)) * 1_000
        if fraudulent(number):
            source, target, cents = f"m{number // 4 % 25}", f"c{number // 50}", int(rng.integers(60_000, 99_000))
        else:
            source, target = (f"a{end}" for end in rng.integers(0, 40, 2).tolist())
            cents = int(rng.integers(1_000, 120_000))
        found.append(Movement(event_id=f"tx:{number}", ts=ts, source=source, target=target, amount_cents=cents))
    return found


def fraudulent(number: int) -> bool:
    return number % 50 < 5


def played(events: Sequence[Movement]) -> LogRows:
    """The rows of the stream as training makes them."""
    return rows_of_log([(1, list(events))], settings=WindowSettings(), most=len(events))


def known_of(rows: LogRows, *, noise: float = 0.05) -> Known:
    """What is known: every second movement, a few of them wrongly, so that no model is perfect."""
    numbers = np.array([int(tx_id) for tx_id in rows.tx_ids])
    rng = np.random.default_rng(0)
    fraud = np.array([fraudulent(number) for number in numbers.tolist()]) ^ (rng.random(len(numbers)) < noise)
    label: NDArray[np.int8] = np.where(numbers % 2 == 0, fraud.astype(np.int8), np.int8(UNKNOWN))
    return Known(label, [""] * len(rows), ["file"] * len(rows))


def made_from(rows: LogRows, *, wanted: str, seed: int = 1) -> Made:
    """The model called `wanted`, trained on the rows."""
    known = known_of(rows)
    lesson = lesson_of(
        rows,
        lambda _by: known,
        since=0,
        until=LATEST_TS,
        delay_ms=0,
        canary=None,
        cap=1.0,
        trusted=("file",),
        seed=seed,
    )
    return make_model(
        lesson,
        candidates_of(Once),
        seed=seed,
        canary=None,
        window={"horizon_days": 35},
        made_by={"tests": "1"},
        trained={},
        told=lambda _name: None,
        wanted=wanted,
    )


def artefact_of(made: Made) -> Artefact:
    """The model as if it had been saved and read."""
    return Artefact(made.manifest, "digest", dict(made.boosters), dict(made.arrays))
