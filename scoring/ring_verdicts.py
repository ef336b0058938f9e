"""Verdicts about rings as a part of what people govern: they shape rings and say nothing about scores."""

from __future__ import annotations

from collections.abc import Callable

from graph.events import GovernanceChanged
from graph.verdicts import PART, verdict_of


class RingVerdicts:
    """Hands verdicts on to the rings, in log order. A `Part` without a version: no score is judged by it."""

    name = PART

    def __init__(self, judge: Callable[[GovernanceChanged], None]) -> None:
        self._judge = judge

    def check(self, content: str) -> None:
        """Raise `ConfigurationError` when `content` is no whole verdict."""
        verdict_of(content)

    def apply(self, event: GovernanceChanged, _version: int) -> None:
        """Let it count from here on."""
        self._judge(event)

    def version_at(self, _mark: int) -> str:
        """Nothing: scores do not depend on it."""
        return ""
