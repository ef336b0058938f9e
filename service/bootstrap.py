"""Wiring: the only place that knows concrete classes. `open_service` hands every room its collaborators."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from hashlib import blake2b

from cypher.catalog import Catalog
from graph.errors import StoreMismatch
from graph.identity import IdentifierKeys
from graph.log.protocol import EventLog
from graph.log.sqlite import SqliteEventLog
from graph.store.digest import graph_digest
from graph.store.protocol import GraphStore
from graph.store.sink import GraphSink
from graph.turns import Turns
from ledger.ledger import Ledger
from scoring.lateness import MINUTE_MS
from scoring.pipeline import Pipeline, StageObserver
from scoring.policy import Bands
from scoring.projection import Projection
from scoring.sources import Source
from scoring.standard import standard_judging
from service.checkpoints import home_checkpoints, window_settings
from service.home import HomeLock, HomePaths, identifier_keys, is_clean, mark_clean, mark_working
from service.model_store import model_loader
from service.settings import Settings

Progress = Callable[[int, int], None]


def now_ms() -> int:
    """UTC epoch milliseconds."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Service:
    """Everything of one home, open and consistent. `pipeline` is None when opened for reading only."""

    settings: Settings
    paths: HomePaths
    keys: IdentifierKeys
    log: EventLog
    store: GraphStore
    catalog: Catalog
    ledger: Ledger
    pipeline: Pipeline | None
    turns: Turns = field(default_factory=Turns)

    @property
    def running(self) -> Pipeline:
        """The pipeline of a service opened for work."""
        assert self.pipeline is not None, "opened for reading only"
        return self.pipeline

    def state_hash(self) -> str:
        """One hash over graph, rings and scores: equal for equal facts on every store, order, batching and restart."""
        if self.pipeline is not None:
            self.pipeline.flush(settle=True)
        parts = (graph_digest(self.store), self.ledger.ring_digest(), self.ledger.score_digest())
        return blake2b(b"".join(part.to_bytes(16, "big") for part in parts), digest_size=16).hexdigest()


@contextmanager
def open_service(
    settings: Settings,
    *,
    work: bool,
    rebuild: bool = False,
    progress: Progress | None = None,
    on_stage: StageObserver | None = None,
) -> Iterator[Service]:
    """Open the home of `settings`, recovering what a killed process left undone.

    With `work` False the window is not built when the last stop was clean: enough to read, report and hash. `rebuild`
    empties graph store and ledger projections first, so that all is worked out anew from the log.
    """
    paths = HomePaths(settings.home)
    with ExitStack() as stack:
        stack.enter_context(HomeLock(paths))
        keys = identifier_keys(settings.identity, paths)
        log = SqliteEventLog(paths.log)
        stack.callback(log.close)
        catalog = Catalog.load()
        store = open_store(settings, paths)
        stack.callback(store.close)
        turns = Turns()
        # A rebuild says again what was said: it publishes nothing.
        tells = bool(settings.kafka.bootstrap) and settings.kafka.publish and not rebuild
        ledger = Ledger.open(settings.ledger.url or f"sqlite:///{paths.ledger}", publishing=tells)
        stack.callback(ledger.close)
        ledger.jobs_abandoned(at_ms=now_ms())
        if rebuild:
            mark_working(paths)
            store.clear()
            ledger.forget_projections(log.log_id)
            home_checkpoints(settings, paths).clear()
        store.apply_schema(list(catalog.statements("schema").values()))
        pipeline: Pipeline | None = None

        def holds_all() -> bool:  # another server or ledger may have been named since, or a file lost
            try:
                sink = GraphSink(store, catalog.statements("ingest"), log.log_id)
                return sink.position() == log.head() == ledger.position(log.log_id)
            except StoreMismatch:
                return False

        if work or rebuild or not (is_clean(paths, head=log.head(), store=store.name) and holds_all()):
            mark_working(paths)

            def recovered() -> Pipeline:
                texts = catalog.statements("ingest")
                sink = GraphSink(store, texts, log.log_id, keep=settings.keep_movements, turns=turns)
                made = new_pipeline(settings, paths, keys, log, sink, ledger, turns, on_stage)
                stack.callback(made.abandon)
                made.recover(progress)
                return made

            try:
                pipeline = recovered()
            except StoreMismatch:
                if store.name != "kglite":
                    raise  # another graph may live on that server: emptying it is for a person to say
                store.clear()
                store.apply_schema(list(catalog.statements("schema").values()))
                pipeline = recovered()
        yield Service(settings, paths, keys, log, store, catalog, ledger, pipeline, turns)
        if pipeline is not None:
            pipeline.close()
            mark_clean(paths, head=log.head(), store=store.name)


def new_projection(settings: Settings, keys: IdentifierKeys, *, also: Sequence[Source] = ()) -> Projection:
    """An empty window with everything that judges by it, as the settings say, and the sources `also`."""
    bands = Bands(approve=settings.scoring.approve, review=settings.scoring.review)
    judging = standard_judging(bands, keys, load=model_loader(settings))
    return Projection(
        window=window_settings(settings),
        judging=replace(judging, sources=(*judging.sources, *also)),
    )


def new_pipeline(
    settings: Settings,
    paths: HomePaths,
    keys: IdentifierKeys,
    log: EventLog,
    sink: GraphSink,
    ledger: Ledger,
    turns: Turns,
    on_stage: StageObserver | None = None,
) -> Pipeline:
    """The path of every event, wired as the settings say, for the home of `paths`; not recovered yet."""
    return Pipeline(
        log=log,
        projection=new_projection(settings, keys),
        sink=sink,
        book=ledger,
        clock_ms=now_ms,
        flush_events=settings.pipeline.flush_events,
        checkpoints=home_checkpoints(settings, paths),
        checkpoint_events=settings.window.checkpoint_events,
        lateness_ms=settings.window.lateness_minutes * MINUTE_MS,
        turns=turns,
        on_stage=on_stage,
    )


def open_store(settings: Settings, paths: HomePaths) -> GraphStore:
    """The graph store that the settings name."""
    # The driver and the engine are imported only when chosen: each takes memory and start-up time.
    if settings.store == "neo4j":
        from graph.store.neo4j import Neo4jStore

        neo4j = settings.neo4j
        return Neo4jStore(neo4j.uri, neo4j.user, neo4j.password.get_secret_value())
    from graph.store.kglite import KgliteStore, remove_files

    try:
        return KgliteStore(paths.graph)
    except StoreMismatch:  # the embedded graph is damaged: it is only a projection, the log fills a new one
        remove_files(paths.graph)
        mark_working(paths)
        return KgliteStore(paths.graph)
