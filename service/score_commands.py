"""`tarrafa score`: why a transaction got its score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from graph.errors import ConfigurationError
from graph.evidence import Score
from graph.window.features import FEATURES, FEATURES_VERSION
from reports.formats import Language
from reports.phrases import phrase
from scoring.explain import Change, would_change
from scoring.projection import Projection
from service.bootstrap import Service, new_projection
from service.run import progress_bar
from service.settings import load_settings
from service.show import show_rows
from service.terminal import Home, KnownOn, StoreOption, complaints, console, opened_for_reading

score_app = typer.Typer(help="Scores and the reasons for them.", no_args_is_help=True)

REPLAYED_AT_ONCE = 5_000


@score_app.command()
def explain(
    tx: Annotated[str, typer.Argument(help="Id of the transaction.")],
    check: Annotated[bool, typer.Option("--check", help="Work it out anew from the log; compare bit for bit.")] = False,
    language: Annotated[Language, typer.Option(help="Language of the reasons.")] = Language.EN,
    as_known_on: KnownOn = None,
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """Show the decision, its signals with their evidence, the features behind it, and what would have changed it."""
    with opened_for_reading(load_settings(home=home, store=store), as_known_on) as service:
        score, features = service.ledger.score(tx), service.ledger.features(tx)
        if score is None or features is None:
            raise ConfigurationError(f"no transaction {tx} was scored here", cure="give the id as it was sent")
        _show(score, features, language)
        if check:
            _compare(score, features, *_replayed(service, tx))


def _show(score: Score, features: NDArray[np.float64], language: Language) -> None:
    versions = ", ".join(f"{part} {version}" for part, version in score.versions)
    rows = [("decision", score.decision), ("score", f"{score.value:g}"), ("versions", versions)]
    rows += [("degraded", ", ".join(score.degraded))] if score.degraded else []
    rows += [("cut", ", ".join(score.truncated))] if score.truncated else []
    show_rows(console, (score.tx_id, ""), rows)
    show_rows(
        console,
        ("signal", "points", "why", "events"),
        [
            (signal.name, f"{signal.points:+g}", phrase(signal.evidence, language), " ".join(signal.evidence.event_ids))
            for signal in score.signals
        ],
    )
    for change in would_change(score):
        console.print(_sentence(change), highlight=False, markup=False)
    if dict(score.versions).get("features") != FEATURES_VERSION:
        complaints.print("the features are of another version than this program: shown by number", highlight=False)
        names: Sequence[tuple[str, str]] = [(str(index), "") for index in range(len(features))]
    else:
        names = [(feature.name, feature.unit) for feature in FEATURES]
    rows_of = [(name, f"{value:g}", unit) for (name, unit), value in zip(names, features.tolist(), strict=True)]
    show_rows(console, ("feature", "value", "unit"), rows_of)


def _sentence(change: Change) -> str:
    if not change.signals:
        return f"{change.decision}: with {change.points:g} points more"
    parts = " and ".join(f"{name} at {then:g} instead of {gave:g}" for name, gave, then in change.signals)
    return f"{change.decision}: with {parts} points"


def _replayed(service: Service, tx: str) -> tuple[Score | None, NDArray[np.float64] | None]:
    """The last score of `tx` and its features, from the log alone."""
    projection: Projection = new_projection(service.settings, service.keys)
    found: Score | None = None
    features: NDArray[np.float64] | None = None
    batch = []
    with progress_bar() as bar:
        task = bar.add_task("replaying the log", total=service.log.head())
        for entry in service.log.read():
            batch.append(entry)
            if len(batch) < REPLAYED_AT_ONCE and entry.offset < service.log.head():
                continue
            scored = projection.apply(batch)
            bar.update(task, completed=entry.offset)
            batch = []
            for score in scored.scores:
                if score.tx_id == tx:
                    found, features = score, scored.features()[tx]
    return found, features


def _compare(
    score: Score, features: NDArray[np.float64], again: Score | None, anew: NDArray[np.float64] | None
) -> None:
    if again == score and anew is not None and anew.tobytes() == features.tobytes():
        console.print("worked out anew from the log: the same, bit for bit", highlight=False)
        return
    complaints.print("[red]worked out anew from the log: not the same[/red]", highlight=False)
    raise typer.Exit(1)
