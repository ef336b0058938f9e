"""Found rings judged account by account and group by group, the way published comparisons of ring finders are made.

Where it is known who was cleared, only accounts known either way count for precision, and members of true rings that
were cleared are no members. Homogeneity and completeness follow Rosenberg and Hirschberg, "V-Measure" (EMNLP 2007).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import log

from graph.evidence import Role
from rings.evaluate import Evaluation, Quality, evaluate

#: Roles that stand in the middle of a shape.
MIDDLE = {Role.COLLECTOR, Role.ORGANISER, Role.PASS_THROUGH}


@dataclass(frozen=True, slots=True)
class Judgement:
    """How one way of finding rings did; shares are 0-1, None where the truth does not say.

    `adjusted_rand`, `homogeneity`, `completeness` compare the grouping of the true members, each alone where no ring
    was found for it; `adjusted_rand_all` compares all accounts of either side. `roles` is the share of roles that are
    right among members of matched rings, of `roles_known`.
    """

    name: str
    rings: Evaluation | None
    accounts: Quality
    flagged: int
    adjusted_rand: float | None
    adjusted_rand_all: float | None
    homogeneity: float | None
    completeness: float | None
    cleared_flagged: float | None
    roles: float | None = None
    roles_known: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """The truth: rings, kinds, all members, accounts that were cleared, roles by (ring, account)."""

    rings: Mapping[str, Collection[str]]
    kinds: Mapping[str, str]
    members: Collection[str]
    cleared: Collection[str] = ()
    roles: Mapping[tuple[str, str], Role] | None = None
    middle: Mapping[tuple[str, str], bool] | None = None


def judge(
    name: str,
    found: Mapping[str, Collection[str]],
    known: Known,
    *,
    jaccard: float = 0.5,
    roles: Mapping[tuple[str, str], Role] | None = None,
) -> Judgement:
    """Judge the rings `found` (ring id -> accounts, with `roles` by (ring, account)) against what is `known`."""
    cleared = set(known.cleared)
    members = set(known.members) - cleared
    flagged = {account for accounts in found.values() for account in accounts}
    right = len(flagged & members)
    counted = len(flagged & (members | cleared)) if cleared else len(flagged)
    accounts = Quality(right / counted if counted else 0.0, right / len(members) if members else 0.0)
    share = len(flagged & cleared) / len(cleared) if cleared else None
    if not known.rings:
        return Judgement(name, None, accounts, len(flagged), None, None, None, None, share)
    rings = evaluate(found, known.rings, jaccard=jaccard, kinds=known.kinds)
    true_of, found_of = _groups(known.rings), _groups(found)
    inside = sorted(account for account in true_of if account in members)
    left = [true_of[account] for account in inside]
    other = [found_of.get(account, f"\0{account}") for account in inside]  # alone where nothing was found
    homogeneity, completeness = _homogeneity(left, other), _homogeneity(other, left)
    right_roles, known_roles = _roles(rings, known, roles or {})
    return Judgement(
        name=name,
        rings=rings,
        accounts=accounts,
        flagged=len(flagged),
        adjusted_rand=evaluate(_regrouped(inside, other), _regrouped(inside, left)).adjusted_rand,
        adjusted_rand_all=rings.adjusted_rand,
        homogeneity=homogeneity,
        completeness=completeness,
        cleared_flagged=share,
        roles=right_roles / known_roles if known_roles else None,
        roles_known=known_roles,
    )


def _groups(rings: Mapping[str, Collection[str]]) -> dict[str, str]:
    """The ring of each account; of several the largest, the smaller id where equal."""
    ring_of: dict[str, str] = {}
    for ring in sorted(rings, key=lambda ring: (-len(rings[ring]), ring)):
        for account in rings[ring]:
            ring_of.setdefault(account, ring)
    return ring_of


def _regrouped(accounts: list[str], groups: list[str]) -> dict[str, set[str]]:
    rings: dict[str, set[str]] = {}
    for account, group in zip(accounts, groups, strict=True):
        rings.setdefault(group, set()).add(account)
    return rings


def _homogeneity(classes: list[str], clusters: list[str]) -> float:
    """How much of the uncertainty about the class a cluster takes away."""
    total = len(classes)
    entropy = -sum(n / total * log(n / total) for n in Counter(classes).values())
    sizes = Counter(clusters)
    rest = -sum(
        n / total * log(n / sizes[cluster]) for (_, cluster), n in Counter(zip(classes, clusters, strict=True)).items()
    )
    return 1.0 - rest / entropy if entropy else 1.0


def _roles(rings: Evaluation, known: Known, roles: Mapping[tuple[str, str], Role]) -> tuple[int, int]:
    """(roles that are right, roles that are known) among members that a matched ring shares with the true one."""
    right = total = 0
    for match in rings.matches:
        for account in known.rings[match.truth]:
            mine = roles.get((match.found, account))
            if mine is None:
                continue
            if known.roles and (match.truth, account) in known.roles:
                total += 1
                right += mine is known.roles[match.truth, account]
            elif known.middle and (match.truth, account) in known.middle:
                total += 1
                right += (mine in MIDDLE) == known.middle[match.truth, account]
    return right, total
