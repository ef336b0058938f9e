"""Which files of a path a format would read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ingest.loaders.parquet_rows import parquet_columns
from ingest.loaders.text_rows import columns_of


def plain_files(path: Path) -> list[Path]:
    """Return the file itself, or the files directly in a folder that are not hidden, by name."""
    if path.is_dir():
        return sorted(file for file in path.iterdir() if file.is_file() and not file.name.startswith((".", "_")))
    return [path]


def missing(needed: Sequence[str], present: Sequence[str]) -> str | None:
    """Say which needed columns are absent, or return None."""
    absent = [name for name in needed if name not in present]
    return f"no column {', '.join(absent)}" if absent else None


def why_not_text(file: Path, needed: Sequence[str], *, delimiter: str = ",") -> str | None:
    """Return None when a text file's header has the needed columns (in any case of letters), else what is wrong."""
    header = columns_of(file, delimiter)
    if header is None:
        return "its first line is not UTF-8 text"
    present = {name.lower() for name in header}
    return missing([name for name in needed if name.lower() not in present], [])


def why_not_parquet(file: Path, needed: Sequence[str]) -> str | None:
    """Return None when a file is Parquet with the needed columns, else what is wrong."""
    columns = parquet_columns(file)
    return "it is not a Parquet file" if columns is None else missing(needed, columns)


def matching_files(path: Path, why_not: Callable[[Path], str | None]) -> tuple[list[Path], str]:
    """Return the files that fit, and why the first other one does not."""
    reasons = [(file, why_not(file)) for file in plain_files(path)]
    fitting = [file for file, reason in reasons if reason is None]
    others = [f"{file.name}: {reason}" if path.is_dir() else str(reason) for file, reason in reasons if reason]
    if len(others) > 1:
        others[1:] = [f"and {len(others) - 1} more files"]
    return fitting, ", ".join(others) or "the folder has no files"
