"""Why a server cannot be had, and what to do about it."""

from __future__ import annotations


class ServerProblem(Exception):
    """A server cannot be installed or started: `problem` says why, `cure` what to do."""

    def __init__(self, problem: str, *, cure: str) -> None:
        self.problem, self.cure = problem, cure
        super().__init__(problem, cure)

    def __str__(self) -> str:
        return f"{self.problem}; {self.cure}"
