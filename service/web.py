"""Serving the pages, GraphQL and REST over an open service."""

from __future__ import annotations

import gc
import signal
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext
from typing import Any

import uvicorn
from rich.console import Console

from api.app import create_app
from api.context import AppContext, PartHealth
from api.jobs import JobInfo, JobOutcome
from api.settings import ApiSettings, check_bind
from cypher.jobs import JOBS
from cypher.paths import PathResult, shortest_path
from graph.errors import ConfigurationError, TarrafaError
from scoring.microbatch import LiveScorer
from service.answers import LedgerAnswers
from service.bootstrap import Service, now_ms
from service.exporting import Exporter
from service.flushing import Flushing
from service.governing import Governed
from service.intake import TopicIntake, topic_intake
from service.job_worker import JobWorker
from service.jobs import JobDesk
from service.letter_desk import LetterDesk
from service.model_desk import ModelDesk
from service.model_store import live_model
from service.money_desk import MoneyDesk
from service.publishing import Publishing, publishing
from service.reporting import CatalogReads, Reporter
from service.ring_desk import RingDesk
from service.rule_desk import RuleDesk
from service.settings import Settings
from service.site_desk import SiteDesk
from service.warm import warm_up
from service.watching import Watch

JOB_ROWS = 1_000
JOB_MS = 30_000
SWITCH_SECONDS = 0.0005  # a tenth of the default: the writer's turns end before a caller notices (ADR 0022)
NO_BROKER = PartHealth("broker", "absent", "events arrive over HTTP and from files")


def check_serving(settings: Settings) -> None:
    """Raise ConfigurationError, before anything is opened or played, when serving would be unsafe or impossible."""
    check_bind(settings.api)
    _listener(settings.api).close()


def app_context(
    service: Service,
    *,
    scorer: LiveScorer,
    answers: LedgerAnswers,
    intake: TopicIntake | None = None,
    telling: Publishing | None = None,
) -> AppContext:
    """The API's collaborators; `intake` takes events from a broker and `telling` publishes, where there is one."""
    reads = CatalogReads(service.catalog, service.store)
    return AppContext(
        scorer=scorer,
        answers=answers,
        decisions=service.ledger,
        rings=service.ledger,
        graph=reads,
        accounts=_Accounts(reads),
        paths=_Paths(service),
        events=service.log,
        reports=Reporter(service),
        jobs=_Jobs(service),
        exports=Exporter(service),
        governing=Governed(service),
        alerts=service.ledger,
        rules=RuleDesk(service),
        models=ModelDesk(service),
        lives=RingDesk(service),
        letters=LetterDesk(service),
        money=MoneyDesk(service),
        sites=SiteDesk(service),
        health=_Health(service, intake, telling),
        watching=Watch(service, scorer, intake=intake, telling=telling),
        keys=service.keys,
        clock=now_ms,
    )


def serve_until_stopped(service: Service, console: Console) -> None:
    """Serve until Ctrl-C or SIGTERM, taking in what a broker brings where one was named.

    Answered transactions are written every `flush_seconds` meanwhile.
    """
    api = service.settings.api
    intake, telling = topic_intake(service), publishing(service)
    scorer = LiveScorer(
        service.running, most_together=api.most_together, most_waiting=api.most_waiting, turns=service.turns
    )
    answers = LedgerAnswers(service.ledger, clock=now_ms)
    warm_up(service)
    app = create_app(app_context(service, scorer=scorer, answers=answers, intake=intake, telling=telling), api)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
    with closing(_listener(api)) as listener, telling or nullcontext():
        with (
            Flushing(service),
            intake or nullcontext(),
            scorer,
            answers,
            JobWorker(JobDesk(service)),
            quick_answers(),
            _stopping_on_signals(),
        ):
            host = f"[{api.host.strip('[]')}]" if ":" in api.host else api.host
            listener.listen()  # whoever reads the next line may connect at once
            console.print(f"serving on http://{host}:{listener.getsockname()[1]} - Ctrl-C stops", highlight=False)
            server.run(sockets=[listener])
        service.running.flush(settle=True)  # what it leads to is published before the end
    console.print("stopped cleanly", highlight=False)


