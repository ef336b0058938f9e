"""The window over ever longer streams: `python -m bench.window_growth`.

One stream of constant density, given as arrays: accounts come and go, so that only its length grows. At each length:
the speed of the movements just before it (CPU time) and the memory of the process. First of all the last answers must
equal those of a window that was only given the end of the stream.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from bench.apart import apart, resident_mib
from bench.pictures import lines
from bench.window_ours import Ours, warmed_up
from bench.window_streams import DAY_S, Stream
from graph.window.features import FEATURE_INDEX

PER_DAY = 10_000
ALIVE = 20_000  # accounts that take part on any day
STAY_DAYS = 90  # how long each does
LOOKBACK_DAYS = 5
MEASURED = 50_000  # movements timed before each mark
#: Features that know more than the lookback: when an account, or those it deals with, was first seen.
SINCE_EVER = (
    "account_age_days",
    "target_age_days",
    "payees_age_median",
    "payers_age_median",
    "target_payees_age_median",
    "target_payers_age_median",
)
REACH = 0.2  # largest loss of speed


def main() -> None:
    """Play, measure, check, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--marks", type=int, nargs="+", default=[100_000, 300_000, 1_000_000, 3_000_000, 10_000_000])
    parser.add_argument("--batch", type=int, default=1_000)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    told = apart(measure, sorted(arguments.marks), arguments.batch)
    rows = told["rows"]
    print(f"the last {told['checked']:,} answers equal those of a window that knows only the end of the stream")
    print("| movements | tx/s | p99 ms a batch | live movements | accounts seen | columns MiB | process MiB |")
    print("|---|---|---|---|---|---|---|")
    for row in rows:
        print(
            f"| {row['movements']:,} | {row['tx_per_s']:,.0f} | {row['p99_ms']:.1f} | {row['live']:,} "
            f"| {row['accounts']:,} | {row['columns_mib']:.0f} | {row['mib']:.0f} |"
        )
    loss = 1 - rows[-1]["tx_per_s"] / rows[0]["tx_per_s"]
    print(f"speed lost from first to last: {loss:.0%} (reach: {REACH:.0%}, {'yes' if loss <= REACH else 'no'})")
    if arguments.out is not None:
        arguments.out.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
        at = [row["movements"] for row in rows]
        panels = {
            "transactions/s": {"window": [row["tx_per_s"] for row in rows]},
            "MiB": {"process": [row["mib"] for row in rows], "columns": [row["columns_mib"] for row in rows]},
        }
        lines(at, panels, arguments.out.with_suffix(".png"), axis="movements so far")


def pieces(count: int, *, size: int) -> Iterator[Stream]:
    """`count` movements in pieces of `size`; each piece is the same whatever `count` is.

    Accounts are numbered by when they come; at any moment the ALIVE newest take part, evenly.
    """
    for start in range(0, count, size):
        random = np.random.default_rng(start)
        place = np.arange(start, min(start + size, count))
        oldest = place * ALIVE // (PER_DAY * STAY_DAYS)
        source, target = (oldest + random.integers(0, ALIVE, len(place)) for _ in range(2))
        target = np.where(source == target, source + 1, target)
        yield Stream(source, target, place * DAY_S // PER_DAY, random.integers(100, 500_000, len(place)))


def measure(marks: list[int], batch: int) -> dict[str, Any]:
    """Play up to the last mark; speed and memory at each."""
    warmed_up()
    ours = Ours(lookback_days=LOOKBACK_DAYS)
    rows, done, size = [], 0, MEASURED
    for piece in pieces(marks[-1], size=size):
        ours.play(piece, first=done, batch=batch)
        done += len(piece.source)
        if done in marks:
            window, cpu = ours.window, np.array(ours.cpu)
            rows.append(
                {
                    "movements": done,
                    "tx_per_s": len(piece.source) / float(cpu.sum()),
                    "p99_ms": float(np.percentile(cpu, 99)) * 1e3,
                    "live": window.end - window.first,
                    "accounts": len(window.accounts.names),
                    "columns_mib": window.bytes_used / 2**20,
                    "mib": resident_mib(),
                }
            )
        ours.wall.clear()
        ours.cpu.clear()
    return {"rows": rows, "checked": check(ours, marks[-1], batch)}


def check(ours: Ours, count: int, batch: int) -> int:
    """Raise SystemExit unless a window that starts late in the stream answers the end of it alike."""
    needed = -(-(LOOKBACK_DAYS + 1) * 2 * PER_DAY // MEASURED) * MEASURED
    late = Ours(lookback_days=LOOKBACK_DAYS)
    start = max(0, count - needed)
    for number, piece in enumerate(pieces(count, size=MEASURED)):
        if number * MEASURED >= start:
            late.play(piece, first=number * MEASURED, batch=batch)
    compared = min(1_000, count)
    mine, other = (
        side.window.answer(np.arange(side.window.end - compared, side.window.end)).features for side in (ours, late)
    )
    ages = [FEATURE_INDEX[name] for name in SINCE_EVER]
    if not np.array_equal(np.delete(mine, ages, axis=1), np.delete(other, ages, axis=1)):
        sys.exit("wrong: answers depend on what came before the horizon")
    return compared


if __name__ == "__main__":
    main()
