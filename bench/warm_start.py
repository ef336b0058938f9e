"""A start from a checkpoint beside a start that reads the whole log, in one run: time, memory and the pause of a copy.

Each start is a process of its own on a copy of one home; both must answer the same score. Compiled kernels and Python's
bytecode are warm: one start before the first measured one makes them, and a start that compiles any is an error. The
first score is that of a movement that happens now, behind all others. `served` is what a caller sees: from the start
of `tarrafa serve` to its answer to a first call.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from api.rest.examples import EXAMPLES
from api.rest.wire import BetIn
from bench.http_score import cpu_seconds
from bench.stream import entries

PROBE = "--probe"
REACH_S = 2.0
STAGES = ("imports", "opening", "first score")


def main() -> None:
    """Fill a home, start from it both ways, print a table and write JSON; ends with 1 when the answers differ."""
    parser = argparse.ArgumentParser(prog="python -m bench.warm_start", description=__doc__)
    parser.add_argument("--events", type=int, default=60_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out", type=Path)
    parser.add_argument(PROBE, type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.probe:
        first_score(arguments.probe)
        return
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "home")
        pause_s, size = filled(home, arguments.events)
        ways = {"checkpoint": {}, "whole log": {"TARRAFA_WINDOW_CHECKPOINT_EVENTS": "0"}}
        started(home, Path(folder), {})
        runs = {
            way: [started(home, Path(folder), extra) for _ in range(arguments.repeats)] for way, extra in ways.items()
        }
        served = [serving(home, Path(folder)) for _ in range(arguments.repeats)]
    print(
        f"{arguments.events:,} events; a copy of memory stops scoring for {pause_s * 1000:.0f} ms and takes "
        f"{size:.0f} MiB on disk"
    )
    print(f"{'start from':12} {'first score':>12} {'CPU':>8} {'memory':>10}")
    for way, found in runs.items():
        wall, cpu, memory = (median(run[name] for run in found) for name in ("wall_s", "cpu_s", "memory_mib"))
        print(f"{way:12} {wall:>10.2f} s {cpu:>6.2f} s {memory:>6.0f} MiB")
    parts = {name: median(run["stages"][name] for run in runs["checkpoint"]) for name in STAGES}
    print("from the checkpoint, s of CPU: " + ", ".join(f"{name} {seconds:.2f}" for name, seconds in parts.items()))
    wall, cpu = (median(run[name] for run in served) for name in ("wall_s", "cpu_s"))
    print(f"served: first answer of tarrafa serve after {wall:.2f} s, {cpu:.2f} s of CPU")
    reached = median(run["wall_s"] for run in runs["checkpoint"]) <= REACH_S
    print(f"first score within {REACH_S:g} s of a warm start: {'yes' if reached else 'no'}")
    if any(run["compiled"] for found in runs.values() for run in found):
        sys.exit("wrong: a warm start compiled kernels")
    if arguments.out:
        result = {"events": arguments.events, "pause_s": pause_s, "checkpoint_mib": size, "runs": runs}
        result["served"] = served
        arguments.out.write_text(json.dumps(result, indent=2), encoding="utf-8")
    if len({run["answer"] for found in runs.values() for run in found}) != 1:
        sys.exit("the answers differ")


def filled(home: Path, count: int) -> tuple[float, float]:
    """Make a home that stopped cleanly; return seconds that a copy of its memory takes and MiB of its checkpoint."""
    from scoring.checkpoint import freeze_projection
    from service.bootstrap import open_service
    from service.settings import load_settings

    with open_service(load_settings(home=home), work=True) as service:
        batch = []
        for entry in entries(count, seed=1, habit=0.9):
            batch.append(entry.event)
            if len(batch) == 1_000:
                service.running.submit(batch)
                batch = []
        service.running.submit(batch)
        service.running.flush(settle=True)
        before = time.perf_counter()
        freeze_projection(service.running._projection)
        pause_s = time.perf_counter() - before
    newest = max((home / "checkpoints").iterdir(), key=lambda path: path.stat().st_mtime)
    return pause_s, sum(path.stat().st_size for path in newest.iterdir()) / (1 << 20)


def started(home: Path, folder: Path, extra: dict[str, str]) -> dict[str, Any]:
    """Start a process on a copy of the home, have it score once, and say what that took."""
    copy = Path(shutil.copytree(home, folder / "copy"))
    environment = warm(folder) | extra
    before = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "bench.warm_start", PROBE, str(copy)], env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        wall_s = time.perf_counter() - before
    shutil.rmtree(copy)
    return {"wall_s": wall_s, **json.loads(said)}


def warm(folder: Path) -> dict[str, str]:
    """The environment, with a place for bytecode."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return environment | {"PYTHONPYCACHEPREFIX": str(folder / "bytecode")}


def serving(home: Path, folder: Path) -> dict[str, float]:
    """Serve a copy of the home and call it once; seconds from the start of the process to the answer."""
    copy = Path(shutil.copytree(home, folder / "copy"))
    command = [sys.executable, "-m", "service", "serve", "--port", "0", "--home", str(copy)]
    before = time.perf_counter()
    with subprocess.Popen(command, env=warm(folder), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = next(found[1] for line in process.stdout if (found := re.search(r"127\.0\.0\.1:(\d+)", line)))
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/api/transactions/score",
            json.dumps(EXAMPLES[BetIn]).encode(),
            {"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            json.load(answer)
        wall_s, cpu_s = time.perf_counter() - before, cpu_seconds(process.pid)
        process.terminate()
    shutil.rmtree(copy)
    return {"wall_s": wall_s, "cpu_s": cpu_s}


def first_score(home: Path) -> None:
    """Open the home as `tarrafa serve` does, with all it imports, and score one movement; print what that took."""
    from numba.core import event

    from graph.events import Movement
    from service.bootstrap import open_service
    from service.settings import load_settings

    for room in ("service.commands", "service.web"):
        importlib.import_module(room)
    marks = [time.process_time()]
    with (
        event.install_recorder("numba:compile") as compiled,
        open_service(load_settings(home=home), work=True) as opened,
    ):
        marks.append(time.process_time())
        newest = opened.running._projection.window.newest[0]
        movement = Movement(
            event_id="tx:first", ts=newest + 1_000, source="account-1", target="account-2", amount_cents=100_000
        )
        answer = opened.running.score([movement])[0]
        marks.append(time.process_time())
        used = resource.getrusage(resource.RUSAGE_SELF)
        found = {
            "cpu_s": used.ru_utime + used.ru_stime,
            "memory_mib": used.ru_maxrss / 1024,
            "stages": dict(zip(STAGES, np.diff([0.0, *marks]).tolist(), strict=True)),
            "compiled": len(compiled.buffer),
            "answer": f"{answer.value} {answer.decision} {_names(answer.signals)}",
        }
        print(json.dumps(found), flush=True)


def _names(signals: Sequence[Any]) -> str:
    return " ".join(f"{signal.name}={signal.points}" for signal in signals)


if __name__ == "__main__":
    main()
