"""`docs/catalogue.md`, written from the catalogue itself: `python -m cypher.catalogue_page docs/catalogue.md`."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from cypher.catalog import FOLDERS, Catalog
from cypher.job import EVER_MS, JobParam
from cypher.jobs import JOBS
from cypher.lint import RULES
from cypher.statement import Statement

INTRODUCTION = """# Catalogue of Cypher statements

Written by `python -m cypher.catalogue_page docs/catalogue.md`; a test fails when it is stale.
One text runs on KGLite and on Neo4j 5. Times are UTC epoch milliseconds, money is integer cents. A parameter with `?`
may be left out. `count, sum_cents, first_seen, last_seen` are the four numbers of an aggregated link.
"""
TITLES = {
    "schema": "Schema",
    "ingest": "Ingest (run by the sink, derived from `graph.links`)",
    "read": "Reads",
    "jobs": "Statements of the jobs",
    "finbench": "FinBench-derived workload (docs/finbench.md; not LDBC results)",
}


def render(catalog: Catalog) -> str:
    """Return the page: statements by folder, jobs with their parameters, lint rules with their reasons."""
    parts = [INTRODUCTION]
    for folder in reversed(FOLDERS):
        own = [statement for statement in catalog if statement.name.startswith(f"{folder}/")]
        parts.append(f"## {TITLES[folder]}\n\n{_statements(own, brief=folder in ('schema', 'ingest'))}")
    parts.insert(1, f"## Jobs\n\n{_jobs()}")
    parts.append(f"## Lint rules\n\n{_rules()}")
    return "\n".join(parts)


def _statements(statements: Iterable[Statement], *, brief: bool) -> str:
    if brief:
        return _table(("name", "answers"), ((f"`{each.name}`", each.meaning) for each in statements))
    return _table(
        ("name", "parameters", "columns", "answers", "timeout", "version"),
        (
            (
                f"`{each.name}`",
                ", ".join((*each.params, *(f"{name}?" for name in each.optional))),
                ", ".join(each.returns),
                f"{each.meaning} (scans: {each.scan})" if each.scan else each.meaning,
                f"{each.timeout_ms} ms",
                str(each.version),
            )
            for each in statements
        ),
    )


def _jobs() -> str:
    return _table(
        ("name", "finds", "costs", "findings become", "parameters", "version"),
        (
            (
                f"`{job.name}`",
                job.meaning,
                job.cost,
                f"signals, rings `{job.kind}`" if job.kind else "signals" if job.telling else "hints only",
                "<br>".join(map(_parameter, job.params)),
                str(job.version),
            )
            for job in JOBS.values()
        ),
    )


def _parameter(param: JobParam) -> str:
    default = "none" if param.default is None else "the end of time" if param.default == EVER_MS else param.default
    return f"`{param.name}` = {default}: {param.meaning}"


def _rules() -> str:
    reasons = ((f"`{name}`", " ".join((inspect.getdoc(rule) or "").split())) for name, rule in RULES.items())
    return _table(("rule", "because"), reasons)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return "\n".join([*_lines(head, rows), ""])


def _lines(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        cells = [cell.replace("|", "\\|") for cell in row]
        yield f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render(Catalog.load()), encoding="utf-8")
