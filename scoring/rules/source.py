"""The rules in force as a part of what is governed, and as a source of signals over whole batches."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import isnan
from typing import Final

import numpy as np

from graph.events import GovernanceChanged, MovementKind
from graph.evidence import EVIDENCE_LIMIT, Evidence, Params, Signal
from graph.window.columns import I64
from graph.window.features import FEATURE_INDEX
from graph.window.records import Look
from scoring.declared import canonical_text, name_of_text
from scoring.governance import SHIPPED, Versions
from scoring.rules.expression import Numbers, Texts, Truths
from scoring.rules.fields import PATTERN, FieldType, fields, pattern_codes
from scoring.rules.rule import MAX_RULES, PART, SIGNAL, Mode, RuleInForce, RuleSet, read_rule_set
from scoring.sources import Given, Rows

#: Which events prove a feature, by how its name begins.
LOOKS: Final = (
    ("out_", Look.SENT_BY_SOURCE),
    ("pair_", Look.SENT_BY_SOURCE),
    ("spend_", Look.SENT_BY_SOURCE),
    ("distinct_targets_", Look.SENT_BY_SOURCE),
    ("in_", Look.RECEIVED_BY_SOURCE),
    ("income_", Look.RECEIVED_BY_SOURCE),
    ("distinct_sources_", Look.RECEIVED_BY_SOURCE),
    ("seconds_since_in", Look.RECEIVED_BY_SOURCE),
    ("target_in_", Look.RECEIVED_BY_TARGET),
    ("target_distinct_", Look.RECEIVED_BY_TARGET),
    ("device_accounts_", Look.ON_DEVICE),
    ("ip_accounts_", Look.ON_IP),
    ("failed_attempts_", Look.FAILED_ATTEMPTS),
)

_KINDS = np.array([str(kind) for kind in MovementKind], dtype=object)


class Rules:
    """The rule sets, each with the versions of the whole it holds under. A governed `Part`."""

    name = PART

    def __init__(self) -> None:
        self._sets: Versions[RuleSet] = Versions(RuleSet())
        #: Names of the signals of every rule that ever ran.
        self.signal_names: set[str] = set()

    def check(self, content: str) -> None:
        read_rule_set(content)

    def apply(self, event: GovernanceChanged, version: int) -> None:
        found = read_rule_set(event.content)
        self._sets.add(version, found)
        self.signal_names.update(SIGNAL + rule.id for rule in found.rules)

    def version_at(self, mark: int) -> str:
        found = self.at(mark)
        return name_of_text(canonical_text(found)) if found.rules else SHIPPED

    def at(self, mark: int) -> RuleSet:
        """The rules in force under version `mark` of the whole."""
        return self._sets.at(mark)


class Batch:
    """The columns of `rows` as expressions read them, each worked out once."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._numbers: dict[str, Numbers] = {}
        self._texts: dict[str, Texts] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def number(self, name: str) -> Numbers:
        """Feature `name`, NaN where it was not measured."""
        column = self._numbers.get(name)
        if column is None:
            unknown = fields()[name].unknown
            column = self._rows.column(name)
            if unknown is not None:
                column = np.where(column == unknown, np.nan, column)
            self._numbers[name] = column
        return column

    def text(self, name: str) -> Texts:
        """`kind`, `channel`, `currency` or `tenant` of every row."""
        column = self._texts.get(name)
        if column is None:
            if name == "kind":
                column = _KINDS[self._rows.window.kinds_of(self._rows.answers.seqs)]
            else:
                column = np.array([getattr(context, name) for context in self._rows.contexts], dtype=object)
            self._texts[name] = column
        return column

    def truth(self, name: str) -> Truths:
        """Where a pattern was completed."""
        code = pattern_codes()[name.removeprefix(PATTERN)]
        column = np.zeros(len(self), dtype=np.bool_)
        column[[row for row, hits in self._rows.hits.items() if any(hit.kind == code for hit in hits)]] = True
        return column

    def shown(self, name: str, places: I64) -> list[str]:
        """Field `name` of the rows `places` as a person reads it."""
        field = fields()[name]
        if field.type is FieldType.TEXT:
            return [f"{name} = {text or '-'}" for text in self.text(name)[places].tolist()]
        if field.type is FieldType.TRUTH:
            return [name if true else f"not {name}" for true in self.truth(name)[places].tolist()]
        values = self.number(name)[places].tolist()
        return [f"{name} = {'?' if isnan(value) else format(round(value, 2), 'g')}" for value in values]


