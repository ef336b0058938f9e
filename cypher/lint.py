"""The portable subset, checked: `python -m cypher.lint [folder]` lists file:line problems and then exits 1.

Each rule stands for a difference between KGLite and Neo4j that was measured: one engine refuses the text, or - worse -
both accept it and answer differently. The rules are functions over a statement's tokens; their docstrings are the
reasons, and `docs/catalogue.md` lists them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from cypher.rules_clause import CLAUSE_RULES
from cypher.rules_pattern import PATTERN_RULES
from cypher.rules_text import TEXT_RULES
from cypher.statement import BadStatement, Problem, body_tokens, read_file
from cypher.text import Finding, Text
from cypher.tokens import is_schema

ROOT = Path(__file__).parent
RULES: dict[str, Callable[[Text], Iterator[Finding]]] = {**PATTERN_RULES, **TEXT_RULES, **CLAUSE_RULES}


def lint_text(source: str, *, path: str) -> list[Problem]:
    """Return what the rules find in one file's content, by line."""
    tokens = body_tokens(source)
    if not tokens:
        return []
    text = Text(tokens)
    found = {Problem(path, line, name, message) for name, rule in RULES.items() for line, message in rule(text)}
    return sorted(found, key=lambda problem: (problem.line, problem.rule, problem.message))


def lint_folder(root: Path) -> list[Problem]:
    """Return the problems of every `.cypher` file below `root`: its header, its text, and schema against schema."""
    problems: list[Problem] = []
    keys: dict[tuple[str, ...], str] = {}
    for path in sorted(root.rglob("*.cypher")):
        relative = path.relative_to(root).as_posix()
        source = path.read_text(encoding="utf-8")
        try:
            read_file(path, root)
        except BadStatement as error:
            problems.extend(error.problems)
        problems.extend(lint_text(source, path=relative))
        key = _schema_key(source)
        if key and keys.setdefault(key, relative) != relative:
            problems.append(
                Problem(relative, 1, "schema-twice", f"Neo4j refuses a second index on what {keys[key]} already covers")
            )
    return problems


def main(arguments: list[str]) -> int:
    """Print every problem; return 1 when there is one."""
    problems = lint_folder(Path(arguments[0]) if arguments else ROOT)
    for problem in problems:
        print(problem)
    return 1 if problems else 0


def _schema_key(source: str) -> tuple[str, ...]:
    """Return the label or type and the properties a schema statement covers; () for any other statement."""
    tokens = body_tokens(source)
    if not is_schema(tokens):
        return ()
    names = [tokens[index + 1].text for index in range(len(tokens) - 1) if tokens[index].text in (":", ".")]
    return tuple(names)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
