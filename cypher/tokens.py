"""Cypher text as tokens, so that checks look at words and never inside a string or a comment.

This is a lexer, not a parser: it knows strings, back-quoted names, parameters, numbers, words, arrows and operators,
and where each of them stands. The lint rules and the header checks are written over it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<comment>//[^\n]*)
  | (?P<block>/\*.*?\*/)
  | (?P<string>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")
  | (?P<param>\$[A-Za-z_]\w*|\$`[^`]+`)
  | (?P<number>\d+\.\d+(?:[eE][+-]?\d+)?|\d+)
  | (?P<word>[A-Za-z_]\w*|`[^`]+`)
  | (?P<symbol><-(?=[\[\-(])|->(?=\s*\()|--|<=|>=|<>|\+=|=~|\.\.|::|[^\s\w])
    """,
    re.VERBOSE | re.DOTALL,
)

_READING = ("MATCH", "OPTIONAL", "WHERE", "WITH", "RETURN", "UNWIND", "CALL", "ORDER", "SKIP", "LIMIT", "UNION")
_WRITING = ("CREATE", "MERGE", "SET", "REMOVE", "DELETE", "DETACH", "FOREACH", "DROP", "LOAD", "INSERT")
CLAUSES = frozenset((*_READING, *_WRITING, "ON", "OFFSET", "USE", "FILTER", "LET", "FINISH", "YIELD"))
WRITES = frozenset(_WRITING)
OPENING = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True, slots=True)
class Token:
    """One token: `kind` is string, param, number, word, symbol or block (a block comment); `line` counts from 1."""

    kind: str
    text: str
    line: int

    @property
    def keyword(self) -> str:
        """The word in capitals; empty for anything else, so that a string never looks like a keyword."""
        return self.text.upper() if self.kind == "word" else ""


def tokenize(text: str, *, first_line: int = 1) -> tuple[Token, ...]:
    """Return the tokens of `text`; spaces and `//` comments are left out, block comments are kept for the lint."""
    tokens: list[Token] = []
    line = first_line
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "symbol"
        if kind not in ("space", "comment"):
            tokens.append(Token(kind, match.group(), line))
        line += match.group().count("\n")
    return tuple(tokens)


def closing(tokens: Sequence[Token], start: int) -> int:
    """Index of the bracket that closes the one at `start`; the last index when it never closes."""
    depth = 0
    for index in range(start, len(tokens)):
        token = tokens[index]
        if token.kind == "symbol":
            depth += (token.text in OPENING) - (token.text in OPENING.values())
            if depth == 0:
                return index
    return len(tokens) - 1


def clauses(tokens: Sequence[Token]) -> Iterator[tuple[str, int, int, int]]:
    """Yield (clause keyword, nesting depth, start, end) with tokens[start:end] the clause's own tokens.

    A clause ends where the next one at its depth starts or its braces close. Words after a dot and map keys are not
    keywords; `DETACH DELETE`, `ORDER BY` and `ON CREATE` go by their first word.
    """
    starts: list[tuple[int, str, int]] = []
    depth = 0
    ends: dict[int, int] = {}
    open_at: list[list[int]] = [[]]
    for index, token in enumerate(tokens):
        if token.kind == "symbol" and token.text in OPENING:
            depth += 1
            open_at.append([])
        elif token.kind == "symbol" and token.text in OPENING.values() and depth:
            depth -= 1
            for start in open_at.pop()[-1:]:
                ends[start] = index
        elif token.keyword in CLAUSES and not is_name(tokens, index):
            if token.keyword in ("DELETE", "CREATE", "MATCH") and tokens[index - 1].keyword in (
                "DETACH",
                "ON",
                "OPTIONAL",
            ):
                continue
            if open_at[-1]:
                ends[open_at[-1][-1]] = index
            open_at[-1].append(index)
            starts.append((index, token.keyword, depth))
    for start, keyword, level in starts:
        yield keyword, level, start, ends.get(start, len(tokens))


def is_name(tokens: Sequence[Token], index: int) -> bool:
    """True when the word is a property, label, map key or alias, so not a keyword."""
    before = tokens[index - 1].text if index else ""
    after = tokens[index + 1].text if index + 1 < len(tokens) else ""
    return before in (".", ":", "|") or after == ":" or before.upper() == "AS"


def split(tokens: Sequence[Token], separator: str = ",") -> list[list[Token]]:
    """Split at `separator` outside brackets; an empty input gives no parts."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        if token.kind == "symbol":
            depth += (token.text in OPENING) - (token.text in OPENING.values())
        if depth == 0 and token.text == separator:
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if part]


def is_schema(tokens: Sequence[Token]) -> bool:
    """True for CREATE or DROP of a constraint or index."""
    words = [token.keyword for token in tokens[:4]]
    return words[:1] in (["CREATE"], ["DROP"]) and bool({"CONSTRAINT", "INDEX"} & set(words))
