"""Cells, references and sentences of a page, as plain data that both the HTML and the PDF template print."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from reports import formats
from reports.formats import EMPTY, Language
from reports.phrases import phrase, words
from reports.record import ReportRecord, Statement
from reports.words_names import name

Cell = dict[str, Any]
Block = dict[str, Any]
REFS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes cells in one language; knows the annex number ("T12", "F3") of every cited event."""

    language: Language
    numbers: dict[str, tuple[str, int]]

    @classmethod
    def of(cls, record: ReportRecord) -> Writer:
        numbers = {row.event_id: ("T", row.number) for row in record.transactions}
        numbers |= {fact.event_id: ("F", fact.number) for fact in record.facts}
        return cls(record.envelope.language, numbers)

    def name(self, key: str) -> str:
        return name(key, self.language)

    def heads(self, keys: Sequence[str], weights: Sequence[float]) -> list[tuple[str, float]]:
        """Column headings with their relative widths."""
        return [(self.name(key), weight) for key, weight in zip(keys, weights, strict=True)]

    def text(self, value: object) -> Cell:
        return {"text": EMPTY if value is None or value == "" else str(value), "style": "text", "refs": []}

    def id(self, value: str | None) -> Cell:
        return self.text(value) | {"style": "id"}

    def number(self, value: float | None, *, places: int = 0) -> Cell:
        shown = None if value is None else formats.decimal(value, self.language, places=places)
        return self.text(shown) | {"style": "number"}

    def money(self, cents: int | None, *, currency: str = "BRL") -> Cell:
        shown = None if cents is None else formats.money(cents, self.language, currency=currency)
        return self.text(shown) | {"style": "number"}

    def local(self, ts: int | None) -> Cell:
        return self.text(None if not ts else formats.local_time(ts, self.language)) | {"style": "time"}

    def utc(self, ts: int | None) -> Cell:
        return self.text(None if not ts else formats.utc_time(ts, self.language)) | {"style": "time"}

    def names(self, values: Sequence[str], *, limit: int = 12) -> Cell:
        """Several ids in one cell, the rest counted."""
        more = len(values) - limit
        shown = ", ".join(values[:limit])
        if more > 0:
            shown += " " + self.name("and_more").format(count=formats.whole(more, self.language))
        return self.id(shown)

    def evidence(self, event_ids: Sequence[str], total: int, basis: str = "") -> Cell:
        """The references of a table row."""
        return {"text": self._basis(basis), "style": "refs", "refs": self.references(event_ids, total)}

    def sentence(self, statement: Statement) -> dict[str, Any]:
        """A sentence with its references, or with the reason why it has none."""
        return {
            "text": phrase(statement, self.language),
            "refs": self.references(statement.evidence_ids, statement.total_events),
            "basis": self._basis(statement.basis),
        }

    def said(self, statements: Iterable[Statement]) -> Cell:
        """Sentences as a cell."""
        items = [self.sentence(statement) for statement in statements]
        return {"text": "", "style": "sentences", "refs": [], "items": items}

    def references(self, event_ids: Sequence[str], total: int) -> list[dict[str, str]]:
        """Annex numbers as ranges ("T1-T12"), the first few of them, and how many events there are in all.

        Each is {text, to}: `to` is the anchor of the range's first row, empty for the count.
        """
        ranges: list[tuple[str, int, int]] = []
        for letter, number in sorted(self.numbers[event_id] for event_id in event_ids):
            if ranges and ranges[-1][0] == letter and ranges[-1][2] == number - 1:
                ranges[-1] = (letter, ranges[-1][1], number)
            else:
                ranges.append((letter, number, number))
        shown = [
            {"text": f"{letter}{first}" + (f"\u2013{letter}{last}" if last > first else ""), "to": f"{letter}{first}"}
            for letter, first, last in ranges[:REFS_SHOWN]
        ]
        covered = sum(last - first + 1 for _, first, last in ranges[:REFS_SHOWN])
        if total > covered:
            count = formats.whole(total - covered, self.language)
            shown.append({"text": self.name("and_more").format(count=count), "to": ""})
        return shown

    def _basis(self, basis: str) -> str:
        return words(basis, {}, self.language) if basis else ""


def sentences(items: Iterable[dict[str, Any]]) -> Block:
    """A list of sentences."""
    return {"type": "sentences", "items": list(items)}


def groups(titled: Iterable[tuple[str, Iterable[dict[str, Any]]]]) -> Block:
    """Sentences under short titles, such as the six questions."""
    return {"type": "groups", "groups": [{"title": title, "items": list(items)} for title, items in titled]}


def figures(rows: Iterable[tuple[str, Cell]]) -> Block:
    """Labelled values in a grid."""
    return {"type": "figures", "rows": [{"label": label, "cell": cell} for label, cell in rows]}


def table(columns: Sequence[tuple[str, float]], rows: Iterable[tuple[str, Sequence[Cell]]]) -> Block:
    """A table: (heading, relative width) columns and (anchor or "", cells) rows."""
    return {
        "type": "table",
        "columns": [{"title": title, "weight": weight} for title, weight in columns],
        "rows": [{"anchor": anchor, "cells": list(cells)} for anchor, cells in rows],
    }
