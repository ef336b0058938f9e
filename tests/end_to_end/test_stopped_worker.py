"""A worker that is stopped in the middle (SIGSTOP), or whose broker dies, loses and doubles nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from graph.errors import TarrafaError
from graph.events import Event
from graph.log.sqlite import SqliteEventLog
from ingest.kafka_out import KafkaPublisher
from ingest.simulator.world import World
from service.bootstrap import open_service
from service.settings import load_settings
from tests.conftest import REPOSITORY
from tests.service.command import ended, start

EVENTS = 1_500
KILL = """
import signal
from deploy.servers import kafka, place, process
record = place.read_record(kafka.NAME)
assert record is not None
process.stop(record, how=signal.SIGKILL)
"""


@pytest.fixture(scope="module")
def own_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of a broker of our own, which may be killed; it is gone at the end."""
    if os.environ.get("CI") != "true" and not (Path.home() / ".m2").exists():
        pytest.skip("the jars of a second broker would have to be fetched: run `make servers` first")
    environment = {"TARRAFA_SERVERS_DIR": str(tmp_path_factory.mktemp("servers"))}
    yield environment
    _killed(environment)


def _killed(environment: dict[str, str]) -> None:
    """Kill the broker without any goodbye; what it had is on its disk."""
    subprocess.run([sys.executable, "-c", KILL], cwd=REPOSITORY, env=os.environ | environment, check=True, timeout=240)


def _started(environment: dict[str, str]) -> str:
    """Start the broker and give its address; a second start uses the same port."""
    code = "from deploy.servers import kafka; print(kafka.start().bootstrap)"
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, cwd=REPOSITORY, env=os.environ | environment, check=True, timeout=240, capture_output=True, text=True
    )
    bootstrap = done.stdout.split()[-1]
    environment["SERVERS_KAFKA_PORT"] = bootstrap.rpartition(":")[2]
    return bootstrap


@pytest.fixture(scope="module")
def world() -> list[Event]:
    return [event for batch in World(seed=11, events=EVENTS).batches(1_000) for event in batch.events]


@pytest.mark.server
@pytest.mark.slow
def test_a_stopped_worker_and_a_killed_broker_end_in_the_undisturbed_state(
    own_servers: dict[str, str], world: list[Event], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TARRAFA_IDENTITY_SECRET", "a secret for tests only")
    with open_service(load_settings(home=tmp_path / "undisturbed"), work=True) as service:
        service.running.submit(world)
        undisturbed = service.state_hash()
    bootstrap = _started(own_servers)
    with closing(KafkaPublisher(bootstrap, "tarrafa-events")) as publisher:
        publisher.publish(world[: EVENTS // 2])
    home = tmp_path / "home"
    environment = {"TARRAFA_KAFKA_BOOTSTRAP": bootstrap, "TARRAFA_PIPELINE_BATCH_ROWS": "40"}
    process = start("consume", "--home", home, limit=None, **environment)
    try:
        _wait_for_head(process, home, 100)
        process.send_signal(signal.SIGSTOP)
        refused = ended(start("consume", "--home", home, limit=None, **environment), within=120)
        assert (refused.status, "is used by process" in refused.err) == (2, True), "a stopped owner is still the owner"
        time.sleep(5)
        process.send_signal(signal.SIGCONT)
        _wait_for_head(process, home, EVENTS // 2)

        _killed(own_servers)
        time.sleep(3)
        assert process.poll() is None, "a broker that is down does not end the worker"
        assert _started(own_servers) == bootstrap
        with closing(KafkaPublisher(bootstrap, "tarrafa-events")) as publisher:
            publisher.publish(world[EVENTS // 2 :])
        _wait_for_head(process, home, len(world))
        process.send_signal(signal.SIGTERM)
        assert ended(process).well()
    finally:
        with suppress(ProcessLookupError):
            process.kill()
    with open_service(load_settings(home=home), work=False) as service:
        assert service.pipeline is None, "the stop was not clean"
        assert service.state_hash() == undisturbed


def _wait_for_head(process: subprocess.Popen[str], home: Path, count: int) -> None:
    until = time.monotonic() + 240
    while time.monotonic() < until and process.poll() is None:
        with suppress(TarrafaError):  # not made yet
            log = SqliteEventLog(home / "log.sqlite", create=False)
            head = log.head()
            log.close()
            if head >= count:
                return
        time.sleep(0.05)
    raise AssertionError(f"never held {count} events: {process.poll()}")
