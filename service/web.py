"""Serving the pages, GraphQL and REST over an open service."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import uvicorn
from rich.console import Console

from api.app import create_app
from api.context import AppContext, JobInfo, JobOutcome, PartHealth
from api.settings import check_bind
from cypher.jobs import JOBS
from cypher.paths import PathResult, shortest_path
from graph.errors import TarrafaError
from service.bootstrap import Service, now_ms
from service.jobs import run_recorded_job
from service.reporting import CatalogReads, Reporter
from service.settings import Settings

JOB_ROWS = 1_000
JOB_MS = 30_000


def refuse_open_bind(settings: Settings) -> None:
    """Raise ConfigurationError before anything is opened when the address needs a credential that is not set."""
    check_bind(settings.api)


def app_context(service: Service) -> AppContext:
    """The API's collaborators."""
    reads = CatalogReads(service.catalog, service.store)
    return AppContext(
        scorer=service.running,
        decisions=service.ledger,
        rings=service.ledger,
        graph=reads,
        accounts=_Accounts(reads),
        paths=_Paths(service),
        events=service.log,
        reports=Reporter(service),
        jobs=_Jobs(service),
        health=_Health(service),
        keys=service.keys,
        clock=now_ms,
    )


def serve_until_stopped(service: Service, console: Console) -> None:
    """Serve until Ctrl-C or SIGTERM; answered transactions are written every `flush_seconds` meanwhile."""
    api = service.settings.api
    app = create_app(app_context(service), api)
    server = uvicorn.Server(uvicorn.Config(app, host=api.host, port=api.port, log_level="warning", access_log=False))
    console.print(f"serving on http://{api.host}:{api.port} - Ctrl-C stops", highlight=False)
    with _Flushing(service):
        server.run()
    console.print("stopped cleanly", highlight=False)


class _Flushing:
    """Writes what live scoring left waiting, in a thread of its own."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tarrafa-flush", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._service.settings.pipeline.flush_seconds):
            try:
                self._service.running.flush(settle=True)
            except TarrafaError:
                return  # the pipeline keeps the failure and gives it to every caller from now on


class _Accounts:
    def __init__(self, reads: CatalogReads) -> None:
        self._reads = reads

    def totals(self, ids: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        return {row["id"]: row for row in self._reads.read("read/account_totals", ids=sorted(set(ids)))}


class _Paths:
    def __init__(self, service: Service) -> None:
        self._service = service

    def shortest_path(self, source: str, target: str, *, lo: int, hi: int, max_hops: int) -> PathResult:
        return shortest_path(
            self._service.catalog, self._service.store, source, target, lo=lo, hi=hi, max_hops=max_hops
        )


class _Jobs:
    def __init__(self, service: Service) -> None:
        self._service = service

    def list(self) -> Sequence[JobInfo]:
        return list(JOBS.values())

    def run(self, name: str, params: Mapping[str, object]) -> JobOutcome:
        return run_recorded_job(self._service, name, params, row_budget=JOB_ROWS, time_budget_ms=JOB_MS)


class _Health:
    def __init__(self, service: Service) -> None:
        self._service = service

    def health(self) -> Sequence[PartHealth]:
        parts = [self._log()]
        store = self._service.store.health()
        parts.append(PartHealth(store.store, "ok" if store.ok else "down", store.detail, store.version))
        parts.append(self._ledger())
        parts.append(PartHealth("broker", "absent", "events arrive over HTTP and from files"))
        parts.append(PartHealth("model", "absent", "none installed: scores come from signals alone"))
        return parts

    def _log(self) -> PartHealth:
        try:
            return PartHealth("log", "ok", f"{self._service.log.head()} events")
        except TarrafaError as error:
            return PartHealth("log", "down", str(error))

    def _ledger(self) -> PartHealth:
        try:
            return PartHealth("ledger", "ok", f"{self._service.ledger.summary().transactions} decisions")
        except TarrafaError as error:
            return PartHealth("ledger", "down", str(error))
