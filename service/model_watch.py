"""Watching models at work, from what the ledger keeps: drift of features and scores, calibration, two side by side."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import numpy as np

from graph.evidence import Score, Signal
from graph.window.features import FEATURES
from ledger.ledger import Ledger
from scoring.model_records import CalibrationWeek, ColumnDrift, DriftReport, ModelComparison, ModelRecord
from scoring.model_slot import SHADOW_SIGNAL, SIGNAL
from service.model_store import ModelStore
from service.settings import Settings

if TYPE_CHECKING:
    from gnn.artefact import Artefact

NEWEST: Final = 20_000  # transactions looked at
GLANCE: Final = 2_000  # by the doctor
PAGE: Final = 500
FEWEST: Final = 100  # scores of a model from which on their drift is told
WEEKS: Final = 12


def newest_scores(ledger: Ledger, most: int = NEWEST) -> Iterator[Score]:
    """The newest scores, newest first."""
    after: str | None = None
    seen = 0
    while seen < most:
        page = ledger.scores(after=after, limit=min(PAGE, most - seen))
        yield from page.items
        seen += len(page.items)
        after = page.next
        if after is None:
            return


def said_by(score: Score) -> dict[str, Signal]:
    """What each model said of a transaction, by version, live or in the shadow."""
    return {
        str(dict(signal.evidence.params)["version"]): signal
        for signal in score.signals
        if signal.name in (SIGNAL, SHADOW_SIGNAL) and signal.missing is None
    }


def labels_of(ledger: Ledger) -> dict[str, int]:
    """The newest label of every labelled transaction."""
    return {label.subject_id: label.label for label in ledger.labels("tx")}


def drift_of(ledger: Ledger, artefact: Artefact, *, most: int = NEWEST) -> DriftReport:
    """How far the newest transactions are from what the model was trained on."""
    from gnn.drift import bin_shares, stability
    from gnn.line import log_odds

    version, arrays = artefact.manifest.version, artefact.arrays
    scores = list(newest_scores(ledger, most))
    said = [(score, found[version]) for score in scores if version in (found := said_by(score))]
    rows = _feature_rows(ledger, [score.tx_id for score in scores])
    columns: Sequence[ColumnDrift] = ()
    if len(rows):
        now = bin_shares(rows, arrays["drift.edges"])
        indices = stability(arrays["drift.shares"], now).tolist()
        columns = sorted(
            (_column(feature.name, index) for feature, index in zip(FEATURES, indices, strict=True)),
            key=lambda column: (-column.index, column.name),
        )
    own = None
    if len(said) >= FEWEST:
        values = log_odds(np.array([signal.value for _, signal in said]))[:, None]
        then = arrays["drift.score_shares"]
        own = _column("score", float(stability(then, bin_shares(values, arrays["drift.score_edges"]))[0]))
    fallback = Counter(
        str(params["fallback"]) for _, signal in said if "fallback" in (params := dict(signal.evidence.params))
    )
    return DriftReport(
        version=version,
        transactions=len(rows),
        scored=len(said),
        score=own,
        columns=tuple(columns),
        calibration=_by_week(said, labels_of(ledger)),
        fallback=dict(fallback),
    )


def drift_words(ledger: Ledger, settings: Settings, version: str) -> str:
    """How far the newest few thousand transactions have moved from what a model saw, in a few words; '' for none."""
    found = drift_of(ledger, ModelStore(settings).artefact(version), most=GLANCE)
    if not found.transactions:
        return ""
    moved = sum(column.verdict == "moved" for column in found.columns)
    own = "" if found.score is None else f", score {found.score.verdict} (PSI {found.score.index:.2f})"
    return f"; of {found.transactions:,} newest transactions {moved} of {len(found.columns)} features moved{own}"


def compared(ledger: Ledger, first: ModelRecord, second: ModelRecord) -> ModelComparison:
    """Two models on the newest transactions for which the scores of both were recorded."""
    both = [
        (score.tx_id, found[first.version].value, found[second.version].value)
        for score in newest_scores(ledger)
        if first.version in (found := said_by(score)) and second.version in found
    ]
    if not both:
        return ModelComparison(first=first, second=second, transactions=0)
    mine, theirs = (np.array([pair[place] for pair in both]) for place in (1, 2))
    known = labels_of(ledger)
    labelled = [place for place, pair in enumerate(both) if pair[0] in known]
    label = np.array([known[both[place][0]] for place in labelled], dtype=np.int8)
    varied = len(both) > 1 and mine.std() > 0 and theirs.std() > 0
    return ModelComparison(
        first=first,
        second=second,
        transactions=len(both),
        mean_first=float(mine.mean()),
        mean_second=float(theirs.mean()),
        largest_difference=float(np.abs(mine - theirs).max()),
        correlation=float(np.corrcoef(mine, theirs)[0, 1]) if varied else None,
        labelled=len(labelled),
        fraud=int(label.sum()),
        precision_first=_precision(label, mine[labelled]),
        precision_second=_precision(label, theirs[labelled]),
    )


def _precision(label: np.ndarray, score: np.ndarray) -> float | None:
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(label, score)) if 0 < int(label.sum()) < len(label) else None


def _column(name: str, index: float) -> ColumnDrift:
    from gnn.drift import verdict

    return ColumnDrift(name, round(index, 4), verdict(index))


def _feature_rows(ledger: Ledger, tx_ids: Sequence[str]) -> np.ndarray:
    """Feature rows of the transactions that were computed by this version of the features, float64[n, F]."""
    rows = []
    for low in range(0, len(tx_ids), PAGE):
        rows += [row for row in ledger.features_of(tx_ids[low : low + PAGE]).values() if len(row) == len(FEATURES)]
    return np.array(rows).reshape(len(rows), len(FEATURES))


def _by_week(said: Sequence[tuple[Score, Signal]], known: Mapping[str, int]) -> tuple[CalibrationWeek, ...]:
    weeks: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for score, signal in said:
        if score.tx_id in known:
            day = datetime.fromtimestamp(score.ts / 1_000, UTC).date()
            weeks[(day - timedelta(days=day.weekday())).isoformat()].append((signal.value, known[score.tx_id]))
    return tuple(
        CalibrationWeek(
            week, len(pairs), sum(value for value, _ in pairs) / len(pairs), sum(one for _, one in pairs) / len(pairs)
        )
        for week, pairs in sorted(weeks.items())[-WEEKS:]
    )
