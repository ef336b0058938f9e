"""What a link-analysis job found, as a finding that rings are made of."""

from __future__ import annotations

from graph.events import MovementKind
from graph.found import Found
from graph.window.records import Edge
from graph.window.window import MOVEMENT_CODES
from rings.findings import Finding


def job_finding_name(found_id: str) -> str:
    """Name under which the rings hold it."""
    return f"job:{found_id}"


def finding_of_job(found: Found, event_id: str) -> Finding | None:
    """The finding, None where it is no shape of ring; `event_id` brought it, and is its proof where no movement is."""
    if found.kind is None:
        return None
    edges = tuple(
        Edge(each.event_id, each.ts, each.source, each.target, each.cents, MOVEMENT_CODES[MovementKind(each.kind)])
        for each in sorted(found.movements, key=lambda each: (each.ts, each.event_id))
    )
    return Finding(
        name=job_finding_name(found.id),
        key=(edges[-1].ts, edges[-1].event_id) if edges else (found.ts, event_id),
        kind=found.kind,
        core=frozenset(found.core),
        others=frozenset(found.others) - frozenset(found.core),
        edges=edges,
        means=found.means,
        events=() if edges else (event_id,),
        operators=found.operators,
    )
