"""The catalogue: every statement under `cypher/`, loaded once, refused when header and text disagree.

Nothing else in the project holds Cypher for the graph's content. A caller asks by name, gives exactly the declared
parameters and gets rows with exactly the declared columns, in the declared order of rows, from either engine.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path

from cypher.lint import ROOT, lint_text
from cypher.statement import BadStatement, Mode, Problem, Statement, read_file
from graph.errors import QueryRefused, StopWork
from graph.store.protocol import GraphReader, Row

FOLDERS = ("schema", "ingest", "read", "jobs", "finbench")


class Catalog:
    """Statements by name: the path below `cypher/` without its ending, such as "read/account"."""

    def __init__(self, statements: Mapping[str, Statement]) -> None:
        self._statements = dict(sorted(statements.items()))

    @classmethod
    def load(cls, root: Path = ROOT) -> Catalog:
        """Read every file below `root`; raise `BadStatement` naming each problem of header, text and portability."""
        statements: dict[str, Statement] = {}
        problems: list[Problem] = []
        for folder in FOLDERS:
            for path in sorted((root / folder).glob("*.cypher")):
                try:
                    statement = read_file(path, root)
                except BadStatement as error:
                    problems.extend(error.problems)
                    continue
                statements[statement.name] = statement
                problems.extend(lint_text(path.read_text(encoding="utf-8"), path=path.relative_to(root).as_posix()))
        if problems:
            raise BadStatement(problems)
        return cls(statements)

    def __getitem__(self, name: str) -> Statement:
        """Return a statement; an unknown name is refused and the nearest one told."""
        try:
            return self._statements[name]
        except KeyError:
            near = difflib.get_close_matches(name, self._statements, n=1)
            cure = f"did you mean {near[0]}?" if near else f"{len(self._statements)} names stand in docs/catalogue.md"
            raise QueryRefused(f"there is no statement {name}", cure=cure) from None

    def __iter__(self) -> Iterator[Statement]:
        return iter(self._statements.values())

    def statements(self, folder: str) -> Mapping[str, str]:
        """Return {stem: text} of one folder, in name order: what the sink and `apply_schema` take."""
        prefix = f"{folder}/"
        return {name[len(prefix) :]: each.text for name, each in self._statements.items() if name.startswith(prefix)}

    def read(self, store: GraphReader, name: str, /, **params: object) -> list[Row]:
        """Run a reading statement with exactly its parameters and return its rows."""
        return self.ask(store, name, params)

    def ask(
        self, store: GraphReader, name: str, params: Mapping[str, object], *, timeout_ms: int | None = None
    ) -> list[Row]:
        """As `read`, with the parameters as a mapping and a deadline of the caller's (never above the header's)."""
        statement = self[name]
        if statement.mode is not Mode.READ:
            raise QueryRefused(f"{name} does not read", cure="writing statements belong to the sink")
        limit = statement.timeout_ms if timeout_ms is None else min(timeout_ms, statement.timeout_ms)
        rows = store.read(statement.text, given(statement, params), timeout_ms=limit, query=name)
        if rows and tuple(rows[0]) != statement.returns:
            raise StopWork(
                f"{name} returned the columns {', '.join(rows[0])} instead of {', '.join(statement.returns)}",
                cure="this engine names columns in another way; run the store contract against it",
            )
        return rows


def given(statement: Statement, params: Mapping[str, object]) -> dict[str, object]:
    """Return the parameters to send: what was given, null for what may be left out; refuse any other difference."""
    missing = [name for name in statement.params if name not in params]
    unknown = [name for name in params if name not in (*statement.params, *statement.optional)]
    if missing or unknown:
        needs = f" needs {', '.join(missing)}" if missing else ""
        surplus = f" does not know {', '.join(unknown)}" if unknown else ""
        raise QueryRefused(
            f"{statement.name}{needs}{' and' if needs and surplus else ''}{surplus}",
            cure=f"its parameters are {', '.join((*statement.params, *statement.optional)) or 'none'}",
        )
    return {**dict.fromkeys(statement.optional), **params}
