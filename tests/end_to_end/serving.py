"""`tarrafa serve` in a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from graph.errors import TarrafaError
from graph.log.sqlite import SqliteEventLog
from tests.conftest import REPOSITORY


@contextmanager
def serving(home: Path, environment: Mapping[str, str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Serve `home` on a free port; give the process and its address. It does not outlive the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "service", "serve", "--port", "0", "--home", str(home)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1", "COLUMNS": "200", **environment},
    )
    assert process.stdout is not None
    try:
        found = next((found for line in process.stdout if (found := re.search(r"http://127\.0\.0\.1:\d+", line))), None)
        if found is None:
            raise AssertionError(f"serving never began: {process.communicate()[1]}")
        yield process, found[0]
    finally:
        process.kill()
        process.communicate()


def wait_for_head(process: subprocess.Popen[str], home: Path, *, count: int, within_s: float = 120.0) -> None:
    """Wait until the log of `home` holds at least `count` events."""
    until = time.monotonic() + within_s
    while time.monotonic() < until and process.poll() is None:
        try:
            log = SqliteEventLog(home / "log.sqlite", create=False)
        except TarrafaError:  # not made yet
            time.sleep(0.05)
            continue
        head = log.head()
        log.close()
        if head >= count:
            return
        time.sleep(0.02)
    process.kill()
    raise AssertionError(f"the log never held {count} events: {process.communicate()}")
