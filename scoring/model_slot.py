"""Where a learnt model goes among the sources: its points, its probability and version, and its shadow's beside it."""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np

from graph.checkpoint import Column, Frozen, Record, below, prefixed, record_of
from graph.evidence import Decision, Evidence, Params, Signal
from graph.window.columns import I64
from graph.window.placed import oldest_mark
from graph.window.records import Answers
from graph.window.window import Window
from scoring.model_book import PART, ModelBook, Reasons, Tenure
from scoring.policy import stricter
from scoring.sources import Given, Rows, some_answers

SIGNAL: Final = "model"
SHADOW_SIGNAL: Final = "model_shadow"
ORDER: Final = ("first", "second", "third")  # parameters that name reasons, strongest first


class _Held(msgspec.Struct, array_like=True):
    """What a checkpoint keeps of a tenure."""

    since: int
    version: str
    newest: tuple[int, int]
    shadow: bool


class ModelSlot:
    """Asks the model in force about each movement, and the one in its shadow. A `Source`.

    A model that cannot be opened leaves its movements without its points: they are marked, and never approved.
    """

    name = PART

    def __init__(self, book: ModelBook | None = None) -> None:
        self.book = book or ModelBook()

    def version_at(self, mark: int) -> str:
        return self.book.version_at(mark)

    # --- following ------------------------------------------------------------------------------------------------

    def begin(self, window: Window) -> None:
        """Tell models that have just been chosen what the window holds; to be called before later events come."""
        for tenure in self.book.tenures:
            tenure.begin(window, self.book.load)

    def follow(self, answers: Answers, window: Window) -> I64:
        """Tell every model what came; return seqs of other movements that one of them judges otherwise now."""
        if not self.book.tenures:
            return np.empty(0, dtype=np.int64)
        oldest = oldest_mark(window)
        if oldest is not None:
            self.book.close(oldest)
        marks = window.marks_of(answers.seqs)
        changed = [tenure.follow(answers, marks, window) for tenure in self.book.tenures]
        return np.unique(np.concatenate(changed)) if changed else np.empty(0, dtype=np.int64)

    # --- judging --------------------------------------------------------------------------------------------------

    def signals(self, rows: Rows) -> Given:
        found: dict[int, list[Signal]] = {}
        for mark, chosen in rows.by_mark():
            live, shadow = self.book.live_at(mark), self.book.shadow_at(mark)
            if live is not None:
                self._say(rows, chosen, live, SIGNAL, found)
            if shadow is not None:
                self._say(rows, chosen, shadow, SHADOW_SIGNAL, found)
        return found

    def _say(self, rows: Rows, chosen: I64, tenure: Tenure, name: str, found: dict[int, list[Signal]]) -> None:
        version = tenure.chosen.version
        if tenure.open(self.book.load) is None:
            for row in chosen.tolist():
                evidence = Evidence("source_missing", (("source", name),), (rows.event_id(row),), 1)
                found.setdefault(row, []).append(Signal(name, 0.0, 0.0, evidence, missing=tenure.refusal))
                if name == SIGNAL:
                    rows.floors[row] = stricter(rows.floors.get(row), Decision.REVIEW)
                    rows.missing[row] = (*rows.missing.get(row, ()), PART)
            return
        assert tenure.model is not None
        all_rows = len(chosen) == len(rows)
        judged = tenure.model.judge(rows.answers if all_rows else some_answers(rows.answers, chosen), rows.window)
        answers = zip(
            chosen.tolist(), judged.probability.tolist(), judged.points.tolist(), judged.fallback, strict=True
        )
        for place, (row, probability, points, fallback) in enumerate(answers):
            params: Params = (("share", probability), ("version", version))
            if fallback:
                params = (("fallback", f"fallback_{fallback}"), *params)
            evidence = _evidence(rows, row, name, params, judged.because.get(place))
            counted = points if name == SIGNAL else 0.0
            found.setdefault(row, []).append(Signal(name, probability, counted, evidence))

    # --- checkpoints ----------------------------------------------------------------------------------------------

    def freeze(self) -> Frozen:
        """Copy what the models remember."""
        begun = [tenure for tenure in self.book.tenures if tenure.begun]
        held = [
            _Held(tenure.since, tenure.chosen.version, tenure.newest, tenure is self.book.shadow_at(tenure.since))
            for tenure in begun
        ]
        parts: dict[str, Column | bytes | Record] = {"tenures": msgspec.msgpack.encode(held)}
        for number, tenure in enumerate(begun):
            if tenure.model is not None:
                parts |= dict(prefixed(f"model{number}", tenure.model.freeze()))
        return parts

    def thaw(self, frozen: Frozen) -> None:
        """Take back what `freeze` copied, after all changes of what is governed were applied again."""
        held = msgspec.msgpack.decode(record_of(frozen, "tenures"), type=list[_Held])
        known = {(tenure.since, tenure is self.book.shadow_at(tenure.since)): tenure for tenure in self.book.tenures}
        kept = []
        for number, one in enumerate(held):
            tenure = known[one.since, one.shadow]
            tenure.newest = one.newest
            remembered = below(f"model{number}", frozen)
            model = tenure.open(self.book.load) if remembered else None
            if model is not None:
                model.thaw(remembered)
            tenure.begun = bool(remembered)  # one that could not be opened then begins with what the window holds
            kept.append(tenure)
        self.book.tenures = kept


def _evidence(rows: Rows, row: int, name: str, params: Params, because: Reasons | None) -> Evidence:
    """The movement itself and, where the model says why, the reasons and the earlier movements that carried them."""
    own = rows.event_id(row)
    if because is None:
        return Evidence(name, params, (own,), 1)
    told: Params = tuple(zip(ORDER, because.reasons, strict=False))
    edges = sorted((rows.window.movement(seq) for seq in because.seqs), key=lambda edge: (edge.ts, edge.event_id))
    accounts = sorted({account for edge in edges for account in (edge.source, edge.target)})
    ids = (own, *(edge.event_id for edge in edges))
    nodes = tuple(("Account", account) for account in accounts)
    return Evidence(name, (*params, *told), ids, len(ids), nodes)
