"""`tarrafa rings learn | score`: how likely each found ring is a fraud ring and no honest look-alike, and why."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer

from graph.errors import ConfigurationError
from ingest.formats import open_source
from ingest.simulator.world import World
from service.bootstrap import Service, now_ms
from service.run import all_rings, progress_bar
from service.settings import load_settings
from service.show import show_rows
from service.terminal import Home, StoreOption, complaints, console, opened

FOLDER = "ring-head"
REASONS = 3  # columns named beside a score

Numbers = Annotated[str, typer.Option(help="Seeds of worlds, as 1-6 or 9.")]


def learn(
    seeds: Numbers = "1-6",
    valid: Annotated[str, typer.Option(help="Seeds of the worlds that calibrate.")] = "7-8",
    test: Annotated[str, typer.Option(help="Seeds of the worlds that measure.")] = "11-15",
    labelled: Annotated[Path | None, typer.Option(help="Also learn from this labelled file, in time order.")] = None,
    events: Annotated[int, typer.Option(min=1_000, help="Events of each world.")] = 60_000,
    seed: Annotated[int, typer.Option(help="Seed of everything drawn by chance.")] = 1,
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """Train the ring head on worlds (and a labelled file), measure it on others, and keep it in the home."""
    ring_learning = _room()
    parts = {name: numbers(text) for name, text in (("--seeds", seeds), ("--valid", valid), ("--test", test))}
    every = [number for part in parts.values() for number in part]
    if len(set(every)) < len(every):
        raise ConfigurationError("a world is in two parts", cure="give --seeds, --valid and --test different seeds")
    with opened(load_settings(home=home, store=store), work=False) as service, progress_bar() as bar:
        task = bar.add_task("playing worlds", total=len(every) * events)
        found = {
            number: ring_learning.examples_of_world(
                World(seed=number, events=events),
                service.settings,
                service.keys,
                lambda count: bar.advance(task, count),
            )
            for number in every
        }
        train, calibrating, unseen = ([found[number] for number in part] for part in parts.values())
        later = None
        if labelled is not None:
            source = open_source(labelled, format=None, keys=service.keys, now_ms=now_ms())
            reading = bar.add_task("playing the file", total=source.total_rows)
            examples = ring_learning.examples_of_file(
                source, service.settings, service.keys, lambda count: bar.advance(reading, count)
            )
            first, second, later = ring_learning.in_time_order(examples)
            train.append(first)
            calibrating.append(second)
        about = {"seeds": seeds, "valid": valid, "test": test, "events": events, "seed": seed}
        head = ring_learning.learn(train, calibrating, seed=seed, about=about)
        figures = {f"world {number}": ring_learning.measured(head, found[number]) for number in parts["--test"]}
        figures["all worlds"] = ring_learning.measured(head, ring_learning.joined(unseen))
        if later is not None:
            figures["file, last part"] = ring_learning.measured(head, later)
        head = ring_learning.RingHead(head.boosters, head.calibration, about | {"measured": figures})
        version = head.save(service.settings.home / FOLDER)
    names = ("rings", "look_alikes", "partly_true_left_out", "average_precision", "rule_average_precision", "roc_auc")
    show_rows(
        console,
        ("measured on", "rings", "look-alikes", "partly true", "AP", "AP of the ring's own score", "AUC"),
        [(name, *(_number(figure[key]) for key in names)) for name, figure in figures.items()],
    )
    console.print(f"ring head {version} is kept in the home", highlight=False)


def score(
    as_json: Annotated[bool, typer.Option("--json", help="Print rings as JSON lines.")] = False,
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """Print every ring with the probability that it is a fraud ring, surest first, and what weighs most in it."""
    _room()
    from gnn.ring_columns import RING_COLUMNS
    from gnn.ring_head import load_ring_head

    with opened(load_settings(home=home, store=store), work=False) as service:
        head = load_ring_head(service.settings.home / FOLDER)
        rings = list(all_rings(service))
        scores = _movement_scores(service, [event for ring in rings for link in ring.links for event in link.event_ids])
    if not rings:
        complaints.print("there are no rings", highlight=False)
        return
    probability, parts = head.score(rings, scores), head.parts(rings, scores)
    rows = []
    for place in sorted(range(len(rings)), key=lambda place: (-probability[place], rings[place].ring_id)):
        strongest = sorted(range(len(RING_COLUMNS)), key=lambda column: -abs(parts[place, column]))[:REASONS]
        reasons = {RING_COLUMNS[column]: round(float(parts[place, column]), 3) for column in strongest}
        rows.append((rings[place], float(probability[place]), reasons))
    if as_json:
        for ring, likely, reasons in rows:
            record = {"ring_id": ring.ring_id, "probability": likely, "score": ring.score, "log_odds_of": reasons}
            typer.echo(json.dumps(record, ensure_ascii=False))
        return
    show_rows(
        console,
        ("ring", "kind", "members", "own score", "probability", "what weighs most, in log odds"),
        [
            (
                ring.ring_id,
                ring.kind,
                str(len(ring.members)),
                f"{ring.score:g}",
                f"{likely:.3f}",
                ", ".join(f"{name} {part:+.2f}" for name, part in reasons.items()),
            )
            for ring, likely, reasons in rows
        ],
    )


def numbers(text: str) -> list[int]:
    """Seeds from `3`, `1-6` or `1-3,9`. Raises ConfigurationError for anything else."""
    found: list[int] = []
    for piece in text.split(","):
        first, dash, last = piece.strip().partition("-")
        if not first.isdigit() or (dash and not last.isdigit()) or (dash and int(last) < int(first)):
            raise ConfigurationError(f"{text} names no seeds", cure="write for example 1-6, or 1-3,9")
        found += range(int(first), int(last or first) + 1)
    return found


def _movement_scores(service: Service, events: list[str]) -> dict[str, float]:
    tx_ids = sorted({event.removeprefix("tx:") for event in events if event.startswith("tx:")})
    return {f"tx:{tx_id}": score.value for tx_id, score in service.ledger.scores_of(tx_ids).items()}


def _number(value: float | None) -> str:
    return "-" if value is None else str(value) if isinstance(value, int) else f"{value:.3f}"


def _room() -> ModuleType:
    try:
        from service import ring_learning
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"models need {error.name}, which is not installed", cure="install the extra gnn, or run `make setup`"
        ) from error
    return ring_learning
