"""Server processes that outlive the command which started them: launch, recognise again, wait for, stop."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from deploy.servers.place import Record
from deploy.servers.problem import ServerProblem

_POLL_S = 0.2


def launch(
    command: Sequence[str],
    *,
    log: Path,
    cwd: Path,
    environment: Mapping[str, str] | None = None,
    user: str | None = None,
) -> tuple[int, str]:
    """Start `command` in a session of its own, its output in `log`; return (pid, mark)."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
            user=user,
            group=user,
            extra_groups=[] if user else None,
        )
    return process.pid, mark_of(process.pid) or ""


def mark_of(pid: int) -> str | None:
    """Return the start time of process `pid` in the system's own words; None when it is gone or a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return None if Path("/proc/self").exists() else _mark_by_ps(pid)
    except ProcessLookupError:
        return None
    return None if fields[0] == "Z" else fields[19]


def _mark_by_ps(pid: int) -> str | None:
    """`mark_of` on systems without /proc."""
    answer = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    state, _, started = answer.stdout.strip().partition(" ")
    return started.strip() if started and not state.startswith("Z") else None


def is_alive(record: Record | None) -> bool:
    """Return whether the recorded process still runs (and is not a later one with the same id)."""
    return record is not None and mark_of(record.pid) == record.mark


def wait_ready(name: str, record: Record, ready: Callable[[], bool], *, log: Path, timeout_s: float) -> None:
    """Return once `ready()`; raise `ServerProblem` with the end of `log` when the process ends or time is up."""
    deadline = time.monotonic() + timeout_s
    while not ready():
        if not is_alive(record):
            raise ServerProblem(f"{name} ended while starting: {_end_of(log)}", cure=f"see {log}")
        if time.monotonic() > deadline:
            raise ServerProblem(
                f"{name} was not ready after {timeout_s:.0f} s: {_end_of(log)}",
                cure=f"see {log}; `make servers-stop`, then try again",
            )
        time.sleep(_POLL_S)


def stop(record: Record, *, how: signal.Signals = signal.SIGTERM, timeout_s: float = 60.0) -> None:
    """End the recorded process, by force after `timeout_s`; a process that is gone already is fine."""
    for step in (how, signal.SIGKILL):
        if not is_alive(record):
            return
        os.kill(record.pid, step)
        deadline = time.monotonic() + timeout_s
        while is_alive(record) and time.monotonic() < deadline:
            time.sleep(_POLL_S)


def _end_of(log: Path, characters: int = 600) -> str:
    """Return the last lines of a log on one line."""
    try:
        text = log.read_text(errors="replace")
    except OSError:
        return "it left no log"
    return " | ".join(text[-characters:].split("\n")).strip(" |") or "its log is empty"
