"""Compare the rings of a `tarrafa run --out` with those a data set knows: `python -m bench.rings DATA rings.csv`.

DATA is a Hop folder (`rings.parquet`, `nodes.parquet`) or an AMLGentex folder (`ring_members.csv.gz`).
"""

from __future__ import annotations

import csv
import gzip
import sys
from collections import defaultdict
from pathlib import Path

import pyarrow.parquet as pq

from rings.evaluate import Evaluation, evaluate

Rings = dict[str, set[str]]


def found_rings(path: Path) -> Rings:
    """Rings of a rings.csv."""
    rings: Rings = defaultdict(set)
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            rings[row["ring_id"]].add(row["account_id"])
    return rings


def known_rings(data: Path) -> tuple[Rings, dict[str, str]]:
    """Rings that the data set knows, and their kinds where it names them."""
    rings: Rings = defaultdict(set)
    kinds: dict[str, str] = {}
    if (data / "rings.parquet").exists():
        for row in pq.read_table(data / "rings.parquet").to_pylist():
            rings[str(row["ring_id"])].add(str(row["id"]))
    else:
        with gzip.open(data / "ring_members.csv.gz", "rt", newline="") as file:
            for row in csv.DictReader(file):
                rings[row["modelID"]].add(row["accountID"])
                kinds[row["modelID"]] = row["type"]
    return rings, kinds


def kept_accounts(data: Path) -> set[str]:
    """Accounts that the reviewers of a Hop folder kept; empty for other data."""
    if not (data / "nodes.parquet").exists():
        return set()
    return {str(row["id"]) for row in pq.read_table(data / "nodes.parquet").to_pylist() if row["eliminated"] == 0}


def main() -> None:
    """Print the comparison."""
    data, path = Path(sys.argv[1]), Path(sys.argv[2])
    found = found_rings(path)
    known, kinds = known_rings(data)
    result: Evaluation = evaluate(found, known, kinds=kinds)
    print(f"rings known / found      {result.true_rings} / {result.found_rings}")
    for name, quality in (("ring", result.rings), ("account", result.accounts)):
        print(f"{name} P / R / F1".ljust(25) + f"{quality.precision:.3f} / {quality.recall:.3f} / {quality.f1:.3f}")
    print(f"adjusted Rand index      {result.adjusted_rand:.3f}")
    kept = kept_accounts(data)
    if kept:
        flagged = set().union(*found.values()) if found else set()
        print(f"kept accounts flagged    {len(flagged & kept) / len(kept):.3%}")
    for kind in result.kinds:
        print(f"found of {kind.kind}".ljust(25) + f"{kind.matched} of {kind.total}")


if __name__ == "__main__":
    main()
