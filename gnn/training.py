"""From the rows of a log and the labels known of them to a saved model: split, fit, choose, calibrate, measure.

All movements are rows, because at serving nobody knows which of them will be labelled; only labelled ones are learnt
from, chosen by or measured on. The canary set is none of that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gnn.artefact import FORMAT, HeadSaid, Manifest, columns_sha256, version_of
from gnn.backtest import Backtest, Tried, run_backtest
from gnn.canary import Canary, canary_quality
from gnn.candidates import WINDOW_BOOSTED, Candidate
from gnn.dataset import COLUMNS, Rated
from gnn.drift import SAMPLE, bin_edges, bin_shares
from gnn.heads import served
from gnn.hybrid import Accounts, FirstTrees, Hybrid, Stacked
from gnn.known_labels import capped
from gnn.line import Line, log_odds, points_line
from gnn.log_rows import LogRows
from gnn.metrics import BUDGET
from gnn.network_inputs import columns_by_end
from gnn.opened import line_arrays, usual_of
from gnn.packing import pack
from gnn.split import Split, split_by_time
from graph.errors import ConfigurationError
from graph.window.features import FEATURES, FEATURES_VERSION

I8 = NDArray[np.int8]
I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

SHARES: Final = (60, 20, 20)
UNKNOWN: Final = -1


@dataclass(frozen=True, slots=True)
class Known:
    """Labels of rows: 1, 0 or UNKNOWN; the ring of each ('' for none) and who gave it ('' for nobody)."""

    label: I8
    ring: list[str]
    giver: list[str]


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is learnt from: all rows with their labels, the parts, and how many rows were left out, by cause."""

    rated: Rated
    split: Split
    left_out: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Made:
    """A model that is ready to be saved, and the backtest it came out of."""

    manifest: Manifest
    boosters: Mapping[str, str]
    arrays: Mapping[str, NDArray[Any]]
    backtest: Backtest
    chosen: Tried


def lesson_of(
    rows: LogRows,
    known_at: Callable[[int], Known],
    *,
    since: int,
    until: int,
    delay_ms: int,
    canary: Canary | None,
    cap: float,
    trusted: Sequence[str],
    seed: int,
) -> Lesson:
    """Join labels as known and cut the labelled rows with since <= ts < until into training, validation and test.

    `known_at(by)` gives the labels known at `by` (epoch ms). Training learns from those known, with the delay, when
    validation begins; the other two parts use what is known at `until`. Raises ConfigurationError where too little is
    labelled.
    """
    ts = rows.edges.ts
    now = known_at(until - delay_ms)
    inside = (ts >= since) & (ts < until)
    labelled = np.flatnonzero((now.label != UNKNOWN) & inside)
    left_out = {"label not known": int(inside.sum()) - len(labelled)}
    if canary is not None:
        frozen = set(canary.tx_ids)
        kept = np.array([rows.tx_ids[row] not in frozen for row in labelled.tolist()], dtype=bool)
        left_out["canary set"] = int((~kept).sum())
        labelled = labelled[kept]
    if not len(labelled):
        raise ConfigurationError(
            "nothing in that range is labelled", cure="give labels, wait until they are known, or choose another range"
        )
    parts = split_by_time(ts[labelled], np.zeros(len(labelled), dtype=np.int64), SHARES, label_delay_ms=0)
    valid, test = labelled[parts.valid], labelled[parts.test]
    then = known_at(int(ts[valid[0]]) - delay_ms)
    first = np.flatnonzero((now.label != UNKNOWN) & inside & (ts < ts[valid[0]]))
    first = first[np.isin(first, labelled)]
    train = first[then.label[first] != UNKNOWN]
    left_out["label came too late"] = len(first) - len(train)
    label = np.where(now.label == UNKNOWN, 0, now.label).astype(np.int8)
    label[train] = then.label[train]
    train, over = capped(train, label, then.giver, share=cap, trusted=trusted, seed=seed)
    valid, over_valid = capped(valid, label, now.giver, share=cap, trusted=trusted, seed=seed)
    for source in sorted({*over, *over_valid}):
        left_out[f"more than its share from {source}"] = over.get(source, 0) + over_valid.get(source, 0)
    if len(train) < 2 or len(valid) < 2:
        raise ConfigurationError(
            "hardly any label was known when validation begins", cure="shorten the label delay, or give a longer range"
        )
    rated = Rated(
        tx_ids=rows.tx_ids,
        ts=ts,
        label=label,
        known=np.zeros(len(rows), dtype=np.int64),
        ring=now.ring,
        features=rows.features,
        edge=np.arange(len(rows), dtype=np.int64),
        edges=rows.edges,
        left_out=0,
    )
    refit = np.concatenate((train, valid))
    return Lesson(rated, Split(train, valid, test, refit, left_out["label came too late"]), left_out)