class RuleSource:
    """Judges movements by the rules in force; shadow rules are noted in `rows.shadow` and give nothing. A `Source`."""

    name = PART

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def version_at(self, mark: int) -> str:
        return self._rules.version_at(mark)

    def signals(self, rows: Rows) -> Given:
        found: dict[int, list[Signal]] = {}
        batch = Batch(rows)
        for mark, places in rows.by_mark():
            for rule in self._rules.at(mark).rules:
                hits = places[holds(rule, batch)[places]]
                if len(hits) == 0:
                    continue
                if rule.mode is Mode.SHADOW:
                    for row in hits.tolist():
                        rows.shadow.setdefault(row, []).append(f"{rule.id}@{rule.version}")
                    continue
                for row, signal in zip(hits.tolist(), signals_of(rule, rows, hits, batch), strict=True):
                    found.setdefault(row, []).append(signal)
        return found


def holds(rule: RuleInForce, batch: Batch) -> Truths:
    """Where a rule is true, for its tenant if it names one: bool[len(batch)]."""
    true = rule.expression.holds(batch)
    return true & (batch.text("tenant") == rule.tenant) if rule.tenant else true


def signals_of(rule: RuleInForce, rows: Rows, places: I64, batch: Batch) -> list[Signal]:
    """The signals of a rule that holds for the rows `places`, with what made it true and the events behind it."""
    names = rule.expression.fields
    name, weight = SIGNAL + rule.id, rule.weight
    told: Params = (("id", rule.id), ("version", rule.version), ("meaning_pt", rule.pt), ("meaning_en", rule.en))
    feature = next((name for name in names if name in FEATURE_INDEX), None)
    values = [1.0] * len(places) if feature is None else rows.column(feature)[places].tolist()
    signals = []
    for value, facts, proof in zip(
        values, facts_of(rule, batch, places), _proofs(names, rows, places.tolist()), strict=True
    ):
        evidence = Evidence("rule", (*told, ("facts", facts)), proof[:EVIDENCE_LIMIT], len(proof))
        signals.append(Signal(name, value, weight, evidence))
    return signals


def facts_of(rule: RuleInForce, batch: Batch, places: I64) -> list[str]:
    """The values that the rule read in the rows `places`."""
    shown = [batch.shown(name, places) for name in rule.expression.fields]
    return shown[0] if len(shown) == 1 else [", ".join(facts) for facts in zip(*shown, strict=True)]


def _proofs(names: tuple[str, ...], rows: Rows, places: Sequence[int]) -> list[tuple[str, ...]]:
    """Per row the movement, the events its features rest on, and those of its patterns; each once."""
    looks, wanted = _proved_by(names)
    own: list[tuple[str, ...]] = [(rows.event_id(row),) for row in places]
    if not looks and not wanted:
        return own
    before = [rows.recent(places, look) for look in looks]
    found = []
    for row, mine, *earlier in zip(places, own, *before, strict=True):
        ids = [*mine, *(event for events in earlier for event in events)]
        for hit in rows.hits.get(row, ()) if wanted else ():
            if hit.kind in wanted:
                ids += [rows.window.event_id(edge) for edge in hit.edges]
        found.append(tuple(dict.fromkeys(ids)))
    return found


@lru_cache(maxsize=MAX_RULES)
def _proved_by(names: tuple[str, ...]) -> tuple[tuple[Look, ...], frozenset[int]]:
    """Which earlier events, and which kinds of patterns, prove the fields `names`."""
    looks = dict.fromkeys(look for name in names for prefix, look in LOOKS if name.startswith(prefix))
    codes = frozenset(pattern_codes()[name.removeprefix(PATTERN)] for name in names if name.startswith(PATTERN))
    return tuple(looks), codes
