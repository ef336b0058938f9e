"""What the commands print."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from graph.evidence import Ring
from ingest.leak import LeakReport
from ingest.simulator.world import World
from ledger.records import Summary
from rings.evaluate import Evaluation, Quality, evaluate, read_truth
from rings.role_quality import RoleQuality, read_roles, role_quality
from service.bootstrap import Service
from service.run import Played, all_rings, iso

SHOWN_RINGS = 15


def show_rows(console: Console, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows of text under their column names."""
    table = Table(Column(escape(columns[0]), no_wrap=True), *map(escape, columns[1:]))
    for row in rows:
        table.add_row(*map(escape, row))
    console.print(table)


def cell(column: str, value: object) -> str:
    """A value of a job's row as people read it: times in ISO form, cents as money, lists with commas."""
    if isinstance(value, int) and column.endswith(("_ts", "_seen")):
        return iso(value)
    if isinstance(value, int) and column.endswith("cents"):
        return money(value)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def show_played(console: Console, played: Played, summary: Summary, state_hash: str) -> None:
    """Print what was played, what was set aside and why, and the decisions."""
    rows = [
        ("rows", f"{played.rows:,}"),
        ("events accepted", f"{played.accepted:,}"),
        ("repeats", f"{played.repeats:,}"),
        ("conflicts", f"{played.conflicts:,}"),
        ("events/s", f"{played.events_per_second:,.0f}"),
        *(
            (f"set aside: {reason.replace('_', ' ')}", f"{count:,}")
            for reason, count in sorted(played.set_aside.items())
        ),
        *((f"left out: {reason.replace('_', ' ')}", f"{count:,}") for reason, count in sorted(played.dropped.items())),
        *((f"noted: {fact.replace('_', ' ')}", f"{count:,}") for fact, count in sorted(played.notes.items())),
        *((f"decision: {kind}", f"{count:,}") for kind, count in sorted(summary.decisions.items())),
        ("state hash", state_hash),
    ]
    show_rows(console, (played.source, ""), rows)
    for row in played.first_set_aside:
        console.print(f"set aside, line {row.line}: {row.message}", highlight=False, markup=False)
    if played.leaks is not None:
        _show_leaks(console, played.leaks)


def _show_leaks(console: Console, leaks: LeakReport) -> None:
    """Say which meaningless quantities tell the label: any quality measured on such data is measured on the leak."""
    for leak in leaks.suspects:
        console.print(
            f"label leak: {leak.name.replace('_', ' ')} alone tells the label of a {leak.subject} with AUC"
            f" {leak.auc:.2f} (honest: 0.45 to 0.55)",
            highlight=False,
        )
    if not leaks.suspects:
        console.print(
            f"labels: {leaks.positive:,} of {leaks.labelled:,} positive; position, ids and digits do not tell them",
            highlight=False,
        )


def show_rings(console: Console, service: Service) -> None:
    """Print the strongest rings."""
    strongest: list[Ring] = list(service.ledger.rings(limit=SHOWN_RINGS).items)
    total = sum(service.ledger.summary().rings.values())
    rows = [
        (
            ring.ring_id,
            ring.kind.replace("_", " "),
            f"{ring.score:.0f}",
            str(len(ring.members)),
            money(ring.in_cents),
            money(ring.out_cents),
            money(ring.retained_cents),
            iso(ring.first_ts)[:10],
        )
        for ring in strongest
    ]
    show_rows(console, ("ring", "kind", "score", "size", "in", "out", "retained", "first"), rows)
    if total > len(strongest):
        console.print(f"{len(strongest)} of {total} rings shown", highlight=False)


def compare_with_truth(service: Service, world: World) -> tuple[Evaluation, RoleQuality]:
    """Compare the rings found, and their members' roles, with those the world planted."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "truth.csv"
        world.write_truth(path)
        truth, roles = read_truth(path), read_roles(path)
    rings = list(all_rings(service))
    found = {ring.ring_id: [member.account for member in ring.members] for ring in rings}
    result = evaluate(found, truth.rings, kinds=truth.kinds)
    return result, role_quality(rings, result.matches, roles)


def show_evaluation(console: Console, service: Service, world: World) -> None:
    """Print precision and recall against the planted truth, which scoring never saw."""
    result, roles = compare_with_truth(service, world)
    rows = [
        ("rings planted / found", f"{result.true_rings} / {result.found_rings}"),
        ("ring precision / recall / F1 (Jaccard >= 0.5)", _quality(result.rings)),
        ("account precision / recall / F1", _quality(result.accounts)),
        ("adjusted Rand index", f"{result.adjusted_rand:.2f}"),
        ("roles right, of members of matched rings", f"{roles.accuracy:.2f} of {roles.known}"),
        *((f"found: {kind.kind.replace('_', ' ')}", f"{kind.matched} of {kind.total}") for kind in result.kinds),
    ]
    show_rows(console, ("against the planted truth", ""), rows)


def _quality(quality: Quality) -> str:
    return f"{quality.precision:.2f} / {quality.recall:.2f} / {quality.f1:.2f}"


def money(cents: int) -> str:
    """Cents as an amount with two decimals and thousands separators."""
    return f"{cents / 100:,.2f}"
