"""Job: operators that look separate and are joined behind the scenes.

Three footprints can coincide: the accounts they collect with, the addresses behind their sites, the devices and
identifiers of their collection accounts. A thing that more than `max_operators` share (a large host, a payment
intermediary) is suppressed and said so.
"""

from __future__ import annotations

from itertools import groupby

from cypher.job import Job, JobParam, JobRun
from graph.events import NodeKind
from graph.evidence import Evidence

FOOTPRINTS = ("collector", "hosting", "means")
ROWS_PER_READ = 20_000


def operator_footprint(run: JobRun) -> None:
    """Fill `run` with things that join operators, one result per thing."""
    least, most = run.number("min_operators"), run.number("max_operators")
    for footprint in FOOTPRINTS:
        for label, thing, operators in _things(run, footprint, least):
            params = (("count", len(operators)), ("id", thing), ("footprint", footprint))
            nodes = ((label, thing), *((str(NodeKind.OPERATOR), operator) for operator in operators))
            if len(operators) > most:
                hub = (("id", thing), ("count", len(operators)), ("limit", most))
                run.suppressed.append(Evidence("hub_suppressed", hub, nodes=nodes[:1]))
                continue
            row = {"footprint": footprint, "label": label, "id": thing, "operators": list(operators)}
            if not run.keep(row, Evidence("ring_operator", params, nodes=nodes)):
                return


def _things(run: JobRun, footprint: str, least: int) -> list[tuple[str, str, tuple[str, ...]]]:
    asked = {"min_operators": least, "limit": ROWS_PER_READ + 1}
    rows = run.ask(f"jobs/operators_by_{footprint}", asked) or []
    groups = [
        (label, thing, tuple(row["operator"] for row in own))
        for (label, thing), own in groupby(rows, key=lambda row: (row["label"], row["id"]))
    ]
    if len(rows) > ROWS_PER_READ:
        run.cut("candidates")
        groups.pop()  # the last thing may have been cut in the middle
    return groups


OPERATOR_FOOTPRINT = Job(
    "operator_footprint",
    1,
    "operators joined by collection accounts, hosting, devices or identifiers",
    "starts from every operator, of which there are few",
    (
        JobParam("min_operators", 2, "fewest operators on one thing", low=2),
        JobParam("max_operators", 10, "most operators on one thing; above it the thing is in common use", low=2),
    ),
    tuple(f"jobs/operators_by_{footprint}" for footprint in FOOTPRINTS),
    operator_footprint,
)
