"""What the API needs to read dead letters and to send them again.

Every method may block; implementations must bear being called from several threads at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from ledger.paging import Page
from ledger.records import DeadLetter, FieldDrift, Redriven


class Letters(Protocol):
    """Read, edit and send again what was set aside.

    Guarantees: an unknown id gives None, or an outcome that says so; what is still wrong stays where it is, with what
    to change; what was sent again once is not sent twice; who did it, when, why and what was changed is kept.
    """

    def letters(
        self,
        *,
        reason: str | None = None,
        source: str | None = None,
        waiting: bool = True,
        after: str | None = None,
        limit: int,
    ) -> Page[DeadLetter]: ...

    def letter(self, letter_id: int) -> DeadLetter | None: ...

    def drift(self) -> Sequence[FieldDrift]: ...

    def redrive(
        self,
        letter_ids: Sequence[int],
        *,
        changes: Mapping[str, Any],
        message: str | None = None,
        author: str,
        reason: str = "",
    ) -> Sequence[Redriven]: ...

    def matching(self, *, reason: str | None, source: str | None, limit: int) -> Sequence[int]: ...
