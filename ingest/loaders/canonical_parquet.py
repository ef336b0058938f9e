"""The canonical file as Parquet: the same columns and the same rules for their text as CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from graph.errors import RejectedRecord
from ingest.loaders.canonical import COLUMNS, RowReader, why_not_columns
from ingest.loaders.intake import Intake
from ingest.loaders.layout import matching_files
from ingest.loaders.parquet_rows import count_parquet_rows, is_time_without_zone, parquet_columns, text_columns
from ingest.loaders.time_order import Group

_REPLACEMENT = "\ufffd"


class CanonicalParquet:
    """One file, or a folder of files with the same columns. Times may be timestamps with zone, text or numbers."""

    name = "canonical-parquet"
    layout = "Parquet with the columns of canonical-csv"
    ids_from_content = False

    def why_not(self, path: Path) -> str | None:
        fitting, why = matching_files(path, _why_not_file)
        return None if fitting else why

    def files(self, path: Path) -> Sequence[Path]:
        return matching_files(path, _why_not_file)[0]

    def count_rows(self, path: Path) -> int:
        return sum(count_parquet_rows(file) for file in self.files(path))

    def read(self, path: Path, intake: Intake) -> Iterator[Group]:
        for file in self.files(path):
            for name in parquet_columns(file) or ():
                if name not in COLUMNS:
                    intake.note(f"column_not_used:{name}")
            reader = RowReader(intake)
            for line, cells in enumerate(text_columns(file, COLUMNS), start=1):
                try:
                    if any(_REPLACEMENT in cell for cell in cells):
                        raise RejectedRecord("not_utf8", cure="write the text columns as UTF-8")
                    yield reader.events(line, cells, ",".join(cells))
                except RejectedRecord as error:
                    intake.reject(line, error, ",".join(cells))


def _why_not_file(file: Path) -> str | None:
    columns = parquet_columns(file)
    if columns is None:
        return "it is not a Parquet file"
    wrong = why_not_columns(columns)
    if wrong:
        return wrong
    if is_time_without_zone(file, "ts"):
        return "column ts is a timestamp without time zone: write it with one (UTC)"
    return None
