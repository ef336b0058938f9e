"""Why a rule, or a step in its life, is not taken."""

from __future__ import annotations

from graph.errors import ConfigurationError


class RuleRefused(ConfigurationError):
    """A rule says something that cannot be taken, or a step that is not allowed; nothing was changed."""

    http_status = 422


class ExpressionError(RuleRefused):
    """An expression is wrong at `line` and `column` (both from 1)."""

    def __init__(self, problem: str, *, line: int, column: int, cure: str) -> None:
        self.line, self.column = line, column
        super().__init__(f"line {line}, column {column}: {problem}", cure=cure)
