"""IBM AMLSim's own output: `transactions.csv` with labels per payment, and `alert_transactions.csv` that names rings.

AMLSim's converter writes days only (midnight, or the number of the step). Where in its day a payment stands comes from
a hash of the row, never from its place in the file; a time that is not midnight is kept. An account list and the other
files beside these two say nothing that is used.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from graph.errors import RejectedRecord
from graph.events import Movement
from ingest.loaders.intake import Intake
from ingest.loaders.labels import tx_label
from ingest.loaders.layout import matching_files, why_not_text
from ingest.loaders.step_time import STEP_BASE_MS, StepClock, parse_step
from ingest.loaders.text_rows import count_lines, picked_rows
from ingest.loaders.time_order import Group
from ingest.validate import DAY_MS, parse_label, parse_utc_time, plain_text, rounded_cents

_COLUMNS = ("tran_id", "orig_acct", "bene_acct", "tx_type", "base_amt", "tran_timestamp", "is_sar", "alert_id")
_NEEDED = ("tran_id", "orig_acct", "bene_acct", "base_amt", "tran_timestamp", "is_sar")
_ALERT_COLUMNS = ("alert_id", "alert_type")
_ALERT_FILE = "alert_transactions.csv"
_NO_ALERT = frozenset({"", "-1"})
_CLOCK = StepClock()
_MOST = 128  # characters of an account, of a payment's id, of a ring


class AmlSimOutput:
    """The converted log as a file, or as the one such file in a folder."""

    name = "amlsim-output"
    layout = f"CSV with {', '.join(_COLUMNS)} (and {_ALERT_FILE} beside it)"
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
            kinds = _kinds_of_alerts(file.parent / _ALERT_FILE, intake)
            for line, cells, raw in picked_rows(file, _COLUMNS, intake):
                try:
                    yield _events(cells, kinds, intake.now_ms)
                except RejectedRecord as error:
                    intake.reject(line, error, raw)


def _why_not_file(file: Path) -> str | None:
    if file.name.lower() == _ALERT_FILE:
        return "it repeats the payments of alerts"
    return why_not_text(file, _NEEDED)


def _kinds_of_alerts(file: Path, intake: Intake) -> dict[str, str]:
    if not file.is_file() or why_not_text(file, _ALERT_COLUMNS) is not None:
        return {}
    return {cells[0].strip(): cells[1].strip() for _, cells, _ in picked_rows(file, _ALERT_COLUMNS, intake)}


def _events(cells: tuple[str, ...], kinds: dict[str, str], now_ms: int) -> Group:
    tran, origin, target, channel, amount, time, suspicious, alert = (cell.strip() for cell in cells)
    tx_id = plain_text(tran, "tran_id", _MOST)
    if not (tx_id and origin and target):
        raise RejectedRecord("empty_field", field="tran_id, orig_acct, bene_acct", cure="give all three in every row")
    movement = Movement(
        event_id=f"tx:amlsim-{tx_id}",
        ts=_moment(time, repr((tran, origin, target, amount)), now_ms),
        source=plain_text(origin, "orig_acct", _MOST),
        target=plain_text(target, "bene_acct", _MOST),
        amount_cents=rounded_cents(amount),
        channel=channel.lower()[:32],
    )
    label = parse_label(suspicious)
    if label is None:
        return (movement,)
    ring = "" if not label or alert in _NO_ALERT else f"{kinds.get(alert, 'alert')}-{alert}"
    return movement, tx_label(movement, label, ring=plain_text(ring, "alert_id", _MOST))


def _moment(text: str, content: str, now_ms: int) -> int:
    """Epoch ms: a day gets a moment within it from the row's content, a time of day stays."""
    if text.isdigit():
        return _CLOCK.place(parse_step(text), content)[1]
    ts = parse_utc_time(text, now_ms=now_ms)
    return ts if ts % DAY_MS else _CLOCK.place((ts - STEP_BASE_MS) // DAY_MS, content)[1]
