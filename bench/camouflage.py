"""What a ring can do to look like everybody else: attacks that rewrite its own events, and nobody else's.

Each takes the events of a world with the movements of its rings, and returns events with the same truth; movements that
an attack adds are named apart, because they are paid for by the ring and are no laundering themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from graph.events import Event, Movement, MovementKind

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
POPULAR = 40  # honest accounts with the most payers
COVER_PAYMENTS = 5  # small payments to popular accounts for each movement of the ring
PIECES = 4
SLOWER = 5.0  # times as long, so that what took a day no longer fits into 72 hours


@dataclass(frozen=True, slots=True)
class Attacked:
    """`ring_of` names the ring of each laundering movement by transaction, pieces of one among them; `cover` are the
    transactions that only hide."""

    events: tuple[Event, ...]
    ring_of: Mapping[str, str]
    cover: frozenset[str]


Attack = Callable[[Sequence[Event], Mapping[str, str], np.random.Generator], Attacked]


def untouched(events: Sequence[Event], ring_of: Mapping[str, str], _rng: np.random.Generator) -> Attacked:
    """The ring as it was."""
    return Attacked(tuple(events), ring_of, frozenset())


def popular_company(events: Sequence[Event], ring_of: Mapping[str, str], rng: np.random.Generator) -> Attacked:
    """Before each movement its source makes small payments to accounts that everybody pays."""
    members = {account for event in _laundering(events, ring_of) for account in (event.source, event.target)}
    payers: dict[str, set[str]] = {}
    for event in events:
        if isinstance(event, Movement) and event.target not in members:
            payers.setdefault(event.target, set()).add(event.source)
    popular = [name for name, _ in Counter({name: len(known) for name, known in payers.items()}).most_common(POPULAR)]
    added: list[Event] = []
    for own in _laundering(events, ring_of):
        for number in range(COVER_PAYMENTS):
            ts = own.ts - int(rng.uniform(1, 48) * HOUR_MS)
            target, cents = popular[int(rng.integers(len(popular)))], int(rng.lognormal(8.3, 0.8))
            added.append(
                replace(
                    own,
                    event_id=f"{own.event_id}-cover{number}",
                    ts=ts,
                    target=target,
                    amount_cents=max(100, cents),
                    kind=MovementKind.TRANSFER,
                    attributes=(),
                )
            )
    covers = frozenset(event.tx_id for event in added if isinstance(event, Movement))
    return Attacked(_in_order([*events, *added]), ring_of, covers)


def split_amounts(events: Sequence[Event], ring_of: Mapping[str, str], rng: np.random.Generator) -> Attacked:
    """Each movement becomes PIECES unequal ones over the following hours."""
    kept: list[Event] = []
    pieces_of: dict[str, str] = {}
    for event in events:
        if not (isinstance(event, Movement) and event.tx_id in ring_of and event.amount_cents >= PIECES):
            kept.append(event)
            if isinstance(event, Movement) and event.tx_id in ring_of:
                pieces_of[event.tx_id] = ring_of[event.tx_id]
            continue
        cuts = np.sort(rng.integers(1, event.amount_cents, PIECES - 1))
        parts = np.diff(np.concatenate(([0], cuts, [event.amount_cents])))
        for number, cents in enumerate(parts.tolist()):
            ts = event.ts + int(number * rng.uniform(0.5, 3) * HOUR_MS)
            piece = replace(event, event_id=f"{event.event_id}-part{number}", ts=ts, amount_cents=int(cents))
            kept.append(piece)
            pieces_of[piece.tx_id] = ring_of[event.tx_id]
    return Attacked(_in_order(kept), pieces_of, frozenset())


def waiting(events: Sequence[Event], ring_of: Mapping[str, str], _rng: np.random.Generator) -> Attacked:
    """Each ring takes SLOWER times as long, past the windows in which its pattern is looked for."""
    begins: dict[str, int] = {}
    for own in _laundering(events, ring_of):
        ring = ring_of[own.tx_id]
        begins[ring] = min(begins.get(ring, own.ts), own.ts)
    moved: list[Event] = []
    for event in events:
        if isinstance(event, Movement) and event.tx_id in ring_of:
            begin = begins[ring_of[event.tx_id]]
            moved.append(replace(event, ts=begin + int((event.ts - begin) * SLOWER)))
        else:
            moved.append(event)
    return Attacked(_in_order(moved), ring_of, frozenset())


def fresh_means(events: Sequence[Event], ring_of: Mapping[str, str], rng: np.random.Generator) -> Attacked:
    """A new device, address and site for every movement of the ring."""
    changed: list[Event] = []
    for number, event in enumerate(events):
        if isinstance(event, Movement) and event.tx_id in ring_of:
            address = ".".join(str(int(part)) for part in (100, *rng.integers(64, 127, 1), *rng.integers(1, 254, 2)))
            site = None if event.domain is None else f"{rng.integers(1 << 40):x}.example"
            changed.append(replace(event, device=f"fresh-{number}", ip=address, domain=site, identifiers=()))
        else:
            changed.append(event)
    return Attacked(tuple(changed), ring_of, frozenset())


def everything(events: Sequence[Event], ring_of: Mapping[str, str], rng: np.random.Generator) -> Attacked:
    """All of them, one after the other."""
    slow = waiting(events, ring_of, rng)
    fresh = fresh_means(slow.events, slow.ring_of, rng)
    split = split_amounts(fresh.events, fresh.ring_of, rng)
    return popular_company(split.events, split.ring_of, rng)


ATTACKS: Mapping[str, Attack] = {
    "as it was": untouched,
    "popular company": popular_company,
    "split amounts": split_amounts,
    "waiting": waiting,
    "fresh means": fresh_means,
    "everything": everything,
}


def _laundering(events: Sequence[Event], ring_of: Mapping[str, str]) -> list[Movement]:
    return [event for event in events if isinstance(event, Movement) and event.tx_id in ring_of]


def _in_order(events: Sequence[Event]) -> tuple[Event, ...]:
    return tuple(sorted(events, key=lambda event: (event.ts, event.event_id)))
