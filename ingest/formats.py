"""The file formats that can be read, which one a path has, and the source it becomes."""

from __future__ import annotations

from pathlib import Path

from graph.errors import UnknownFormat
from graph.identity import IdentifierKeys
from ingest.loaders.amlgentex import AmlGentex
from ingest.loaders.amlsim import AmlSim
from ingest.loaders.amlsim_output import AmlSimOutput
from ingest.loaders.amlworld import AmlWorld, AmlWorldPatterns
from ingest.loaders.canonical_csv import CanonicalCsv
from ingest.loaders.canonical_parquet import CanonicalParquet
from ingest.loaders.finbench import FinBench
from ingest.loaders.hop import Hop
from ingest.loaders.loading import FileSource, Format
from ingest.loaders.maltrail import Maltrail
from ingest.loaders.paysim import PAYSIM
from ingest.loaders.s_ffsd import S_FFSD
from ingest.source import Batch, Source

__all__ = ["FORMATS", "Batch", "Format", "Source", "detect", "open_source"]

#: Every format, in the order in which they are tried.
FORMATS: tuple[Format, ...] = (
    CanonicalCsv(),
    CanonicalParquet(),
    FinBench(),
    AmlSim(),
    AmlSimOutput(),
    AmlGentex(),
    AmlWorld(),
    AmlWorldPatterns(),
    Hop(),
    Maltrail(),
    S_FFSD,
    PAYSIM,
)


def detect(path: Path) -> Format:
    """Return the format of a file or folder by its content; raise `UnknownFormat` saying why each one does not fit."""
    if not path.exists():
        raise UnknownFormat(f"there is no file or folder {path}", cure="check the path")
    reasons = []
    for form in FORMATS:
        reason = form.why_not(path)
        if reason is None:
            return form
        reasons.append(f"{form.name} ({reason})")
    raise UnknownFormat(
        f"{path.name} has none of the known formats. Tried: {'; '.join(reasons)}",
        cure="give the columns tx_id, ts, source, target, amount (docs/formats.md describes every format)",
    )


def open_source(path: Path, *, format: str | None = None, keys: IdentifierKeys, now_ms: int) -> FileSource:
    """Return a source over the path, read as `format` or as the detected one.

    `now_ms` (UTC epoch ms) is the time after which rows count as lying in the future. Raises `UnknownFormat` when the
    path does not have the format.
    """
    if format is None:
        return FileSource(path, detect(path), keys=keys, now_ms=now_ms)
    by_name = {form.name: form for form in FORMATS}
    form = by_name.get(format)
    if form is None:
        raise UnknownFormat(f"there is no format {format!r}", cure=f"choose one of {', '.join(by_name)}")
    if not path.exists():
        raise UnknownFormat(f"there is no file or folder {path}", cure="check the path")
    reason = form.why_not(path)
    if reason is not None:
        raise UnknownFormat(f"{path.name} is not {format}: {reason}", cure=f"it should be: {form.layout}")
    return FileSource(path, form, keys=keys, now_ms=now_ms)
