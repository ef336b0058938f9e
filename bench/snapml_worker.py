"""The rival of `bench.window_rival` in a process of its own: IBM Snap ML's Graph Feature Preprocessor.

Runs under the interpreter of a throw-away environment, so it imports nothing of this project. Reads one JSON order per
line and answers each with one line: `open` sets an instance up over a saved stream, `fill` puts rows into it without
answers, `play` feeds it rows and times each batch. Rows of a stream: edge id, source, target, second, cents
(float64[n, 5]).
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from snapml import GraphFeaturePreprocessor


def main() -> None:
    """Answer orders until the input ends."""
    streams: dict[str, np.ndarray] = {}
    opened: dict[str, GraphFeaturePreprocessor] = {}
    for line in sys.stdin:
        order = json.loads(line)
        name = order["name"]
        if order["do"] == "open":
            streams[name] = np.load(order["stream"])
            opened[name] = GraphFeaturePreprocessor()
            opened[name].set_params(order["params"])
            answer = {"resident_mib": resident_mib()}
        elif order["do"] == "fill":
            for start in range(0, order["end"], order["batch"]):
                opened[name].partial_fit(streams[name][start : min(start + order["batch"], order["end"])].copy())
            answer = {}
        else:
            answer = play(opened[name], streams[name], order)
        print(json.dumps(answer), flush=True)


def play(instance: GraphFeaturePreprocessor, rows: np.ndarray, order: dict[str, Any]) -> dict[str, Any]:
    """Feed rows `start` to `end` in batches; stop after `limit_s`. Saves the answers where `save` says."""
    batch, end, done, kept = order["batch"], order["end"], order["start"], []
    wall, cpu = [], []
    begun = time.perf_counter()
    while done < end and time.perf_counter() - begun < order["limit_s"]:
        part = np.ascontiguousarray(rows[done : min(done + batch, end)])
        busy, clock = time.process_time(), time.perf_counter()
        answers = instance.transform(part)
        wall.append(time.perf_counter() - clock)
        cpu.append(time.process_time() - busy)
        done += len(part)
        if order.get("save"):
            kept.append(answers)
    if kept:
        np.save(order["save"], np.concatenate(kept))
    return {"done": done, "wall": wall, "cpu": cpu, "resident_mib": resident_mib()}


def resident_mib() -> float:
    """Memory of this process now, MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


if __name__ == "__main__":
    main()
