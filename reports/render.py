"""A report record as files: `report.json`, `report.html`, `report.pdf` and a manifest of their hashes.

The same record always gives the same bytes. Text from outside is data in every format: escaped in HTML, handed to
Typst as a JSON value that is never read as markup, and never used as a file name.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any

import typst
from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from reports.document import canonical, document
from reports.record import ReportRecord
from reports.view import page_of

PDF_STANDARDS: list[typst.PDFStandard] = ["a-2a", "ua-1"]  # archival and accessible
LATIN_END = 0x250  # the bundled fonts hold every letter below; an archival PDF may not lack one
PUNCTUATION = frozenset("\u2013\u2014\u2018\u2019\u201c\u201d\u2026\u2192\u20ac")


@dataclass(frozen=True, slots=True)
class Rendered:
    """Where the files of a report are."""

    json: Path
    html: Path
    pdf: Path
    manifest: Path


def render(record: ReportRecord, out_dir: Path) -> Rendered:
    """Write the report's files into `out_dir` (made if absent), each replaced whole or not at all, manifest last.

    A reader who finds a manifest finds the files whose hashes it names; `OSError` says what could not be written.
    """
    page = page_of(record)
    files = {
        "report.json": canonical(document(record)),
        "report.html": html_of(page).encode(),
        "report.pdf": pdf_of(page),
    }
    out_dir.mkdir(parents=True, exist_ok=True)
    paths = Rendered(*(out_dir / name for name in (*files, "manifest.json")))
    paths.manifest.unlink(missing_ok=True)
    for name, data in files.items():
        _replace(out_dir / name, data)
    _replace(paths.manifest, canonical(manifest(record, files)))
    return paths


def manifest(record: ReportRecord, files: dict[str, bytes]) -> dict[str, Any]:
    """What the report is made of: SHA-256 and size of each file, and the digests of what they were made from."""
    envelope = record.envelope
    return {
        "schema": "tarrafa.report.manifest/1",
        "report_id": envelope.report_id,
        "subject": {"kind": envelope.kind, "id": envelope.subject_id},
        "language": str(envelope.language),
        "as_of": {"log_id": envelope.as_of.log_id, "position": envelope.as_of.position, "ts": envelope.as_of.ts},
        "digests": {digest.name: f"{digest.algorithm}:{digest.value}" for digest in record.digests},
        "files": {
            name: {"sha256": sha256(data).hexdigest(), "bytes": len(data)} for name, data in sorted(files.items())
        },
    }


def html_of(page: dict[str, Any]) -> str:
    """The page as one self-contained HTML text."""
    return _html_template().render(page=page, drawing=Markup)


def pdf_of(page: dict[str, Any]) -> bytes:
    """The page as a PDF (PDF/A-2a and PDF/UA-1), dated by the report's as-of time; fonts are those inside Typst."""
    latin = _in_latin(page)
    data = json.dumps({**latin, "respelled": latin != page}, sort_keys=True, ensure_ascii=False)
    with tempfile.TemporaryDirectory(prefix="report-") as folder:
        Path(folder, "page.json").write_text(data, encoding="utf-8")
        Path(folder, "report.typ").write_text(_source("report.typ"), encoding="utf-8")
        compiler = typst.Compiler(input=Path(folder, "report.typ"), root=folder, ignore_system_fonts=True)
        made = compiler.compile(format="pdf", pdf_standards=PDF_STANDARDS, timestamp=int(page["as_of_ts"]) // 1000)
    assert isinstance(made, bytes)
    return made


@lru_cache(maxsize=1)
def _html_template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_source("report.html"))


def _source(name: str) -> str:
    return resources.files("reports").joinpath("templates", name).read_text(encoding="utf-8")


def _in_latin(value: Any) -> Any:
    """Every text with characters outside the Latin script written by their code point, such as `[U+0430]`."""
    if isinstance(value, str):
        return "".join(_shown(character) for character in value)
    if isinstance(value, dict):
        return {key: _in_latin(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_in_latin(inner) for inner in value]
    return value


def _shown(character: str) -> str:
    fits = character.isprintable() and ord(character) < LATIN_END
    if fits or character in PUNCTUATION or character in "\u00a0\n":
        return character
    return f"[U+{ord(character):04X}]"


def _replace(path: Path, data: bytes) -> None:
    """Write `data` beside `path`, force it to disk, then put it in place."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:  # also an interrupt: leave no half-written file behind, then let it go on
        Path(temporary).unlink(missing_ok=True)
        raise
