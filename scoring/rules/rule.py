"""A rule as people write it, and the set of rules in force as the log holds it."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import Final

import msgspec

from graph.errors import ConfigurationError
from scoring.declared import read_declared
from scoring.rules.compile import compile_rule
from scoring.rules.expression import Expression
from scoring.rules.refusal import RuleRefused

PART: Final = "rules"
MAX_RULES: Final = 1_000
MAX_WORDS: Final = 500
#: What the name of a rule's signal begins with.
SIGNAL: Final = "rule:"

_ID = re.compile(r"[a-z][a-z0-9_]{1,63}")


class Severity(StrEnum):
    """How much a rule weighs where it names no points of its own."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    ALLOW = "allow"


POINTS: Final = {Severity.HIGH: 30.0, Severity.MEDIUM: 15.0, Severity.LOW: 5.0, Severity.ALLOW: -20.0}


class Mode(StrEnum):
    """What a rule in force does: give points, or only be counted."""

    ACTIVE = "active"
    SHADOW = "shadow"


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One rule: where `when` holds it adds points, for the reason said in `pt` and `en`.

    `points` (signed, whole hundredths) wins over those of `severity`; `tenant` limits it to one tenant's movements.
    """

    id: str
    pt: str
    en: str
    when: str
    severity: Severity = Severity.MEDIUM
    points: float | None = None
    tenant: str = ""

    @property
    def weight(self) -> float:
        """Points it adds."""
        return POINTS[self.severity] if self.points is None else self.points


class RuleInForce(Rule, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A version of a rule that runs, who wrote it and who else approved it."""

    version: int
    mode: Mode
    author: str
    approver: str = ""

    @property
    def expression(self) -> Expression:
        """Its compiled expression."""
        return _compiled(self.when)


class RuleSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every rule in force, sorted by (id, mode)."""

    rules: tuple[RuleInForce, ...] = ()


RULE_FIELDS: Final = Rule.__struct_fields__
SET_FIELDS: Final = ("rules", *RuleInForce.__struct_fields__)


def read_rule(text: str) -> Rule:
    """Return the checked rule that `text` (TOML, or JSON) declares; raise `RuleRefused` with what to change."""
    try:
        return checked(read_declared(text, Rule, fields=RULE_FIELDS))
    except RuleRefused:
        raise
    except ConfigurationError as error:
        raise RuleRefused(error.problem, cure=error.cure) from error


def checked(rule: Rule) -> Rule:
    """Return `rule`; raise `RuleRefused` when it cannot be run or does not say why it holds."""
    if not _ID.fullmatch(rule.id):
        raise RuleRefused(f'"{rule.id:.70}" is no id of a rule', cure="give 2 to 64 small letters, digits and _")
    for name, words in (("pt", rule.pt), ("en", rule.en)):
        if not words.strip() or len(words) > MAX_WORDS or not words.isprintable():
            raise RuleRefused(f"{name} says nothing that can be shown", cure=f"say in one line what {rule.id} means")
    weight = rule.weight
    if not -100 <= weight <= 100 or weight == 0 or round(weight, 2) != weight:
        raise RuleRefused(f"points {weight:g} cannot be added", cure="give -100 to 100 in whole hundredths, not 0")
    if rule.tenant and not rule.tenant.isprintable():
        raise RuleRefused("tenant cannot be shown", cure="give the tenant as movements name it")
    _compiled(rule.when)
    return rule


def read_rule_set(text: str) -> RuleSet:
    """Return the set that canonical JSON holds; raise `ConfigurationError` for one that could not be in force."""
    found = read_declared(text, RuleSet, fields=SET_FIELDS)
    keys = [(rule.id, rule.mode) for rule in found.rules]
    if keys != sorted(set(keys)) or len(keys) > MAX_RULES:
        raise RuleRefused(
            "the rules are not sorted, come twice or are too many", cure=f"keep to {MAX_RULES}, each once"
        )
    for rule in found.rules:
        checked(rule)
        if rule.mode is Mode.ACTIVE and rule.approver.casefold() in ("", rule.author.casefold()):
            raise RuleRefused(f"{rule.id} was approved by nobody but its author", cure="let another person approve it")
    return found


@lru_cache(maxsize=4 * MAX_RULES)
def _compiled(when: str) -> Expression:
    return compile_rule(when)
