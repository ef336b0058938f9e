"""Where the servers keep their jars, data and state, who may touch them at a time, and on which port they listen."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from deploy.servers.problem import ServerProblem

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Record:
    """A started process: its id, a mark that tells it from a later process of the same id, and where it listens."""

    pid: int
    mark: str
    port: int
    second_port: int
    password: str


def folder(name: str) -> Path:
    """Return the folder of server `name`, created: `.servers/<name>`, or below `$TARRAFA_SERVERS_DIR`."""
    base = Path(os.environ.get("TARRAFA_SERVERS_DIR") or REPOSITORY / ".servers")
    path = base / name
    path.mkdir(parents=True, exist_ok=True)
    return path


def read_record(name: str) -> Record | None:
    """Return what was recorded when the server was last started, or None."""
    try:
        return Record(**json.loads((folder(name) / "state.json").read_text()))
    except (FileNotFoundError, ValueError, TypeError):  # absent, half-written by a killed process, or of an older form
        return None


def write_record(name: str, record: Record | None) -> None:
    """Record a started server (readable by its owner only), or with None forget it."""
    path = folder(name) / "state.json"
    if record is None:
        path.unlink(missing_ok=True)
        return
    path.touch(mode=0o600)
    path.write_text(json.dumps(asdict(record)))


@contextmanager
def held(name: str, purpose: str, *, timeout_s: float = 900.0) -> Iterator[None]:
    """Hold the lock `purpose` of server `name` among all processes; raise `ServerProblem` after `timeout_s`."""
    path = folder(name) / f"{purpose}.lock"
    with path.open("a") as handle:
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise ServerProblem(
                        f"{name}: another process has held {path.name} for {timeout_s:.0f} s",
                        cure="end that process, then try again",
                    ) from None
                time.sleep(0.2)
        yield


def choose_port(variable: str, preferred: int) -> int:
    """Return the port named by environment `variable`, else `preferred` when it is free, else any free one."""
    named = os.environ.get(variable)
    if named:
        if not named.isdecimal() or not is_free(int(named)):
            raise ServerProblem(f"{variable}={named} is not a free port", cure=f"unset {variable} or give a free port")
        return int(named)
    if is_free(preferred):
        return preferred
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """Return whether nothing listens on the local `port`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def answers(port: int) -> bool:
    """Return whether something accepts connections on the local `port`."""
    with socket.socket() as probe:
        probe.settimeout(2.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0
