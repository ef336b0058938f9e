"""Rows of Parquet files in bounded memory, as texts or as the values they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

BATCH_ROWS = 10_000


def parquet_columns(file: Path) -> list[str] | None:
    """Return the column names of a Parquet file, or None when it is not one."""
    try:
        return list(pq.read_schema(file).names)
    except (pa.ArrowException, OSError):
        return None


def is_time_without_zone(file: Path, name: str) -> bool:
    """Whether a column holds timestamps that do not say which zone they are in."""
    kind = pq.read_schema(file).field(name).type
    return bool(pa.types.is_timestamp(kind) and kind.tz is None)


def count_parquet_rows(file: Path) -> int:
    """Number of rows, from the file's footer."""
    return int(pq.ParquetFile(file).metadata.num_rows)


def value_rows(file: Path, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Yield rows as Python values of the named columns, all of which exist."""
    for batch in pq.ParquetFile(file).iter_batches(BATCH_ROWS, columns=list(names)):
        yield from zip(*(batch.column(name).to_pylist() for name in names), strict=True)


def text_columns(file: Path, names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield rows as texts of the named columns: "" for nulls and absent columns, epoch milliseconds for timestamps.

    Bytes that are not UTF-8 come as U+FFFD.
    """
    opened = pq.ParquetFile(file)
    present = [name for name in names if name in opened.schema_arrow.names]
    for batch in opened.iter_batches(BATCH_ROWS, columns=present):
        columns = {name: _texts(batch.column(name)) for name in present}
        absent = [""] * batch.num_rows
        yield from zip(*(columns.get(name, absent) for name in names), strict=True)


def _texts(column: pa.Array) -> list[str]:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("ms", tz=column.type.tz), safe=False).cast(pa.int64())
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        # through bytes: one bad string must not fail its whole batch
        values = column.cast(pa.large_binary()).to_pylist()
        return ["" if value is None else value.decode(errors="replace") for value in values]
    return ["" if value is None else str(value) for value in column.to_pylist()]
