"""Lines of a delimited text file as fields, so that one broken line never costs another one.

The `csv` module alone gives up at a NUL byte or an over-long field and reads to the end of the file after an unclosed
quote. Here lines are cut first, by byte; each is judged on its own, and only a line with an open quote is joined with
the next ones, for a bounded while.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from typing import IO, NamedTuple, cast

from graph.errors import RejectedRecord
from ingest.loaders.intake import Intake

MAX_LINE = 262_144  # bytes; a longer line is not a payment
MAX_QUOTED_LINES = 100  # lines one quoted field may run over before its quote counts as unclosed
_GZIP_MAGIC = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"


class TextRow(NamedTuple):  # a tuple, not a record: made once per row on the hot path
    """A row's fields, its text, and the 1-based number of its first line."""

    line: int
    cells: list[str]
    raw: str


def open_bytes(path: Path) -> IO[bytes]:
    """Open a file for reading bytes, through gzip where its content says so."""
    with path.open("rb") as file:
        compressed = file.read(2) == _GZIP_MAGIC
    return cast("IO[bytes]", gzip.open(path, "rb")) if compressed else path.open("rb")


def first_line(path: Path) -> str | None:
    """Return the first line without byte-order mark, or None when it is not UTF-8 text of a sensible length."""
    try:
        with open_bytes(path) as file:
            line = file.readline(MAX_LINE).removeprefix(_BOM)
        text = line.decode()
    except (OSError, EOFError, UnicodeDecodeError):
        return None
    return None if "\0" in text else text.rstrip("\r\n")


def count_lines(path: Path) -> int:
    """Return the number of lines that are not empty, less the header: the rows to expect."""
    lines = 0
    with open_bytes(path) as file:
        last = b"\n"
        while block := file.read(1 << 20):
            lines += block.count(b"\n")
            last = block[-1:]
    return max(0, lines + (last != b"\n") - 1)


def read_rows(path: Path, intake: Intake, *, delimiter: str, quoted: bool = True) -> Iterator[TextRow]:
    """Yield the rows below the header; set broken lines aside in `intake`.

    Set aside: lines over `MAX_LINE` bytes, lines with NUL bytes or bytes that are not UTF-8, quotes that do not
    close. Blank lines are dropped. With `quoted` false a double quote is a character like any other.
    """
    with open_bytes(path) as file:
        lines = _Lines(file)
        lines.take()  # header
        while (line := lines.take()) is not None:
            number = lines.number
            text = _decoded(line, number, lines, intake)
            if text is None:
                continue
            if quoted and '"' in text:
                row = _quoted_row(text, number, lines, intake, delimiter)
                if row is not None:
                    yield row
                continue
            text = text.rstrip("\r\n")
            if text:
                yield TextRow(number, text.split(delimiter), text)
            else:
                intake.drop("blank_line")


def picked_rows(
    path: Path, names: Sequence[str], intake: Intake, *, delimiter: str = ",", quoted: bool = True
) -> Iterator[tuple[int, tuple[str, ...], str]]:
    """Yield (line, the fields of the named columns, raw text) of every whole row; "" for a column that is absent.

    Column names are compared without regard to case. Rows with another number of fields than the header are set aside.
    """
    header = [name.lower() for name in columns_of(path, delimiter) or []]
    width = len(header)
    lowered = [name.lower() for name in names]
    # absent columns read the empty text that is appended to each row
    pick = itemgetter(*(header.index(name) if name in header else -1 for name in lowered))
    for line, cells, raw in read_rows(path, intake, delimiter=delimiter, quoted=quoted):
        if len(cells) != width:
            error = RejectedRecord(
                "wrong_field_count",
                value=f"{len(cells)} instead of {width}",
                cure=f"give {width} fields separated by {delimiter!r}; quote a field that contains it",
            )
            intake.reject(line, error, raw)
            continue
        cells.append("")
        yield line, pick(cells), raw


def columns_of(path: Path, delimiter: str) -> list[str] | None:
    """Return the header's fields as written, without outer blanks and quotes; None when it is not a line of text."""
    line = first_line(path)
    return None if line is None else [cell.strip().strip('"') for cell in line.split(delimiter)]


class _Lines:
    """Lines of a file, with a number, and some put back."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._back: list[bytes] = []
        self.number = 0

    def take(self) -> bytes | None:
        line = self._back.pop() if self._back else self._file.readline(MAX_LINE + 1)
        if not line:
            return None
        self.number += 1
        return line

    def put_back(self, lines: list[bytes]) -> None:
        """Have `take` return these again, the first one first."""
        self._back.extend(reversed(lines))
        self.number -= len(lines)

    def skip_rest(self, line: bytes) -> int:
        """Read on to the end of a line that was cut; return its whole length in bytes."""
        length = len(line)
        while not line.endswith(b"\n") and (line := self._file.readline(MAX_LINE)):
            length += len(line)
        return length


def _decoded(line: bytes, number: int, lines: _Lines, intake: Intake) -> str | None:
    if len(line) > MAX_LINE:
        length = lines.skip_rest(line)
        error = RejectedRecord(
            "line_too_long", value=f"{length} bytes", cure=f"a row may have {MAX_LINE} bytes; check for a lost line end"
        )
        intake.reject(number, error, line[:8_192].decode(errors="replace"), raw_length=length)
        return None
    try:
        text = line.decode()
    except UnicodeDecodeError as bad:
        error = RejectedRecord("not_utf8", value=f"byte {bad.start + 1} of the line", cure="save the file as UTF-8")
        intake.reject(number, error, line.decode(errors="backslashreplace").rstrip("\r\n"))
        return None
    if "\0" in text:
        error = RejectedRecord("nul_byte", value=f"character {text.index(chr(0)) + 1}", cure="remove the NUL bytes")
        intake.reject(number, error, text.replace("\0", "\\0").rstrip("\r\n"))
        return None
    return text


def _quoted_row(text: str, number: int, lines: _Lines, intake: Intake, delimiter: str) -> TextRow | None:
    """Parse a row with quotes, joining lines while a quote is open; on failure only its first line is lost."""
    joined = text
    taken: list[bytes] = []
    while joined.count('"') % 2:
        more = lines.take() if len(taken) < MAX_QUOTED_LINES and len(joined) < MAX_LINE else None
        if more is None or len(more) > MAX_LINE:
            lines.put_back([*taken, more] if more is not None else taken)
            _reject_quote(number, text, intake)
            return None
        taken.append(more)
        joined += more.decode(errors="replace")
    try:
        rows = list(csv.reader([joined.rstrip("\r\n")], delimiter=delimiter, strict=True))
    except csv.Error:
        lines.put_back(taken)
        _reject_quote(number, text, intake)
        return None
    return TextRow(number, rows[0], joined.rstrip("\r\n"))


def _reject_quote(number: int, text: str, intake: Intake) -> None:
    error = RejectedRecord("broken_quotes", cure='close the quote, and write a quote inside a field as ""')
    intake.reject(number, error, text.rstrip("\r\n"))
