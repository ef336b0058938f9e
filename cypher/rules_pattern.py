"""Lint rules about patterns and paths: what may stand between MATCH and WHERE on both engines."""

from __future__ import annotations

from collections.abc import Iterator

from cypher.text import Finding, Text
from cypher.tokens import closing
from graph.events import NodeKind
from graph.links import LINK_KINDS, NODE_PROPERTIES

MAX_HOPS = 6
LABELS = {str(kind): {"id", *(name for name, _ in NODE_PROPERTIES[kind])} for kind in NodeKind} | {
    "Source": {"id", "position", "claimed"}
}
LINKS = {name: {each for each, _ in kind.properties} for name, kind in LINK_KINDS.items()}


def node_map(text: Text) -> Iterator[Finding]:
    """KGLite refuses an unknown property in a node map where Neo4j finds nothing: only {id: ..} is safe."""
    for pattern in text.patterns:
        if not pattern.is_link and set(pattern.keys) - {"id"}:
            wrong = ", ".join(sorted(set(pattern.keys) - {"id"}))
            yield text.at(pattern.start), f"a node map may hold only id, not {wrong}; use WHERE or SET"


def param_map(text: Text) -> Iterator[Finding]:
    """KGLite refuses a parameter as the whole map of a node or link."""
    for pattern in text.patterns:
        for index in range(pattern.start + 1, pattern.end):
            own = text.depth(index) == text.depth(pattern.start) + 1
            if own and text.tokens[index].kind == "param" and text.tokens[index - 1].text != "..":
                yield text.at(index), "a pattern cannot take a parameter as its map; name the keys"


def unknown_name(text: Text) -> Iterator[Finding]:
    """A label, link type or property outside graph.links reads as nothing on both engines, without an error."""
    allowed: dict[str, set[str]] = {}
    for pattern in text.patterns:
        known = LINKS if pattern.is_link else LABELS
        for name in pattern.names:
            if name not in known:
                yield text.at(pattern.start), f"{name} is not a {'link kind' if pattern.is_link else 'label'} of ours"
        if pattern.variable:
            properties = [known.get(name, set()) for name in pattern.names]
            allowed.setdefault(pattern.variable, set()).update(*properties)
        if pattern.is_link and not pattern.names:
            yield text.at(pattern.start), "a link pattern names its type"
    for index, token in enumerate(text.tokens[:-2]):
        if token.kind == "word" and text.tokens[index + 1].text == "." and allowed.get(token.text):
            name = text.tokens[index + 2].text
            if text.tokens[index + 2].kind == "word" and name not in allowed[token.text]:
                yield token.line, f"{token.text}.{name}: no such property"
    for token in text.tokens:
        if token.text == "--":
            yield token.line, "a link pattern names its type and direction"


def bounded_path(text: Text) -> Iterator[Finding]:
    """A path without an upper bound can visit the whole graph."""
    for pattern in text.patterns:
        for index in range(pattern.start + 1, pattern.end):
            if pattern.is_link and text.text(index) == "*":
                last = index + 1  # *3, or after the dots of *1..3 and *..3
                last += 1 if text.text(last + 1) == ".." else 0
                last += 1 if text.text(last) == ".." else 0
                bound = text.text(last)
                if not bound.isdecimal() or int(bound) > MAX_HOPS:
                    yield text.at(index), f"a path needs an upper bound of at most {MAX_HOPS}: *1..{MAX_HOPS}"
                break


def quantified_path(text: Text) -> Iterator[Finding]:
    """KGLite has no quantified path patterns and no SHORTEST k."""
    tokens = text.tokens
    for index, token in enumerate(tokens[:-1]):
        following = tokens[index + 1].text
        if token.keyword == "SHORTEST":
            yield token.line, "SHORTEST is refused by KGLite; search hop by hop (cypher.paths)"
        if token.text == "(" and following == "(" and not text.is_call(index):
            end = closing(tokens, index)
            group = any(pattern.is_link and index < pattern.start < end for pattern in text.patterns)
            if group and text.text(end + 1) in ("{", "+", "*"):
                yield token.line, "quantified path patterns are refused by KGLite; write *m..n"
        if token.text == "]" and following == "-":
            after = text.text(index + 3) if text.text(index + 2) == ">" else text.text(index + 2)
            if after in ("+", "*", "{"):
                yield token.line, "quantified links are refused by KGLite; write *m..n"


def inline_where(text: Text) -> Iterator[Finding]:
    """KGLite refuses WHERE inside a node or link pattern."""
    for pattern in text.patterns:
        for index in range(pattern.start + 1, pattern.end):
            if text.tokens[index].keyword == "WHERE" and text.depth(index) == text.depth(pattern.start) + 1:
                yield text.at(index), "WHERE stands after the pattern, not inside it"


def shortest_path_predicate(text: Text) -> Iterator[Finding]:
    """KGLite finds the plain shortest path and filters afterwards: it returns no path where Neo4j returns one."""
    for keyword, depth, start, end in text.clauses:
        words = {token.keyword for token in text.tokens[start:end]}
        if keyword in ("MATCH", "OPTIONAL") and words & {"SHORTESTPATH", "ALLSHORTESTPATHS"}:
            following = [each for each in text.clauses if each[2] == end and each[1] == depth]
            if following and following[0][0] == "WHERE":
                yield text.at(end), "shortestPath under a predicate differs silently; search hop by hop (cypher.paths)"


def write_direction(text: Text) -> Iterator[Finding]:
    """KGLite refuses an undirected MERGE, and in a write transaction it miscounts over undirected hops."""
    for pattern in text.patterns:
        if text.writes and pattern.is_link and not pattern.directed:
            yield text.at(pattern.start), "a writing statement gives every link a direction"


def merge_ends(text: Text) -> Iterator[Finding]:
    """KGLite refuses MERGE of a whole path with unbound ends; bind both ends first and MERGE the link alone."""
    for keyword, _, start, end in text.clauses:
        inside = [each for each in text.patterns if start < each.start < end]
        if keyword == "MERGE" and any(each.is_link for each in inside):
            for each in inside:
                if not each.is_link and (each.names or each.keys or not each.variable):
                    yield text.at(each.start), "bind the ends with MATCH or MERGE first, then MERGE the link"


PATTERN_RULES = {
    "node-map": node_map,
    "param-map": param_map,
    "unknown-name": unknown_name,
    "bounded-path": bounded_path,
    "quantified-path": quantified_path,
    "inline-where": inline_where,
    "shortest-path-predicate": shortest_path_predicate,
    "write-direction": write_direction,
    "merge-ends": merge_ends,
}
