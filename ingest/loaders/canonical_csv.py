"""The canonical file as CSV: UTF-8, a header, fields separated by comma, semicolon, tab or bar."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from graph.errors import RejectedRecord
from ingest.loaders.canonical import COLUMNS, RowReader, why_not_columns
from ingest.loaders.intake import Intake
from ingest.loaders.layout import matching_files
from ingest.loaders.text_rows import columns_of, count_lines, first_line, picked_rows
from ingest.loaders.time_order import Group

DELIMITERS = (",", ";", "\t", "|")


class CanonicalCsv:
    """One file, or a folder of files with the same header layout."""

    name = "canonical-csv"
    layout = f"CSV with the columns {', '.join(COLUMNS[:5])}; optional {', '.join(COLUMNS[5:])}"
    ids_from_content = False

    def why_not(self, path: Path) -> str | None:
        fitting, why = matching_files(path, _why_not_file)
        return None if fitting else why

    def files(self, path: Path) -> Sequence[Path]:
        return matching_files(path, _why_not_file)[0]

    def count_rows(self, path: Path) -> int:
        return sum(count_lines(file) for file in self.files(path))

    def read(self, path: Path, intake: Intake) -> Iterator[Group]:
        for file in self.files(path):
            yield from _read_file(file, intake)


def _read_file(file: Path, intake: Intake) -> Iterator[Group]:
    delimiter = _delimiter(file)
    for name in _header(file, delimiter):
        if name not in COLUMNS:
            intake.note(f"column_not_used:{name}")
    reader = RowReader(intake)
    for line, cells, raw in picked_rows(file, COLUMNS, intake, delimiter=delimiter):
        try:
            yield reader.events(line, cells, raw)
        except RejectedRecord as error:
            intake.reject(line, error, raw)


def _why_not_file(file: Path) -> str | None:
    line = first_line(file)
    if line is None:
        return "its first line is not UTF-8 text (save the file as UTF-8)"
    if not line.strip():
        return "it is empty" if not file.stat().st_size else "its first line is empty: a header is needed"
    return why_not_columns(_header(file, _delimiter(file)))


def _delimiter(file: Path) -> str:
    """The separator under which the header names most of the canonical columns; comma when none does."""
    return max(DELIMITERS, key=lambda delimiter: len(set(COLUMNS) & set(_header(file, delimiter))))


def _header(file: Path, delimiter: str) -> list[str]:
    return [name.lower() for name in columns_of(file, delimiter) or []]
