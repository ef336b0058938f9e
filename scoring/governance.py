"""What people decided the service goes by, and since when: rules, typologies, policy, list entries.

Each change is an event in the log and makes a new version, counted from 1 (0 is what the package ships). A movement is
judged by the version in force when it arrived, today and at any replay, so old versions stay readable for as long as a
late event can make the window answer again.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final, Generic, Protocol, TypeVar

from graph.errors import StopWork, TarrafaError
from graph.events import GovernanceChanged

State = TypeVar("State")

#: Version of a part that nobody has changed.
SHIPPED: Final = "shipped"


class Part(Protocol):
    """One thing that people govern.

    Guarantees: `check` raises `ConfigurationError` for content that `apply` could not take, and changes nothing;
    `apply` is called with rising versions and keeps what earlier ones said; `version_at` names the state that holds
    under a version of the whole, equal for equal states; it is empty for a part that no score depends on.
    """

    @property
    def name(self) -> str: ...

    def check(self, content: str) -> None: ...
    def apply(self, event: GovernanceChanged, version: int) -> None: ...
    def version_at(self, mark: int) -> str: ...


class Versions(Generic[State]):
    """The states of one part, each with the first version of the whole that it holds under."""

    def __init__(self, initial: State) -> None:
        self._since = [0]
        self._states = [initial]

    def add(self, version: int, state: State) -> None:
        """Let `state` hold from `version` on; versions rise."""
        self._since.append(version)
        self._states.append(state)

    def at(self, mark: int) -> State:
        """Return the state that holds under version `mark` of the whole."""
        return self._states[bisect_right(self._since, mark) - 1]

    def since(self, mark: int) -> int:
        """Return the version of the whole that brought that state."""
        return self._since[bisect_right(self._since, mark) - 1]


class Governance:
    """All parts, and the changes so far in log order."""

    def __init__(self, parts: Sequence[Part] = ()) -> None:
        self._parts = {part.name: part for part in parts}
        self.changes: list[GovernanceChanged] = []

    @property
    def version(self) -> int:
        """How many changes there were; the mark of what arrives now."""
        return len(self.changes)

    def check(self, event: GovernanceChanged) -> None:
        """Raise ConfigurationError when `event` says nothing that can be taken."""
        self._part(event).check(event.content)

    def apply(self, event: GovernanceChanged) -> int:
        """Take a change that the log holds; return the version it made."""
        version = len(self.changes) + 1
        try:
            self._part(event).apply(event, version)
        except TarrafaError as error:
            raise StopWork(
                f"the log holds a change of {event.part} that cannot be read: {error}",
                cure="use the release that wrote it, or a newer one",
            ) from error
        self.changes.append(event)
        return version

    def versions_at(self, mark: int) -> tuple[tuple[str, str], ...]:
        """Return (part, version) of every part that scores depend on under `mark`, sorted by part."""
        versions = ((name, self._parts[name].version_at(mark)) for name in sorted(self._parts))
        return tuple((name, version) for name, version in versions if version)

    def _part(self, event: GovernanceChanged) -> Part:
        part = self._parts.get(event.part)
        if part is None:
            raise StopWork(
                f"nothing called {event.part} is governed here", cure=f"name one of {', '.join(self._parts)}"
            )
        return part