@contextmanager
def quick_answers() -> Iterator[None]:
    """While the block lasts no thread keeps the interpreter for long, and what stands since before is not searched for
    garbage: either would be seen as waiting by whoever asks for a score."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        sys.setswitchinterval(before)


def _listener(api: ApiSettings) -> socket.socket:
    """A socket bound to the address of `api`; raises ConfigurationError when it is taken or not ours."""
    family = socket.AF_INET6 if ":" in api.host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((api.host.strip("[]"), api.port))
    except OSError as error:
        listener.close()
        raise ConfigurationError(
            f"cannot listen on {api.host} port {api.port}: {error.strerror}",
            cure="choose another with TARRAFA_API_PORT or TARRAFA_API_HOST (port 0 takes a free one)",
        ) from error
    return listener


@contextmanager
def _stopping_on_signals() -> Iterator[None]:
    """Ctrl-C and SIGTERM end the block quietly: uvicorn finishes its requests, then raises the signal once more."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, before)


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


class _Jobs(JobDesk):
    def catalogue(self) -> Sequence[JobInfo]:
        return list(JOBS.values())

    def answer(self, name: str, params: Mapping[str, object]) -> JobOutcome:
        return self.run_now(name, params, caller="api", rows=JOB_ROWS, time_ms=JOB_MS).result


class _Health:
    def __init__(self, service: Service, intake: TopicIntake | None, telling: Publishing | None) -> None:
        self._service, self._intake, self._telling = service, intake, telling

    def health(self) -> Sequence[PartHealth]:
        parts = [self._log()]
        store = self._service.store.health()
        parts.append(PartHealth(store.store, "ok" if store.ok else "down", store.detail, store.version))
        parts.append(self._ledger())
        parts.append(self._writer())
        parts.append(self._window())
        parts.append(self._intake.health() if self._intake is not None else NO_BROKER)
        if self._telling is not None:
            parts.append(self._telling.health())
        parts.append(self._model())
        return parts

    def _log(self) -> PartHealth:
        try:
            return PartHealth("log", "ok", f"{self._service.log.head()} events")
        except TarrafaError as error:
            return PartHealth("log", "down", str(error))

    def _writer(self) -> PartHealth:
        """What keeps events from store and ledger, if anything; they wait in the log."""
        waits = self._service.running.patience.error
        if waits is None:
            return PartHealth("writer", "ok", "store and ledger take what is accepted")
        return PartHealth("writer", "down", f"{waits}; what is accepted meanwhile waits in the log")

    def _window(self) -> PartHealth:
        kept = self._service.running.checkpoints
        facts = kept.facts()
        size = sum(value for name, value in facts.items() if name.endswith("_bytes")) >> 20
        dropped = f", {facts['dropped']} dropped before their time" if facts["dropped"] else ""
        said = f"{facts['events']} events in {size} MiB{dropped}; checkpoint at entry {kept.newest}"
        return PartHealth("window", "ok", "; ".join([said, *kept.refused, *filter(None, [kept.problem])]))

    def _model(self) -> PartHealth:
        try:
            said = live_model(self._service.settings, self._service.ledger)
        except TarrafaError as error:
            return PartHealth("model", "down", f"{error}: scores are marked and never approved")
        if said is None:
            return PartHealth("model", "absent", "none in force: scores come from signals alone")
        return PartHealth("model", "ok", f"in force, {said.kind}", said.version)

    def _ledger(self) -> PartHealth:
        try:
            return PartHealth("ledger", "ok", f"{self._service.ledger.summary().transactions} decisions")
        except TarrafaError as error:
            return PartHealth("ledger", "down", str(error))