def candidates_of(once: Callable[[Candidate], Candidate]) -> tuple[Candidate, ...]:
    """The models that can be served, weakest first; `once` makes a candidate that keeps its model."""
    columns = WINDOW_BOOSTED.columns
    held = once(WINDOW_BOOSTED)
    left_out = frozenset(COLUMNS) - {COLUMNS[column] for column in columns}
    accounts = once(Accounts(columns_by_end(COLUMNS, left_out)))
    first = once(FirstTrees(columns, accounts))
    propagated = once(Stacked("propagated scores", columns, accounts, first))
    return held, propagated, Hybrid((held, propagated))


def make_model(
    lesson: Lesson,
    candidates: Sequence[Candidate],
    *,
    seed: int,
    canary: Canary | None,
    window: Mapping[str, int],
    made_by: Mapping[str, str],
    trained: Mapping[str, Any],
    told: Callable[[str], None],
    wanted: str | None = None,
) -> Made:
    """Fit the candidates, the plain one first, and make one ready to be saved: the one that validation likes best, or
    the one called `wanted`."""
    rated, split = lesson.rated, lesson.split
    backtest = run_backtest(rated, split, candidates, seed=seed, told=told)
    plain, chosen = backtest.tried[0], _chosen(backtest, wanted)
    packed = pack(chosen.fitted, plain.fitted, to_serve=True)
    arrays = dict(packed.arrays)
    heads = (HeadSaid(chosen.name, packed.tops[0]), HeadSaid(plain.name, packed.tops[1]))
    usual_share = float(rated.label[split.valid].mean())
    for number, tried in enumerate((chosen, plain)):
        probability = Line(tried.calibration.raw, tried.calibration.probability)
        arrays |= line_arrays(f"head{number}.probability", probability)
        arrays |= line_arrays(f"head{number}.points", points_line(usual=usual_share, alarm=_alarm(tried, split)))
    usual = usual_of(rated.features, split.train, split.valid, np.array(WINDOW_BOOSTED.columns, dtype=np.int64))
    arrays |= {"usual.columns": usual.columns, "usual.low": usual.low, "usual.high": usual.high}
    arrays |= _population(rated, chosen, split)
    canary_said = {} if canary is None else canary_quality(canary, rated.tx_ids, chosen.probability)
    manifest = Manifest(
        format=FORMAT,
        version=version_of(packed.nodes, packed.boosters, arrays),
        features_version=FEATURES_VERSION,
        columns_sha256=columns_sha256(),
        nodes=dict(packed.nodes),
        heads=heads,
        most_outside=usual.most_outside,
        window=dict(window),
        made_by=dict(made_by),
        trained={
            **trained,
            "seed": seed,
            "rows": len(rated),
            "train": len(split.train),
            "valid": len(split.valid),
            "test": len(split.test),
            "left_out": dict(lesson.left_out),
            "fraud": {
                name: int(rated.label[part].sum())
                for name, part in (("train", split.train), ("valid", split.valid), ("test", split.test))
            },
            "parts_begin": {"train": _begin(rated, split.train), "valid": _begin(rated, split.valid)}
            | {"test": _begin(rated, split.test)},
        },
        metrics={tried.name: _metrics(tried) for tried in backtest.tried},
        canary=canary_said,
    )
    return Made(manifest, dict(packed.boosters), arrays, backtest, chosen)


def _chosen(backtest: Backtest, wanted: str | None) -> Tried:
    """The model that validation likes best of those that are served, of equals the simplest; or the one wanted."""
    if wanted is not None:
        named = {tried.name: tried for tried in backtest.tried}
        if wanted not in named:
            raise ConfigurationError(f"there is no model called {wanted}", cure=f"name one of {', '.join(named)}")
        return named[wanted]
    best = backtest.tried[0]
    for tried in backtest.tried[1:]:
        packed = pack(tried.fitted)
        better = (tried.valid["average_precision"] or 0.0) > (best.valid["average_precision"] or 0.0)
        if better and served(packed, packed.tops[0]):
            best = tried
    return best


def _alarm(tried: Tried, split: Split) -> float:
    """The probability from which on the alert budget of the validation part is used."""
    scores = np.sort(tried.probability[split.valid])
    return float(scores[-max(1, int(BUDGET * len(scores)))])


def _population(rated: Rated, chosen: Tried, split: Split) -> dict[str, NDArray[Any]]:
    """What features and scores of the labelled rows looked like, for `gnn.drift`."""
    rows = np.sort(np.concatenate((split.train, split.valid, split.test)))
    rows = rows[:: max(1, len(rows) // SAMPLE)]
    features = rated.features[rows][:, : len(FEATURES)]
    later = np.concatenate((split.valid, split.test))  # of training rows scores are too sure
    scores = log_odds(chosen.probability[later])[:, None]
    edges, score_edges = bin_edges(features), bin_edges(scores)
    return {
        "drift.edges": edges,
        "drift.shares": bin_shares(features, edges),
        "drift.score_edges": score_edges,
        "drift.score_shares": bin_shares(scores, score_edges),
    }


def _begin(rated: Rated, part: I64) -> int:
    return int(rated.ts[part[0]])


def _metrics(tried: Tried) -> dict[str, Any]:
    return {
        "valid": dict(tried.valid),
        "test": dict(tried.test),
        "threshold": tried.threshold,
        "test_average_precision_95": tried.spread,
    }
