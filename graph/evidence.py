"""Why we say something: evidence, the signals of a transaction, its score, and the ring as a record.

Every number here can be followed to event ids. Texts are not stored: a record keeps a `code` and its `params`, and
the reports and pages turn them into words (pt-BR and en) from one phrase book.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

Params: TypeAlias = tuple[tuple[str, str | int | float], ...]


class Decision(StrEnum):
    """What the real-time caller is told to do."""

    APPROVE = "approve"
    REVIEW = "review"
    DENY = "deny"


class RingKind(StrEnum):
    """Shapes a ring can have; its kind is the most telling one."""

    FAN_IN = "fan_in"  # many pay one, who passes it on (mule collection)
    FAN_OUT = "fan_out"  # one is paid and spreads it to many (payout fan-out)
    CYCLE = "cycle"  # money comes back to where it started, in time order
    SCATTER_GATHER = "scatter_gather"
    GATHER_SCATTER = "gather_scatter"
    BIPARTITE = "bipartite"  # a group pays a group, nearly everybody everybody
    STACK = "stack"  # such groups in a row, the middle passing on
    LAYERED = "layered"  # chain of quick pass-through accounts
    SHARED_MEANS = "shared_means"  # accounts run from the same device or identifier (device farm)
    OPPOSITE_BETS = "opposite_bets"
    OPERATOR = "operator"  # operators joined behind the scenes
    LINKED = "linked"  # component of bare links (no time, no amount)
    ALIKE = "alike"  # accounts of a link list that began together and behave alike


class Role(StrEnum):
    """What a member does in the ring."""

    ORGANISER = "organiser"
    COLLECTOR = "collector"
    MULE = "mule"
    PASS_THROUGH = "pass_through"
    CASH_OUT = "cash_out"
    VICTIM = "victim"
    BRIDGE = "bridge"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason with what proves it.

    `code` names the phrase, `params` fill it, `event_ids` are the events that show it (at most `EVIDENCE_LIMIT`,
    earliest first; `total_events` says how many there were), `nodes` are (label, id) pairs it is about.
    """

    code: str
    params: Params = ()
    event_ids: tuple[str, ...] = ()
    total_events: int = 0
    nodes: tuple[tuple[str, str], ...] = ()


EVIDENCE_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Signal:
    """One named contribution to a score.

    `value` is the measured quantity in the unit of its code, `points` its signed share of the 0-100 score.
    `missing` names the cause when the source of the signal could not answer; then points are 0.
    """

    name: str
    value: float
    points: float
    evidence: Evidence
    missing: str | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """The answer about one transaction. `signals` points add up to `value` exactly (0-100, two decimals).

    `degraded` lists causes that kept a source from answering, `truncated` the searches that hit a budget.
    `versions` are (part, version) pairs: rules, features, model ("absent" while none is installed). `bands` are the
    highest scores that were approved and sent to review when it was made, `floor` the least strict decision that a
    source demanded whatever the points. `shadow` names rules on trial ("id@version") that hold and give nothing.
    `tenant` is whose movement it is, `alert_budget` how many alerts a day it competes for (0: it raises none).
    """

    tx_id: str
    ts: int
    value: float
    decision: Decision
    signals: tuple[Signal, ...]
    versions: tuple[tuple[str, str], ...]
    degraded: tuple[str, ...] = ()
    truncated: tuple[str, ...] = ()
    bands: tuple[float, float] = (30.0, 70.0)
    floor: Decision | None = None
    shadow: tuple[str, ...] = ()
    tenant: str = ""
    alert_budget: int = 0


@dataclass(frozen=True, slots=True)
class Member:
    """An account in a ring: its role with reasons, how sure (0-1), and the money it moved inside the ring's events."""

    account: str
    role: Role
    score: float  # 0-1, strength of membership
    in_cents: int
    out_cents: int
    first_ts: int
    last_ts: int
    reasons: tuple[Evidence, ...] = ()
    role_certainty: float = 0.0  # 0-1, how sure the role is


@dataclass(frozen=True, slots=True)
class RingLink:
    """A pair of ring members (or a member and a shared thing) and what joins them, for drawing and for reports.

    `kind` is a link kind of `graph.links`; for SENT the amounts and times are those of the ring's transactions.
    """

    source: tuple[str, str]  # (label, id)
    target: tuple[str, str]
    kind: str
    count: int
    sum_cents: int
    first_ts: int
    last_ts: int
    event_ids: tuple[str, ...] = ()


class Standing(StrEnum):
    """What people said about a ring."""

    OPEN = "open"  # nothing
    CONFIRMED = "confirmed"
    PROPOSED = "proposed"  # one person would dismiss it; another has to agree
    DISMISSED = "dismissed"
    REOPENED = "reopened"  # dismissed, and not the same any more: `changed` says in what


@dataclass(frozen=True, slots=True)
class RingStanding:
    """What people said about a ring: who, when (UTC epoch ms), why and in which event.

    `verdicts` are the events of pins, removals, splits and merges that shape it; a `pinned` ring stays, with its id.
    """

    state: Standing = Standing.OPEN
    author: str = ""
    approver: str = ""
    at: int = 0
    reason: str = ""
    event_id: str = ""
    pinned: bool = False
    changed: tuple[Evidence, ...] = ()
    verdicts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ring:
    """A fraud ring as it stands now.

    `ring_id` is stable: it comes from an account of the earliest evidence that founded the ring. Money (cents) is that
    of the ring's own movements: `in_cents` was brought in by accounts that paid more than they received, `out_cents`
    ended with accounts that only received, `retained_cents` = in - out stayed in between (never negative). `score` is
    0-100 and the sum of `contributions` points.
    Members are sorted by account, links by (kind, source, target).
    """

    ring_id: str
    kind: RingKind
    kinds: tuple[RingKind, ...]  # every shape seen in it, sorted
    score: float
    members: tuple[Member, ...]
    links: tuple[RingLink, ...]
    in_cents: int
    out_cents: int
    retained_cents: int
    first_ts: int
    last_ts: int
    contributions: tuple[Signal, ...]
    evidence: tuple[Evidence, ...]
    suppressed: tuple[Evidence, ...] = ()  # shared things that were not counted (hubs), and why
    truncated: tuple[str, ...] = ()
    standing: RingStanding = RingStanding()


@dataclass(frozen=True, slots=True)
class RingChanges:
    """What a batch did to the rings: those created or changed (whole), and ids that are gone with their survivor."""

    changed: tuple[Ring, ...] = ()
    gone: tuple[tuple[str, str | None], ...] = ()
