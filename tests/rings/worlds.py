"""Small worlds for ring tests: a notebook to write events in, and ways to play them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise

from graph.events import (
    BEGAN,
    OUTSIDE,
    Access,
    DomainObservation,
    Event,
    IdentifierHeld,
    IdentifierKind,
    IdentifierRef,
    IndicatorListed,
    ListKind,
    Movement,
    MovementKind,
    NodeKind,
    OperatorFact,
    OperatorFactKind,
)
from graph.evidence import Ring
from graph.log.protocol import LogEntry
from scoring.projection import Projection

START = 1_699_920_000_000  # midnight UTC
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Notebook:
    """Events in the order they are written, numbered; times are milliseconds after START."""

    def __init__(self, prefix: str = "") -> None:
        self.events: list[Event] = []
        self._prefix = prefix

    def _next(self) -> str:
        return f"{self._prefix}{len(self.events):05d}"

    def pay(self, source: str, target: str, cents: int, at: int, *, device: str | None = None) -> str:
        """A transfer; returns its event id."""
        return self._move(source, target, cents, at, MovementKind.TRANSFER, device=device)

    def link(self, source: str, target: str, at: int = 0) -> str:
        return self._move(source, target, 0, at, MovementKind.LINK)

    def deal(self, account: str, outsider: str, channel: str, at: int = 0) -> str:
        """A bare link with somebody outside the accounts under question."""
        return self._move(
            account, outsider, 0, at, MovementKind.LINK, channel=channel, attributes=((OUTSIDE, "target"),)
        )

    def begin(self, account: str, at: int, turnover: float | None) -> str:
        """When an account of a link list began, and what it moved in all."""
        said = ((OUTSIDE, "target"), (BEGAN, "" if turnover is None else repr(turnover)))
        return self._move(account, "bridge", 0, at, MovementKind.LINK, attributes=said)

    def bet(self, source: str, market: str, side: str, cents: int, at: int) -> str:
        said = (("market", market), ("side", side))
        return self._move(source, "house", cents, at, MovementKind.BET, attributes=said)

    def _move(
        self,
        source: str,
        target: str,
        cents: int,
        at: int,
        kind: MovementKind,
        *,
        device: str | None = None,
        channel: str = "",
        attributes: tuple[tuple[str, str], ...] = (),
    ) -> str:
        move = Movement(
            event_id=f"tx:{self._next()}",
            ts=START + at,
            source=source,
            target=target,
            amount_cents=cents,
            kind=kind,
            channel=channel,
            device=device,
            attributes=attributes,
        )
        self.events.append(move)
        return move.event_id

    def use(self, account: str, at: int = 0, *, device: str | None = None, ip: str | None = None) -> None:
        self.events.append(
            Access(event_id=f"access:{self._next()}", ts=START + at, account=account, device=device, ip=ip)
        )

    def hold(self, account: str, identifier: str, at: int = 0) -> None:
        ref = IdentifierRef(kind=IdentifierKind.PHONE, id=identifier)
        self.events.append(
            IdentifierHeld(event_id=f"held:{self._next()}", ts=START + at, account=account, identifier=ref)
        )

    def list(self, account: str, kind: ListKind, at: int = 0) -> None:
        self.events.append(
            IndicatorListed(
                event_id=f"listed:{self._next()}",
                ts=START + at,
                list_name="list",
                list_kind=kind,
                entity_kind=NodeKind.ACCOUNT,
                entity_id=account,
            )
        )

    def collects(self, operator: str, account: str, at: int = 0) -> None:
        fact = OperatorFactKind.COLLECTS_WITH
        self.events.append(
            OperatorFact(event_id=f"fact:{self._next()}", ts=START + at, operator=operator, fact=fact, account=account)
        )

    def hosts(self, operator: str, domain: str, ip: str, at: int = 0) -> None:
        owns = OperatorFactKind.OWNS_DOMAIN
        self.events.append(
            OperatorFact(event_id=f"fact:{self._next()}", ts=START + at, operator=operator, fact=owns, domain=domain)
        )
        self.events.append(
            DomainObservation(event_id=f"domain:{self._next()}", ts=START + at + 1, domain=domain, ip=ip)
        )


def entries(events: Sequence[Event]) -> list[LogEntry]:
    return [LogEntry(number, event.ts, event) for number, event in enumerate(events, 1)]


def rings_of(book: Notebook) -> list[Ring]:
    """Rings after all events at once."""
    projection = Projection()
    projection.apply(entries(book.events))
    projection.ring_changes(settle=True)
    return projection.rings()


def only_ring(book: Notebook) -> Ring:
    (ring,) = rings_of(book)
    return ring


def accounts_of(ring: Ring) -> set[str]:
    return {member.account for member in ring.members}


def shuffled(events: Sequence[Event], seed: int) -> list[Event]:
    mixed = list(events)
    random.Random(seed).shuffle(mixed)
    return mixed


# --- the smallest example of each shape, each a ring by itself ------------------------------------------------------


def cycle(book: Notebook, names: Sequence[str], *, cents: int = 900_000, at: int = 0) -> list[str]:
    """Money once round `names`; returns the event ids."""
    return [
        book.pay(name, names[(place + 1) % len(names)], cents, at + place * HOUR) for place, name in enumerate(names)
    ]


def chain(book: Notebook, names: Sequence[str], *, cents: int = 900_000, at: int = 0, gap: int = HOUR) -> list[str]:
    return [book.pay(a, b, cents, at + place * gap) for place, (a, b) in enumerate(pairwise(names))]


def collection(
    book: Notebook, centre: str, payers: Sequence[str], out: str, *, cents: int = 900_000, at: int = 0
) -> list[str]:
    """Many pay `centre`, which passes it on to `out`."""
    ids = [book.pay(payer, centre, cents, at + place * MINUTE) for place, payer in enumerate(payers)]
    return [*ids, book.pay(centre, out, cents * len(payers), at + 2 * HOUR)]


def spreading(book: Notebook, source: str, centre: str, payees: Sequence[str], *, cents: int = 900_000) -> list[str]:
    """`centre` is paid once and spreads it."""
    first = book.pay(source, centre, cents * len(payees), 0)
    return [first, *(book.pay(centre, payee, cents, HOUR + n * MINUTE) for n, payee in enumerate(payees))]


def scatter(book: Notebook, source: str, middle: Sequence[str], target: str, *, cents: int = 900_000) -> list[str]:
    out = [book.pay(source, name, cents, n * MINUTE) for n, name in enumerate(middle)]
    return [*out, *(book.pay(name, target, cents, HOUR + n * MINUTE) for n, name in enumerate(middle))]


def layers(book: Notebook, groups: Sequence[Sequence[str]], *, cents: int = 900_000, gap: int = HOUR) -> list[str]:
    """Everybody of a group pays everybody of the next, which then pays the one after; returns the event ids."""
    return [
        book.pay(one, two, cents, place * gap + (n * len(later) + k) * MINUTE)
        for place, (group, later) in enumerate(pairwise(groups))
        for n, one in enumerate(group)
        for k, two in enumerate(later)
    ]


def farm(book: Notebook, names: Sequence[str], device: str, *, at: int = 0) -> None:
    """Accounts with a device of their own that also act from one common device."""
    for place, name in enumerate(names):
        book.use(name, at + place, device=f"own-{name}")
        book.use(name, at + HOUR + place, device=device)


def opposed(book: Notebook, one: str, two: str, *, times: int, cents: int = 500_000, gap: int = MINUTE) -> None:
    for n in range(times):
        book.bet(one, f"match-{n}", "home", cents, n * DAY)
        book.bet(two, f"match-{n}", "away", cents, n * DAY + gap)
