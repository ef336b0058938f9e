"""A million list entries: what loading them costs, and what they add to a score: `python -m bench.lists`.

Accounts, sites, networks and keyed identifiers are listed; batches of movements are matched against a few entries and
against all, and what is found is checked against plain sets first. Times are CPU time of one thread.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from pathlib import Path

import numpy as np

from graph.events import GovernanceChanged, ListKind
from graph.listings import ADD, MAX_CHANGES, PART, Change, EntryKind, content_of
from graph.window.records import Parties
from scoring.lists import Lists

BATCH = 128
START_TS = 1_790_000_000_000


def main() -> None:
    """Load growing lists, match, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, nargs="+", default=[1_000, 1_000_000])
    parser.add_argument("--rows", type=int, default=64_000, help="movements matched")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    runs = [measure(entries, arguments.rows) for entries in arguments.entries]
    print(
        f"{'entries':>10} {'load s':>8} {'MiB':>7} {'us/movement, new names':>24} {'names seen before':>18} {'met':>8}"
    )
    for run in runs:
        print("{entries:>10,} {load_s:>8.2f} {mib:>7.0f} {us_new:>24.2f} {us_known:>18.2f} {met:>8,}".format(**run))
    if arguments.out is not None:
        arguments.out.write_text(json.dumps({"batch": BATCH, "runs": runs}, indent=1) + "\n")


def measure(entries: int, rows: int) -> dict[str, float]:
    """CPU seconds to take in `entries`, MiB they take, CPU microseconds per movement, movements that met one."""
    contents = [
        content_of([listed(number) for number in range(first, min(first + MAX_CHANGES, entries))])
        for first in range(0, entries, MAX_CHANGES)
    ]
    lists = Lists()
    before, started = resident_mib(), time.process_time()
    for version, content in enumerate(contents, start=1):
        event = GovernanceChanged(
            event_id=f"governance:{version}", ts=START_TS, part=PART, content=content, author="bench"
        )
        lists.apply(event, version)
    load_s, mib = time.process_time() - started, resident_mib() - before
    batches = [movements(first) for first in range(0, rows, BATCH)]
    marks, times = [len(contents)] * BATCH, [START_TS] * BATCH
    check(lists, batches, marks, times, entries)
    spent = []
    for _ in range(2):
        started = time.process_time()
        met = sum(len(lists.matches(batch, marks, times)) for batch in batches)
        spent.append(1e6 * (time.process_time() - started) / (len(batches) * BATCH))
    return {"entries": entries, "load_s": load_s, "mib": mib, "us_new": spent[0], "us_known": spent[1], "met": met}


def listed(number: int) -> Change:
    """Entry `number`: half accounts, a quarter sites, and networks and identifiers."""
    kind, value = (
        (EntryKind.ACCOUNT, f"account-{number}"),
        (EntryKind.DOMAIN, f"site-{number}.example"),
        (EntryKind.ACCOUNT, f"account-{number}"),
        (EntryKind.IP, network(number)) if number % 8 < 4 else (EntryKind.DOCUMENT, f"document:bench:{number:032x}"),
    )[number % 4]
    return Change(ADD, ListKind.BLOCK, kind, value, "bench")


def network(number: int) -> str:
    """An address, or a network of 256."""
    high = f"{11 + number // 65_536 % 200}.{number // 256 % 256}.{number % 256}"
    return f"{high}.0/24" if number % 16 < 8 else f"{high}.7"


def movements(first: int) -> Parties:
    """A batch whose names are drawn from twice as many as a million entries name."""
    random = np.random.default_rng(first)
    numbers = random.integers(0, 100_000_000, (5, BATCH)).tolist()
    return Parties(
        sources=[f"account-{number}" for number in numbers[0]],
        targets=[f"account-{number}" for number in numbers[1]],
        devices=[f"device-{number}" for number in numbers[2]],
        ips=[f"10.{number % 200}.{number // 200 % 256}.{number // 51_200 % 256}" for number in numbers[3]],
        domains=[f"www.site-{number % 200_000}.example" for number in numbers[4]],
        operators=[None] * BATCH,
        identifiers=[()] * BATCH,
    )


def check(lists: Lists, batches: list[Parties], marks: list[int], times: list[int], entries: int) -> None:
    """Compare with plain sets of names; networks named here are outside of what is listed."""
    names = {change.value for change in map(listed, range(entries)) if change.kind is not EntryKind.IP}
    for batch in batches[:20]:
        expected = {
            row
            for row in range(BATCH)
            if batch.sources[row] in names
            or batch.targets[row] in names
            or str(batch.domains[row]).removeprefix("www.") in names
        }
        exact = {
            row for row, found in lists.matches(batch, marks, times).items() if any(match.exact for match in found)
        }
        if exact != expected:
            raise SystemExit(f"rows {sorted(exact ^ expected)} are matched wrongly")


def resident_mib() -> float:
    """Memory that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


if __name__ == "__main__":
    main()
