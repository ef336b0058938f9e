"""Parameters that every job about money movements takes: the span of time, the kind of movement, and what a hub is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cypher.job import EVER_MS, JobParam, JobRun, Value
from cypher.movements import I64, Movements
from graph.events import NodeKind
from graph.evidence import Evidence

HUBS_SHOWN = 100
WINDOW = "longest time from the first transaction to the last (ms)"
#: What a job that looks at every movement costs.
READS_ALL = "reads every movement of the span once, in pages"
MAX_DEGREE = JobParam(
    "max_degree", 500, "accounts with more distinct counterparties than this in the span are hubs and left out", low=2
)


def span_params() -> tuple[JobParam, ...]:
    """`lo`, `hi` and `kind`; bare links without amount and time never count as movements."""
    return (
        JobParam("lo", 0, "transactions at or after this time (UTC epoch ms)"),
        JobParam("hi", EVER_MS, "transactions before this time (UTC epoch ms)"),
        JobParam("kind", None, "only movements of this kind, such as transfer", optional=True, text=True),
    )


def span_of(run: JobRun) -> dict[str, Value]:
    """The same three as statement parameters."""
    return {name: run.params[name] for name in ("lo", "hi", "kind")}


def hubs(run: JobRun, table: Movements) -> NDArray[np.bool_]:
    """Which accounts are hubs: True for those above `max_degree`; they are named as suppressed, the largest first."""
    degrees = table.degrees()
    limit = run.number("max_degree")
    above: I64 = np.flatnonzero(degrees > limit)
    for account in above[np.argsort(-degrees[above], kind="stable")][:HUBS_SHOWN].tolist():
        params = (("id", table.names[account]), ("count", int(degrees[account])), ("limit", limit))
        node = (str(NodeKind.ACCOUNT), table.names[account])
        run.suppressed.append(Evidence("hub_suppressed", params, nodes=(node,)))
    found: NDArray[np.bool_] = degrees > limit
    return found
