"""The benchmarks by name: `python -m bench` runs them all, `python -m bench sink reads` those two, `--list` names them.

Each runs in a process of its own, with its defaults on the embedded store; its own options come after its module
(`python -m bench.sink --help`). Tables and JSON go to `out/bench/`.
"""

from __future__ import annotations

import argparse
import importlib
import os
import subprocess
import sys
from pathlib import Path

#: Name and the arguments of a run on this machine alone.
BENCHMARKS: dict[str, tuple[str, ...]] = {
    "window_rival": (),
    "window_growth": (),
    "score_stream": (),
    "model_score": (),
    "train": (),
    "cycle_search": (),
    "end_to_end": (),
    "long_stream": (),
    "warm_start": (),
    "ring_upkeep": (),
    "wide_pass": (),
    "sink": ("--store", "kglite"),
    "reads": ("--stores", "kglite"),
    "http_score": (),
    "lists": (),
    "ring_ids": (),
    "quality_rival": (),
    "robustness": (),
    "typology_jobs": ("--stores", "kglite"),
    "finbench": ("--stores", "kglite"),
}
#: The embedded store beside other native libraries needs this before the process starts (ADR 0001).
ENVIRONMENT = {"GLIBC_TUNABLES": "glibc.rtld.optional_static_tls=4096", "OMP_WAIT_POLICY": "passive"}


def main() -> None:
    """Run what is asked for; ends with 1 when one of them found a wrong answer or failed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(BENCHMARKS)}; all when absent")
    parser.add_argument("--list", action="store_true", help="say what each measures")
    parser.add_argument("--out", type=Path, default=Path("out/bench"))
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(BENCHMARKS)
    if unknown:
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    if arguments.list:
        for name in BENCHMARKS:
            print(f"{name:13} {(importlib.import_module(f'bench.{name}').__doc__ or '').splitlines()[0]}")
        return
    arguments.out.mkdir(parents=True, exist_ok=True)
    failed = [name for name in arguments.names or BENCHMARKS if not run(name, arguments.out)]
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


def run(name: str, out: Path) -> bool:
    """Run one benchmark, its table to the terminal and to a file; say whether it ended well."""
    print(f"\n== {name}", flush=True)
    command = [sys.executable, "-m", f"bench.{name}", *BENCHMARKS[name], "--out", str(out / f"{name}.json")]
    done = subprocess.run(command, env=ENVIRONMENT | os.environ, stdout=subprocess.PIPE, text=True, check=False)
    print(done.stdout, end="")
    (out / f"{name}.txt").write_text(done.stdout, encoding="utf-8")
    return done.returncode == 0


if __name__ == "__main__":
    main()
