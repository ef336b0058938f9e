"""Changing what the service goes by: each change is an event through the pipeline, read back from the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final
from uuid import uuid4

from graph.errors import ConfigurationError, RejectedRecord
from graph.events import GovernanceChanged, ListKind
from graph.listings import MAX_CHANGES, REMOVE, Change, EntryKind, content_of
from graph.listings import PART as LISTS
from ledger.paging import Page
from ledger.records import Document, ListEntry, ListImport, RejectedLine
from scoring.declared import canonical_text, name_of_text
from scoring.governance import SHIPPED
from scoring.list_entries import entry_change
from scoring.list_file import read_list_file
from scoring.policy import PART as POLICY
from scoring.policy import Bands, Policy, policy_of, setting_of
from scoring.typologies import PART as TYPOLOGIES
from scoring.typologies import shipped_typologies, typologies_of
from service.bootstrap import Service, now_ms

DOCUMENTS: Final = (POLICY, TYPOLOGIES)
TOLD_REJECTED = 100  # of a file's rejected lines


class Governed:
    """Lists and documents of an open service. Reading needs no pipeline, changing does."""

    def __init__(self, service: Service) -> None:
        self._service = service

    # --- lists ----------------------------------------------------------------------------------------------------

    def entries(
        self, listed: ListKind, *, kind: EntryKind | None = None, after: str | None = None, limit: int
    ) -> Page[ListEntry]:
        return self._service.ledger.list_entries(listed, kind=kind, after=after, limit=limit)

    def entry(self, listed: ListKind, kind: EntryKind, value: str) -> ListEntry | None:
        """The entry that stands for a value, however it is written."""
        change = entry_change(listed, kind, value, keys=self._service.keys)
        return self._service.ledger.list_entry(listed, change.kind, change.value)

    def add_entry(
        self,
        listed: ListKind,
        kind: EntryKind,
        value: str,
        *,
        author: str,
        reason: str = "",
        expires_ts: int | None = None,
    ) -> ListEntry:
        """Put a value on a list, in place of an entry that stands for it; it holds for the very next score."""
        change = entry_change(listed, kind, value, keys=self._service.keys, reason=reason, expires_ts=expires_ts)
        event = self._govern(LISTS, content_of([change]), author=author, reason=reason)
        return _entry(change, event)

    def remove_entry(
        self, listed: ListKind, kind: EntryKind, value: str, *, author: str, reason: str = ""
    ) -> ListEntry | None:
        """Take a value off a list; return the entry that stood, or None when there was none."""
        change = entry_change(listed, kind, value, keys=self._service.keys, action=REMOVE)
        standing = self._service.ledger.list_entry(listed, change.kind, change.value)
        if standing is not None:
            self._govern(LISTS, content_of([change]), author=author, reason=reason)
        return standing

    def import_entries(
        self,
        listed: ListKind,
        lines: Iterable[str],
        *,
        author: str,
        kind: EntryKind | None = None,
        reason: str = "",
    ) -> ListImport:
        """Put the values of a file on a list (see `scoring.list_file`); lines that cannot be listed are told."""
        rejected: list[RejectedLine] = []
        count = 0

        def changes() -> Iterator[Change]:
            nonlocal count
            for number, found in read_list_file(lines, listed, keys=self._service.keys, kind=kind, reason=reason):
                if isinstance(found, Change):
                    yield found
                    continue
                count += 1
                if len(rejected) < TOLD_REJECTED:
                    rejected.append(RejectedLine(number, found.code, str(found)))

        added = 0
        waiting = changes()
        while together := list(islice(waiting, MAX_CHANGES)):
            self._submit(LISTS, content_of(together), author=author, reason=reason)
            added += len(together)
        if added:
            self._service.running.flush(settle=False)
        return ListImport(added, count, tuple(rejected))

    # --- documents --------------------------------------------------------------------------------------------------

    def document(self, part: str) -> Document:
        """The state of a part in force; raise `RejectedRecord` for a part that is not governed as a whole."""
        shipped = self._shipped(part)
        newest = next(iter(self._service.ledger.documents(part)), None)
        if newest is None:
            return Document(part, _version(part, shipped), shipped)
        return Document(part, _version(part, newest.content), newest.content, newest.author, newest.ts, newest.reason)

    def set_document(self, part: str, text: str, *, author: str, reason: str = "") -> Document:
        """Let `text` (TOML or JSON) hold for `part` from the very next score on."""
        self._shipped(part)
        content = policy_of(text).text if part == POLICY else canonical_text(typologies_of(text))
        self._govern(part, content, author=author, reason=reason)
        return self.document(part)

    def _shipped(self, part: str) -> str:
        if part == POLICY:
            scoring = self._service.settings.scoring
            return Policy(setting_of(Bands(approve=scoring.approve, review=scoring.review))).text
        if part == TYPOLOGIES:
            return canonical_text(shipped_typologies())
        raise RejectedRecord("unknown_part", field="part", value=part, cure=f"give one of {', '.join(DOCUMENTS)}")

    # --- changing ---------------------------------------------------------------------------------------------------

    def _govern(self, part: str, content: str, *, author: str, reason: str) -> GovernanceChanged:
        event = self._submit(part, content, author=author, reason=reason)
        self._service.running.flush(settle=False)  # who asks next reads it
        return event

    def _submit(self, part: str, content: str, *, author: str, reason: str) -> GovernanceChanged:
        if not reason.isprintable():
            raise ConfigurationError("the reason cannot be shown", cure="write it in one line")
        event = GovernanceChanged(
            event_id=f"governance:{uuid4().hex}", ts=now_ms(), part=part, content=content, author=author, reason=reason
        )
        self._service.running.govern(event)
        return event


def _entry(change: Change, event: GovernanceChanged) -> ListEntry:
    return ListEntry(
        change.list, change.kind, change.value, change.reason, event.author, event.ts, change.expires_ts, event.event_id
    )


def _version(part: str, content: str) -> str:
    if part == POLICY:
        return policy_of(content).version
    return SHIPPED if content == canonical_text(shipped_typologies()) else name_of_text(content)
