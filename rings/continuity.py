"""Which operators stand behind one another, and which site is a blocked one under a new name.

Each link is a sum of reasons with points, and carries the innocent explanations that fit: whoever reads it has to rule
them out. What very many share (a hosting company, a payment company, a platform's certificate) counts for little: the
points of a shared thing fall with how many share it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from graph.evidence import EVIDENCE_LIMIT, Evidence, Params

#: Points of a thing that two share and nobody else; with n sharing it, 2/n of that.
COLLECTOR, CERTIFICATE, HOST, MEANS, OPERATOR = 45.0, 35.0, 25.0, 40.0, 40.0
NAME_POINTS, MOVED_POINTS, TIMING_POINTS = 25.0, 35.0, 10.0
#: Names less alike than this say nothing.
ALIKE = 0.75
#: A site that appears this long after a block may be its successor (ms).
SOON_MS = 30 * 86_400_000
#: A link below this is not told; at `ALERT` and above the return of a blocked site is one to look at.
LEAST, ALERT = 15.0, 50.0
#: So many sharing a thing make it somebody's business to be shared.
MANY = 4
_GENERIC = re.compile(r"(bets?|aposta|casino|cassino|play|jogos?|online|brasil|br|vip|club|\d+)")


@dataclass(frozen=True, slots=True)
class Shared:
    """A thing that two have in common: what it is, how many have it, and the events that say so."""

    code: str  # "collector", "certificate", "host", "means", "operator"
    label: str
    id: str
    holders: int
    event_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tied:
    """Two operators (or sites) and what ties them: the score is the sum of the reasons' points, at most 100."""

    one: str
    other: str
    score: float
    reasons: tuple[tuple[float, Evidence], ...]
    innocent: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Site:
    """What is known of a site: who runs it, where it lies, when it was first seen (UTC epoch ms), who uses it."""

    domain: str
    first_ts: int
    operators: Mapping[str, str]  # operator -> event that says so
    hosts: Mapping[str, str]  # address -> event
    certificates: Mapping[str, str]  # certificate -> event
    collectors: Mapping[str, str]  # collection account of its operators -> event
    accounts: frozenset[str] = frozenset()  # empty where too many use it to be compared


_POINTS = {"collector": COLLECTOR, "certificate": CERTIFICATE, "host": HOST, "means": MEANS, "operator": OPERATOR}
_INNOCENT = {
    "collector": "innocent_payment_company",
    "certificate": "innocent_platform",
    "host": "innocent_hosting",
    "means": "innocent_service_desk",
}


def tie_of(one: str, other: str, shared: Sequence[Shared]) -> Tied | None:
    """The link between two operators by what they share; None below `LEAST`."""
    reasons = [_reason(thing) for thing in shared]
    return _tied(one, other, reasons, shared)


def continuity_of(
    blocked: Site, blocked_ts: int, other: Site, *, holders: Mapping[tuple[str, str], int]
) -> Tied | None:
    """How far `other` is the site that was blocked at `blocked_ts`, under another name; None below `LEAST`.

    `holders` counts the sites (of a collector: operators) that have a thing, by (code, id).
    """
    if other.domain == blocked.domain:
        return None
    shared = [
        Shared(code, label, name, max(2, holders.get((code, name), 2)), (mine[name], theirs[name]))
        for code, label, mine, theirs in (
            ("operator", "Operator", blocked.operators, other.operators),
            ("collector", "Account", blocked.collectors, other.collectors),
            ("certificate", "Domain", blocked.certificates, other.certificates),
            ("host", "Ip", blocked.hosts, other.hosts),
        )
        for name in sorted(mine.keys() & theirs.keys())
    ]
    reasons = [_reason(thing) for thing in shared]
    innocent: list[Evidence] = []
    alike = alikeness(blocked.domain, other.domain)
    if alike >= ALIKE:
        points = NAME_POINTS * (alike - ALIKE) / (1 - ALIKE) if alike < 1 else NAME_POINTS
        params: Params = (("id", blocked.domain), ("other", other.domain), ("share", round(alike, 2)))
        reasons.append((round(max(5.0, points), 1), Evidence("continuity_name", params)))
        innocent.append(Evidence("innocent_name"))
    moved = blocked.accounts & other.accounts
    if len(moved) >= 2 and blocked.accounts:
        share = len(moved) / min(len(blocked.accounts), max(len(other.accounts), 1))
        params = (("count", len(moved)), ("share", round(share, 2)))
        nodes = tuple(("Account", account) for account in sorted(moved)[:EVIDENCE_LIMIT])
        reasons.append((round(MOVED_POINTS * share, 1), Evidence("continuity_accounts", params, (), 0, nodes)))
        innocent.append(Evidence("innocent_popular"))
    if reasons and blocked_ts <= other.first_ts <= blocked_ts + SOON_MS:
        days = round((other.first_ts - blocked_ts) / 86_400_000, 1)
        reasons.append((TIMING_POINTS, Evidence("continuity_soon", (("days", days),))))
    return _tied(blocked.domain, other.domain, reasons, shared, innocent)


def alikeness(one: str, other: str) -> float:
    """How alike two site names are, 0 to 1, by what is left of their first labels without words that all sites use."""
    first, second = _core_name(one), _core_name(other)
    if not first or not second:
        return 0.0
    return SequenceMatcher(None, first, second, autojunk=False).ratio()


def _core_name(domain: str) -> str:
    label = domain.split(".", 1)[0].replace("-", "").replace("_", "")
    bare = _GENERIC.sub("", label)
    return bare if len(bare) >= 4 else ""


def _reason(thing: Shared) -> tuple[float, Evidence]:
    points = round(_POINTS[thing.code] * 2 / max(2, thing.holders), 1)
    params: Params = (("count", thing.holders), ("id", thing.id))
    events = tuple(sorted(set(thing.event_ids)))[:EVIDENCE_LIMIT]
    evidence = Evidence(f"tie_{thing.code}", params, events, len(set(thing.event_ids)), ((thing.label, thing.id),))
    return points, evidence


def _tied(
    one: str,
    other: str,
    reasons: Sequence[tuple[float, Evidence]],
    shared: Collection[Shared],
    innocent: Sequence[Evidence] = (),
) -> Tied | None:
    score = min(100.0, round(sum(points for points, _ in reasons), 1))
    if score < LEAST:
        return None
    widest: dict[str, int] = {}
    for thing in shared:
        if thing.code in _INNOCENT:
            widest[thing.code] = max(widest.get(thing.code, 0), thing.holders)
    said = [Evidence(_INNOCENT[code], (("count", widest[code]),)) for code in sorted(widest)]
    ordered = sorted(reasons, key=lambda reason: (-reason[0], reason[1].code, reason[1].params))
    return Tied(one, other, score, tuple(ordered), (*said, *innocent))
