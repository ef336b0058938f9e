"""Known rings from whatever table names them: which accounts, of which kind, in which role, and who was cleared.

Column names are compared without regard to case, blanks and underscores. Understood are tables with a ring and an
account per row (our own truth files, Hop, AMLGentex, AMLSim, maltrail), transactions with a ring (AMLworld attempts,
the canonical `ring` column), and tables of accounts with a flag but no ring, which only say who is in any.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

from graph.errors import UnknownFormat
from graph.evidence import Role
from ingest.loaders.parquet_rows import parquet_columns, text_columns

_RING = (
    "ringid",
    "ring",
    "modelid",
    "alertid",
    "patternid",
    "caseid",
    "clusterid",
    "cluster",
    "groupid",
    "group",
    "familyid",
    "family",
    "community",
)
_ACCOUNT = (
    "accountid",
    "account",
    "accountkey",
    "acctid",
    "acct",
    "nodeid",
    "node",
    "address",
    "wallet",
    "clientid",
    "customerid",
    "memberid",
    "member",
    "indicator",
    "id",
)
_KIND = ("kind", "type", "typology", "patterntype", "alerttype", "modeltype", "reason", "shape")
_ROLE = ("role", "memberrole", "accountrole")
_MAIN = ("ismain", "main")
_GUILTY = ("eliminated", "isfraud", "issar", "fraud", "sar", "islaundering", "flagged", "banned", "label")
_KEPT = ("kept", "cleared", "honest", "innocent")
_ENDS = (("source", "target"), ("nameorig", "namedest"), ("sourcenodeid", "targetnodeid"), ("sender", "receiver"))
_BANK_ENDS = (("frombank", "fromacct"), ("tobank", "toacct"))
_YES = {"1", "true", "yes", "y", "t", "1.0"}
_NO = {"0", "false", "no", "n", "f", "0.0"}
_NONE = {"", "-1", "-1.0", "none", "null", "nan"}


@dataclass(slots=True)
class RingTruth:
    """What is known: rings by id, their kinds, roles by (ring, account), and accounts known to be in none.

    `main` says of (ring, account) whether it is the one in the middle, where a source says no more. `members` are all
    accounts of any ring, also where the source does not say of which.
    """

    rings: dict[str, set[str]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    roles: dict[tuple[str, str], Role] = field(default_factory=dict)
    main: dict[tuple[str, str], bool] = field(default_factory=dict)
    cleared: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)

    def add(self, ring: str, account: str, *, kind: str = "") -> None:
        """Note that `account` belongs to `ring`."""
        self.members.add(account)
        if ring:
            self.rings.setdefault(ring, set()).add(account)
            if kind:
                self.kinds.setdefault(ring, kind)


def read_ring_truth(path: Path, *, data: Path | None = None) -> RingTruth:
    """Return what the table at `path` knows; with `data` (a Hop folder), also which of its accounts were cleared.

    Victims are not members. Raises `UnknownFormat` with the columns that were found when it cannot be understood.
    """
    if path.is_dir():
        path = _in_folder(path)
    if not path.is_file():
        raise UnknownFormat(f"there is no truth file {path}", cure="check the path given with --truth")
    truth = _attempts(path) if _is_attempts(path) else _table(path)
    for folder in {path.parent, data} - {None}:
        nodes = cast(Path, folder) / "nodes.parquet"
        if nodes.is_file() and nodes != path and {"id", "eliminated"} <= set(parquet_columns(nodes) or ()):
            truth.cleared.update(account for account, flag in text_columns(nodes, ("id", "eliminated")) if flag in _NO)
    if not truth.members:
        raise UnknownFormat(f"{path.name} names no member of any ring", cure="give rows with a ring and an account")
    return truth


def _in_folder(path: Path) -> Path:
    for name in ("rings.parquet", "ring_members.csv.gz", "ring_members.csv", "alert_members.csv", "truth.csv"):
        if (path / name).is_file():
            return path / name
    raise UnknownFormat(f"the folder {path} has no known truth file", cure="name the file itself with --truth")


def _table(path: Path) -> RingTruth:
    columns, rows = _rows(path)
    names = {_plain(name): name for name in reversed(columns)}

    def first(choices: Sequence[str]) -> str | None:
        return next((names[choice] for choice in choices if choice in names), None)

    ring, account, kind = first(_RING), first(_ACCOUNT), first(_KIND)
    role, main, guilty, kept = first(_ROLE), first(_MAIN), first(_GUILTY), first(_KEPT)
    ends = next(((names[a], names[b]) for a, b in _ENDS if a in names and b in names), None)
    banks = all(column in names for pair in _BANK_ENDS for column in pair)
    if not (account or ends or banks) or not (ring or guilty):
        raise UnknownFormat(
            f"{path.name} has no columns for ring and account; it has {', '.join(columns[:20])}",
            cure="name them ring_id and account_id (optional: kind, role, eliminated or kept)",
        )
    truth = RingTruth()
    for row in rows:
        named = row[ring].strip() if ring else ""
        named = "" if named.lower() in _NONE else named
        accused = row[guilty].strip().lower() if guilty else ""
        if banks:
            accounts = [f"{row[names[bank]]}_{row[names[acct]]}" for bank, acct in _BANK_ENDS]
        elif account and not ends:
            accounts = [row[account].strip()]
        else:
            assert ends is not None
            accounts = [row[ends[0]].strip(), row[ends[1]].strip()]
        accounts = [_whole(name) for name in accounts if name and not name.startswith("-")]
        cleared = (accused in _NO and not ends and not banks) or (kept and row[kept].strip().lower() in _YES)
        if cleared:
            truth.cleared.update(accounts)
        if (ring and not named) or (not ring and accused not in _YES):
            continue
        if role and row[role].strip().lower() == Role.VICTIM:
            continue
        for name in accounts:
            truth.add(named, name, kind=row[kind].strip().lower().replace("-", "_") if kind else "")
            if role and row[role].strip().lower() in set(Role):
                truth.roles[named, name] = Role(row[role].strip().lower())
            elif main:
                truth.main[named, name] = row[main].strip().lower() in _YES
    return truth


def _is_attempts(path: Path) -> bool:
    with _opened(path) as file:
        return file.read(64).startswith("BEGIN LAUNDERING ATTEMPT")


def _attempts(path: Path) -> RingTruth:
    """The rings of an AMLworld `_Patterns.txt`, named as its loader names them."""
    truth, ring, kind, count = RingTruth(), "", "", 0
    with _opened(path) as file:
        for line in file:
            text = line.strip()
            if text.startswith("BEGIN LAUNDERING ATTEMPT - "):
                kind = text.removeprefix("BEGIN LAUNDERING ATTEMPT - ").split(":")[0].strip().lower().replace("-", "_")
                ring = f"{kind}-{count}"
                count += 1
            elif text and not text.startswith("END"):
                cells = text.split(",")
                if len(cells) >= 5:
                    truth.add(ring, f"{cells[1]}_{cells[2]}", kind=kind)
                    truth.add(ring, f"{cells[3]}_{cells[4]}", kind=kind)
    return truth


def _rows(path: Path) -> tuple[list[str], Iterable[Mapping[str, str]]]:
    columns = parquet_columns(path)
    if columns is not None:
        return columns, (dict(zip(columns, row, strict=True)) for row in text_columns(path, columns))
    try:
        with _opened(path) as file:
            head = file.readline()
            delimiter = max(",;\t|", key=head.count)
            header = next(csv.reader([head], delimiter=delimiter), [])
    except UnicodeDecodeError as error:
        raise UnknownFormat(
            f"{path.name} is neither Parquet nor UTF-8 text", cure="save it as CSV or Parquet"
        ) from error
    return [name.strip() for name in header], _csv_rows(path, delimiter)


def _csv_rows(path: Path, delimiter: str) -> Iterator[Mapping[str, str]]:
    with _opened(path) as file:
        reader = csv.DictReader(file, delimiter=delimiter)
        reader.fieldnames = [name.strip() for name in reader.fieldnames or ()]
        for row in reader:
            yield {name: (value if isinstance(value, str) else "") for name, value in row.items() if name is not None}


def _opened(path: Path) -> IO[str]:
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    if packed:
        return gzip.open(path, "rt", encoding="utf-8-sig", errors="replace", newline="")
    return path.open(encoding="utf-8-sig", errors="replace", newline="")


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


def _whole(account: str) -> str:
    """Ids that a table library turned into floats, as whole numbers again."""
    return account[:-2] if account.endswith(".0") and account[:-2].isdigit() else account
