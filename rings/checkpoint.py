"""The ring engine as one record of a checkpoint, and back. Indexes over findings are made anew."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from graph.evidence import Ring
from graph.window.records import Edge
from rings.engine import RingEngine
from rings.findings import Finding
from rings.links import BareLinks
from rings.means import SharedMeans
from rings.operators import OperatorTies


class _Links(msgspec.Struct, array_like=True):
    accounts: list[str]
    pairs: list[Edge]
    services: set[str]
    found: list[Finding]
    seen_at_last_pass: int
    changed: bool


class _Engine(msgspec.Struct, array_like=True):
    means: SharedMeans
    operators: OperatorTies
    links: _Links
    findings: list[Finding]
    of_owner: dict[str, tuple[str, ...]]
    public: set[str]
    ring_of: dict[str, str]
    rings: list[Ring]


def freeze_engine(engine: RingEngine) -> bytes:
    """Everything the engine knows; call it right after `changes`, when nothing waits to be placed."""
    if engine._dirty or engine._torn:
        raise RuntimeError("rings wait to be worked out: call `changes` first")
    links = engine.links
    return msgspec.msgpack.encode(
        _Engine(
            means=engine.means,
            operators=engine.operators,
            links=_Links(
                accounts=list(links._numbers),
                pairs=list(links._pairs.values()),
                services=links._services,
                found=list(links._found.values()),
                seen_at_last_pass=links._seen_at_last_pass,
                changed=links._changed,
            ),
            findings=list(engine._findings.values()),
            of_owner=engine._of_owner,
            public=engine._public,
            ring_of=engine._ring_of,
            rings=list(engine._rings.values()),
        )
    )


def thaw_engine(engine: RingEngine, content: bytes) -> None:
    """Make the new `engine` what `freeze_engine` saw; msgspec errors when `content` is something else."""
    state = msgspec.msgpack.decode(content, type=_Engine)
    engine.means, engine.operators, engine.links = state.means, state.operators, _links(state.links)
    edges: dict[str, Edge] = {}
    for found in state.findings:
        finding = replace(found, edges=tuple(edges.setdefault(edge.event_id, edge) for edge in found.edges))
        engine._findings[finding.name] = finding
        for account in finding.core:
            engine._by_core.setdefault(account, set()).add(finding.name)
        for account in finding.others:
            engine._by_other.setdefault(account, set()).add(finding.name)
    engine._of_owner, engine._public, engine._ring_of = state.of_owner, state.public, state.ring_of
    engine._rings = {ring.ring_id: ring for ring in state.rings}
    for name, ring_id in state.ring_of.items():
        engine._members_of.setdefault(ring_id, set()).add(name)


def held_edges(engine: RingEngine) -> dict[str, Edge]:
    """The movements that findings consist of, by event id."""
    return {edge.event_id: edge for finding in engine._findings.values() for edge in finding.edges}


def _links(state: _Links) -> BareLinks:
    links = BareLinks()
    links._numbers = {account: number for number, account in enumerate(state.accounts)}
    for edge in state.pairs:
        one, two = links._numbers[edge.source], links._numbers[edge.target]
        links._pairs[(one, two) if one < two else (two, one)] = edge
    links._services, links._changed = state.services, state.changed
    links._found = {finding.name: finding for finding in state.found}
    links._seen_at_last_pass = state.seen_at_last_pass
    return links
