"""Loaders: what many objects of one answer ask for is asked once. One question per loader; made anew per request."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from anyio.to_thread import run_sync
from strawberry.dataloader import DataLoader

from api.context import AppContext
from graph.evidence import Ring, Score
from graph.log.protocol import LogEntry

V = TypeVar("V")
Row = dict[str, Any]

FOOTPRINT_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Loaders:
    """The loaders of one request. Keys are account, transaction, ring and event ids."""

    account: DataLoader[str, Mapping[str, Any] | None]  # totals, see read/account
    score: DataLoader[str, Score | None]
    ring: DataLoader[str, Ring | None]
    rings_of: DataLoader[str, Sequence[str]]  # ids of the rings an account is in
    event: DataLoader[str, LogEntry | None]
    footprint: DataLoader[str, Sequence[Row]]  # of an operator, see read/operator_footprint


def make_loaders(context: AppContext) -> Loaders:
    """Fresh loaders over `context`."""

    def accounts(ids: list[str]) -> Mapping[str, Mapping[str, Any]]:
        return context.accounts.totals(ids)

    def scores(ids: list[str]) -> Mapping[str, Score]:
        return context.decisions.scores_of(ids)

    def rings(ids: list[str]) -> Mapping[str, Ring]:
        found = ((ring_id, context.rings.ring(ring_id)) for ring_id in ids)
        return {ring_id: ring for ring_id, ring in found if ring is not None}

    def rings_of(ids: list[str]) -> Mapping[str, Sequence[str]]:
        return context.rings.rings_of(ids)

    def events(ids: list[str]) -> Mapping[str, LogEntry]:
        found = ((event_id, context.events.event(event_id)) for event_id in ids)
        return {event_id: entry for event_id, entry in found if entry is not None}

    def footprints(ids: list[str]) -> Mapping[str, Sequence[Row]]:
        return {key: context.graph.read("read/operator_footprint", id=key, limit=FOOTPRINT_LIMIT) for key in ids}

    return Loaders(
        account=_loader(accounts, None),
        score=_loader(scores, None),
        ring=_loader(rings, None),
        rings_of=_loader(rings_of, ()),
        event=_loader(events, None),
        footprint=_loader(footprints, ()),
    )


def _loader(question: Callable[[list[str]], Mapping[str, V]], absent: object) -> DataLoader[str, Any]:
    """A loader that asks `question` in a worker thread with the distinct keys of one turn; `absent` where no answer."""

    async def load(keys: list[str]) -> list[object]:
        found = await run_sync(question, list(dict.fromkeys(keys)))
        return [found.get(key, absent) for key in keys]

    return DataLoader(load_fn=load)
