"""Where the node and link patterns of a statement are, and which variables they bind.

Built over tokens by position: `(..)` beside an arrow or holding a label or map is a node pattern, `[..]` between
dashes is a link pattern. That is enough for the portable subset; what it cannot place it leaves alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cypher.tokens import CLAUSES, Token, closing

_LEADERS = CLAUSES | frozenset(["NOT", "AND", "OR", "XOR", "IN", "ANY", "ALL"])
_PATH_FUNCTIONS = frozenset(("SHORTESTPATH", "ALLSHORTESTPATHS"))


@dataclass(frozen=True, slots=True)
class Pattern:
    """One node or link pattern: tokens[start] is its opening bracket, tokens[end] its closing one.

    `names` are its labels or link types; `keys` the keys of its map; `directed` is False for a link without arrow.
    """

    is_link: bool
    start: int
    end: int
    variable: str
    names: tuple[str, ...]
    keys: tuple[str, ...]
    directed: bool = True


def find_patterns(tokens: Sequence[Token]) -> tuple[Pattern, ...]:
    """Return every node and link pattern, in text order."""
    found = []
    for index, token in enumerate(tokens):
        if token.kind != "symbol":
            continue
        if token.text == "(" and _is_node(tokens, index):
            found.append(_read(tokens, index, is_link=False))
        elif token.text == "[" and _text(tokens, index - 1) in ("-", "<-"):
            found.append(_read(tokens, index, is_link=True))
    return tuple(found)


def map_keys(tokens: Sequence[Token], start: int) -> tuple[str, ...]:
    """Return the keys of the map that opens at `start`."""
    keys = []
    depth = 0
    for index in range(start, closing(tokens, start)):
        text = tokens[index].text
        depth += (text in ("{", "(", "[")) - (text in ("}", ")", "]"))
        if depth == 1 and tokens[index].kind == "word" and _text(tokens, index + 1) == ":":
            keys.append(text.strip("`"))
    return tuple(keys)


def _is_node(tokens: Sequence[Token], start: int) -> bool:
    before = tokens[start - 1] if start else None
    if before is not None and before.kind == "word":
        word = before.keyword
        if word in ("CALL", "FOREACH") or word not in _LEADERS | _PATH_FUNCTIONS:
            return False
    inner = tokens[start + 1 : closing(tokens, start)]
    if inner and inner[0].kind != "word" and inner[0].text not in (":", "{"):
        return False
    if len(inner) > 1 and inner[0].kind == "word":
        follows = inner[1].text in (":", "{") or inner[1].kind == "param" or inner[1].keyword == "WHERE"
        if not follows:
            return False
    beside = before is not None and before.text in ("->", "<-", "-", "--", ">")
    end = closing(tokens, start)
    after = _text(tokens, end + 1)
    beside = beside or after in ("<-", "--") or (after == "-" and _text(tokens, end + 2) in ("[", "-"))
    return beside or any(token.text in (":", "{") or token.keyword == "WHERE" for token in inner) or not inner


def _read(tokens: Sequence[Token], start: int, *, is_link: bool) -> Pattern:
    end = closing(tokens, start)
    at = start + 1
    variable = ""
    if tokens[at].kind == "word":
        variable, at = tokens[at].text.strip("`"), at + 1
    names = []
    if tokens[at].text == ":":
        while tokens[at].text in (":", "|", "&", "!"):
            at += 1
            if tokens[at].kind == "word":
                names.append(tokens[at].text.strip("`"))
                at += 1
    keys: tuple[str, ...] = ()
    for index in range(at, end):
        if tokens[index].text == "{":
            keys = map_keys(tokens, index)
            break
    directed = True
    if is_link:
        arrow = _text(tokens, end + 1) == "->" or (_text(tokens, end + 1), _text(tokens, end + 2)) == ("-", ">")
        directed = _text(tokens, start - 1) == "<-" or arrow
    return Pattern(is_link, start, end, variable, tuple(names), keys, directed)


def _text(tokens: Sequence[Token], index: int) -> str:
    return tokens[index].text if 0 <= index < len(tokens) and tokens[index].kind != "string" else ""
