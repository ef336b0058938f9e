"""What link-analysis jobs found, as something that scores go by: a governed part, and a `Source` of its signal.

A movement is judged by the findings that stood when it arrived: an end at the core of one gives `job_finding`. The same
findings make rings (see `rings.engine`), which is why they come through the log like everything else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from graph.events import GovernanceChanged
from graph.evidence import Evidence, Signal
from graph.found import PART, Found, change_of
from scoring.governance import SHIPPED, Versions
from scoring.sources import Given, Rows

SIGNAL: Final = "job_finding"
POINTS: Final = 10.0
_STILL: Final = 1 << 60


@dataclass(slots=True)
class _Standing:
    """A finding with the versions under which it stands: since <= version < until."""

    found: Found
    event_id: str
    since: int
    until: int = _STILL


class JobFindings:
    """Findings in log order. A `Part` and a `Source`."""

    name = PART

    def __init__(self) -> None:
        self._by_id: dict[str, _Standing] = {}
        self._by_account: dict[str, list[_Standing]] = {}
        self._digests: Versions[int] = Versions(0)

    def check(self, content: str) -> None:
        change_of(content)

    def apply(self, event: GovernanceChanged, version: int) -> None:
        """Take new findings and let others stand no more; a finding withdrawn once does not come back."""
        digest = self._digests.at(version)
        change = change_of(event.content)
        for found in change.found:
            if found.id not in self._by_id:
                standing = self._by_id[found.id] = _Standing(found, event.event_id, version)
                for account in found.core:
                    self._by_account.setdefault(account, []).append(standing)
                digest += int(found.id, 16)
        for name in change.withdrawn:
            known = self._by_id.get(name)
            if known is not None and known.until == _STILL:
                known.until = version
                digest -= int(name, 16)
        self._digests.add(version, digest)

    def version_at(self, mark: int) -> str:
        """Name of what stood under `mark`: equal for equal findings."""
        digest = self._digests.at(mark)
        return f"{digest % (1 << 64):016x}" if digest else SHIPPED

    def signals(self, rows: Rows) -> Given:
        """`job_finding` where the source or target is at the core of a finding that stood: the newest one."""
        given: dict[int, list[Signal]] = {}
        if not self._by_account:
            return given
        parties = rows.window.parties_of(rows.answers.seqs)
        for row, (source, target) in enumerate(zip(parties.sources, parties.targets, strict=True)):
            standing = next(self._standing((source, target), int(rows.marks[row])), None)
            if standing is not None:
                given[row] = [_signal(standing, rows.event_id(row))]
        return given

    def _standing(self, accounts: tuple[str | None, ...], mark: int) -> Iterator[_Standing]:
        for account in accounts:
            for standing in reversed(self._by_account.get(account or "", ())):
                if standing.since <= mark < standing.until:
                    yield standing


def _signal(standing: _Standing, event_id: str) -> Signal:
    found = standing.found
    evidence = Evidence(
        SIGNAL,
        (("job", f"{found.job}@{found.version}"), *((("what", f"name_{found.kind}"),) if found.kind else ())),
        (standing.event_id, event_id),
        2,
        tuple(("Account", account) for account in found.core[:10]),
    )
    return Signal(SIGNAL, 1.0, POINTS, evidence)
