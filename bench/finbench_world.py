"""finbench-small as plain tables, and as events of our model (the mapping that docs/finbench.md explains)."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

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

LIST = "finbench-blocked"
_ADDRESSES = frozenset({"IPv4", "IPv6"})


class Money(NamedTuple):
    """A transfer, withdrawal, deposit or repayment; loans are called `loan:<id>`."""

    source: str
    target: str
    ts: int
    cents: int


class Tie(NamedTuple):
    """An investment or guarantee between parties (`person:<id>`, `company:<id>`)."""

    source: str
    target: str
    ts: int


@dataclass
class FinBench:
    """The snapshot; `stream` are the transfers that are inserted after it."""

    transfers: list[Money] = field(default_factory=list)
    withdrawals: list[Money] = field(default_factory=list)
    deposits: list[Money] = field(default_factory=list)
    repayments: list[Money] = field(default_factory=list)
    invests: list[Tie] = field(default_factory=list)
    guarantees: list[Tie] = field(default_factory=list)
    owns: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    loans: dict[str, tuple[str, int, int, int]] = field(default_factory=dict)  # loan: party, ts, amount, balance
    sign_ins: list[tuple[str, str, int]] = field(default_factory=list)  # medium, account, ts
    media: dict[str, tuple[bool, bool]] = field(default_factory=dict)  # medium: an address, blocked
    blocked: dict[str, int] = field(default_factory=dict)  # account: ts
    stream: list[Money] = field(default_factory=list)

    @classmethod
    def read(cls, folder: Path) -> FinBench:
        """Read the folder's files as they are, without the product's own loader."""
        world = cls()
        for row in _rows(folder / "snapshot/Medium.csv"):
            address = row["mediumType"] in _ADDRESSES
            world.media[f"medium:{row['mediumId']}"] = (address, row["isBlocked"] == "true")
        for row in _rows(folder / "snapshot/Account.csv"):
            if row["isBlocked"] == "true":
                world.blocked[row["accountId"]] = _ts(row["createTime"])
        for kind in ("person", "company"):
            name = kind.capitalize()
            for row in _rows(folder / f"snapshot/{name}OwnAccount.csv"):
                world.owns[f"{kind}:{row[f'{kind}Id']}"].append(row["accountId"])
        amounts = {
            row["loanId"]: (_cents(row["loanAmount"]), _cents(row["balance"]))
            for row in _rows(folder / "snapshot/Loan.csv")
        }
        for kind in ("person", "company"):
            for row in _rows(folder / f"snapshot/{kind.capitalize()}ApplyLoan.csv"):
                loan = row["loanId"]
                party = f"{kind}:{row[f'{kind}Id']}"
                world.loans[f"loan:{loan}"] = (party, _ts(row["createTime"]), *amounts[loan])
            for row in _rows(folder / f"snapshot/{kind.capitalize()}InvestCompany.csv"):
                ends = (f"{kind}:{row['investorId']}", f"company:{row['companyId']}")
                world.invests.append(Tie(*ends, _ts(row["createTime"])))
        for name in ("Person", "Company"):
            for row in _rows(folder / f"snapshot/{name}Guarantee{name}.csv"):
                kind = name.lower()
                world.guarantees.append(Tie(f"{kind}:{row['fromId']}", f"{kind}:{row['toId']}", _ts(row["createTime"])))
        for row in _rows(folder / "snapshot/MediumSignInAccount.csv"):
            world.sign_ins.append((f"medium:{row['mediumId']}", row["accountId"], _ts(row["createTime"])))
        for name, into in (("Transfer", world.transfers), ("Withdraw", world.withdrawals)):
            for row in _rows(folder / f"snapshot/Account{name}Account.csv"):
                into.append(Money(row["fromId"], row["toId"], _ts(row["createTime"]), _cents(row["amount"])))
        for row in _rows(folder / "snapshot/LoanDepositAccount.csv"):
            ends = (f"loan:{row['loanId']}", row["accountId"])
            world.deposits.append(Money(*ends, _ts(row["createTime"]), _cents(row["amount"])))
        for row in _rows(folder / "snapshot/AccountRepayLoan.csv"):
            ends = (row["accountId"], f"loan:{row['loanId']}")
            world.repayments.append(Money(*ends, _ts(row["createTime"]), _cents(row["amount"])))
        for row in _rows(folder / "incremental/AddAccountTransferAccountWrite12.csv"):
            world.stream.append(Money(row["fromId"], row["toId"], int(row["createTime"]), _cents(row["amount"])))
        return world

    def events(self) -> Iterator[Event]:
        """The snapshot as events, each id once."""
        number = 0
        kinds = (
            ("transfer", self.transfers, MovementKind.TRANSFER),
            ("withdrawal", self.withdrawals, MovementKind.WITHDRAWAL),
            ("deposit", self.deposits, MovementKind.DEPOSIT),
            ("repayment", self.repayments, MovementKind.REFUND),
        )
        for tag, moves, kind in kinds:
            for place, each in enumerate(moves):
                yield movement(f"fb-{tag}-{place}", each, kind)
        for channel, ties in (("invest", self.invests), ("guarantee", self.guarantees)):
            for place, tie in enumerate(ties):
                yield movement(f"fb-{channel}-{place}", Money(*tie, 0), MovementKind.LINK, channel)
        for loan, (party, ts, amount, balance) in self.loans.items():
            yield movement(f"fb-apply-{loan}", Money(party, loan, ts, amount), MovementKind.LINK, "apply")
            yield movement(f"fb-balance-{loan}", Money(loan, party, ts, balance), MovementKind.LINK, "balance")
        for party, accounts in self.owns.items():
            for account in (party, *accounts):
                number += 1
                identifier = IdentifierRef(kind=IdentifierKind.DOCUMENT, id=f"document:fb:{party}")
                yield IdentifierHeld(event_id=f"held:fb-{number}", ts=FIRST, account=account, identifier=identifier)
        for place, (medium, account, ts) in enumerate(self.sign_ins):
            ip, device = (medium, None) if self.media[medium][0] else (None, medium)
            yield Access(event_id=f"access:fb-{place}", ts=ts, account=account, ip=ip, device=device)
        for account, ts in self.blocked.items():
            yield blocked(NodeKind.ACCOUNT, account, ts)
        for medium, (address, bad) in self.media.items():
            if bad:
                yield blocked(NodeKind.IP if address else NodeKind.DEVICE, medium, FIRST)


FIRST = 1_577_836_800_000  # 2020-01-01, before everything in the snapshot


def movement(tx: str, each: Money, kind: MovementKind, channel: str = "") -> Movement:
    """A movement of the model."""
    return Movement(
        event_id=f"tx:{tx}",
        ts=each.ts,
        source=each.source,
        target=each.target,
        amount_cents=each.cents,
        kind=kind,
        channel=channel,
    )


def blocked(kind: NodeKind, name: str, ts: int) -> IndicatorListed:
    """An entry of the block list."""
    return IndicatorListed(
        event_id=f"list:{LIST}:{kind}:{name}",
        ts=ts,
        list_name=LIST,
        list_kind=ListKind.BLOCK,
        entity_kind=kind,
        entity_id=name,
    )


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="|", quoting=csv.QUOTE_NONE)


def _ts(text: str) -> int:
    moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)


def _cents(text: str) -> int:
    return round(float(text) * 100)
