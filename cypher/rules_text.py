"""Lint rules about words: functions, clauses and expressions that one engine refuses or answers differently."""

from __future__ import annotations

from collections.abc import Iterator

from cypher.text import Finding, Text
from cypher.tokens import WRITES, closing

_WHOLE = "returns another shape on each engine; name the properties"
_KGLITE = "is refused by KGLite"
REFUSED_FUNCTIONS = {
    "PROPERTIES": _WHOLE,
    "KEYS": _WHOLE,
    "ID": "is the engine's own id; use the property id",
    "ELEMENTID": "is the engine's own id; use the property id",
    "PERCENTILECONT": _KGLITE,
    "PERCENTILEDISC": _KGLITE,
    "ISEMPTY": _KGLITE,
    "NULLIF": _KGLITE,
    "TOINTEGERLIST": _KGLITE,
    "TIMESTAMP": "is refused by KGLite and hides a clock; pass the time as a parameter",
    "ROUND": "rounds negative halves differently; round in Python",
    "TOSTRING": "writes floats differently; format in Python",
    "SQRT": "of a negative is NaN or null; compute in Python",
    "LOG": "of zero is -inf or null; compute in Python",
    "LOG10": "of zero is -inf or null; compute in Python",
}
REFUSED_WORDS = {
    "FILTER": "is refused by Neo4j 5; use WITH .. WHERE",
    "LET": "is refused by Neo4j 5; use WITH",
    "EXPLAIN": "gives no rows on Neo4j and a plan on KGLite",
    "PROFILE": "is for a person at a console",
    "USING": "index hints are refused by KGLite",
    "LOAD": "reads a file of the server",
    "USE": "names a database of one server",
}
NAMESPACES = ("apoc", "gds", "db", "dbms", "tx")
FORBIDDEN_PROPERTIES = ("name", "type", "title", "label", "node_type")
COMPARISONS = frozenset(("<", "<=", ">", ">=", "=", "<>", "=~"))
_SEPARATE = frozenset(["AND", "OR", "XOR", "NOT", "WHEN", "THEN", "ELSE", "CASE", "END", "AS", "IN"])


def comments(text: Text) -> Iterator[Finding]:
    """KGLite refuses block comments."""
    for token in text.tokens:
        if token.kind == "block":
            yield token.line, "only // comments are portable"


def one_statement(text: Text) -> Iterator[Finding]:
    """With two statements Neo4j refuses and KGLite answers the last."""
    for token in text.tokens:
        if token.text == ";":
            yield token.line, "one statement per file, without ;"


def refused_words(text: Text) -> Iterator[Finding]:
    """Words and functions that one engine refuses, or answers differently without saying so."""
    for index, token in text.words():
        before, after = text.text(index - 1), text.text(index + 1)
        if token.keyword == "AS" and before in ("(", "["):
            yield token.line, "a variable called as is refused by KGLite"
        if before in (".", ":", "|") or after == ":":
            continue
        if after == "(" and token.keyword in REFUSED_FUNCTIONS:
            yield token.line, f"{token.text}() {REFUSED_FUNCTIONS[token.keyword]}"
        elif token.keyword in REFUSED_WORDS and after != ".":
            yield token.line, f"{token.keyword} {REFUSED_WORDS[token.keyword]}"
        elif token.text.lower() in NAMESPACES and after == "." and text.text(index + 3) in ("(", "."):
            yield token.line, f"{token.text}. procedures and functions do not exist on both engines"
        elif token.keyword == "DATETIME" and after == "(" and text.text(index + 2) == "{":
            yield token.line, "datetime({..}) is refused by KGLite; pass epoch milliseconds"
        elif token.keyword == "COLLECT" and after == "{":
            yield token.line, "COLLECT {} is refused by KGLite; use collect()"


def negated_label(text: Text) -> Iterator[Finding]:
    """KGLite refuses :!Label, and a & in a label expression was never tried."""
    for token in text.tokens:
        if token.text in ("!", "&"):
            yield token.line, "label expressions may only be joined by |"


