"""Lists, documents and alerts in memory, behind the Protocols of `api.governing`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from graph.days import day_of
from graph.errors import RejectedRecord
from graph.events import ListKind
from graph.evidence import Score
from graph.listings import Change, EntryKind
from ledger.paging import Page
from ledger.records import Alert, Document, ListEntry, ListImport, RejectedLine
from scoring.declared import canonical_text, name_of_text
from scoring.list_entries import entry_change
from scoring.list_file import read_list_file
from scoring.policy import policy_of
from scoring.typologies import shipped_typologies, typologies_of
from tests.api.story import KEYS, NOW


@dataclass
class Governed:
    """Entries by id, documents by part, and the scores that may be alerts."""

    held: dict[str, ListEntry] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    alarming: list[Score] = field(default_factory=list)


class Governs(Protocol):
    """A world that is governed."""

    governed: Governed


@dataclass
class FakeGoverning:
    """Lists and documents of a world."""

    world: Governs

    def entries(
        self, listed: ListKind, *, kind: EntryKind | None = None, after: str | None = None, limit: int
    ) -> Page[ListEntry]:
        found = [one for one in self.world.governed.held.values() if one.list is listed and kind in (None, one.kind)]
        found.sort(key=lambda one: (one.kind, one.value))
        rest = [one for one in found if after is None or f"{one.kind}:{one.value}" > after]
        more = f"{rest[limit - 1].kind}:{rest[limit - 1].value}" if len(rest) > limit else None
        return Page(tuple(rest[:limit]), more)

    def entry(self, listed: ListKind, kind: EntryKind, value: str) -> ListEntry | None:
        return self.world.governed.held.get(entry_change(listed, kind, value, keys=KEYS).entry_id)

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
        return self._put(entry_change(listed, kind, value, keys=KEYS, reason=reason, expires_ts=expires_ts), author)

    def remove_entry(
        self, listed: ListKind, kind: EntryKind, value: str, *, author: str, reason: str = ""
    ) -> ListEntry | None:
        assert author
        assert isinstance(reason, str)
        return self.world.governed.held.pop(entry_change(listed, kind, value, keys=KEYS).entry_id, None)

    def import_entries(
        self,
        listed: ListKind,
        lines: Iterable[str],
        *,
        author: str,
        kind: EntryKind | None = None,
        reason: str = "",
    ) -> ListImport:
        rejected = []
        added = 0
        for number, found in read_list_file(lines, listed, keys=KEYS, kind=kind, reason=reason):
            if isinstance(found, Change):
                self._put(found, author)
                added += 1
            else:
                rejected.append(RejectedLine(number, found.code, str(found)))
        return ListImport(added, len(rejected), tuple(rejected))

    def document(self, part: str) -> Document:
        shipped = {"policy": policy_of("{}").text, "typologies": canonical_text(shipped_typologies())}
        if part not in shipped:
            raise RejectedRecord("unknown_part", field="part", value=part, cure="give one of policy, typologies")
        return self.world.governed.documents.get(part) or Document(part, "shipped", shipped[part])

    def set_document(self, part: str, text: str, *, author: str, reason: str = "") -> Document:
        self.document(part)
        content = policy_of(text).text if part == "policy" else canonical_text(typologies_of(text))
        self.world.governed.documents[part] = Document(part, name_of_text(content), content, author, NOW, reason)
        return self.world.governed.documents[part]

    def _put(self, change: Change, author: str) -> ListEntry:
        entry = ListEntry(
            change.list, change.kind, change.value, change.reason, author, NOW, change.expires_ts, "governance:1"
        )
        self.world.governed.held[change.entry_id] = entry
        return entry


@dataclass
class FakeAlerts:
    """The alerts of a world; a plain reading of what one is."""

    world: Governs

    def alerts(self, *, tenant: str, day: date, after: str | None = None, limit: int) -> Page[Alert]:
        mine = [
            one
            for one in self.world.governed.alarming
            if one.tenant == tenant and day_of(one.ts) == day and one.alert_budget
        ]
        mine.sort(key=lambda one: (-one.value, one.tx_id))
        ranked = [Alert(rank, day, tenant, one) for rank, one in enumerate(mine, start=1) if rank <= one.alert_budget]
        start = int(after or 0)
        more = str(start + limit) if len(ranked) > start + limit else None
        return Page(tuple(ranked[start : start + limit]), more)

    def alert_days(self, *, tenant: str, limit: int) -> list[date]:
        days = {day_of(one.ts) for one in self.world.governed.alarming if one.tenant == tenant and one.alert_budget}
        return sorted(days, reverse=True)[:limit]
