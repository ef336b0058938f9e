"""A home as it was known at a moment: the log's beginning, projected into a cached home of its own.

The log is the truth and everything else a projection of it (ADR 39): graph, rings, scores and reports "as known on" a
moment are what the entries learned by then give, however many came after. The real home is only read, also beside
`tarrafa serve`; what is worked out lies below `known/` in it until `tarrafa rebuild`, the newest few at most.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from cypher.catalog import Catalog
from graph.errors import ConfigurationError, HomeInUse
from graph.log.prefix import LogPrefix
from graph.log.sqlite import SqliteEventLog
from graph.store.sink import GraphSink
from graph.turns import Turns
from ledger.ledger import Ledger
from service.bootstrap import Progress, Service, new_pipeline, now_ms, open_store
from service.checkpoints import ROOMS, code_digest, window_settings
from service.home import HomeLock, HomePaths, identifier_keys, is_clean, mark_clean, mark_working
from service.model_store import ModelStore, versions_of_parts
from service.run import iso
from service.settings import Settings

KEPT = 4  # projections kept on disk, the last used ones; each is about as large as graph and ledger were then
WRITTEN = "write it as 2026-01-31T18:00:00-03:00, or as a position of the log"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def position_of(log: SqliteEventLog, moment: str, *, now: int) -> int:
    """The position that `moment` means: how many entries had been learned by then, or the number itself.

    Raises ConfigurationError for what is no moment with a zone, lies before the first entry or is not past yet.
    """
    head = log.head()
    if head == 0:
        raise ConfigurationError("nothing was ever known here: the log is empty", cure="play something into it first")
    text = moment.strip()
    if text.isascii() and text.isdecimal():
        if not 1 <= (position := int(text)) <= head:
            raise ConfigurationError(f"the log has no position {text}", cure=f"give one from 1 to {head}")
        return position
    until = _epoch_ms(text)
    if until >= now:
        raise ConfigurationError(f"{text} is not past yet: what will be known is not known", cure="give a past moment")
    position = log.known_at(until)
    if position == 0:
        first = next(log.read(limit=1)).learned_at
        raise ConfigurationError(
            f"nothing was known on {text}: the first entry of the log was learned at {iso(first)}",
            cure="give a later moment",
        )
    return position


@contextmanager
def open_known(
    settings: Settings,
    moment: str,
    *,
    progress: Progress | None = None,
) -> Iterator[Service]:
    """Open the home of `settings` for reading, as it was known at `moment` (see `position_of`).

    The graph is the embedded one whatever store the home has, the ledger a file beside it.
    """
    real = HomePaths(settings.home)
    with ExitStack() as stack:
        whole = SqliteEventLog(real.log, create=False)
        stack.callback(whole.close)
        keys = identifier_keys(settings.identity, real)
        log = LogPrefix(whole, position_of(whole, moment, now=now_ms()))
        head, catalog, turns = log.head(), Catalog.load(), Turns()
        inner = _embedded(settings)
        paths = HomePaths(real.known / f"{head}-{_made_by(inner, log)}")
        stack.enter_context(_owned(paths))
        if not is_clean(paths, head=head, store=inner.store):  # never begun, or interrupted: begin anew
            _empty(paths)
        store = open_store(inner, paths)
        stack.callback(store.close)
        ledger = Ledger.open(f"sqlite:///{paths.ledger}")
        stack.callback(ledger.close)
        texts = catalog.statements("ingest")
        store.apply_schema(list(catalog.statements("schema").values()))
        if not is_clean(paths, head=head, store=inner.store):
            sink = GraphSink(store, texts, log.log_id, keep=inner.keep_movements, turns=turns)
            pipeline = new_pipeline(inner, paths, keys, log, sink, ledger, turns)
            stack.callback(pipeline.abandon)
            pipeline.recover(progress)
            pipeline.close()
            mark_clean(paths, head=head, store=inner.store)
        os.utime(paths.clean)
        _forget(real, keep=KEPT)
        yield Service(inner, paths, keys, log, store, catalog, ledger, None, turns)


def forget_known(paths: HomePaths) -> None:
    """Remove every projection of an earlier moment; the next question works it out anew."""
    _forget(paths, keep=0)


def _epoch_ms(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError(f"{text} is no moment", cure=WRITTEN) from error
    if moment.tzinfo is None:
        raise ConfigurationError(f"{text} names no time zone, so it is no moment", cure=WRITTEN)
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def _embedded(settings: Settings) -> Settings:
    """The same settings with an embedded store that keeps as much as the home's own, no broker and no checkpoints."""
    return settings.model_copy(
        update={
            "store": "kglite",
            "graph": settings.graph.model_copy(update={"keep_movements": settings.keep_movements or 0}),
            "kafka": settings.kafka.model_copy(update={"bootstrap": ""}),
            "ledger": settings.ledger.model_copy(update={"url": ""}),
            "window": settings.window.model_copy(update={"checkpoint_events": 0}),
        }
    )


def _made_by(settings: Settings, log: LogPrefix) -> str:
    """Hash of all that decides what the projection says: the entries, the program, its settings and its models."""
    parts = (
        log.chain_at(log.head()),
        code_digest((*ROOMS, "cypher", "ledger")),
        asdict(window_settings(settings)),
        settings.window.lateness_minutes,
        settings.keep_movements,
        settings.scoring.model_dump(),
        ModelStore(settings).versions(),
        versions_of_parts(),
    )
    return blake2b(repr(parts).encode(), digest_size=8).hexdigest()


def _owned(paths: HomePaths) -> HomeLock:
    try:
        return HomeLock(paths)
    except HomeInUse as error:
        raise HomeInUse("another process asks about the same moment", cure="ask again when it is done") from error


def _empty(paths: HomePaths) -> None:
    mark_working(paths)
    shutil.rmtree(paths.graph.parent, ignore_errors=True)
    for path in paths.root.glob(f"{paths.ledger.name}*"):
        path.unlink()


def _forget(paths: HomePaths, *, keep: int) -> None:
    """Remove projections but the `keep` last used ones; one that is in use stays."""

    def used(root: HomePaths) -> float:
        return root.clean.stat().st_mtime if root.clean.exists() else 0.0

    known = [HomePaths(path) for path in paths.known.glob("*/")]
    for old in sorted(known, key=used, reverse=True)[keep:]:
        try:
            with HomeLock(old):
                shutil.rmtree(old.root)
        except HomeInUse:
            continue
