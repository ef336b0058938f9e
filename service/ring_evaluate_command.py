"""`tarrafa rings evaluate`: how well rings are found, in any file with known rings."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from graph.identity import IdentifierKeys
from ingest.formats import open_source
from rings.judgement import Judgement
from service.bootstrap import new_projection, now_ms
from service.home import HomePaths
from service.run import all_rings, progress_bar
from service.settings import load_settings
from service.show import show_rows
from service.terminal import console, opened

#: The file is read and forgotten: hashes made while it is played join with nothing.
_SECRET = b"hashes of an evaluation, which nobody keeps"


def evaluate(
    path: Annotated[Path, typer.Argument(help="A file or folder in any supported format, a rings.csv, or a home.")],
    truth: Annotated[Path, typer.Option("--truth", help="CSV or Parquet (also gzipped) with ring and account ids.")],
    format_name: Annotated[str | None, typer.Option("--format", help="Format; found out when absent.")] = None,
    jaccard: Annotated[float, typer.Option(min=0.01, max=1.0, help="Overlap at which two rings are the same.")] = 0.5,
    out: Annotated[Path | None, typer.Option("--out", help="Write the figures as JSON into this file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON instead of a table.")] = False,
) -> None:
    """Compare the rings found with known ones, beside components and Leiden on the same data."""
    from service.ring_evaluation import (
        FoundRings,
        as_values,
        found_by_playing,
        found_in_file,
        is_ring_file,
        judgements,
        members_of,
    )
    from service.ring_truth import read_ring_truth

    known = read_ring_truth(truth, data=path if path.is_dir() else path.parent)
    if is_ring_file(path):
        found = found_in_file(path)
    elif path.is_dir() and HomePaths(path).log.is_file():
        with opened(load_settings(home=path), work=False) as service:
            found = FoundRings(members=members_of(all_rings(service)))
    else:
        source = open_source(path, format=format_name, keys=IdentifierKeys.from_secret(_SECRET), now_ms=now_ms())
        with tempfile.TemporaryDirectory() as nowhere, progress_bar() as bar:
            settings = load_settings(home=Path(nowhere))
            found = found_by_playing(source, new_projection(settings, IdentifierKeys.from_secret(_SECRET)), bar)
    told = judgements(found, known, jaccard=jaccard)
    values = {"path": str(path), "truth": str(truth), "jaccard": jaccard, "judged": as_values(told)}
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
    if as_json:
        typer.echo(json.dumps(values, indent=2))
    else:
        show_rows(console, ("against the known rings", *(one.name for one in told)), _table(told))


def _table(told: list[Judgement]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []

    def row(name: str, *cells: str) -> None:
        if any(cell for cell in cells):
            rows.append((name, *(cell or "-" for cell in cells)))

    rings = [one.rings for one in told]
    row("rings known / found", *(f"{r.true_rings} / {r.found_rings}" if r else "" for r in rings))
    row("ring P / R / F1", *(_three(r.rings.precision, r.rings.recall, r.rings.f1) if r else "" for r in rings))
    row("accounts in rings", *(f"{one.flagged:,}" for one in told))
    row(
        "account P / R / F1",
        *(_three(one.accounts.precision, one.accounts.recall, one.accounts.f1) for one in told),
    )
    row("adjusted Rand, true members", *(_one(one.adjusted_rand) for one in told))
    row("adjusted Rand, all accounts", *(_one(one.adjusted_rand_all) for one in told))
    row("homogeneity", *(_one(one.homogeneity) for one in told))
    row("completeness", *(_one(one.completeness) for one in told))
    row(
        "cleared accounts flagged",
        *("" if one.cleared_flagged is None else f"{one.cleared_flagged:.2%}" for one in told),
    )
    row("roles right", *("" if one.roles is None else f"{one.roles:.3f} of {one.roles_known}" for one in told))
    kinds = sorted({kind.kind for r in rings if r for kind in r.kinds})
    for kind in kinds:
        cells = []
        for r in rings:
            mine = next((k for k in r.kinds if k.kind == kind), None) if r else None
            cells.append(f"{mine.matched} of {mine.total}" if mine else "")
        row(f"found of {kind.replace('_', ' ')}", *cells)
    return rows


def _three(precision: float, recall: float, f1: float) -> str:
    return f"{precision:.3f} / {recall:.3f} / {f1:.3f}"


def _one(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
