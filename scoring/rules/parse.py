"""From the text of a rule to Python's own syntax tree, within budgets, every place known by line and column.

Nothing is ever executed: `scoring.rules.compile` takes the few kinds of nodes it knows and refuses all others.
"""

from __future__ import annotations

import ast
import re
import warnings
from typing import Final

from scoring.rules.refusal import ExpressionError

MAX_LENGTH: Final = 2_000
MAX_BRACKETS: Final = 30

_PART = re.compile(r"\"[^\"\n\\]*\"|'[^'\n\\]*'|#[^\n]*|[()\[\]{}\\\"']")
_CLOSED_BY = {"(": ")", "[": "]", "{": "}"}
_HOW = "write comparisons such as amount >= money(500), joined with and, or, not"


class Text:
    """An expression as written, and where things in it are."""

    def __init__(self, written: str) -> None:
        self.written = written
        if len(written) > MAX_LENGTH:
            raise self.error(
                f"the expression has {len(written)} characters", MAX_LENGTH, cure=f"keep to {MAX_LENGTH}, or split it"
            )
        self._line = self._on_one_line()
        self._indent = len(self._line) - len(self._line.lstrip())
        self._bytes = self._line[self._indent :].encode(errors="replace")

    def tree(self) -> ast.expr:
        """Return the syntax tree; raise `ExpressionError` where the text is no expression."""
        if not self._line.strip():
            raise self.error("the expression is empty", 0, cure=_HOW)
        try:
            with warnings.catch_warnings():  # such as "5if": what it warns of is refused later
                warnings.simplefilter("ignore")
                return ast.parse(self._line.strip(), mode="eval").body
        except SyntaxError as error:
            place = self._indent + error.offset - 1 if error.offset else len(self.written.rstrip())
            raise self.error("not understood here", place, cure=_HOW) from error
        except (ValueError, MemoryError, RecursionError, OverflowError) as error:
            raise self.error("the expression cannot be read", 0, cure=_HOW) from error

    def error_at(self, node: ast.AST, problem: str, *, cure: str) -> ExpressionError:
        """The error that something is wrong with `node`."""
        column = getattr(node, "col_offset", 0)
        return self.error(problem, self._indent + len(self._bytes[:column].decode(errors="replace")), cure=cure)

    def error(self, problem: str, place: int, *, cure: str) -> ExpressionError:
        """The error that something is wrong at character `place` (from 0) of the text as written."""
        before = self.written[:place]
        line = before.count("\n")
        column = len(before) - (before.rfind("\n") + 1)
        return ExpressionError(problem, line=line + 1, column=column + 1, cure=cure)

    def _on_one_line(self) -> str:
        """The text with comments and line ends blanked, every character at its place; brackets must match."""
        parts: list[str] = []
        done = 0
        open_at: list[tuple[str, int]] = []
        for part in _PART.finditer(self.written):
            found, place = part[0], part.start()
            parts.append(self.written[done:place])
            done = part.end()
            parts.append(" " * len(found) if found.startswith("#") else found)
            if found in ("\\", '"', "'"):
                raise self.error(f"{found} cannot stand here", place, cure="close texts on their line; no escapes")
            if found in _CLOSED_BY:
                open_at.append((found, place))
                if len(open_at) > MAX_BRACKETS:
                    raise self.error("brackets are nested too deeply", place, cure=f"keep to {MAX_BRACKETS} levels")
            elif found in _CLOSED_BY.values() and (not open_at or _CLOSED_BY[open_at.pop()[0]] != found):
                raise self.error(f"this {found} closes nothing", place, cure="match every bracket")
        if open_at:
            raise self.error(f"this {open_at[-1][0]} is never closed", open_at[-1][1], cure="match every bracket")
        parts.append(self.written[done:])
        return re.sub(r"\s", " ", "".join(parts))
