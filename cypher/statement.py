"""One `.cypher` file: its header, its text, and whether the two agree.

The header is the leading block of `// key: value` lines. What it promises - parameters, columns, mode - is compared
with the text when the file is read, so a caller can trust it: a statement that exists is one whose header is true.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from cypher.tokens import WRITES, Token, clauses, is_schema, split, tokenize
from graph.errors import StopWork

REQUIRED = ("mode", "params", "returns", "timeout_ms", "version", "meaning")
OPTIONAL = ("scan",)
MAX_TIMEOUT_MS = 600_000


class Mode(StrEnum):
    """What a statement may do."""

    READ = "read"
    WRITE = "write"
    SCHEMA = "schema"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a file: where, which rule, and what to write instead."""

    path: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.message}"


class BadStatement(StopWork):
    """A statement file whose header and text disagree, or which has no usable header."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(map(str, problems)), cure="make header and text say the same")


@dataclass(frozen=True, slots=True)
class Statement:
    """A catalogued statement.

    `params` are the names a caller must give, `optional` those it may leave out (they become null); `returns` are the
    columns in order. `scan` says why reading without an index is right (empty: it starts from an index).
    """

    name: str
    mode: Mode
    params: tuple[str, ...]
    optional: tuple[str, ...]
    returns: tuple[str, ...]
    timeout_ms: int
    version: int
    meaning: str
    scan: str
    text: str


def read_file(path: Path, root: Path) -> Statement:
    """Return the statement in `path`, named by its path below `root`; raise `BadStatement` listing every problem."""
    name = path.relative_to(root).with_suffix("").as_posix()
    return parse(path.read_text(encoding="utf-8"), name=name, path=path.relative_to(root).as_posix())


def parse(source: str, *, name: str, path: str) -> Statement:
    """Return the statement written in `source`; raise `BadStatement` unless header and text agree."""
    header, lines, body_line = _header(source)
    problems = list(_header_problems(header, lines, path))
    if problems:
        raise BadStatement(problems)
    declared = _names(header["params"])
    statement = Statement(
        name=name,
        mode=Mode(header["mode"]),
        params=tuple(each for each in declared if not each.endswith("?")),
        optional=tuple(each[:-1] for each in declared if each.endswith("?")),
        returns=_names(header["returns"]),
        timeout_ms=int(header["timeout_ms"]),
        version=int(header["version"]),
        meaning=header["meaning"],
        scan=header.get("scan", ""),
        text="\n".join(source.splitlines()[body_line - 1 :]).strip(),
    )
    problems = list(_disagreements(statement, tokenize(body(source), first_line=body_line), path, body_line))
    if problems:
        raise BadStatement(problems)
    return statement


def body(source: str) -> str:
    """Return the text below the header."""
    return "\n".join(source.splitlines()[_header(source)[2] - 1 :])


def body_tokens(source: str) -> tuple[Token, ...]:
    """Return the tokens below the header, with the line numbers of the file."""
    return tokenize(body(source), first_line=_header(source)[2])


def columns(tokens: Sequence[Token]) -> list[tuple[str, ...]]:
    """Return the column names of each final RETURN (one per UNION branch); an unnamed expression gives ''."""
    found = []
    for keyword, depth, start, end in clauses(tokens):
        if keyword == "RETURN" and depth == 0:
            items = list(tokens[start + 1 : end])
            if items and items[0].keyword == "DISTINCT":
                items = items[1:]
            found.append(tuple(_column(item) for item in split(items)))
    return found


def _column(item: Sequence[Token]) -> str:
    if len(item) >= 2 and item[-2].keyword == "AS":
        return item[-1].text.strip("`")
    return item[0].text if len(item) == 1 and item[0].kind == "word" else ""


def _header(source: str) -> tuple[dict[str, str], dict[str, int], int]:
    header: dict[str, str] = {}
    lines: dict[str, int] = {}
    number = 1
    for number, line in enumerate(source.splitlines(), start=1):
        key, colon, value = line.removeprefix("//").partition(":")
        if not line.startswith("//") or not colon or " " in key.strip():
            return header, lines, number
        header.setdefault(key.strip(), value.strip())
        lines.setdefault(key.strip(), number)
    return header, lines, number + 1


def _names(value: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in value.split(",") if name.strip())


def _header_problems(header: dict[str, str], lines: dict[str, int], path: str) -> Iterator[Problem]:
    for key in REQUIRED:
        if key not in header:
            yield Problem(path, 1, "header", f"the line `// {key}: ...` is missing")
    for key, line in lines.items():
        if key not in (*REQUIRED, *OPTIONAL):
            yield Problem(path, line, "header", f"unknown key {key}; known: {', '.join((*REQUIRED, *OPTIONAL))}")
        elif key in ("mode", "meaning", "scan") and not header[key]:
            yield Problem(path, line, "header", f"{key} is empty")
    mode = header.get("mode")
    if mode and mode not in set(Mode):
        yield Problem(path, lines["mode"], "header", f"mode {mode} is none of {', '.join(Mode)}")
    for key, highest in (("timeout_ms", MAX_TIMEOUT_MS), ("version", 1_000_000)):
        value = header.get(key, "1")
        if not value.isdecimal() or not 1 <= int(value) <= highest:
            yield Problem(path, lines[key], "header", f"{key} must be a whole number from 1 to {highest}")
    for key in ("params", "returns"):
        names = _names(header.get(key, ""))
        if len({name.rstrip("?") for name in names}) != len(names):
            yield Problem(path, lines[key], "header", f"{key} names something twice")


def _disagreements(statement: Statement, tokens: Sequence[Token], path: str, line: int) -> Iterator[Problem]:
    if not tokens:
        yield Problem(path, line, "header", "there is no statement below the header")
        return
    used = {token.text[1:].strip("`"): token.line for token in reversed(tokens) if token.kind == "param"}
    declared = {*statement.params, *statement.optional}
    for name in sorted(used.keys() - declared):
        yield Problem(path, used[name], "params", f"${name} is used but not declared")
    for name in sorted(declared - used.keys()):
        yield Problem(path, 1, "params", f"{name} is declared but never used")
    returned = columns(tokens)
    if statement.returns and not returned:
        yield Problem(path, line, "returns", "the header declares columns but nothing is returned")
    for names in returned:
        if names != statement.returns:
            got = ", ".join(name or "an unnamed expression" for name in names)
            yield Problem(path, line, "returns", f"returned columns ({got}) differ from the declared ones")
    yield from _mode_problems(statement, tokens, path, line)


def _mode_problems(statement: Statement, tokens: Sequence[Token], path: str, line: int) -> Iterator[Problem]:
    writes = [tokens[start] for keyword, _, start, _ in clauses(tokens) if keyword in WRITES]
    if statement.mode is Mode.READ:
        for token in writes:
            yield Problem(path, token.line, "mode", f"{token.keyword} in a statement that says it reads")
    elif statement.mode is Mode.WRITE and not writes:
        yield Problem(path, line, "mode", "a statement that says it writes has no writing clause")
    if (statement.mode is Mode.SCHEMA) != is_schema(tokens):
        yield Problem(path, line, "mode", "schema is for CREATE / DROP CONSTRAINT or INDEX, and only for those")
