"""Words for evidence codes, in Portuguese and English; the only place where a code becomes a sentence.

A phrase is text with optional clauses in brackets. `[a {name:form}]` appears when every parameter it names is there,
`[a {name}~b]` says `b` otherwise; parameters stand only inside brackets, so a phrase without any parameter is still
a complete sentence. Forms: `n` whole number, `x` decimal, `money` cents, `share` 0-1, `hours`, `days`, `date` epoch
ms, `code` another phrase's words; `{count#conta/contas}` counts a noun; no form prints the text as it is.
What people wrote in both languages comes as `x_pt` and `x_en` and is printed by `{x}`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Protocol

from graph.evidence import Params
from reports import formats
from reports.formats import Language
from reports.words_closing import CLOSING_WORDS
from reports.words_evidence import EVIDENCE_WORDS
from reports.words_governed import GOVERNED_WORDS
from reports.words_jobs import JOB_WORDS
from reports.words_lives import LIFE_WORDS
from reports.words_model import MODEL_WORDS
from reports.words_names import NAMES
from reports.words_report import REPORT_WORDS
from reports.words_ties import TIE_WORDS

Values = Mapping[str, str | int | float]

_CLAUSE = re.compile(r"\[([^\[\]~]*)(?:~([^\[\]]*))?\]")
_FIELD = re.compile(r"\{([a-z_]+)(?::([a-z]+)|#([^{}/]+)/([^{}/]+))?\}")

#: code -> (Portuguese, English)
PHRASES: Mapping[str, tuple[str, str]] = (
    EVIDENCE_WORDS
    | GOVERNED_WORDS
    | MODEL_WORDS
    | JOB_WORDS
    | LIFE_WORDS
    | TIE_WORDS
    | REPORT_WORDS
    | CLOSING_WORDS
    | {f"name_{key}": entry for key, entry in NAMES.items()}
)


class Worded(Protocol):
    """Anything with a phrase code and parameters: `graph.evidence.Evidence`, `reports.record.Statement`."""

    @property
    def code(self) -> str: ...

    @property
    def params(self) -> Params: ...


def phrase(item: Worded, language: Language) -> str:
    """The sentence for `item`. A code without words gives a sentence that shows the code and its parameters, so that
    nothing is printed as if it were nothing."""
    return words(item.code, dict(item.params), language)


def words(code: str, values: Values, language: Language) -> str:
    """The sentence for `code` filled with `values`; see `phrase`."""
    entry = PHRASES.get(code)
    if entry is None:
        given = ", ".join(f"{name}={value}" for name, value in values.items())
        return words("unworded_code", {"id": code, **({"params": given} if given else {})}, language)
    return _fill(_template(entry[0 if language is Language.PT else 1]), _spoken(values, language), language)


def _spoken(values: Values, language: Language) -> Values:
    ending = "_pt" if language is Language.PT else "_en"
    return {**values, **{name[:-3]: value for name, value in values.items() if name.endswith(ending)}}


def known_codes() -> frozenset[str]:
    """Every code that has words."""
    return frozenset(PHRASES)


def parameters(code: str) -> frozenset[str]:
    """Names of the parameters that the phrases of `code` can use."""
    return frozenset(field[0] for text in PHRASES[code] for field in _FIELD.findall(text))


Part = tuple[str, str | None]  # (text or clause, alternative); a clause has an alternative, plain text None


@cache
def _template(text: str) -> tuple[Part, ...]:
    parts: list[Part] = []
    position = 0
    for clause in _CLAUSE.finditer(text):
        parts.append((text[position : clause.start()], None))
        parts.append((clause[1], clause[2] or ""))
        position = clause.end()
    parts.append((text[position:], None))
    return tuple(parts)


def _fill(template: tuple[Part, ...], values: Values, language: Language) -> str:
    done: list[str] = []
    for text, alternative in template:
        if alternative is None:
            done.append(text)
        elif all(field[0] in values for field in _FIELD.findall(text)):
            done.append(_FIELD.sub(lambda field: _value(field, values, language), text))
        else:
            done.append(alternative)
    return "".join(done)


def _value(field: re.Match[str], values: Values, language: Language) -> str:
    value, form = values[field[1]], field[2]
    if isinstance(value, str):
        if field[3]:
            return f"{value} {field[4]}"
        return words(value, {}, language) if form == "code" else value
    if field[3]:
        return formats.counted(value, field[3], field[4], language)
    if form == "money":
        return formats.money(int(value), language, currency=str(values.get("currency", "BRL")))
    if form == "date":
        return formats.local_minute(int(value), language)
    return _NUMBERS[form](value, language) if form in _NUMBERS else str(value)


_NUMBERS: Mapping[str | None, Callable[[float, Language], str]] = {
    "n": formats.whole,
    "x": formats.decimal,
    "share": formats.percent,
    "hours": formats.duration_hours,
    "days": formats.duration_days,
}
