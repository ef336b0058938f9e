"""`tarrafa train`: the log of a home played through the serving features, and a model saved beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

import numpy as np
from rich.progress import Progress

from gnn.artefact import Manifest, write_artefact
from gnn.canary import draw_canary
from gnn.candidates import Candidate
from gnn.card import calibration_plot, model_card
from gnn.kept_stages import Kept, StageFolder
from gnn.known_labels import KnownLabels
from gnn.log_rows import LogRows, in_spans, rows_of_log
from gnn.stages import Once
from gnn.training import UNKNOWN, Known, Lesson, Made, candidates_of, lesson_of, make_model
from graph.errors import ConfigurationError
from graph.events import Event, Movement
from graph.log.sqlite import SqliteEventLog
from service.checkpoints import code_digest, window_settings
from service.home import HomePaths
from service.model_store import ModelStore, signing_key, versions_of_parts
from service.settings import Settings

BATCH = 2_000
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Trained:
    """A saved model: what it says of itself, the SHA-256 of that, and what it was measured on."""

    manifest: Manifest
    digest: str
    made: Made
    lesson: Lesson


def train_home(
    settings: Settings,
    *,
    since: int,
    until: int,
    seed: int,
    delay_days: float,
    progress: Progress,
    told: Callable[[str], None],
    wanted: str | None = None,
) -> Trained:
    """Train on what the log of the home holds, movements with since <= ts < until, labels as known at `until`.

    The home may be in use: only its log is read. A training that was killed goes on after its last finished stage.
    Raises ConfigurationError where there is nothing to learn.
    """
    paths, store = HomePaths(settings.home), ModelStore(settings)
    if not paths.log.exists():
        raise ConfigurationError(
            f"there is no log in {paths.root}", cure="play something first, or give another --home"
        )
    log = SqliteEventLog(paths.log, create=False)
    try:
        head = log.head()
        canary = store.canary()
        depends = {
            "log": [log.log_id, head, log.chain_at(head)],
            "range": [since, until],
            "seed": seed,
            "delay_days": delay_days,
            "settings": [settings.models.label_share, *settings.models.trusted_sources],
            "window": asdict(window_settings(settings)),
            "code": code_digest(),
            "made_by": versions_of_parts(),
            "canary": None if canary is None else canary.digest,
        }
        folder = StageFolder.of(store.unfinished, depends)
        labels, movements = _labels(log, head, progress)
        most = len(movements)
        rows = folder.rows(lambda: _rows(log, head, most, settings, progress))
    finally:
        log.close()
    by_tx = {movement.tx_id: movement for movement in movements}
    ordered = [by_tx[tx_id] for tx_id in rows.tx_ids]

    def lesson() -> Lesson:
        return lesson_of(
            rows,
            lambda by: _known(labels, ordered, by),
            since=since,
            until=until,
            delay_ms=int(delay_days * DAY_MS),
            canary=canary,
            cap=settings.models.label_share,
            trusted=settings.models.trusted_sources,
            seed=seed,
        )

    learnt = lesson()
    if canary is None:
        canary = draw_canary(rows.tx_ids, learnt.rated.label, learnt.split.test, seed=seed)
        learnt = lesson() if canary is not None else learnt

    def once(candidate: Candidate) -> Candidate:
        return Once(Kept(candidate, folder, told))

    made = make_model(
        learnt,
        candidates_of(once),
        seed=seed,
        canary=canary,
        window=asdict(window_settings(settings)),
        made_by=versions_of_parts(),
        trained={
            "log_id": log.log_id,
            "offset": head,
            "since": int(max(since, rows.edges.ts[0])),
            "until": int(min(until, rows.edges.ts[-1] + 1)),
            "label_delay_days": delay_days,
        },
        told=lambda _name: None,
        wanted=wanted,
    )
    test = learnt.split.test
    papers = {
        "card.md": model_card(made.manifest).encode(),
        "calibration.svg": calibration_plot(learnt.rated.label[test], made.chosen.probability[test]).encode(),
    }
    digest = write_artefact(store.root, made.manifest, made.boosters, made.arrays, papers, key=signing_key(settings))
    if canary is not None and store.canary() is None:
        store.keep_canary(canary)
    folder.remove()
    return Trained(made.manifest, digest, made, learnt)


def _labels(log: SqliteEventLog, head: int, progress: Progress) -> tuple[KnownLabels, list[Movement]]:
    """Every label of the log, and every movement."""
    labels = KnownLabels()
    movements: list[Movement] = []
    task = progress.add_task("reading labels", total=head)
    for _, events in _batches(log, head):
        labels.note(events)
        movements += [event for event in events if isinstance(event, Movement)]
        progress.advance(task, len(events))
    return labels, movements


def _rows(log: SqliteEventLog, head: int, most: int, settings: Settings, progress: Progress) -> LogRows:
    task = progress.add_task("replaying", total=head)
    window = window_settings(settings)
    pieces = (piece for first, events in _batches(log, head) for piece in in_spans(first, events, window))
    return rows_of_log(pieces, settings=window, most=most, progress=lambda count: progress.advance(task, count))


def _batches(log: SqliteEventLog, head: int) -> Iterator[tuple[int, Sequence[Event]]]:
    entries = log.read(limit=head)
    while batch := list(islice(entries, BATCH)):
        yield batch[0].offset, [entry.event for entry in batch]


def _known(labels: KnownLabels, movements: Sequence[Movement], by: int) -> Known:
    label = np.full(len(movements), UNKNOWN, dtype=np.int8)
    ring, giver = [""] * len(movements), [""] * len(movements)
    for row, movement in enumerate(movements):
        found = labels.of(movement, by=by)
        if found is not None:
            label[row], ring[row], giver[row] = found[0].value, found[0].ring, found[1]
    return Known(label, ring, giver)


def measured_again(settings: Settings, version: str, lesson: Lesson) -> float | None:
    """Average precision of an earlier model on the validation part of a lesson, None where it cannot be measured."""
    from sklearn.metrics import average_precision_score

    from gnn.packing import unpack

    fitted = unpack(ModelStore(settings).artefact(version).packed)
    valid = lesson.split.valid
    raw = fitted.raw(lesson.rated)[valid]
    return float(average_precision_score(lesson.rated.label[valid], raw))


def summary_rows(trained: Trained) -> list[tuple[str, ...]]:
    """What was trained, for a table: model, average precision on validation and test, F1, calibration error."""

    def number(value: Any) -> str:
        return "-" if value is None else f"{value:.3f}"

    return [
        (
            tried.name + (" (chosen)" if tried is trained.made.chosen else ""),
            number(tried.valid["average_precision"]),
            number(tried.test["average_precision"]),
            number(tried.test["f1"]),
            f"{number(tried.test['budget_recall'])} of {number(tried.test['budget_most'])}",
            f"{tried.test['calibration_error']:.4f}",
        )
        for tried in trained.made.backtest.tried
    ]
