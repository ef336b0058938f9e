"""The window beside IBM Snap ML's Graph Feature Preprocessor, one thread each: `python -m bench.window_rival`.

All features and patterns of both, over the same whole numbers in the same batches, once with windows of one day and
once of twenty. Both take in the first half of a stream untimed, so that windows are full; over the second half turns of
a few batches alternate, and the ratio is over the batches that both did. The rival is proprietary and only measured: it
is installed by pip into a throw-away environment (`--rival-home`); where that fails its columns stay empty and the
reason is printed. Speeds are of CPU time, which another program on the machine disturbs least; wall times are in the
JSON.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from bench.apart import apart, resident_mib
from bench.pictures import Panels, bars
from bench.snapml_process import RivalMissing, Worker, environment, parameters
from bench.window_check import check_counts, check_cycles, check_entrances, check_oracle, saved
from bench.window_ours import Ours, warmed_up
from bench.window_streams import DAY_S, Stream, random_stream

ACCOUNTS, DAYS = 20_000, 18.0
SHAPES = ("uniform", "zipf", "hubs")
TURN = 64  # batches of one side before the other is given its turn
FAMILIES = ("fan", "degree", "scatter-gather", "temp-cycle", "lc-cycle", "vertex_stats")
REACH = {1: 1.0, 20: 10.0}  # times the rival's speed, by days of the windows
REACH_P99_MS = 5.0


def main() -> None:
    """Check, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--transactions", type=int, default=200_000)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--days", type=int, nargs="+", default=[1, 20], help="lengths of the windows")
    parser.add_argument("--rival-seconds", type=float, default=12.0, help="the rival is stopped after so long")
    parser.add_argument("--rival-home", type=Path, default=Path("out/rival-env"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    python, reason = rival(arguments.rival_home)
    rows = []
    with tempfile.TemporaryDirectory(prefix="tarrafa-bench-") as folder:
        print(f"{check_entrances(arguments.seed):,} answers to arrays equal those to events")
        print(f"{check_oracle(arguments.seed):,} values equal the plain computation")
        if python is None:
            print(f"no rival: {reason}")
        else:
            print(f"{check_counts(python, Path(folder), arguments.seed):,} counts equal the rival's")
            print(f"{check_cycles(python, Path(folder), arguments.seed):,} planted cycles found by both, no others")
        for days, shape in product(arguments.days, SHAPES):
            stream = random_stream(
                shape, count=arguments.transactions, accounts=ACCOUNTS, days=DAYS, seed=arguments.seed
            )
            path = saved(stream, Path(folder) / f"{shape}.npy")
            measured = apart(measure, stream, path, python, days, arguments.batch, arguments.rival_seconds)
            rows.append({"days": days, "stream": shape} | measured)
    print(table(rows))
    if arguments.out is not None:
        kept = {"transactions": arguments.transactions, "batch": arguments.batch, "no_rival": reason, "rows": rows}
        arguments.out.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
        draw(rows, arguments.out.with_suffix(".png"))


def rival(home: Path) -> tuple[Path | None, str]:
    """The rival's interpreter, or None and why there is none."""
    try:
        return environment(home), ""
    except RivalMissing as missing:
        return None, str(missing)


def measure(stream: Stream, path: str, python: Path | None, days: int, batch: int, limit_s: float) -> dict[str, Any]:
    """Play the stream on both sides in turns; what each came to."""
    warmed_up()
    before = resident_mib()
    ours = Ours(lookback_days=days)
    done: dict[str, Any] = {"done": 0, "wall": [], "cpu": []}
    count, half = len(stream.source), len(stream.source) // 2
    ours.play(stream.part(0, half), first=0, batch=batch, asked=False)
    worker = Worker(python) if python is not None else None
    if worker is not None:
        params = parameters(days * DAY_S, families=FAMILIES)
        empty_mib = worker.ask("open", name="rival", stream=path, params=params)["resident_mib"]
        worker.ask("fill", name="rival", end=half, batch=batch)
    for start in range(half, count, TURN * batch):
        end = min(start + TURN * batch, count)
        ours.play(stream.part(start, end), first=start, batch=batch)
        left_s = limit_s - sum(done["wall"])
        if worker is not None and left_s > 0:
            order = {"name": "rival", "start": start, "end": end, "batch": batch, "limit_s": left_s}
            done = _joined(done, worker.ask("play", **order))
    result = {"ours": summary(ours.wall, ours.cpu, rows=count - half, mib=resident_mib() - before)}
    result["ours"] |= {"truncated": ours.truncated, "cut": ours.cut, "patterns": ours.patterns}
    result["ours"]["columns_mib"] = ours.window.bytes_used / 2**20
    if worker is not None:
        with worker:
            mib = done["resident_mib"] - empty_mib
            result["rival"] = summary(done["wall"], done["cpu"], rows=done["done"] - half, mib=mib)
        result["ours"]["times"] = sum(done["cpu"]) / sum(ours.cpu[: len(done["cpu"])])
    return result


def _joined(so_far: dict[str, Any], turn: dict[str, Any]) -> dict[str, Any]:
    return turn | {name: so_far[name] + turn[name] for name in ("wall", "cpu")}


def summary(wall: list[float], cpu: list[float], *, rows: int, mib: float) -> dict[str, Any]:
    """Speed, and percentiles in ms a batch."""
    busy, passed = (np.array(times) * 1e3 for times in (cpu, wall))
    return {
        "transactions": rows,
        "tx_per_s": rows / sum(cpu),
        "wall_tx_per_s": rows / sum(wall),
        "p50_ms": float(np.percentile(busy, 50)),
        "p99_ms": float(np.percentile(busy, 99)),
        "max_ms": float(busy.max()),
        "wall_p50_ms": float(np.percentile(passed, 50)),
        "wall_p99_ms": float(np.percentile(passed, 99)),
        "mib": mib,
    }


def table(rows: list[dict[str, Any]]) -> str:
    """The rows in markdown."""
    lines = [
        "| windows | stream | side | tx/s | p50 / p99 ms a batch | MiB | times the rival | reached |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        for side in ("ours", "rival"):
            if side not in row:
                continue
            told = row[side]
            ratio, reached = "", ""
            if "times" in told:
                fast = told["times"] >= REACH.get(row["days"], 1.0)
                ratio, reached = f"{told['times']:.2f}", "yes" if fast and told["p99_ms"] <= REACH_P99_MS else "no"
            whole = told["transactions"] == row["ours"]["transactions"]
            side += "" if whole else f" (stopped after {told['transactions']:,})"
            lines.append(
                f"| {row['days']} d | {row['stream']} | {side} | {told['tx_per_s']:,.0f} "
                f"| {told['p50_ms']:.2f} / {told['p99_ms']:.2f} | {told['mib']:.0f} | {ratio} | {reached} |"
            )
    return "\n".join(lines)


def draw(rows: list[dict[str, Any]], path: Path) -> None:
    """Speeds and p99 of both sides, on logarithmic axes."""
    names = [f"{row['days']} d\n{row['stream']}" for row in rows]
    sides = [side for side in ("ours", "rival") if side in rows[0]]
    panels: Panels = {
        title: {side: [row[side][key] for row in rows] for side in sides}
        for title, key in (("transactions/s", "tx_per_s"), ("p99, ms a batch", "p99_ms"))
    }
    bars(names, panels, path)


if __name__ == "__main__":
    main()
