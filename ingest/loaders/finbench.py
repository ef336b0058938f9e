"""LDBC FinBench driver folders: `snapshot/` and, as the stream that follows it, `incremental/` (bar-separated CSV).

What a row becomes stands in `TABLES`: one entry per file that is read. Rows of the other files (loans, guarantees,
investments, deletions) are counted as not used. Runs on this data are "FinBench-derived", never LDBC results.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from graph.errors import RejectedRecord
from graph.events import (
    Access,
    Event,
    IdentifierHeld,
    IdentifierKind,
    IdentifierRef,
    IndicatorListed,
    ListKind,
    Movement,
    MovementKind,
    NodeKind,
)
from ingest.loaders.intake import Intake
from ingest.loaders.layout import why_not_text
from ingest.loaders.step_time import content_id
from ingest.loaders.text_rows import count_lines, picked_rows
from ingest.loaders.time_order import Group
from ingest.validate import checked_time, parse_utc_time, rounded_cents

_DELIMITER = "|"
_PAY_TYPE = "payType"  # only the incremental transfers have it
_BLOCK_LIST = "finbench-blocked"
_ADDRESS_TYPES = frozenset({"IPv4", "IPv6"})


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the rows of one reading share: the intake, and which media are addresses (filled by the media tables)."""

    intake: Intake
    addresses: set[str]

    def time(self, text: str) -> int:
        """Epoch milliseconds (incremental) or a UTC time without zone (snapshot)."""
        if text.isdigit():
            return checked_time(int(text), given=text, now_ms=self.intake.now_ms)
        return parse_utc_time(text, now_ms=self.intake.now_ms)


_Make = Callable[[_Reading, tuple[str, ...]], Event | None]


@dataclass(frozen=True, slots=True)
class Table:
    """One file: the columns that are read and what a row of them becomes (None: nothing to record)."""

    file: str
    columns: tuple[str, ...]
    make: _Make


class FinBench:
    """The driver's folder: what was known at first, and the stream that goes on from there."""

    name = "finbench"
    layout = "folder with snapshot/ (Account.csv, AccountTransferAccount.csv, ...) and optionally incremental/"
    ids_from_content = True

    def why_not(self, path: Path) -> str | None:
        if not path.is_dir():
            return "it is not a folder"
        for table in TABLES:
            if table.file in _NEEDED:
                file = path / table.file
                if not file.is_file():
                    return f"no {table.file}"
                needed = [name for name in table.columns if name != _PAY_TYPE]
                reason = why_not_text(file, needed, delimiter=_DELIMITER)
                if reason is not None:
                    return f"{table.file}: {reason}"
        return None

    def files(self, path: Path) -> Sequence[Path]:
        return [*sorted((path / "snapshot").glob("*.csv")), *sorted((path / "incremental").glob("*.csv"))]

    def count_rows(self, path: Path) -> int:
        return sum(count_lines(file) for file in self.files(path))

    def read(self, path: Path, intake: Intake) -> Iterator[Group]:
        reading = _Reading(intake, set())
        files = {f"{file.parent.name}/{file.name}": file for file in self.files(path)}
        for table in TABLES:
            file = files.pop(table.file, None)
            if file is not None:
                yield from _read_table(table, file, reading)
        for file in files.values():
            intake.drop(f"table_not_used:{file.stem}", count_lines(file))


def _read_table(table: Table, file: Path, reading: _Reading) -> Iterator[Group]:
    intake = reading.intake
    for line, cells, raw in picked_rows(file, table.columns, intake, delimiter=_DELIMITER, quoted=False):
        try:
            event = table.make(reading, cells)
        except RejectedRecord as error:
            intake.reject(line, error, f"{file.name}: {raw}")
            continue
        if event is None:
            intake.drop(f"not_blocked:{file.stem}")
        else:
            yield (event,)


def _movement(kind: MovementKind) -> _Make:
    def make(reading: _Reading, cells: tuple[str, ...]) -> Event:
        source, target, amount, time, channel = cells
        return Movement(
            event_id=f"tx:finbench-{content_id(f'{kind},{source},{target},{amount},{time}')}",
            ts=reading.time(time),
            source=source,
            target=target,
            amount_cents=rounded_cents(amount),
            kind=kind,
            channel=reading.intake.channels[channel],
        )

    return make


def _owner(kind: str) -> _Make:
    def make(reading: _Reading, cells: tuple[str, ...]) -> Event:
        owner, account, time = cells
        return IdentifierHeld(
            event_id=f"held:finbench-{content_id(f'{kind},{owner},{account},{time}')}",
            ts=reading.time(time),
            account=account,
            identifier=_document(reading, kind, owner),
        )

    return make


