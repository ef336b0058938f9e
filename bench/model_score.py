"""Whole scores with a learnt model in force: `python -m bench.model_score`.

A model is trained on the beginning of a seeded world, put in force, and the rest streamed through the projection that
the service runs; the same stream is scored without a model too. First of all what was served must be what LightGBM's
own boosters say over the training replay, bit for bit. Batches of 1, 20 and 1,000 movements are told apart: a live
call concerns few.

The rival is the graph network of `tarrafa backtest` as plain PyTorch Geometric runs it over whole neighbourhoods: two
hops, every movement, up to 64 counterparties of an account and direction, in batches as large as the served ones.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.apart import apart
from graph.events import Event, GovernanceChanged, Movement
from graph.log.protocol import LogEntry
from ingest.simulator.world import World
from scoring.projection import Projection

REACH = 5_000
SIZES = (1, 20, 1_000)
RIVAL_ROWS = 2_000
WHOLE = 64  # counterparties of an account and direction; with 4,096 the arrays of one movement fill a gigabyte


def main() -> None:
    """Check, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=60_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model", default="hybrid")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    os.environ.setdefault("TARRAFA_IDENTITY_SECRET", "only for measurements")
    told = apart(measure, arguments.events, arguments.seed, arguments.model)
    print(f"{told['equal']:,} probabilities equal the boosters' own over the training replay, bit for bit")
    print("| movements a batch | with the model, tx/s | without, tx/s | model, us each | PyG, whole, us each |")
    print("|---|---|---|---|---|")
    for size in SIZES:
        found = told["sizes"][str(size)]
        print(
            f"| {size:,} | {found['with']:,.0f} | {found['without']:,.0f} | {found['model_us']:.0f} "
            f"| {found['rival_us']:,.0f} |"
        )
    print(f"reached {REACH:,} tx/s in batches of {SIZES[-1]:,}: {'yes' if told['reached'] else 'no'}")
    if arguments.out is not None:
        arguments.out.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def measure(count: int, seed: int, wanted: str) -> dict[str, Any]:
    """Train, check, time."""
    from gnn.artefact import Artefact
    from gnn.log_rows import rows_of_log
    from gnn.opened import line_of, open_model
    from gnn.packing import unpack
    from gnn.stages import Once
    from gnn.training import Known, candidates_of, lesson_of, make_model
    from graph.identity import IdentifierKeys
    from graph.window.records import WindowSettings
    from scoring.model_book import ChosenModel, Model
    from scoring.policy import Bands
    from scoring.standard import standard_judging

    world = World(seed=seed, events=count)
    events: list[Event] = [event for batch in world.batches(1_000) for event in batch.events]
    planted = {tx_id for ring in world.planted() for tx_id in ring.transactions}
    movements = sum(isinstance(event, Movement) for event in events)
    rows = rows_of_log([(1, events)], settings=WindowSettings(), most=movements)
    fraud = [tx_id in planted for tx_id in rows.tx_ids]
    known = Known(np.array(fraud, dtype=np.int8), [""] * len(rows), ["file"] * len(rows))
    lesson = lesson_of(
        rows, lambda _by: known, since=0, until=int(rows.edges.ts[-1]) + 1, delay_ms=0, canary=None, cap=1.0,
        trusted=("file",), seed=seed,
    )  # fmt: skip
    made = make_model(
        lesson, candidates_of(Once), seed=seed, canary=None, window={"horizon_days": 35}, made_by={}, trained={},
        told=lambda _name: None, wanted=wanted,
    )  # fmt: skip
    artefact = Artefact(made.manifest, "digest", dict(made.boosters), dict(made.arrays))

    def load(_chosen: ChosenModel) -> Model:
        return open_model(artefact)

    keys = IdentifierKeys.from_secret(b"bench" * 8)
    in_force = GovernanceChanged(
        event_id="governance:model",
        ts=events[0].ts,
        part="model",
        content='{"live":{"version":"bench","digest":"digest"}}',
        author="ana",
    )

    def projection() -> Projection:
        return Projection(judging=standard_judging(Bands(), keys, load=load))

    expected = dict(
        zip(
            rows.tx_ids,
            line_of(artefact.arrays, "head0.probability")(unpack(artefact.packed).raw(lesson.rated)).tolist(),
            strict=True,
        )
    )
    equal = _check(projection(), [in_force, *events], expected)
    sizes: dict[str, dict[str, float]] = {}
    part = events[: min(len(events), 20_000)]
    for size in SIZES:
        with_model, without = _seconds(projection(), [in_force, *part], size), _seconds(projection(), part, size)
        scored = sum(isinstance(event, Movement) for event in part)
        sizes[str(size)] = {
            "with": scored / with_model,
            "without": scored / without,
            "model_us": (with_model - without) / scored * 1e6,
            "rival_us": _rival(lesson.rated, size) * 1e6,
        }
    return {"equal": equal, "sizes": sizes, "reached": sizes[str(SIZES[-1])]["with"] >= REACH}


def _check(held: Projection, events: Sequence[Event], expected: dict[str, float]) -> int:
    equal = 0
    for begin in range(0, len(events), 777):
        batch = [LogEntry(begin + place + 1, 0, event) for place, event in enumerate(events[begin : begin + 777])]
        for score in held.apply(batch).scores:
            said = next(signal for signal in score.signals if signal.name == "model")
            if "fallback" not in dict(said.evidence.params):  # the whole model answered
                if said.value != expected[score.tx_id]:
                    sys.exit(f"wrong: {score.tx_id} is served {said.value}, the replay says {expected[score.tx_id]}")
                equal += 1
    return equal


def _seconds(held: Projection, events: Sequence[Event], size: int) -> float:
    """CPU seconds of applying the events in batches."""
    begun = time.process_time()
    for begin in range(0, len(events), size):
        held.apply([LogEntry(begin + place + 1, 0, event) for place, event in enumerate(events[begin : begin + size])])
    return time.process_time() - begun


def _rival(rated: Any, size: int) -> float:
    """CPU seconds a movement of an untrained network of the same shape over whole neighbourhoods, the last rows."""
    import torch

    from gnn.candidates import WINDOW_BOOSTED
    from gnn.dataset import COLUMNS
    from gnn.neighbours import neighbourhoods
    from gnn.network import RingNetwork
    from gnn.network_inputs import columns_by_end, fit_scale, stream_of

    left_out = frozenset(COLUMNS) - {COLUMNS[column] for column in WINDOW_BOOSTED.columns}
    stream = stream_of(rated, columns_by_end(COLUMNS, left_out), fit_scale(rated.features))
    torch.set_num_threads(1)
    network = RingNetwork(*stream.widths).eval()
    rows = np.arange(max(0, len(rated) - min(RIVAL_ROWS, 100 * size)), len(rated))
    reach = {"wide": WHOLE, "far": WHOLE, "walk": 1 << 20}
    neighbourhoods(stream.history, rows[:1], **reach)  # compiled before the clock starts
    begun = time.process_time()
    with torch.inference_mode():
        for begin in range(0, len(rows), min(size, 50)):  # larger batches of whole neighbourhoods do not fit memory
            chosen = rows[begin : begin + min(size, 50)]
            network(stream.batch(chosen, torch.device("cpu"), **reach))
    return (time.process_time() - begun) / len(rows)


if __name__ == "__main__":
    main()
