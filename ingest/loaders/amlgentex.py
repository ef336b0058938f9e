"""AMLGentex transaction logs: a Parquet or CSV file, steps of a day, account-to-account rows with labels and ring ids.

The file also holds every salary, purchase and cash withdrawal, between an account and "outside" (ids below zero).
They are kept - how money enters and leaves an account is part of its story - as deposits from and withdrawals to
`outside:...` accounts, which are listed as services, so that everybody's employer never forms a ring. Only
account-to-account rows carry a label: the log's zero on a salary says nothing that anybody investigated.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from graph.errors import RejectedRecord
from graph.events import IndicatorListed, ListKind, Movement, MovementKind, NodeKind
from ingest.loaders.intake import Intake
from ingest.loaders.labels import tx_label
from ingest.loaders.layout import matching_files, why_not_parquet, why_not_text
from ingest.loaders.parquet_rows import count_parquet_rows, parquet_columns, value_rows
from ingest.loaders.step_time import STEP_BASE_MS, StepClock, parse_step
from ingest.loaders.text_rows import count_lines, picked_rows
from ingest.loaders.time_order import Group
from ingest.validate import parse_label, rounded_cents

_COLUMNS = (
    "step",
    "type",
    "amount",
    "nameOrig",
    "nameDest",
    "oldbalanceOrig",
    "newbalanceOrig",
    "oldbalanceDest",
    "newbalanceDest",
    "isSAR",
    "patternID",
)
_LABEL_COLUMNS = 2  # the last two, which take no part in a row's id and time
_CLOCK = StepClock()
#: Type of an outside row -> the account it comes from or goes to.
_OUTSIDE_SOURCES = {"INITALBALANCE": "outside:opening_balance"}
_OUTSIDE_TARGETS = {"CASH": "outside:cash"}
_INCOME, _SPENDING = "outside:income", "outside:spending"
OUTSIDE_ACCOUNTS = (_INCOME, *_OUTSIDE_SOURCES.values(), _SPENDING, *_OUTSIDE_TARGETS.values())


class AmlGentex:
    """The transaction log as a file, or as the one such file in a folder."""

    name = "amlgentex"
    layout = f"Parquet or CSV with the columns {', '.join(_COLUMNS)}"
    ids_from_content = True

    def why_not(self, path: Path) -> str | None:
        fitting, why = matching_files(path, _why_not_file)
        return None if fitting else why

    def files(self, path: Path) -> Sequence[Path]:
        return matching_files(path, _why_not_file)[0]

    def count_rows(self, path: Path) -> int:
        rows = sum(count_parquet_rows(file) if _is_parquet(file) else count_lines(file) for file in self.files(path))
        return rows + len(OUTSIDE_ACCOUNTS)

    def read(self, path: Path, intake: Intake) -> Iterator[Group]:
        for account in OUTSIDE_ACCOUNTS:
            yield (
                IndicatorListed(
                    event_id=f"list:outside:{account}",
                    ts=STEP_BASE_MS,
                    list_name="outside",
                    list_kind=ListKind.SERVICE,
                    entity_kind=NodeKind.ACCOUNT,
                    entity_id=account,
                    reason="stands for everything beyond the simulated bank",
                ),
            )
        for file in self.files(path):
            if _is_parquet(file):
                for line, row in enumerate(value_rows(file, _COLUMNS), start=1):
                    try:
                        yield _events(row)
                    except RejectedRecord as error:
                        intake.reject(line, error, repr(row))
            else:
                for line, cells, raw in picked_rows(file, _COLUMNS, intake):
                    try:
                        yield _events(_values(cells))
                    except RejectedRecord as error:
                        intake.reject(line, error, raw)


def _events(row: tuple[object, ...]) -> Group:
    step, kind, amount, origin, target, *_, suspicious, pattern = row
    if not (isinstance(step, int) and isinstance(origin, int) and isinstance(target, int)):
        raise RejectedRecord("empty_field", field="step, nameOrig, nameDest", cure="give whole numbers in every row")
    tx_id, ts = _CLOCK.place(step, repr(row[:-_LABEL_COLUMNS]))
    if origin < 0:
        names = _OUTSIDE_SOURCES.get(str(kind), _INCOME), str(target)
        movement_kind = MovementKind.DEPOSIT
    elif target < 0:
        names = str(origin), _OUTSIDE_TARGETS.get(str(kind), _SPENDING)
        movement_kind = MovementKind.WITHDRAWAL
    else:
        names = str(origin), str(target)
        movement_kind = MovementKind.TRANSFER
    movement = Movement(
        event_id=f"tx:amlgentex-{tx_id}",
        ts=ts,
        source=names[0],
        target=names[1],
        amount_cents=rounded_cents(str(amount)),
        kind=movement_kind,
    )
    label = parse_label(str(suspicious)) if movement_kind is MovementKind.TRANSFER else None
    if label is None:
        return (movement,)
    return movement, tx_label(movement, label, ring=str(pattern) if label else "")


def _values(cells: tuple[str, ...]) -> tuple[object, ...]:
    """The values of a CSV row as the Parquet file has them, so that one row has one id in both."""
    step, kind, amount, origin, target, *balances, suspicious, pattern = cells
    return (
        *(parse_step(step), kind, _number(amount, "amount")),
        *(_whole(origin, "nameOrig"), _whole(target, "nameDest")),
        *(_number(balance, "balance") for balance in balances),
        *(suspicious, pattern),
    )


def _number(text: str, field: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise RejectedRecord("bad_number", field=field, value=text, cure="give a decimal number") from error


def _whole(text: str, field: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise RejectedRecord("bad_account", field=field, value=text, cure="give a whole number") from error


def _is_parquet(file: Path) -> bool:
    return parquet_columns(file) is not None


def _why_not_file(file: Path) -> str | None:
    return why_not_parquet(file, _COLUMNS) if _is_parquet(file) else why_not_text(file, _COLUMNS)
