"""A statement's text as the lint rules look at it: tokens with their depth, clauses, patterns, variables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from cypher.patterns import Pattern, find_patterns
from cypher.tokens import CLAUSES, OPENING, WRITES, Token, clauses, is_schema, split

Finding: TypeAlias = tuple[int, str]  # line, message


class Text:
    """One statement, read once for all rules."""

    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self.tokens = tokens
        self.clauses = tuple(clauses(tokens))
        self.patterns: tuple[Pattern, ...] = find_patterns(tokens)
        self.nodes = {each.variable for each in self.patterns if each.variable and not each.is_link}
        self.links = {each.variable for each in self.patterns if each.variable and each.is_link}
        self.paths = {
            tokens[start + 1].text
            for keyword, _, start, end in self.clauses
            if keyword in ("MATCH", "OPTIONAL", "CREATE", "MERGE")
            for start in ([start + 1] if tokens[start].keyword == "OPTIONAL" else [start])
            if end > start + 2 and tokens[start + 2].text == "="
        }
        self.schema = is_schema(tokens)
        self.writes = not self.schema and any(keyword in WRITES for keyword, *_ in self.clauses)
        self._depths = list(_depths(tokens))

    def at(self, index: int) -> int:
        """Line of the token at `index`."""
        return self.tokens[min(index, len(self.tokens) - 1)].line

    def depth(self, index: int) -> int:
        """How many brackets enclose the token; an opening bracket counts as outside itself."""
        return self._depths[index]

    def text(self, index: int) -> str:
        """The token's text, or '' outside the statement."""
        return self.tokens[index].text if 0 <= index < len(self.tokens) else ""

    def is_call(self, index: int) -> bool:
        """True when the bracket at `index` opens the arguments of a function."""
        before = self.tokens[index - 1] if index else None
        return before is not None and before.kind == "word" and before.keyword not in CLAUSES | {"NOT", "AND", "OR"}

    def words(self) -> Iterator[tuple[int, Token]]:
        """Yield (index, token) of every word."""
        for index, token in enumerate(self.tokens):
            if token.kind == "word":
                yield index, token

    def aliases(self) -> dict[str, list[list[Token]]]:
        """Return what each alias stands for: every `expression AS alias` of WITH, RETURN and UNWIND."""
        found: dict[str, list[list[Token]]] = {}
        for keyword, _, start, end in self.clauses:
            if keyword in ("WITH", "RETURN", "UNWIND"):
                for item in split(self.tokens[start + 1 : end]):
                    if len(item) > 2 and item[-2].keyword == "AS":
                        found.setdefault(item[-1].text, []).append(item[:-2])
        return found


def _depths(tokens: tuple[Token, ...]) -> Iterator[int]:
    depth = 0
    for token in tokens:
        if token.kind == "symbol" and token.text in OPENING.values():
            depth -= 1
        yield depth
        if token.kind == "symbol" and token.text in OPENING:
            depth += 1
