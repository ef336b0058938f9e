"""A small hand-made world behind the API's Protocols: two rings, an operator, and everyone around them.

Fakes answer from the same list of events and count what they are asked, so that a test can see one question too many.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from api.context import AppContext, PartHealth, ReportForm
from api.jobs import Jobs
from api.letters import Letters
from api.models import Models
from api.rules import Rules
from graph.errors import QueryRefused, RejectedRecord
from graph.events import Event, Movement
from graph.evidence import Decision, Evidence, Ring, RingKind, Role, Score, Standing
from graph.log.protocol import LogEntry
from ledger.records import KeptAnswer
from reports.formats import Language
from tests.api.governed_fakes import FakeAlerts, FakeGoverning, Governed
from tests.api.graph_reads import FakeGraph
from tests.api.lives_fakes import FakeLives
from tests.api.money_fakes import FakeMoney, FakeSites
from tests.api.story import (
    COLLECTION,
    FARM,
    FARM_DEVICE,
    KEYS,
    KIOSK,
    NOW,
    OPERATOR,
    collection_movements,
    farm_movements,
    make_ring,
    make_score,
    shared_link,
)


@dataclass(frozen=True)
class FakePage:
    items: tuple[Any, ...]
    next: str | None


@dataclass(frozen=True)
class FakeSummary:
    transactions: int
    decisions: dict[str, int]
    degraded: int
    rings: dict[str, int]
    set_aside: dict[str, int]


@dataclass(frozen=True)
class FakeStep:
    tx_id: str
    ts: int
    amount_cents: int
    source: str
    target: str


@dataclass(frozen=True)
class FakePath:
    found: bool
    steps: tuple[FakeStep, ...]
    truncated: tuple[str, ...] = ()


@dataclass
class World:
    """Every Protocol of `api.context` at once; `asked` counts questions by name, `broken` makes them fail."""

    movements: dict[str, Movement] = field(default_factory=dict)
    known: dict[str, Score] = field(default_factory=dict)
    known_rings: dict[str, Ring] = field(default_factory=dict)
    merged: dict[str, str] = field(default_factory=lambda: {"ring-old": COLLECTION})
    answers: dict[tuple[str, str], KeptAnswer] = field(default_factory=dict)
    governed: Governed = field(default_factory=Governed)
    asked: Counter[str] = field(default_factory=Counter)
    watched: Counter[str] = field(default_factory=Counter)
    broken: dict[str, Exception] = field(default_factory=dict)
    scored_values: dict[str, float] = field(default_factory=dict)
    parts: tuple[PartHealth, ...] = (PartHealth("log", "ok"), PartHealth("graph", "ok"), PartHealth("model", "absent"))

    def _ask(self, name: str) -> None:
        self.asked[name] += 1
        if name in self.broken:
            raise self.broken[name]

    # Scorer
    def score_all(self, movements: Sequence[Movement]) -> list[Score]:
        self._ask("score_all")
        answers = []
        for event in movements:
            if event.tx_id not in self.known:
                self.movements[event.event_id] = event
                self.known[event.tx_id] = make_score(event, self.scored_values.get(event.tx_id, 12.5))
            answers.append(self.known[event.tx_id])
        return answers

    # DecisionReader
    def score(self, tx_id: str) -> Score | None:
        self._ask("score")
        return self.known.get(tx_id)

    def scores_of(self, tx_ids: Sequence[str]) -> dict[str, Score]:
        self._ask("scores_of")
        return {tx_id: self.known[tx_id] for tx_id in tx_ids if tx_id in self.known}

    def scores(self, *, decision: Decision | None = None, after: str | None = None, limit: int) -> FakePage:
        self._ask("scores")
        found = sorted(self.known.values(), key=lambda score: (-score.ts, score.tx_id))
        return _page([s for s in found if decision is None or s.decision is decision], "tx_id", after, limit)

    def summary(self) -> FakeSummary:
        decisions = Counter(str(score.decision) for score in self.known.values())
        kinds = Counter(str(ring.kind) for ring in self.known_rings.values())
        return FakeSummary(len(self.known), dict(decisions), 0, dict(kinds), {"bad_time": 2})

    # RingReader
    def ring(self, ring_id: str) -> Ring | None:
        self._ask("ring")
        return self.known_rings.get(self.merged.get(ring_id, ring_id))

    def rings(
        self,
        *,
        kind: RingKind | None = None,
        min_score: float | None = None,
        standing: Collection[Standing] | None = None,
        after: str | None = None,
        limit: int,
    ) -> FakePage:
        self._ask("rings")
        found = [
            ring
            for ring in sorted(self.known_rings.values(), key=lambda ring: (-ring.score, ring.ring_id))
            if (kind is None or kind in ring.kinds)
            and (min_score is None or ring.score >= min_score)
            and (standing is None or ring.standing.state in standing)
        ]
        return _page(found, "ring_id", after, limit)

    def rings_of(self, accounts: Sequence[str]) -> dict[str, list[str]]:
        self._ask("rings_of")
        found: dict[str, list[str]] = defaultdict(list)
        for ring in self.known_rings.values():
            for member in ring.members:
                if member.account in accounts:
                    found[member.account].append(ring.ring_id)
        return dict(found)

    # EventReader
    def event(self, event_id: str) -> LogEntry | None:
        self._ask("event")
        found: Event | None = self.movements.get(event_id)
        return None if found is None else LogEntry(1, NOW, found)

    # HealthReader
    def health(self) -> Sequence[PartHealth]:
        return self.parts


def _page(found: Sequence[Any], key: str, after: str | None, limit: int) -> FakePage:
    keys = [getattr(item, key) for item in found]
    if after is not None and after not in keys:
        raise RejectedRecord("bad_cursor", field="after", value=after, cure="give back the cursor of the page before")
    start = 0 if after is None else keys.index(after) + 1
    items = tuple(found[start : start + limit])
    return FakePage(items, keys[start + limit - 1] if start + limit < len(found) else None)


@dataclass
class FakeScorer:
    world: World

    async def score(self, movements: Sequence[Movement], *, deadline_ms: float | None = None) -> Sequence[Score]:
        assert deadline_ms is not None
        return self.world.score_all(movements)


@dataclass
class FakeAnswers:
    world: World

    async def kept_answer(self, scope: str, key: str, *, now_ms: int) -> KeptAnswer | None:
        self.world._ask("kept_answer")
        kept = self.world.answers.get((scope, key))
        return kept if kept is not None and kept.until_ms > now_ms else None

    async def keep_answer(self, answer: KeptAnswer) -> None:
        self.world._ask("keep_answer")
        self.world.answers.setdefault((answer.scope, answer.key), answer)


@dataclass
class FakePaths:
    """Breadth first over the events."""

    world: World

    def shortest_path(self, source: str, target: str, *, lo: int, hi: int, max_hops: int) -> FakePath:
        self.world._ask("path")
        ways: dict[str, tuple[FakeStep, ...]] = {source: ()}
        for _ in range(max_hops):
            for account, way in list(ways.items()):
                for event in self.world.movements.values():
                    if event.source == account and lo <= event.ts < hi and event.target not in ways:
                        step = FakeStep(event.tx_id, event.ts, event.amount_cents, event.source, event.target)
                        ways[event.target] = (*way, step)
            if target in ways:
                return FakePath(True, ways[target])
        return FakePath(False, (), ("max_hops",))


@dataclass
class FakeReports:
    world: World

    def ring_report(self, ring_id: str, *, language: Language, form: ReportForm) -> bytes | None:
        ring = self.world.ring(ring_id)
        return None if ring is None else f"%{form}-{ring.ring_id}-{language}".encode()

    def operator_report(self, operator_id: str, *, language: Language, form: ReportForm) -> bytes | None:
        return f"%{form}-{operator_id}-{language}".encode() if operator_id == OPERATOR else None


@dataclass(frozen=True)
class FakeParam:
    name: str = "min_sources"
    default: int = 8
    meaning: str = "How many must pay"


@dataclass(frozen=True)
class FakeJob:
    name: str = "fan_in"
    version: int = 1
    meaning: str = "Accounts paid by many"
    params: tuple[FakeParam, ...] = (FakeParam(),)


@dataclass(frozen=True)
class FakeOutcome:
    name: str
    version: int
    rows: tuple[dict[str, object], ...]
    findings: tuple[Evidence, ...]
    suppressed: tuple[Evidence, ...]
    truncated: tuple[str, ...]


@dataclass
class FakeExports:
    world: World

    def file(self, subject: str, name: str, form: str, *, hops: int) -> tuple[bytes, str, str]:
        return f"{subject} {name} {form} {hops}".encode(), form, "text/plain"


@dataclass
class FakeJobs:
    world: World

    def catalogue(self) -> Sequence[FakeJob]:
        return [FakeJob()]

    def answer(self, name: str, params: Mapping[str, object]) -> FakeOutcome:
        self.world._ask("job")
        if name != "fan_in":
            raise QueryRefused(f"no job is called {name}", cure="list the jobs")
        proof = Evidence("fan_in", (("count", 14),), ("tx:pay-0-0",), 14, (("Account", "mule-0"),))
        cut = ("row_budget",) if params.get("min_sources") == 1 else ()
        return FakeOutcome(name, 1, ({"account": "mule-0", "sources": 14},), (proof,), (), cut)


def make_world() -> World:
    """The world with everything in it."""
    world = World()
    for event in (*collection_movements(), *farm_movements()):
        world.movements[event.event_id] = event
        value = 82.5 if event.tx_id.startswith("out") else 44.0 if event.tx_id.startswith("fwd") else 8.25
        world.known[event.tx_id] = make_score(event, value)
    roles = {f"payer-{number:02d}": Role.VICTIM for number in range(14)}
    roles |= {"mule-0": Role.MULE, "mule-1": Role.MULE, "mule-2": Role.MULE}
    roles |= {"collector-1": Role.COLLECTOR, "cash-0": Role.CASH_OUT, "cash-1": Role.CASH_OUT}
    hub = Evidence(
        "hub_suppressed",
        (("count", 14), ("limit", 10)),
        ("tx:pay-0-0",),
        28,
        (("Device", KIOSK), *(("Account", f"payer-{number:02d}") for number in range(14))),
    )
    phone = [shared_link(f"mule-{number}", "Device", "phone-9", "USED_DEVICE") for number in range(3)]
    address = [shared_link(account, "Ip", "203.0.113.77", "FROM_IP") for account in ("mule-1", "collector-1")]
    farm_roles = {f"farm-{number}": Role.UNKNOWN for number in range(6)} | {"farm-0": Role.ORGANISER}
    farm_links = [shared_link(f"farm-{number}", "Device", FARM_DEVICE, "USED_DEVICE") for number in range(6)]
    for ring in (
        make_ring(
            COLLECTION,
            RingKind.FAN_IN,
            collection_movements(),
            roles,
            score=86.5,
            shared=[*phone, *address],
            suppressed=(hub,),
        ),
        make_ring(FARM, RingKind.SHARED_MEANS, farm_movements(), farm_roles, score=58.0, shared=farm_links),
    ):
        world.known_rings[ring.ring_id] = ring
    return world


class FakeWatching:
    def __init__(self, world: World) -> None:
        self._world = world

    def answered(self, route: str, status: int, seconds: float) -> None:
        assert seconds >= 0
        self._world.watched[f"{route} {status}"] += 1

    def undecided(self) -> None:
        self._world.watched["undecided"] += 1

    def scrape(self) -> tuple[bytes, str]:
        self._world._ask("scrape")
        return b"numbers 1\n", "text/plain; version=1.0.0; charset=utf-8"


def context_of(world: World) -> AppContext:
    """The world as the API gets it."""
    graph = FakeGraph(world)
    return AppContext(
        scorer=FakeScorer(world),
        answers=FakeAnswers(world),
        decisions=world,
        rings=world,
        graph=graph,
        accounts=graph,
        paths=FakePaths(world),
        events=world,
        reports=FakeReports(world),
        jobs=cast(Jobs, FakeJobs(world)),
        exports=FakeExports(world),
        governing=FakeGoverning(world),
        alerts=FakeAlerts(world),
        lives=FakeLives(world),
        money=FakeMoney(world),
        sites=FakeSites(),
        rules=cast(Rules, None),  # the real desk is served in tests/service/test_rules_over_http.py
        models=cast(Models, None),  # and this one in tests/service/test_models_over_http.py
        letters=cast(Letters, None),  # the real desk is served in tests/service/test_letters.py
        health=world,
        watching=FakeWatching(world),
        keys=KEYS,
        clock=lambda: NOW,
    )


class Crash(Exception):
    """Something nobody foresaw."""
