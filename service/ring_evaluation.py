"""Rings found in a file, a home or an earlier result, judged against known ones beside what anybody would try first.

A file is played through window and rings as `tarrafa run` does, in one pass with the default settings, without log and
stores. Labels that come with it are never looked at.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich.progress import Progress

from graph.errors import UnknownFormat
from graph.events import OUTSIDE, IndicatorListed, LabelGiven, ListKind, Movement, MovementKind
from graph.evidence import Ring, Role
from graph.log.protocol import LogEntry
from ingest.loaders.loading import FileSource
from rings.growth import MIN_RING
from rings.judgement import Judgement, Known, judge
from rings.rivals import component_rings, leiden_rings
from scoring.projection import Projection
from service.ring_truth import RingTruth

BATCH_ROWS = 5_000
#: Members below this score only hang on by one piece of evidence: "sure" leaves them out.
SURE = 0.6
SMALLEST_RING = 3


@dataclass(slots=True)
class FoundRings:
    """Rings with the score and role of each member, and (from a file) the pairs of accounts for the rivals."""

    members: dict[str, dict[str, tuple[float, Role]]] = field(default_factory=dict)
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    services: set[str] = field(default_factory=set)
    bare_links: bool = False

    def rings(self, *, least: float = 0.0) -> dict[str, set[str]]:
        """Ring id -> accounts with at least that member score; rings that become too small are left out."""
        kept = {
            ring: {account for account, (score, _) in members.items() if score >= least}
            for ring, members in self.members.items()
        }
        smallest = SMALLEST_RING if least else 1
        return {ring: accounts for ring, accounts in kept.items() if len(accounts) >= smallest}

    def roles(self) -> dict[tuple[str, str], Role]:
        """Role by (ring id, account)."""
        return {(ring, one): role for ring, members in self.members.items() for one, (_, role) in members.items()}


def found_by_playing(source: FileSource, projection: Projection, progress: Progress) -> FoundRings:
    """Play the source through window and rings; collect the pairs of accounts on the way."""
    found = FoundRings()
    task = progress.add_task("finding rings", total=source.total_rows)
    offset = 0
    for batch in source.batches(BATCH_ROWS):
        events = [event for event in batch.events if not isinstance(event, LabelGiven)]
        entries = [LogEntry(offset + place, event.ts, event) for place, event in enumerate(events, 1)]
        offset += len(entries)
        if entries:
            projection.apply(entries)
        for event in events:
            if isinstance(event, Movement):
                found.bare_links |= event.kind is MovementKind.LINK
                if event.source != event.target and all(name != OUTSIDE for name, _ in event.attributes):
                    one, two = source.as_given(event.source), source.as_given(event.target)
                    found.pairs[(one, two) if one < two else (two, one)] += 1
            elif isinstance(event, IndicatorListed) and event.list_kind is ListKind.SERVICE:
                found.services.add(event.entity_id)
        progress.update(task, advance=batch.rows)
    projection.ring_changes(settle=True)
    found.members = members_of(projection.rings(), source)
    return found


def members_of(rings: Iterable[Ring], source: FileSource | None = None) -> dict[str, dict[str, tuple[float, Role]]]:
    """Member score and role by ring and account, with ids as the source wrote them."""
    given = source.as_given if source is not None else str
    return {ring.ring_id: {given(m.account): (m.score, m.role) for m in ring.members} for ring in rings}


def found_in_file(path: Path) -> FoundRings:
    """The rings of a `rings.csv` (columns ring_id and account_id, with role and score where known)."""
    found = FoundRings()
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            try:
                score = float(row.get("score") or 1.0)
                role = Role(row.get("role") or Role.UNKNOWN)
                found.members.setdefault(row["ring_id"], {})[row["account_id"]] = (score, role)
            except (KeyError, ValueError) as error:
                raise UnknownFormat(
                    f"{path.name} is no list of rings: {error}", cure="give ring_id, account_id, and role and score"
                ) from error
    return found


def is_ring_file(path: Path) -> bool:
    """Whether the file's header is that of a `rings.csv`."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.readline(4_096).decode(errors="replace").lstrip("\ufeff").strip().split(",")
    return "ring_id" in head and "account_id" in head and "source" not in head


def judgements(found: FoundRings, truth: RingTruth, *, jaccard: float) -> list[Judgement]:
    """All members, the sure ones, and where the pairs are known components and Leiden on the same pairs."""
    known = Known(truth.rings, truth.kinds, truth.members, truth.cleared, truth.roles, truth.main)
    roles = found.roles()
    told = [
        judge("rings, all members", found.rings(), known, jaccard=jaccard, roles=roles),
        judge("rings, sure members", found.rings(least=SURE), known, jaccard=jaccard, roles=roles),
    ]
    if found.pairs:
        smallest = MIN_RING if found.bare_links else SMALLEST_RING
        for name, rival in (("components", component_rings), ("Leiden", leiden_rings)):
            rings = rival(found.pairs, services=found.services, smallest=smallest)
            told.append(judge(f"{name}, hubs out, size >= {smallest}", rings, known, jaccard=jaccard))
    return told


def as_values(told: Collection[Judgement]) -> list[dict[str, object]]:
    """The judgements as plain values for JSON; of the matches only their number."""
    values = []
    for one in told:
        plain = asdict(one)
        if one.rings is not None:
            plain["rings"] = {
                "true": one.rings.true_rings,
                "found": one.rings.found_rings,
                "matched": len(one.rings.matches),
                "precision": one.rings.rings.precision,
                "recall": one.rings.rings.recall,
                "f1": one.rings.rings.f1,
                "recall_by_kind": {
                    kind.kind: {"matched": kind.matched, "true": kind.total} for kind in one.rings.kinds
                },
            }
        plain["accounts"]["f1"] = one.accounts.f1
        values.append(plain)
    return values
