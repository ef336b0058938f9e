"""IBM AMLworld: the transaction CSV (`..._Trans.csv`) and the laundering attempts (`..._Patterns.txt`).

Both list the same rows; times have minutes, so rows are spread over their minute by content. An account is named by
bank and number, since numbers repeat between banks. The paid amount and currency are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from graph.errors import RejectedRecord
from graph.events import Movement, MovementKind
from ingest.loaders.intake import Intake
from ingest.loaders.labels import tx_label
from ingest.loaders.layout import matching_files
from ingest.loaders.step_time import MINUTE_MS, STEP_BASE_MS, StepClock
from ingest.loaders.text_rows import columns_of, count_lines, first_line, open_bytes, read_rows
from ingest.loaders.time_order import Group
from ingest.validate import epoch_ms, parse_label, rounded_cents

HEADER = [
    "Timestamp",
    "From Bank",
    "Account",
    "To Bank",
    "Account",
    "Amount Received",
    "Receiving Currency",
    "Amount Paid",
    "Payment Currency",
    "Payment Format",
    "Is Laundering",
]
_CLOCK = StepClock(MINUTE_MS)
_BEGIN = re.compile(r"BEGIN LAUNDERING ATTEMPT - ([A-Z-]+)")
_END = "END LAUNDERING ATTEMPT"
_CURRENCIES = {
    "Australian Dollar": "AUD",
    "Bitcoin": "XBT",
    "Brazil Real": "BRL",
    "Canadian Dollar": "CAD",
    "Euro": "EUR",
    "Mexican Peso": "MXN",
    "Ruble": "RUB",
    "Rupee": "INR",
    "Saudi Riyal": "SAR",
    "Shekel": "ILS",
    "Swiss Franc": "CHF",
    "UK Pound": "GBP",
    "US Dollar": "USD",
    "Yen": "JPY",
    "Yuan": "CNY",
}


class AmlWorld:
    """The transaction CSV, alone or in a folder; a `_Patterns.txt` of the same name beside it gives the rings."""

    name = "amlworld"
    layout = f"CSV with exactly the columns {', '.join(HEADER)}"
    ids_from_content = True

    def why_not(self, path: Path) -> str | None:
        fitting, why = matching_files(path, _why_not_transactions)
        return None if fitting else why

    def files(self, path: Path) -> Sequence[Path]:
        return matching_files(path, _why_not_transactions)[0]

    def count_rows(self, path: Path) -> int:
        return sum(count_lines(file) for file in self.files(path))

    def read(self, path: Path, intake: Intake) -> Iterator[Group]:
        for file in self.files(path):
            rings = _rings_beside(file)
            for line, cells, raw in read_rows(file, intake, delimiter=","):
                try:
                    yield _events(cells, ring=rings.get(_content(cells), ""))
                except RejectedRecord as error:
                    intake.reject(line, error, raw)


class AmlWorldPatterns:
    """Laundering attempts only: every row is labelled 1, its ring is the attempt's typology and number in the file."""

    name = "amlworld-patterns"
    layout = "text with BEGIN LAUNDERING ATTEMPT lines and AMLworld transaction rows between"
    ids_from_content = True

    def why_not(self, path: Path) -> str | None:
        fitting, why = matching_files(path, _why_not_patterns)
        return None if fitting else why

    def files(self, path: Path) -> Sequence[Path]:
        return matching_files(path, _why_not_patterns)[0]

    def count_rows(self, path: Path) -> int:
        return sum(1 for file in self.files(path) for _ in _pattern_rows(file))

    def read(self, path: Path, intake: Intake) -> Iterator[Group]:
        for file in self.files(path):
            for line, cells, ring in _pattern_rows(file):
                try:
                    yield _events(cells, ring=ring)
                except RejectedRecord as error:
                    intake.reject(line, error, ",".join(cells))


def _events(cells: list[str], *, ring: str) -> Group:
    if len(cells) != len(HEADER):
        raise RejectedRecord(
            "wrong_field_count", value=len(cells), cure=f"give {len(HEADER)} fields separated by commas"
        )
    time, from_bank, origin, to_bank, target, _, _, paid, currency, payment_format, label_text = cells
    try:
        moment = datetime.strptime(time, "%Y/%m/%d %H:%M").replace(tzinfo=UTC)
    except ValueError as error:
        raise RejectedRecord("bad_time", field="Timestamp", value=time, cure="give YYYY/MM/DD hh:mm") from error
    if currency not in _CURRENCIES:
        raise RejectedRecord(
            "bad_currency", field="Payment Currency", value=currency, cure=f"give one of {', '.join(_CURRENCIES)}"
        )
    minute = (epoch_ms(moment) - STEP_BASE_MS) // MINUTE_MS
    tx_id, ts = _CLOCK.place(minute, _content(cells))
    movement = Movement(
        event_id=f"tx:amlworld-{tx_id}",
        ts=ts,
        source=f"{from_bank}_{origin}",
        target=f"{to_bank}_{target}",
        amount_cents=rounded_cents(paid),
        currency=_CURRENCIES[currency],
        kind=MovementKind.CARD_PAYMENT if payment_format == "Credit Card" else MovementKind.TRANSFER,
        channel=payment_format.lower(),
    )
    label = parse_label(label_text)
    return (movement,) if label is None else (movement, tx_label(movement, label, ring=ring))


def _content(cells: list[str]) -> str:
    return ",".join(cells[:-1])


def _pattern_rows(file: Path) -> Iterator[tuple[int, list[str], str]]:
    """Yield (line, fields, ring) of the rows between BEGIN and END lines."""
    ring = ""
    rings = 0
    with open_bytes(file) as lines:
        for number, line in enumerate(lines, start=1):
            text = line.decode(errors="replace").strip()
            begin = _BEGIN.match(text)
            if begin:
                ring = f"{begin[1].lower().replace('-', '_')}-{rings}"
                rings += 1
            elif text and not text.startswith(_END):
                yield number, text.split(","), ring


def _rings_beside(file: Path) -> dict[str, str]:
    """Row content -> ring, from the patterns file that belongs to a transaction file; empty without one."""
    patterns = file.with_name(file.name.replace("_Trans.csv", "_Patterns.txt"))
    if patterns == file or not patterns.is_file():
        return {}
    return {_content(cells): ring for _, cells, ring in _pattern_rows(patterns)}


def _why_not_transactions(file: Path) -> str | None:
    return None if columns_of(file, ",") == HEADER else "its header is another one"


def _why_not_patterns(file: Path) -> str | None:
    line = first_line(file)
    return None if line is not None and _BEGIN.match(line) else "it does not begin with BEGIN LAUNDERING ATTEMPT"
