"""How much of a ring is still seen when it hides: `python -m bench.robustness`.

Boosted trees learn from seeded worlds as they are; then the rings of another world hide in each of the ways of
`bench.camouflage`, and what an alert budget of 0.5 % of the movements holds of them is counted again, for the trees and
for the score that the service gives without a model. Payments made only to hide use the budget up and count as nothing.
False labels are measured too: one source calls a share of the fraudulent training rows honest, or as many honest ones
fraudulent, and training caps what one source may give (`gnn.known_labels.capped`).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import lightgbm
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from bench.camouflage import ATTACKS, Attacked
from gnn.boosted import PARAMETERS
from gnn.candidates import BOOSTED
from gnn.dataset import Rated, replay
from gnn.known_labels import capped
from gnn.labels import Label, Labels
from gnn.metrics import BUDGET, budget_rows
from graph.events import Event
from graph.identity import IdentifierKeys
from graph.log.protocol import LogEntry
from ingest.simulator.world import World
from service.bootstrap import new_projection
from service.settings import load_settings

BATCH = 2_000
CAP = 0.2  # of all labels of a class, from a source that is not trusted: the default of the service
F64 = NDArray[np.float64]


def main() -> None:
    """Train, attack, count, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=60_000)
    parser.add_argument("--train", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--valid", type=int, nargs="+", default=[4])
    parser.add_argument("--test", type=int, nargs="+", default=[11])
    parser.add_argument("--poison", type=float, nargs="*", default=[0.0, 0.5])
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    learnt = [rated_world(*world_of(seed, arguments.events)) for seed in arguments.train]
    checked = [rated_world(*world_of(seed, arguments.events)) for seed in arguments.valid]
    trees = trained(learnt, checked)
    tests = {seed: world_of(seed, arguments.events) for seed in arguments.test}
    print("| attack | trees: movements | trees: rings | rules and patterns: movements | rings |")
    print("|---|---|---|---|---|")
    rows = []
    for name, attack in ATTACKS.items():
        found = [seen(attack(*tests[seed], np.random.default_rng(seed)), trees) for seed in arguments.test]
        row = {key: float(np.mean([one[key] for one in found])) for key in found[0]}
        rows.append({"attack": name, **row})
        print(
            f"| {name} | {row['trees_movements']:.3f} | {row['trees_rings']:.3f} "
            f"| {row['rules_movements']:.3f} | {row['rules_rings']:.3f} |",
            flush=True,
        )
    poisoned = []
    if arguments.poison:
        clean = rated_world(*tests[arguments.test[0]])
        poisoned = [poison(learnt, checked, clean, share) for share in arguments.poison]
        print("\n| lies of one source, in parts of all fraud | lie | AP without a cap | with it | labels left out |")
        print("|---|---|---|---|---|")
    for told in (one for pair in poisoned for one in pair):
        print(
            f"| {told['share']:.0%} | {told['lie']} | {told['free']:.3f} | {told['capped']:.3f} | {told['left_out']} |"
        )
    if arguments.out is not None:
        arguments.out.write_text(json.dumps({"attacks": rows, "poison": poisoned}, indent=1) + "\n", encoding="utf-8")


def world_of(seed: int, events: int) -> tuple[list[Event], dict[str, str]]:
    """The events of a world, and the ring of each of its laundering movements by transaction."""
    world = World(seed=seed, events=events)
    ring_of = {tx: ring.ring_id for ring in world.planted() for tx in ring.transactions}
    return [event for batch in world.batches(BATCH) for event in batch.events], ring_of


def rated_world(events: Sequence[Event], ring_of: Mapping[str, str]) -> Rated:
    """Features of all movements from the window that serves; what belongs to a ring is fraud."""
    labels = Labels()
    labels.transactions = _Everything(ring_of)
    return replay([events[begin : begin + BATCH] for begin in range(0, len(events), BATCH)], labels)


class _Everything(dict[str, Label]):
    """A label for every transaction."""

    def __init__(self, ring_of: Mapping[str, str]) -> None:
        super().__init__({tx: Label(1, ring, 0) for tx, ring in ring_of.items()})

    def get(self, tx: str, default: Label | None = None) -> Label:  # type: ignore[override]
        """Honest where no ring made it."""
        return super().get(tx) or default or Label(0, "", 0)

    def __bool__(self) -> bool:
        return True


def trained(
    learnt: Sequence[Rated],
    checked: Sequence[Rated],
    label: NDArray[np.int8] | None = None,
    rows: NDArray[np.int64] | None = None,
) -> lightgbm.Booster:
    """Boosted trees over the features of whole worlds; `label` stands for that of `learnt`, whose `rows` are used."""
    features = np.concatenate([rated.features[:, BOOSTED.columns] for rated in learnt])
    given = np.concatenate([rated.label for rated in learnt]) if label is None else label
    used = np.arange(len(given)) if rows is None else rows
    watched = np.concatenate([rated.features[:, BOOSTED.columns] for rated in checked])
    train = lightgbm.Dataset(features[used], given[used])
    valid = lightgbm.Dataset(watched, np.concatenate([rated.label for rated in checked]), reference=train)
    stop = lightgbm.early_stopping(50, verbose=False)
    parameters = PARAMETERS | {"seed": 1, "num_threads": 1}
    return lightgbm.train(parameters, train, 400, valid_sets=[valid], callbacks=[stop])


def trees_raw(trees: lightgbm.Booster, rated: Rated) -> F64:
    """Log odds of all movements."""
    return np.asarray(trees.predict(rated.features[:, BOOSTED.columns], raw_score=True, num_threads=1))


def seen(attacked: Attacked, trees: lightgbm.Booster) -> dict[str, float]:
    """Shares of laundering movements, and of rings, within the alert budget, by trees and by the service's score."""
    rated = rated_world(attacked.events, attacked.ring_of)
    score_of = service_scores(attacked.events)
    rules = np.array([score_of[tx_id] for tx_id in rated.tx_ids])
    found = {}
    for name, scores in (("trees", trees_raw(trees, rated)), ("rules", rules)):
        top = [rated.tx_ids[row] for row in budget_rows(scores, BUDGET).tolist()]
        hits = [attacked.ring_of[tx] for tx in top if tx in attacked.ring_of]
        found[f"{name}_movements"] = len(hits) / len(attacked.ring_of)
        found[f"{name}_rings"] = len(set(hits)) / len(set(attacked.ring_of.values()))
    return found


def service_scores(events: Sequence[Event]) -> dict[str, float]:
    """The last score of every movement, as the service gives it without a model."""
    projection = new_projection(load_settings(), IdentifierKeys.from_secret(b"only for measurements, kept nowhere"))
    found: dict[str, float] = {}
    for begin in range(0, len(events), BATCH):
        part = events[begin : begin + BATCH]
        entries = [LogEntry(begin + place + 1, event.ts, event) for place, event in enumerate(part)]
        found |= {score.tx_id: score.value for score in projection.apply(entries).scores}
    return found


def poison(
    learnt: Sequence[Rated], checked: Sequence[Rated], clean: Rated, share: float
) -> list[dict[str, float | int | str]]:
    """Average precision on another world when one source lies about movements, as many as `share` of all fraud."""
    truth = np.concatenate([rated.label for rated in learnt])
    found: list[dict[str, float | int | str]] = []
    for lie, value in (("fraud is honest", 0), ("honest is fraud", 1)):
        rng = np.random.default_rng(1)
        turned = rng.choice(np.flatnonzero(truth != value), int(share * truth.sum()), replace=False)
        label = truth.copy()
        label[turned] = value
        giver = np.where(np.isin(np.arange(len(truth)), turned), "liar", "desk").tolist()
        rows = np.arange(len(truth))
        kept, left_out = capped(rows, label, giver, share=CAP, trusted=("desk",), seed=1)
        free, limited = (_quality(learnt, checked, clean, label, some) for some in (rows, kept))
        gone = sum(left_out.values())
        found.append({"share": share, "lie": lie, "free": free, "capped": limited, "left_out": gone})
    return found


def _quality(
    learnt: Sequence[Rated], checked: Sequence[Rated], clean: Rated, label: NDArray[np.int8], rows: NDArray[np.int64]
) -> float:
    """Average precision on `clean` of trees that learnt `label` of some rows of `learnt`."""
    trees = trained(learnt, checked, label, rows)
    return float(average_precision_score(clean.label, trees_raw(trees, clean)))


if __name__ == "__main__":
    main()
