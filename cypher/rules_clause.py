"""Lint rules about clauses: what SET, ORDER BY, LIMIT, RETURN and OPTIONAL MATCH may do, and schema statements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cypher.text import Finding, Text
from cypher.tokens import Token, closing, split

UNIQUE_KEYS = ("id", "tx_id")
_OF_GRAPH = frozenset(("LABELS", "TYPE", "COUNT", "STARTNODE", "ENDNODE", "LENGTH", "SIZE", "EXISTS"))
_NOT_KEYS = frozenset(("COUNT", "SIZE", "SUM", "LENGTH", "AVG"))
_SCHEMA_WORDS = {
    "TEXT": "TEXT indexes are refused by KGLite",
    "LOOKUP": "LOOKUP indexes are refused by KGLite",
    "POINT": "POINT indexes were never tried on KGLite",
    "KEY": "NODE KEY is Enterprise only; use IS UNIQUE",
    "TYPED": "type constraints are Enterprise only",
    "NULL": "existence constraints are Enterprise only",
    "::": "type constraints are Enterprise only",
}


def set_reads_set(text: Text) -> Iterator[Finding]:
    """In one SET Neo4j reads the old values and KGLite the new ones."""
    for keyword, _, start, end in text.clauses:
        if keyword != "SET":
            continue
        items = split(text.tokens[start + 1 : end])
        written = [_target(item) for item in items]
        for index, item in enumerate(items):
            for other, (variable, name) in enumerate(written):
                if other != index and _reads(item, variable, name):
                    what = f"{variable}.{name}" if name else variable
                    yield item[0].line, f"this item reads {what}, which another item of the same SET writes; use WITH"


def order_unique(text: Text) -> Iterator[Finding]:
    """Rows that tie come in any order; the last key must tell every row apart."""
    aliases = text.aliases()
    for keyword, _, start, end in text.clauses:
        if keyword == "ORDER":
            items = split(text.tokens[start + 2 : end])
            last = [token for token in items[-1] if token.keyword not in ("ASC", "DESC", "ASCENDING", "DESCENDING")]
            if not _is_unique(last, aliases, frozenset()):
                yield text.at(start), "ORDER BY must end in a unique key (id or tx_id)"


def limit_order(text: Text) -> Iterator[Finding]:
    """LIMIT or SKIP without ORDER BY keeps different rows on each engine."""
    for keyword, depth, start, _ in text.clauses:
        if keyword in ("LIMIT", "SKIP", "OFFSET"):
            before = [each for each in text.clauses if each[1] == depth and each[3] == start]
            if not before or before[0][0] not in ("ORDER", "SKIP", "OFFSET"):
                yield text.at(start), f"{keyword} follows ORDER BY"


def read_order(text: Text) -> Iterator[Finding]:
    """A read says the order of its rows; without it each engine has its own."""
    returns = [each for each in text.clauses if each[0] == "RETURN" and each[1] == 0]
    if returns and not text.writes and not any(each[0] == "ORDER" and each[1] == 0 for each in text.clauses):
        yield text.at(returns[-1][2]), "a read ends in ORDER BY (a union: inside CALL () { .. })"


def scalar_return(text: Text) -> Iterator[Finding]:
    """Whole nodes, links, paths and maps come back in another shape from each engine."""
    graph = text.nodes | text.links | text.paths
    for keyword, depth, start, end in text.clauses:
        if keyword != "RETURN" or depth:
            continue
        for item in split(text.tokens[start + 1 : end]):
            if item[0].text == "*":
                yield item[0].line, "RETURN * has no fixed columns; name them"
            for token in _whole_values(item, graph):
                yield token.line, f"RETURN gives scalars, not {token.text}; name its properties"


def optional_chain(text: Text) -> Iterator[Finding]:
    """OPTIONAL MATCH after OPTIONAL MATCH multiplies rows: 4.3 s at p99 on KGLite, measured."""
    last: dict[int, str] = {}
    for keyword, depth, start, _ in text.clauses:
        if keyword == "OPTIONAL" and last.get(depth) == "OPTIONAL":
            yield text.at(start), "aggregate with WITH between two OPTIONAL MATCH, or use CALL (a) { .. }"
        if keyword != "WHERE":
            last[depth] = keyword


def schema_form(text: Text) -> Iterator[Finding]:
    """Constraints and indexes both engines accept: IF NOT EXISTS, IS UNIQUE, RANGE."""
    if not text.schema:
        return
    if "EXISTS" not in [token.keyword for token in text.tokens]:
        yield text.at(0), "say IF NOT EXISTS: applying the schema twice changes nothing"
    for token in text.tokens:
        problem = _SCHEMA_WORDS.get(token.keyword or token.text)
        if problem:
            yield token.line, problem


def _target(item: Sequence[Token]) -> tuple[str, str]:
    return (item[0].text, item[2].text if len(item) > 2 and item[1].text == "." else "")


def _reads(item: Sequence[Token], variable: str, name: str) -> bool:
    assign = next((index for index, token in enumerate(item) if token.text in ("=", "+=")), len(item))
    for index in range(assign + 1, len(item)):
        before, token = item[index - 1], item[index]
        if token.text == variable and token.kind == "word" and before.text != ".":
            read = item[index + 2].text if index + 2 < len(item) and item[index + 1].text == "." else ""
            if not name or not read or read == name:
                return True
    return False


def _is_unique(expression: Sequence[Token], aliases: dict[str, list[list[Token]]], seen: frozenset[str]) -> bool:
    if any(token.keyword in _NOT_KEYS for token in expression):
        return False
    for index, token in enumerate(expression):
        if token.kind != "word":
            continue
        if index and expression[index - 1].text == ".":
            if token.text in UNIQUE_KEYS:
                return True
        elif token.text in seen:
            return True  # collected and unwound again: its other meanings decide
        elif token.text in aliases:
            meanings = aliases[token.text]
            unique = all(_is_unique(meaning, aliases, seen | {token.text}) for meaning in meanings)
            if unique:
                return True
    return len(expression) == 1 and expression[0].kind == "param"


def _whole_values(item: Sequence[Token], graph: set[str]) -> Iterator[Token]:
    index = 0
    while index < len(item):
        token = item[index]
        following = item[index + 1].text if index + 1 < len(item) else ""
        before = item[index - 1] if index else None
        if token.keyword in ("COUNT", "EXISTS") and following == "{":
            index = closing(item, index + 1)
        elif token.text == "{" and token.kind == "symbol":
            yield token
            index = closing(item, index)
        elif token.kind == "word" and following == "(" and token.keyword in _OF_GRAPH:
            index = closing(item, index + 1)
        elif token.kind == "word" and token.text in graph and following != ".":
            alias = before is not None and (before.keyword == "AS" or before.text == ".")
            if not alias:
                yield token
        index += 1


CLAUSE_RULES = {
    "set-reads-set": set_reads_set,
    "order-unique": order_unique,
    "limit-order": limit_order,
    "read-order": read_order,
    "scalar-return": scalar_return,
    "optional-chain": optional_chain,
    "schema-form": schema_form,
}
