"""`tarrafa doctor`: what is installed, reachable and healthy."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from graph.checkpoint import CheckpointRefused
from graph.errors import TarrafaError
from graph.log.sqlite import SqliteEventLog
from graph.store.kglite import check_canary
from ledger.ledger import Ledger
from service.checkpoints import home_checkpoints
from service.home import HomePaths
from service.model_store import live_model
from service.model_watch import drift_words
from service.settings import Settings

#: Packages without which the named part does not work.
NEEDED = {"kglite": "embedded store", "neo4j": "Neo4j driver", "numba": "window", "typst": "PDF reports"}
OPTIONAL = {"torch": "models (extra gnn)", "torch-geometric": "models (extra gnn)", "crc32c": "faster Kafka"}
FREE_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at; `optional` things may be absent."""

    part: str
    ok: bool
    detail: str
    optional: bool = False


def examine(settings: Settings) -> list[Check]:
    """Look at everything the service leans on; never raises for a part that is not well."""
    return list(_checks(settings))


def _checks(settings: Settings) -> Iterator[Check]:
    yield Check("python", sys.version_info >= (3, 11), sys.version.split()[0])
    for names, optional in ((NEEDED, False), (OPTIONAL, True)):
        for name, part in names.items():
            try:
                yield Check(name, True, f"{version(name)}, {part}", optional)
            except PackageNotFoundError:
                yield Check(name, False, f"not installed: {part}; run `make setup`", optional)
    tunables = os.environ.get("GLIBC_TUNABLES", "")
    yield Check("static TLS", "optional_static_tls" in tunables or sys.platform != "linux", tunables or "not set")
    yield from _home(settings)
    yield _model(settings)
    yield _kept(settings)
    yield _canary()
    yield from _servers(settings)


def _home(settings: Settings) -> Iterator[Check]:
    paths = HomePaths(settings.home)
    if not paths.root.exists():
        yield Check("home", True, f"{paths.root} (not made yet)")
        return
    free = shutil.disk_usage(paths.root).free
    yield Check("home", os.access(paths.root, os.W_OK), str(paths.root))
    yield Check("disk", free > FREE_BYTES, f"{free / (1 << 30):.1f} GiB free")
    if paths.log.exists():
        try:
            log = SqliteEventLog(paths.log, create=False)
            yield Check("log", True, f"{log.head():,} events, id {log.log_id}")
            log.close()
        except TarrafaError as error:
            yield Check("log", False, str(error))
    yield _window(settings, paths)


def _window(settings: Settings, paths: HomePaths) -> Check:
    """What the newest checkpoint says memory held."""
    bound = f"at most {settings.window.max_events:,} events of {settings.window.horizon_days} days"
    checkpoints = home_checkpoints(settings, paths)
    for offset in checkpoints.offsets():
        try:
            facts = checkpoints.manifest(offset).facts
        except CheckpointRefused as refusal:
            return Check("window", False, f"the checkpoint at entry {offset:,} is no use: {refusal}", optional=True)
        size = sum(value for name, value in facts.items() if name.endswith("_bytes")) / (1 << 20)
        held = f"{facts['events']:,} events and {facts['nodes']:,} nodes in {size:,.0f} MiB at entry {offset:,}"
        return Check("window", True, f"{held}; {bound}")
    return Check("window", True, f"no checkpoint yet; {bound}")


def _model(settings: Settings) -> Check:
    """The model in force, as the ledger knows it, with every file of it checked."""
    paths = HomePaths(settings.home)
    url = settings.ledger.url or (f"sqlite:///{paths.ledger}" if paths.ledger.exists() else "")
    absent = Check("model", False, "absent: none in force, scores come from signals alone", optional=True)
    if not url:
        return absent
    try:
        ledger = Ledger.open(url)
    except TarrafaError:
        return absent  # the ledger has a line of its own
    try:
        said = live_model(settings, ledger)
        if said is None:
            return absent
        moved = "" if not paths.models.exists() else drift_words(ledger, settings, said.version)
        return Check("model", True, f"{said.version} in force, {said.kind}{moved}")
    except TarrafaError as error:
        return Check("model", False, f"{error}; until then scores are marked and never approved")
    finally:
        ledger.close()


def _kept(settings: Settings) -> Check:
    keep = settings.keep_movements
    return Check("graph keeps", True, "all movements" if keep is None else f"the newest {keep:,} movements")


def _canary() -> Check:
    try:
        check_canary()
    except TarrafaError as error:
        return Check("kglite answers", False, str(error))
    return Check("kglite answers", True, "known engine faults are worked around")


def _servers(settings: Settings) -> Iterator[Check]:
    if settings.store == "neo4j":
        from graph.store.neo4j import Neo4jStore

        try:
            neo4j = settings.neo4j
            store = Neo4jStore(neo4j.uri, neo4j.user, neo4j.password.get_secret_value())
        except TarrafaError as error:
            yield Check("neo4j server", False, str(error))
        else:
            health = store.health()
            yield Check("neo4j server", health.ok, f"{health.address} {health.version} {health.detail}".strip())
            store.close()
    if settings.kafka.bootstrap:
        from service.intake import reachable

        there = reachable(settings.kafka.bootstrap)
        yield Check(
            "kafka broker", there, settings.kafka.bootstrap if there else f"{settings.kafka.bootstrap} is silent"
        )
    if settings.ledger.url:
        try:
            Ledger.open(settings.ledger.url).close()
            yield Check("ledger server", True, settings.ledger.url.rsplit("@", 1)[-1])
        except TarrafaError as error:
            yield Check("ledger server", False, str(error))
