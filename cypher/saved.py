"""An analyst's own Cypher: what it must be before it is kept or run.

The same rules as for the catalogue (one text, both engines, the same answer), reading only. The engine refuses writes
once more when it runs: every question goes through a session that cannot write.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cypher.lint import RULES
from cypher.statement import Problem, columns
from cypher.text import Text
from cypher.tokens import WRITES, clauses, is_schema, tokenize
from graph.errors import QueryRefused

MAX_TEXT = 20_000
#: Rules for texts whose rows are compared: what an analyst reads may tie in any order.
LENIENT = frozenset({"order-unique"})
NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class OwnQuery:
    """A text that may run: its parameters, in order of first use, and its columns."""

    text: str
    params: tuple[str, ...]
    columns: tuple[str, ...]


def check_name(name: str, taken: frozenset[str]) -> str:
    """Return the name a query may be saved under; refuse one that a job of the catalogue has."""
    if not NAME.fullmatch(name):
        raise QueryRefused(
            f"a query cannot be called {name!r}", cure="use lower case letters, digits and _, a letter first"
        )
    if name in taken:
        raise QueryRefused(f"{name} is a job of the catalogue", cure="choose another name")
    return name


def check_query(text: str) -> OwnQuery:
    """Return what the text asks; refuse it with every problem, by line, when it is not a portable read."""
    if len(text) > MAX_TEXT:
        raise QueryRefused(f"the query has {len(text)} characters", cure=f"write at most {MAX_TEXT}")
    tokens = tokenize(text)
    if not tokens:
        raise QueryRefused("the query is empty", cure="write MATCH (o:Operator) RETURN o.id AS id ORDER BY id")
    written = [tokens[start] for keyword, _, start, _ in clauses(tokens) if keyword in WRITES]
    if written or is_schema(tokens):
        word, line = (written[0].keyword, written[0].line) if written else (tokens[0].keyword, tokens[0].line)
        raise QueryRefused(
            f"line {line}: {word} writes, and a saved query only reads",
            cure="the graph is written from the log alone; leave that clause out",
        )
    returned = columns(tokens)
    rules = {name: rule for name, rule in RULES.items() if name not in LENIENT}
    problems = [
        Problem("query", line, name, message) for name, rule in rules.items() for line, message in rule(Text(tokens))
    ]
    if not returned:
        problems.append(Problem("query", tokens[-1].line, "returns", "it returns nothing; end with RETURN .. AS .."))
    elif any("" in names for names in returned):
        problems.append(Problem("query", tokens[-1].line, "returns", "name every column: RETURN a.id AS id"))
    if problems:
        problems.sort(key=lambda problem: (problem.line, problem.rule))
        said = "; ".join(f"line {each.line}: {each.rule}: {each.message}" for each in problems[:10])
        raise QueryRefused(said, cure="docs/catalogue.md says why each rule is there")
    names = dict.fromkeys(token.text[1:].strip("`") for token in tokens if token.kind == "param")
    return OwnQuery(text, tuple(names), returned[0])
