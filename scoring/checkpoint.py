"""Everything in memory that is worked out from the log - window, rings, governance, context - as one checkpoint."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from graph.checkpoint import Column, Frozen, Record, below, prefixed, record_of
from graph.events import GovernanceChanged
from graph.found import PART as FOUND
from graph.found import change_of
from graph.window.checkpoint import freeze_window, thaw_window
from rings.checkpoint import freeze_engine, freeze_life, held_edges, thaw_engine, thaw_life
from scoring.projection import Projection


class _Rest(msgspec.Struct, array_like=True):
    blocked: set[str]
    with_findings: set[str]
    governance: list[GovernanceChanged]
    context: dict[str, Sequence[tuple[int, tuple[int, int, str, str]]]]


def freeze_projection(projection: Projection) -> Frozen:
    """Copy everything `projection` holds; call it right after `ring_changes`."""
    rest = _Rest(
        blocked=projection._blocked.copy(),
        with_findings=projection._with_findings.copy(),
        governance=projection.governance.changes.copy(),
        context=dict(projection.context.parts()),
    )
    parts: dict[str, Column | bytes | Record] = dict(prefixed("window", freeze_window(projection.window)))
    parts["rings"] = freeze_engine(projection._rings)
    parts |= dict(prefixed("models", projection.models.freeze()))
    parts["life"] = freeze_life(projection.life)
    parts["scoring"] = Record(rest)
    return parts


def thaw_projection(projection: Projection, frozen: Frozen) -> None:
    """Make the new `projection` what `freeze_projection` saw; KeyError or msgspec errors when it is something else."""
    rest = msgspec.msgpack.decode(record_of(frozen, "scoring"), type=_Rest)
    projection.window = thaw_window(projection.window.settings, below("window", frozen))
    thaw_engine(projection._rings, record_of(frozen, "rings"))
    projection._blocked.update(rest.blocked)
    projection._with_findings = rest.with_findings
    projection._edges = held_edges(projection._rings)
    projection.context.restore(rest.context)
    for event in rest.governance:
        projection.governance.apply(event)
        if event.part == FOUND:
            projection._withdrawn.update(change_of(event.content).withdrawn)
    projection.models.thaw(below("models", frozen))
    thaw_life(projection.life, record_of(frozen, "life"))
