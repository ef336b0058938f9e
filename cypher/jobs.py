"""The link-analysis jobs by name, and how to run one."""

from __future__ import annotations

import time
from collections.abc import Mapping

from cypher.catalog import Catalog
from cypher.job import Clock, Job, JobResult, JobRun, Watch
from cypher.job_betting import DEPOSIT_WITHDRAW, OPPOSITE_BETS
from cypher.job_cycle import RISING_CYCLE
from cypher.job_dormant import DORMANT_THEN_ACTIVE
from cypher.job_fan import FAN_IN, FAN_OUT
from cypher.job_flow_trace import FLOW_TRACE
from cypher.job_layers import BIPARTITE, STACK
from cypher.job_link import SHORTEST_LINK
from cypher.job_operators import OPERATOR_FOOTPRINT
from cypher.job_pass_through import PASS_THROUGH
from cypher.job_rotation import DOMAIN_ROTATION
from cypher.job_scatter import GATHER_SCATTER, SCATTER_GATHER
from cypher.job_shared import SHARED_DEVICE, SHARED_DOMAIN, SHARED_IDENTIFIER, SHARED_IP
from cypher.job_structuring import STRUCTURING
from cypher.job_upstream import UPSTREAM_OF_BLOCKED
from graph.errors import QueryRefused
from graph.store.protocol import GraphReader

JOBS: dict[str, Job] = {
    job.name: job
    for job in (
        SHARED_DEVICE,
        SHARED_IP,
        SHARED_IDENTIFIER,
        SHARED_DOMAIN,
        FAN_IN,
        FAN_OUT,
        RISING_CYCLE,
        SCATTER_GATHER,
        GATHER_SCATTER,
        STACK,
        BIPARTITE,
        PASS_THROUGH,
        STRUCTURING,
        DORMANT_THEN_ACTIVE,
        DEPOSIT_WITHDRAW,
        OPPOSITE_BETS,
        UPSTREAM_OF_BLOCKED,
        FLOW_TRACE,
        SHORTEST_LINK,
        OPERATOR_FOOTPRINT,
        DOMAIN_ROTATION,
    )
}
ROW_BUDGET = 1_000
TIME_BUDGET_MS = 60_000


def run_job(
    name: str,
    store: GraphReader,
    catalog: Catalog,
    params: Mapping[str, object],
    *,
    row_budget: int = ROW_BUDGET,
    time_budget_ms: int = TIME_BUDGET_MS,
    clock: Clock = time.monotonic,
    watch: Watch | None = None,
) -> JobResult:
    """Run one job and return what it found inside its budgets; refuses unknown jobs and parameters.

    `clock` gives seconds; it only measures the time budget. `watch` hears of progress and may end the run.
    """
    if name not in JOBS:
        raise QueryRefused(f"there is no job {name}", cure=f"jobs: {', '.join(JOBS)}")
    job = JOBS[name]
    complete = job.complete(params)
    run = JobRun(catalog, store, complete, row_budget, clock() + time_budget_ms / 1000, clock, watch or Watch())
    job.work(run)
    return JobResult(
        job.name,
        job.version,
        tuple(complete.items()),
        tuple(run.rows),
        tuple(run.findings),
        tuple(run.suppressed),
        tuple(run.truncated),
    )
