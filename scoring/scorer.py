"""From what the window answers to scores: sources of signals, their sum, the decision, and what was missing or cut."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final, Protocol

from graph.evidence import Decision, Evidence, Score, Signal
from graph.window.features import FEATURE_INDEX, FEATURES_VERSION
from graph.window.hits import cut_names
from graph.window.records import Answers, Context
from graph.window.window import Window
from scoring.governance import Governance
from scoring.policy import Bands, stricter
from scoring.sources import Rows, Source, SourceUnavailable


class DecisionPolicy(Protocol):
    """Says which bands hold for whom. Guarantee: equal arguments give equal bands for ever."""

    def bands(self, mark: int, context: Context) -> Bands: ...


class FixedPolicy:
    """The same bands for everyone."""

    def __init__(self, bands: Bands | None = None) -> None:
        self._bands = bands or Bands()

    def bands(self, _mark: int, _context: Context) -> Bands:
        return self._bands


class Scorer:
    """Asks every source in its order, adds up their points and decides."""

    def __init__(self, sources: Sequence[Source], *, policy: DecisionPolicy, governance: Governance) -> None:
        self._sources, self._policy, self._governance = tuple(sources), policy, governance
        self._versions_at = cache(self._versions)

    def score(self, answers: Answers, window: Window) -> list[Score]:
        """Scores of the movements in `answers`, in their order."""
        rows = Rows(answers, window, window.marks_of(answers.seqs))
        missing = tuple(self._ask(source, rows) for source in self._sources)
        degraded = tuple(name for name in missing if name)
        cut = [_cut(*flags) for flags in zip(*_flags(answers), strict=True)]
        said = list(zip(rows.marks.tolist(), rows.contexts, strict=True))
        judges = {key: _Judge(self._policy.bands(*key), self._versions_at(key[0])) for key in set(said)}
        columns = zip(rows.event_ids, rows.times, said, cut, strict=True)
        return [
            _scored(rows, row, event_id, ts, context.tenant, judges[mark, context], degraded, truncated)
            for row, (event_id, ts, (mark, context), truncated) in enumerate(columns)
        ]

    def _ask(self, source: Source, rows: Rows) -> str:
        """Add what `source` says; return its name when it could not answer, else ''."""
        given = rows.given
        try:
            for row, signals in source.signals(rows).items():
                known = given.get(row)
                if known is None:
                    given[row] = list(signals)
                else:
                    known.extend(signals)
        except SourceUnavailable as error:
            for row in range(len(rows)):
                gap = Evidence("source_missing", (("source", source.name),), (rows.event_id(row),), 1)
                rows.given.setdefault(row, []).append(Signal(source.name, 0.0, 0.0, gap, missing=str(error)))
                rows.floors[row] = stricter(rows.floors.get(row), Decision.REVIEW)
            return source.name
        return ""

    def _versions(self, mark: int) -> tuple[tuple[str, str], ...]:
        own = ((source.name, source.version_at(mark)) for source in self._sources)
        return tuple(sorted({("features", FEATURES_VERSION), *own, *self._governance.versions_at(mark)}))


class _Judge:
    """How movements under one policy and of one context are decided; few values differ, so each is decided once."""

    def __init__(self, bands: Bands, versions: tuple[tuple[str, str], ...]) -> None:
        self.bands, self.versions = bands, versions
        self.bounds = (bands.approve, bands.review)
        self._decided: dict[tuple[float, Decision | None], tuple[Decision, int]] = {}

    def decides(self, value: float, floor: Decision | None) -> tuple[Decision, int]:
        """The decision for a score, and how many alerts a day it competes for."""
        known = self._decided.get((value, floor))
        if known is None:
            decision = stricter(floor, self.bands.decide(value))
            known = self._decided[value, floor] = decision, self.bands.alert_budget(value, floor=floor)
        return known


def _scored(
    rows: Rows,
    row: int,
    event_id: str,
    ts: int,
    tenant: str,
    judge: _Judge,
    degraded: tuple[str, ...],
    truncated: tuple[str, ...],
) -> Score:
    signals = rows.given.get(row, _NONE)
    bounded = 0.0
    if signals:
        value = round(sum([signal.points for signal in signals]), 2)
        bounded = min(100.0, max(0.0, value))
        if bounded != value:
            share = round(bounded - value, 2)
            signals.append(Signal("cap", value, share, Evidence("cap", (("score", value),), (event_id,), 1)))
        if len(signals) > 1:
            signals.sort(key=_strongest_first)
    floor = rows.floors.get(row)
    decision, alert_budget = judge.decides(bounded, floor)
    return Score(
        tx_id=event_id[3:],
        ts=ts,
        value=bounded,
        decision=decision,
        signals=tuple(signals),
        versions=judge.versions,
        degraded=(*degraded, *rows.missing[row]) if row in rows.missing else degraded,
        truncated=truncated,
        bands=judge.bounds,
        floor=floor,
        shadow=tuple(rows.shadow.get(row, ())),
        tenant=tenant,
        alert_budget=alert_budget,
    )


_NONE: Final[list[Signal]] = []  # never written to


def _strongest_first(signal: Signal) -> tuple[float, str]:
    return -abs(signal.points), signal.name


def _flags(answers: Answers) -> Iterator[list[int]]:
    yield (answers.features[:, FEATURE_INDEX["truncated"]] > 0).tolist()
    yield answers.cut.tolist()
    yield answers.short.tolist()


@cache
def _cut(history: bool, searches: int, memory: bool) -> tuple[str, ...]:
    return (("history",) if history else ()) + cut_names(searches) + (("window",) if memory else ())
