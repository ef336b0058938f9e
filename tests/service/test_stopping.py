"""Ctrl-C and SIGTERM: the process ends quietly, and going on ends in the undisturbed state."""

from __future__ import annotations

import json
import signal
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from graph.errors import TarrafaError
from graph.log.sqlite import SqliteEventLog
from tests.service.command import ended, serving, start
from tests.service.conftest import PlayedHome

pytestmark = pytest.mark.slow

DEMO = ("demo", "--events", 3_000, "--no-serve", "--home")


def wait_for_events(process: subprocess.Popen[str], home: Path, *, count: int) -> None:
    """Wait until the process logged `count` events."""
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            log = SqliteEventLog(home / "log.sqlite", create=False)
        except TarrafaError:
            time.sleep(0.02)
            continue
        head = log.head()
        log.close()
        if head >= count:
            return
        time.sleep(0.005)
    raise AssertionError(f"never logged {count} events: {process.communicate()}")


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_a_run_stopped_in_the_middle_goes_on_to_the_undisturbed_state(
    home: Path, demo_home: PlayedHome, sent: signal.Signals, status: int
) -> None:
    process = start(*DEMO, home, TARRAFA_PIPELINE_BATCH_ROWS="20")
    wait_for_events(process, home, count=600)
    process.send_signal(sent)
    stopped = ended(process, within=30)
    assert stopped.status == status, stopped.err
    assert "Traceback" not in stopped.err
    assert "state hash" not in stopped.out
    assert demo_home.state_hash in ended(start(*DEMO, home)).well().out


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_serving_stops_cleanly(played_home: PlayedHome, sent: signal.Signals) -> None:
    with serving(played_home.home) as (process, address):
        with urllib.request.urlopen(f"{address}/health", timeout=10) as answer:
            assert json.load(answer)["status"] == "ok"
        process.send_signal(sent)
        stopped = ended(process, within=30)
    assert stopped.status == 0, stopped.err
    assert "stopped cleanly" in stopped.out
    assert stopped.err == ""
    assert json.loads((played_home.home / "clean.json").read_text())["head"] == 3_000
