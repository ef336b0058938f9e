"""What the API needs to read and change what the service goes by: lists, policy, typologies, and alerts from them.

Every method may block; implementations must bear being called from several threads at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Protocol

from graph.events import ListKind
from graph.listings import EntryKind
from ledger.paging import Page
from ledger.records import Alert, Document, ListEntry, ListImport


class Governing(Protocol):
    """Read and change lists and documents.

    Guarantees: a change holds for the very next score and is read back at once; what cannot be taken changes nothing
    and is an error of `graph.errors` that says what to change; a value is found however it is written; personal
    values are kept and given back as keyed hashes only.
    """

    def entries(
        self, listed: ListKind, *, kind: EntryKind | None = None, after: str | None = None, limit: int
    ) -> Page[ListEntry]: ...

    def entry(self, listed: ListKind, kind: EntryKind, value: str) -> ListEntry | None: ...

    def add_entry(
        self,
        listed: ListKind,
        kind: EntryKind,
        value: str,
        *,
        author: str,
        reason: str = "",
        expires_ts: int | None = None,
    ) -> ListEntry: ...

    def remove_entry(
        self, listed: ListKind, kind: EntryKind, value: str, *, author: str, reason: str = ""
    ) -> ListEntry | None: ...

    def import_entries(
        self,
        listed: ListKind,
        lines: Iterable[str],
        *,
        author: str,
        kind: EntryKind | None = None,
        reason: str = "",
    ) -> ListImport: ...

    def document(self, part: str) -> Document: ...

    def set_document(self, part: str, text: str, *, author: str, reason: str = "") -> Document: ...


class AlertReader(Protocol):
    """Read alerts. Guarantee: only those of the tenant asked for, best first, never more than its budget."""

    def alerts(self, *, tenant: str, day: date, after: str | None = None, limit: int) -> Page[Alert]: ...

    def alert_days(self, *, tenant: str, limit: int) -> Sequence[date]: ...
