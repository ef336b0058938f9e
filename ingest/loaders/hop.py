"""Hop airdrop folders: who dealt with whom on which chain (no time, no amount), known services, published rings.

Where `nodes` says when an account first used the bridge and how much it moved in all, that is a link to the bridge with
a time of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from graph.errors import RejectedRecord
from graph.events import BEGAN, OUTSIDE, Event, IndicatorListed, ListKind, Movement, MovementKind, NodeKind
from ingest.loaders.intake import Intake
from ingest.loaders.labels import account_label
from ingest.loaders.layout import why_not_parquet
from ingest.loaders.parquet_rows import count_parquet_rows, parquet_columns, value_rows
from ingest.loaders.step_time import content_id
from ingest.loaders.time_order import Group
from ingest.validate import epoch_ms

#: All events carry this time, the day after the newest account's first transfer: the data have no times of their own.
HOP_MS = epoch_ms(datetime(2022, 4, 1, tzinfo=UTC))
ADDRESS_PREFIX = "address:"
BRIDGE = "service:hop-bridge"
_EDGES = ("kind", "chain", "src", "dst", "n")
_NODES = ("id", "eliminated")
_STARTS = ("first_hop_ts", "hop_volume_usd")
_SERVICES = ("id", "kind")
_RINGS = ("ring_id", "id")
_FILES = {
    "edges.parquet": _EDGES,
    "nodes.parquet": _NODES,
    "known_services.parquet": _SERVICES,
    "rings.parquet": _RINGS,
}


class Hop:
    """`edges`, `nodes`, `known_services` and, where published, `rings` as Parquet.

    Ids listed in `nodes` are the accounts under question and keep their number; every other id is an address they
    dealt with and is named `address:<number>`. Services are listed as such, so that they never form a ring.
    """

    name = "hop"
    layout = "folder with edges.parquet, nodes.parquet, known_services.parquet, and rings.parquet if known"
    ids_from_content = True

    def why_not(self, path: Path) -> str | None:
        if not path.is_dir():
            return "it is not a folder"
        for file, columns in _FILES.items():
            if not (path / file).is_file():
                if file != "rings.parquet":
                    return f"no {file}"
                continue
            reason = why_not_parquet(path / file, columns)
            if reason is not None:
                return f"{file}: {reason}"
        return None

    def files(self, path: Path) -> Sequence[Path]:
        return [path / file for file in _FILES if (path / file).is_file()]

    def count_rows(self, path: Path) -> int:
        return sum(count_parquet_rows(file) for file in self.files(path) if file.name != "rings.parquet")

    def read(self, path: Path, intake: Intake) -> Iterator[Group]:
        rings: dict[int, str] = {}
        if (path / "rings.parquet").is_file():
            rings = {account: str(ring) for ring, account in value_rows(path / "rings.parquet", _RINGS)}
        accounts: set[int] = set()
        told = parquet_columns(path / "nodes.parquet") or ()
        starts = _STARTS if all(name in told for name in _STARTS) else ()
        for line, (account, eliminated, *start) in enumerate(value_rows(path / "nodes.parquet", (*_NODES, *starts)), 1):
            accounts.add(account)
            try:
                group: list[Event] = list(_start(account, *start))
            except RejectedRecord as error:
                intake.reject(line, error, repr((account, eliminated, *start)))
                continue
            if eliminated is not None or account in rings:
                label = 1 if eliminated or eliminated is None else 0
                ring = rings.get(account, "")
                group.append(account_label(str(account), label, ts=HOP_MS, list_name="hop", ring=ring))
            if group:
                yield tuple(group)
            else:
                intake.drop("account_without_label")
        names = _Names(accounts)
        for service, kind in value_rows(path / "known_services.parquet", _SERVICES):
            yield (
                IndicatorListed(
                    event_id=f"list:hop-services:{service}",
                    ts=HOP_MS - 1,  # known before the first link is judged
                    list_name="hop-services",
                    list_kind=ListKind.SERVICE,
                    entity_kind=NodeKind.ACCOUNT,
                    entity_id=names[service],
                    entry=str(kind),
                ),
            )
        for line, row in enumerate(value_rows(path / "edges.parquet", _EDGES), start=1):
            kind, chain, source, target, count = row
            try:
                yield (
                    Movement(
                        event_id=f"tx:hop-{content_id(repr(row))}",
                        ts=HOP_MS,
                        source=names[source],
                        target=names[target],
                        amount_cents=0,
                        kind=MovementKind.LINK,
                        channel=f"{kind}/{chain}".lower(),
                        attributes=(*names.outside(source, target), ("transfers", str(count))),
                    ),
                )
            except RejectedRecord as error:
                intake.reject(line, error, repr(row))


def _start(account: int, first: int | None = None, turnover: float | None = None) -> Iterator[Movement]:
    """The account's first use of the bridge, where it is known."""
    if first is not None:
        yield Movement(
            event_id=f"tx:hop-began-{account}",
            ts=int(first) * 1_000,
            source=str(account),
            target=BRIDGE,
            amount_cents=0,
            kind=MovementKind.LINK,
            channel="hop/first",
            attributes=((OUTSIDE, "target"), (BEGAN, "" if turnover is None else repr(float(turnover)))),
        )


class _Names:
    """Number -> account id."""

    def __init__(self, accounts: set[int]) -> None:
        self._accounts = accounts

    def outside(self, source: int, target: int) -> tuple[tuple[str, str], ...]:
        """Attribute that says which ends are not accounts under question; none when both are."""
        ends = [end for end, number in (("source", source), ("target", target)) if number not in self._accounts]
        return ((OUTSIDE, "+".join(ends)),) if ends else ()

    def __getitem__(self, number: int) -> str:
        return str(number) if number in self._accounts else f"{ADDRESS_PREFIX}{number}"
