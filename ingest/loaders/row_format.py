"""A format whose files are plain tables: one header, one kind of row, every row on its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from graph.errors import RejectedRecord
from ingest.loaders.intake import Intake
from ingest.loaders.layout import matching_files, why_not_text
from ingest.loaders.text_rows import count_lines, picked_rows
from ingest.loaders.time_order import Group


@dataclass(frozen=True, slots=True)
class RowFormat:
    """Delimited text read row by row; see `ingest.loaders.loading.Format` for what a format guarantees.

    `events` turns the fields of `columns` into events or raises `RejectedRecord`.
    """

    name: str
    columns: tuple[str, ...]
    events: Callable[[tuple[str, ...], Intake], Group]
    ids_from_content: bool = True

    @property
    def layout(self) -> str:
        return f"CSV with the columns {', '.join(self.columns)}"

    def why_not(self, path: Path) -> str | None:
        fitting, why = matching_files(path, self._why_not_file)
        return None if fitting else why

    def files(self, path: Path) -> Sequence[Path]:
        return matching_files(path, self._why_not_file)[0]

    def count_rows(self, path: Path) -> int:
        return sum(count_lines(file) for file in self.files(path))

    def read(self, path: Path, intake: Intake) -> Iterator[Group]:
        for file in self.files(path):
            for line, cells, raw in picked_rows(file, self.columns, intake):
                try:
                    yield self.events(cells, intake)
                except RejectedRecord as error:
                    intake.reject(line, error, raw)

    def _why_not_file(self, file: Path) -> str | None:
        return why_not_text(file, self.columns)
