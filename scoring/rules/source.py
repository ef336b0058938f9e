"""The rules in force as a part of what is governed, and as a source of signals over whole batches."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np

from graph.events import GovernanceChanged, MovementKind
from graph.evidence import EVIDENCE_LIMIT, Evidence, Params, Signal
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
LOOKED_AT: Final = 10

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

    def shown(self, name: str, row: int) -> str:
        """Field `name` of one row as a person reads it."""
        field = fields()[name]
        if field.type is FieldType.TEXT:
            return f"{name} = {self.text(name)[row] or '-'}"
        if field.type is FieldType.TRUTH:
            return name if self.truth(name)[row] else f"not {name}"
        value = float(self.number(name)[row])
        return f"{name} = {'?' if np.isnan(value) else format(round(value, 2), 'g')}"


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
                hits = holds(rule, batch)[places]
                for row in places[hits].tolist():
                    if rule.mode is Mode.SHADOW:
                        rows.shadow.setdefault(row, []).append(f"{rule.id}@{rule.version}")
                    else:
                        found.setdefault(row, []).append(signal_of(rule, rows, row, batch))
        return found


def holds(rule: RuleInForce, batch: Batch) -> Truths:
    """Where a rule is true, for its tenant if it names one: bool[len(batch)]."""
    true = rule.expression.holds(batch)
    return true & (batch.text("tenant") == rule.tenant) if rule.tenant else true


def signal_of(rule: RuleInForce, rows: Rows, row: int, batch: Batch) -> Signal:
    """The signal of a rule that holds for a row, with the values that made it true and the events behind them."""
    names = rule.expression.fields
    proof = _proof(names, rows, row)
    params: Params = (
        ("id", rule.id),
        ("version", rule.version),
        ("meaning_pt", rule.pt),
        ("meaning_en", rule.en),
        ("facts", facts_of(rule, batch, row)),
    )
    value = next((float(rows.column(name)[row]) for name in names if name in FEATURE_INDEX), 1.0)
    evidence = Evidence("rule", params, proof[:EVIDENCE_LIMIT], len(proof))
    return Signal(SIGNAL + rule.id, value, rule.weight, evidence)


def facts_of(rule: RuleInForce, batch: Batch, row: int) -> str:
    """The values that the rule read in a row."""
    return ", ".join(batch.shown(name, row) for name in rule.expression.fields)


def _proof(names: tuple[str, ...], rows: Rows, row: int) -> tuple[str, ...]:
    """The movement, the events its features rest on, and those of its patterns; each once."""
    seq = int(rows.answers.seqs[row])
    found = [rows.event_id(row)]
    looks, wanted = _proved_by(names)
    for look in looks:
        found += rows.window.recent(seq, look, limit=LOOKED_AT)
    for hit in rows.hits.get(row, ()) if wanted else ():
        if hit.kind in wanted:
            found += [rows.window.event_id(edge) for edge in hit.edges]
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=MAX_RULES)
def _proved_by(names: tuple[str, ...]) -> tuple[tuple[Look, ...], frozenset[int]]:
    """Which earlier events, and which kinds of patterns, prove the fields `names`."""
    looks = dict.fromkeys(look for name in names for prefix, look in LOOKS if name.startswith(prefix))
    codes = frozenset(pattern_codes()[name.removeprefix(PATTERN)] for name in names if name.startswith(PATTERN))
    return tuple(looks), codes