def _document(reading: _Reading, kind: str, owner: str) -> IdentifierRef:
    """The owner's document: FinBench gives no number, so the kind and id of the person or company stand for it."""
    hashed = reading.intake.keys.hash(str(IdentifierKind.DOCUMENT), f"finbench:{kind}:{owner}")
    return IdentifierRef(kind=IdentifierKind.DOCUMENT, id=hashed)


def _blocked(entity_kind: NodeKind, owner_kind: str = "") -> _Make:
    def make(reading: _Reading, cells: tuple[str, ...]) -> Event | None:
        entity, blocked, time = cells
        if owner_kind:
            entity = _document(reading, owner_kind, entity).id
        return _block_entry(reading, entity_kind, entity, time) if blocked.lower() == "true" else None

    return make


def _medium(reading: _Reading, cells: tuple[str, ...]) -> Event | None:
    medium, blocked, time, medium_type = cells
    is_address = medium_type in _ADDRESS_TYPES
    if is_address:
        reading.addresses.add(medium)
    if blocked.lower() != "true":
        return None
    return _block_entry(reading, NodeKind.IP if is_address else NodeKind.DEVICE, f"medium:{medium}", time)


def _block_entry(reading: _Reading, entity_kind: NodeKind, entity: str, time: str) -> IndicatorListed:
    return IndicatorListed(
        event_id=f"list:{_BLOCK_LIST}:{entity_kind}:{entity}",
        ts=reading.time(time),
        list_name=_BLOCK_LIST,
        list_kind=ListKind.BLOCK,
        entity_kind=entity_kind,
        entity_id=entity,
    )


def _sign_in(reading: _Reading, cells: tuple[str, ...]) -> Event:
    medium, account, time = cells
    is_address = medium in reading.addresses
    return Access(
        event_id=f"access:finbench-{content_id(','.join(cells))}",
        ts=reading.time(time),
        account=account,
        device=None if is_address else f"medium:{medium}",
        ip=f"medium:{medium}" if is_address else None,
    )


_TRANSFER = ("fromId", "toId", "amount", "createTime", _PAY_TYPE)
_OWNED = ("accountId", "createTime")
#: In reading order: media come before the sign-ins that need their type.
TABLES = (
    Table("snapshot/Person.csv", ("personId", "isBlocked", "createTime"), _blocked(NodeKind.IDENTIFIER, "person")),
    Table("snapshot/Company.csv", ("companyId", "isBlocked", "createTime"), _blocked(NodeKind.IDENTIFIER, "company")),
    Table("snapshot/Account.csv", ("accountId", "isBlocked", "createTime"), _blocked(NodeKind.ACCOUNT)),
    Table("snapshot/Medium.csv", ("mediumId", "isBlocked", "createTime", "mediumType"), _medium),
    Table("incremental/AddMediumWrite3.csv", ("mediumId", "isBlocked", "createTime", "mediumType"), _medium),
    Table("snapshot/PersonOwnAccount.csv", ("personId", *_OWNED), _owner("person")),
    Table("snapshot/CompanyOwnAccount.csv", ("companyId", *_OWNED), _owner("company")),
    Table("incremental/AddPersonOwnAccountWrite4.csv", ("personId", *_OWNED), _owner("person")),
    Table("incremental/AddCompanyOwnAccountWrite5.csv", ("companyId", *_OWNED), _owner("company")),
    Table("snapshot/MediumSignInAccount.csv", ("mediumId", *_OWNED), _sign_in),
    Table("incremental/AddMediumSigninAccountWrite16.csv", ("mediumId", *_OWNED), _sign_in),
    Table("snapshot/AccountTransferAccount.csv", _TRANSFER, _movement(MovementKind.TRANSFER)),
    Table("incremental/AddAccountTransferAccountReadWrite1.csv", _TRANSFER, _movement(MovementKind.TRANSFER)),
    Table("incremental/AddAccountTransferAccountReadWrite2.csv", _TRANSFER, _movement(MovementKind.TRANSFER)),
    Table("incremental/AddAccountTransferAccountWrite12.csv", _TRANSFER, _movement(MovementKind.TRANSFER)),
    Table("snapshot/AccountWithdrawAccount.csv", _TRANSFER, _movement(MovementKind.WITHDRAWAL)),
    Table("incremental/AddAccountWithdrawAccountWrite13.csv", _TRANSFER, _movement(MovementKind.WITHDRAWAL)),
)
_NEEDED = frozenset({"snapshot/Account.csv", "snapshot/AccountTransferAccount.csv"})
