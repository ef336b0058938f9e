"""Found rings with the truth about them, from seeded worlds and labelled files: what the ring head learns from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score

from gnn.ring_columns import F32
from gnn.ring_examples import RingExamples, chosen, joined, told_apart
from gnn.ring_head import RingHead, fit_ring_head
from graph.errors import ConfigurationError
from graph.events import Event, LabelGiven, Movement
from graph.evidence import Role
from graph.identity import IdentifierKeys
from graph.log.protocol import LogEntry
from ingest.simulator.world import World
from ingest.source import Source
from scoring.policy import Bands
from scoring.projection import Projection
from scoring.standard import standard_judging
from service.checkpoints import window_settings
from service.settings import Settings

BATCH = 2_000
#: Shapes of this score and more are collected: what a ring has to tell itself apart from.
LEAST = 20.0
Truth = dict[str, frozenset[str]]
Progress = Callable[[int], None]


def examples_of_world(world: World, settings: Settings, keys: IdentifierKeys, progress: Progress) -> RingExamples:
    """Play a world through the service's own projection and tell its rings apart by what was planted."""
    truth = {
        ring.ring_id: frozenset(account for account, role in ring.roles.items() if role is not Role.VICTIM)
        for ring in world.planted()
    }
    projection, scores, _ = _played(world, settings, keys, progress)
    return told_apart(projection.rings(), truth, scores)


def examples_of_file(source: Source, settings: Settings, keys: IdentifierKeys, progress: Progress) -> RingExamples:
    """The same of a labelled file: a true ring is the accounts of the fraudulent rows (or accounts) that name it."""
    projection, scores, truth = _played(source, settings, keys, progress)
    if not truth:
        raise ConfigurationError("no label in it names a ring", cure="give a file with a ring column, or seeds alone")
    return told_apart(projection.rings(), truth, scores)


def in_time_order(examples: RingExamples) -> tuple[RingExamples, RingExamples, RingExamples]:
    """Rings by when they last moved: the first 60 %, the next 20 % and the rest."""
    order = np.argsort(examples.last_ts, kind="stable")
    first, second = len(order) * 3 // 5, len(order) * 4 // 5
    return chosen(examples, order[:first]), chosen(examples, order[first:second]), chosen(examples, order[second:])


def learn(
    train: Sequence[RingExamples], valid: Sequence[RingExamples], *, seed: int, about: dict[str, object]
) -> RingHead:
    """Fit on the examples of some worlds or files and calibrate on those of others."""
    return fit_ring_head(joined(train), joined(valid), seed=seed, about=about)


def measured(head: RingHead, test: RingExamples) -> dict[str, float | int | None]:
    """How well the head, and the ring's own score, put true rings before look-alikes; None with one class only."""
    both = 0 < test.label.sum() < len(test)
    raw = _raw(head, test.rows)
    return {
        "rings": int(test.label.sum()),
        "look_alikes": int(len(test) - test.label.sum()),
        "partly_true_left_out": test.partial,
        "average_precision": float(average_precision_score(test.label, raw)) if both else None,
        "roc_auc": float(roc_auc_score(test.label, raw)) if both else None,
        "rule_average_precision": float(average_precision_score(test.label, test.rule)) if both else None,
    }


def _raw(head: RingHead, rows: F32) -> np.ndarray:
    return head.raw(rows) if len(rows) else np.empty(0)


def _played(
    source: Source, settings: Settings, keys: IdentifierKeys, progress: Progress
) -> tuple[Projection, dict[str, float], Truth]:
    """The projection after the whole source, the scores of its movements, and the rings that its labels name."""
    bands = Bands(approve=settings.scoring.approve, review=settings.scoring.review)
    projection = Projection(
        window=window_settings(settings), judging=standard_judging(bands, keys), least_ring_score=LEAST
    )
    scores: dict[str, float] = {}
    ends: dict[str, tuple[str, str]] = {}
    named: dict[str, set[str]] = {}
    for entries in _entries(source):
        for score in projection.apply(entries).scores:
            scores[f"tx:{score.tx_id}"] = score.value
        for entry in entries:
            _note(entry.event, ends, named)
        progress(len(entries))
    projection.ring_changes(settle=True)
    return projection, scores, {ring: frozenset(accounts) for ring, accounts in named.items()}


def _note(event: Event, ends: dict[str, tuple[str, str]], named: dict[str, set[str]]) -> None:
    if isinstance(event, Movement):
        ends[event.tx_id] = event.source, event.target
    elif isinstance(event, LabelGiven) and event.label == 1 and event.ring:
        accounts = ends.get(event.subject_id, ()) if event.subject == "tx" else (event.subject_id,)
        named.setdefault(event.ring, set()).update(accounts)


def _entries(source: Source) -> Iterator[list[LogEntry]]:
    offset = 0
    for batch in source.batches(BATCH):
        yield [LogEntry(offset + place + 1, event.ts, event) for place, event in enumerate(batch.events)]
        offset += len(batch.events)
