"""Starting the Snap ML worker: a throw-away environment for it, and the pipe to it.

Snap ML is proprietary: it is measured, never used. It is installed by pip into an environment of its own, which
nothing in the project sees.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path
from types import TracebackType
from typing import Any

PACKAGE = "snapml==1.17.2"
WORKER = Path(__file__).with_name("snapml_worker.py")
#: One thread, and no spinning barrier: with another busy process its default loses a factor of 40.
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}


class RivalMissing(Exception):
    """The rival could not be installed or started; the message says why."""


def environment(folder: Path) -> Path:
    """Return the interpreter of an environment at `folder` that has the package; makes it where it is missing."""
    python = folder / "bin" / "python"
    try:
        if not python.exists():
            venv.create(folder, with_pip=True)
        wanted = subprocess.run([python, "-c", "import snapml"], capture_output=True, check=False)
        if wanted.returncode != 0:
            subprocess.run([python, "-m", "pip", "install", "-q", PACKAGE], check=True, capture_output=True, text=True)
    except subprocess.CalledProcessError as error:
        raise RivalMissing(f"pip install {PACKAGE}: {str(error.stderr).strip().splitlines()[-1]}") from error
    except OSError as error:
        raise RivalMissing(str(error)) from error
    return python


class Worker:
    """A rival process. Use as a context manager; `ask` sends an order and returns the answer."""

    def __init__(self, python: Path) -> None:
        self._process = subprocess.Popen(
            [python, WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | ENVIRONMENT
        )

    def ask(self, do: str, **order: object) -> dict[str, Any]:
        """Send one order of `bench.snapml_worker`; return its answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, **order}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            sys.exit(f"the rival stopped with {self._process.wait()} at {do} {order}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)


def parameters(
    window_s: int, *, families: tuple[str, ...], statistics: tuple[int, ...] | None = None
) -> dict[str, object]:
    """Settings of an instance with the pattern `families` on, one thread, every window `window_s` seconds.

    Vertex statistics are of the amounts, with the statistics it has on by default or those in `statistics`.
    """
    every = ("fan", "degree", "scatter-gather", "temp-cycle", "lc-cycle")
    found: dict[str, object] = {"num_threads": 1, "time_window": window_s, "lc-cycle_len": 8}
    found |= {name: name in families for name in every} | {f"{name}_tw": window_s for name in every}
    found |= {"vertex_stats": "vertex_stats" in families, "vertex_stats_tw": window_s, "vertex_stats_cols": [4]}
    if statistics is not None:
        found["vertex_stats_feats"] = list(statistics)
    return found
