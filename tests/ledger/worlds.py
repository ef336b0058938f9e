"""Scores, rings and labels for the ledger's tests: small, whole, and told apart by their numbers."""

from __future__ import annotations

from dataclasses import replace

from graph.events import LabelGiven
from graph.evidence import Decision, Evidence, Member, Ring, RingChanges, RingKind, RingLink, Role, Score, Signal
from graph.set_aside import SetAside
from ledger import Ledger

START = 1_700_000_000_000
LOG = "a" * 32
NOTHING = RingChanges()

DECISIONS = (Decision.APPROVE, Decision.REVIEW, Decision.DENY)


def score(number: int, *, value: float | None = None, decision: Decision | None = None) -> Score:
    """The score of transaction `number`, with signals, evidence, a missing source and a truncated search."""
    shown = Evidence("many_senders", (("count", number), ("share", 0.1), ("name", "é\x00")), ("tx:1", "tx:2"), 7)
    return Score(
        tx_id=f"t{number:03}",
        ts=START + number // 2,  # two of each time, so that the order needs its second key
        value=float(number % 10) if value is None else value,
        decision=DECISIONS[number % 3] if decision is None else decision,
        signals=(
            Signal("fan_in", 1.0, -0.5, replace(shown, nodes=(("Account", "acc:1"),))),
            Signal("list", 0.0, 0.0, Evidence("no_list"), missing="no list was loaded"),
        ),
        versions=(("rules", "1"), ("model", "absent")),
        degraded=("lists",) if number % 4 == 0 else (),
        truncated=("cycles",),
    )


def scores(first: int, last: int) -> list[Score]:
    """Scores number `first` to `last`, both included."""
    return [score(number) for number in range(first, last + 1)]


def ring(
    ring_id: str, *, value: float = 50.0, kind: RingKind = RingKind.FAN_IN, accounts: tuple[str, ...] = ("acc:1",)
) -> Ring:
    """A ring with one link, evidence and something suppressed."""
    reason = Evidence("passes_on", (("share", 0.9),), ("tx:1",), 1)
    return Ring(
        ring_id=ring_id,
        kind=kind,
        kinds=(kind, RingKind.LINKED),
        score=value,
        members=tuple(Member(one, Role.MULE, 0.5, 10, 20, START, START + 1, (reason,)) for one in accounts),
        links=(RingLink(("Account", "acc:1"), ("Device", "d"), "USED_DEVICE", 2, 0, START, START + 1, ("tx:1",)),),
        in_cents=10,
        out_cents=20,
        retained_cents=-10,
        first_ts=START,
        last_ts=START + 1,
        contributions=(Signal("size", 3.0, value, reason),),
        evidence=(reason,),
        suppressed=(Evidence("hub", (("degree", 5000),)),),
        truncated=("links",),
    )


def changes(*changed: Ring, gone: tuple[tuple[str, str | None], ...] = ()) -> RingChanges:
    return RingChanges(changed, gone)


def label(number: int, *, value: int = 1, ts: int = START, subject: str = "tx") -> LabelGiven:
    """Label number `number`, about transaction or account `number`."""
    return LabelGiven(
        event_id=f"label:{number}:{ts}", ts=ts, subject=subject, subject_id=str(number), label=value, ring="r"
    )


def set_aside(line: int, *, reason: str = "bad_time", raw: str = "a,b,c") -> SetAside:
    return SetAside(source="file.csv", line=line, reason=reason, message="give a time", raw=raw, raw_length=len(raw))


def record(ledger: Ledger, position: int, given: list[Score], rings: RingChanges = NOTHING) -> None:
    ledger.record(log_id=LOG, position=position, scores=given, rings=rings)


def all_scores(ledger: Ledger, *, decision: Decision | None = None, limit: int = 3) -> list[Score]:
    """Every score, page by page."""
    found: list[Score] = []
    after: str | None = None
    while True:
        page = ledger.scores(decision=decision, after=after, limit=limit)
        found += page.items
        after = page.next
        if after is None:
            return found


def all_rings(ledger: Ledger, *, kind: RingKind | None = None, min_score: float | None = None) -> list[Ring]:
    """Every ring, two to a page."""
    found: list[Ring] = []
    after: str | None = None
    while True:
        page = ledger.rings(kind=kind, min_score=min_score, after=after, limit=2)
        found += page.items
        after = page.next
        if after is None:
            return found