def forbidden_property(text: Text) -> Iterator[Finding]:
    """KGLite answers an absent name, type, title or label of a node with a made-up string instead of null."""
    for index, token in text.words():
        owner = text.tokens[index - 2] if index > 1 else None
        read = text.text(index - 1) == "." and owner is not None and owner.kind == "word"
        key = text.text(index + 1) == ":" and text.text(index - 1) in ("{", ",")
        if token.text in FORBIDDEN_PROPERTIES and (read or key):
            yield token.line, f"a property called {token.text} is made up by KGLite where it is absent; rename it"


def calls(text: Text) -> Iterator[Finding]:
    """CALL is for reading subqueries with a scope; KGLite refuses writes in it, procedures differ."""
    for index, token in text.words():
        if token.keyword != "CALL" or text.text(index - 1) in (".", ":"):
            continue
        if text.text(index - 1).upper() == "OPTIONAL":
            yield token.line, "OPTIONAL CALL is refused by KGLite"
        if text.text(index + 1) not in ("(", "{"):
            yield token.line, "procedures differ between the engines"
            continue
        start = closing(text.tokens, index + 1) + 1 if text.text(index + 1) == "(" else index + 1
        if text.text(index + 1) == "{":
            yield token.line, "name what the subquery sees: CALL (a) { .. } or CALL () { .. }"
        end = closing(text.tokens, start)
        if any(start < at < end and keyword in WRITES for keyword, _, at, _ in text.clauses):
            yield token.line, "KGLite refuses writes in CALL {}; batch them in Python"
        if text.text(end + 1).upper() == "IN" and text.text(end + 2).upper() in ("TRANSACTIONS", "CONCURRENT"):
            yield token.line, "CALL .. IN TRANSACTIONS is refused by KGLite; batch in Python"


def chained_comparison(text: Text) -> Iterator[Finding]:
    """KGLite refuses 1 < x < 2."""
    for keyword, _, start, end in text.clauses:
        seen: dict[int, int] = {}
        for index in range(start, end):
            token, depth = text.tokens[index], text.depth(index)
            if token.text in (",", "|", ":", "(", "[", "{") or token.keyword in _SEPARATE:
                inner = depth + 1 if token.text in ("(", "[", "{") else depth
                seen[inner] = 0
            elif token.kind == "symbol" and token.text in COMPARISONS and text.text(index - 1) not in ("-", "--"):
                seen[depth] = seen.get(depth, 0) + 1
                if seen[depth] == 2 and keyword != "SET":
                    yield token.line, "write both comparisons: a < b AND b < c"


def division(text: Text) -> Iterator[Finding]:
    """Dividing by zero is infinite on Neo4j and null on KGLite."""
    for index, token in enumerate(text.tokens):
        following = text.tokens[index + 1] if index + 1 < len(text.tokens) else token
        safe = following.kind == "number" and float(following.text) != 0.0
        if token.kind == "symbol" and token.text == "/" and not safe:
            yield token.line, "divide only by a number that is not zero; leave other division to Python"


def list_concatenation(text: Text) -> Iterator[Finding]:
    """[1] + null is null on Neo4j and [1, null] on KGLite."""
    for index, token in enumerate(text.tokens):
        if token.text != "[" or (index and text.text(index - 1) in ("-", "<-")):
            continue
        before = text.tokens[index - 1] if index else token
        literal = before.keyword in ("RETURN", "WITH", "IN", "UNWIND") or before.text in ("=", "+", "(", ",", ":")
        if literal and ("+" in (text.text(closing(text.tokens, index) + 1), before.text)):
            yield token.line, "joining lists with + differs when one is null; collect or join in Python"


def relationship_projection(text: Text) -> Iterator[Finding]:
    """s{.ts} of a link is null on KGLite; a{.*} brings invented properties."""
    for index, token in text.words():
        if text.text(index + 1) == "{" and text.text(index + 2) == "." and text.text(index - 1) not in (":", "|"):
            if token.text in text.links:
                yield token.line, f"{token.text}{{..}} of a link is null on KGLite; write {token.text}.property"
            elif text.text(index + 3) == "*":
                yield token.line, f"{token.text}{{.*}} {_WHOLE}"


TEXT_RULES = {
    "comments": comments,
    "one-statement": one_statement,
    "refused-words": refused_words,
    "negated-label": negated_label,
    "forbidden-property": forbidden_property,
    "calls": calls,
    "chained-comparison": chained_comparison,
    "division": division,
    "list-concatenation": list_concatenation,
    "relationship-projection": relationship_projection,
}
