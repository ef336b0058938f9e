"""The ring engine as one record of a checkpoint, and back. Indexes over findings are made anew."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from graph.evidence import Ring, RingChanges
from graph.window.records import Edge
from rings.engine import RingEngine
from rings.findings import Finding
from rings.life import RingLife
from rings.links import BareLinks
from rings.means import SharedMeans
from rings.operators import OperatorTies
from rings.profiles import Profiles
from rings.steps import StepClock


class _Links(msgspec.Struct, array_like=True):
    names: list[str]
    population: list[int]
    began: dict[int, tuple[int, str, float]]
    ways: list[str]
    dealings: set[tuple[int, int, int]]
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


class _Life(msgspec.Struct, array_like=True):
    clock: StepClock
    differing: list[Ring]  # as of the last step, where they are others now
    missing: list[str]  # rings that were not there at the last step
    numbers: dict[str, int]
    closed: set[str]
    judged: dict[str, str]
    links_at_step: int


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
                names=list(links.profiles.numbers),
                population=sorted(links.profiles.population),
                began=links.profiles.began,
                ways=list(links.profiles.ways),
                dealings=links.profiles.dealings,
                pairs=list(links.pairs.values()),
                services=links.services,
                found=list(links.found.values()),
                seen_at_last_pass=links.seen_at_last_pass,
                changed=links.changed,
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


def freeze_life(life: RingLife) -> bytes:
    """The history that goes on; call it right after `changes`, when every step was taken."""
    told, now = life.lineage.told.rings, life.engine._rings
    return msgspec.msgpack.encode(
        _Life(
            clock=life.clock,
            differing=[ring for ring_id, ring in told.items() if now.get(ring_id) != ring],
            missing=sorted(now.keys() - told.keys()),
            numbers=life.lineage.numbers,
            closed=life.lineage.closed,
            judged=life.judged,
            links_at_step=life.links_at_step,
        )
    )


def thaw_life(life: RingLife, content: bytes) -> None:
    """Make `life`, whose engine was thawed already, what `freeze_life` saw."""
    state = msgspec.msgpack.decode(content, type=_Life)
    now = life.engine._rings
    told = {ring_id: ring for ring_id, ring in now.items() if ring_id not in set(state.missing)}
    told |= {ring.ring_id: ring for ring in state.differing}
    life.clock, life.judged, life.links_at_step = state.clock, state.judged, state.links_at_step
    life.lineage.restore(told.values(), state.numbers, state.closed)
    life.lineage.told.note(RingChanges(tuple(state.differing), tuple((ring_id, None) for ring_id in state.missing)))
    life.handed.rings = dict(now)


def held_edges(engine: RingEngine) -> dict[str, Edge]:
    """The movements that findings consist of, by event id."""
    return {edge.event_id: edge for finding in engine._findings.values() for edge in finding.edges}


def _links(state: _Links) -> BareLinks:
    profiles = Profiles(
        numbers={name: number for number, name in enumerate(state.names)},
        population=set(state.population),
        began=state.began,
        ways={channel: number for number, channel in enumerate(state.ways)},
        dealings=state.dealings,
    )
    pairs = {}
    for edge in state.pairs:
        one, two = profiles.numbers[edge.source], profiles.numbers[edge.target]
        pairs[(one, two) if one < two else (two, one)] = edge
    return BareLinks(
        profiles=profiles,
        pairs=pairs,
        services=state.services,
        found={finding.name: finding for finding in state.found},
        seen_at_last_pass=state.seen_at_last_pass,
        changed=state.changed,
    )
