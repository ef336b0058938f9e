"""Parameters that every job about money movements takes: the span of time and the kind of movement."""

from __future__ import annotations

from cypher.job import EVER_MS, JobParam, JobRun, Value

CANDIDATES = 50_000  # accounts read further in one run
WINDOW = "longest time from the first transaction to the last (ms)"


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
