"""How good the found rings are, measured against rings that are known to be there.

A found ring counts as right when it overlaps a true ring of its own: pairs with Jaccard similarity (shared accounts
over all accounts of both) of at least the threshold are matched one to one, most similar first. The adjusted Rand
index follows Hubert and Arabie, "Comparing partitions" (Journal of Classification, 1985).
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import comb
from pathlib import Path

from graph.evidence import Role


@dataclass(frozen=True, slots=True)
class Match:
    """A found ring, the true ring it stands for, and how similar they are (0-1)."""

    found: str
    truth: str
    jaccard: float


@dataclass(frozen=True, slots=True)
class KindRecall:
    """How many of the true rings of a kind were found."""

    kind: str
    matched: int
    total: int

    @property
    def recall(self) -> float:
        return self.matched / self.total


@dataclass(frozen=True, slots=True)
class Quality:
    """Precision, recall and their harmonic mean, each 0-1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What comparing found rings with true ones says.

    `rings` counts matched rings, `accounts` whether an account is in any ring at all; `adjusted_rand` compares who is
    together with whom (1 is identical, 0 what chance gives). `matches` are sorted by true ring id, `kinds` by kind.
    """

    found_rings: int
    true_rings: int
    matches: tuple[Match, ...]
    rings: Quality
    accounts: Quality
    adjusted_rand: float
    kinds: tuple[KindRecall, ...]


@dataclass(frozen=True, slots=True)
class Truth:
    """Known rings: their accounts and their kind by ring id."""

    rings: Mapping[str, frozenset[str]]
    kinds: Mapping[str, str]


def read_truth(path: Path, *, victims: bool = False) -> Truth:
    """Return the rings of a truth file (CSV with at least `kind, ring_id, account_id, role`).

    Victims paid into a ring without being part of it: they are left out unless `victims` is set.
    """
    members: dict[str, set[str]] = {}
    kinds: dict[str, str] = {}
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            kinds[row["ring_id"]] = row["kind"]
            accounts = members.setdefault(row["ring_id"], set())
            if victims or row["role"] != Role.VICTIM:
                accounts.add(row["account_id"])
    return Truth({ring: frozenset(accounts) for ring, accounts in members.items()}, kinds)


def evaluate(
    found: Mapping[str, Collection[str]],
    truth: Mapping[str, Collection[str]],
    *,
    jaccard: float = 0.5,
    kinds: Mapping[str, str] | None = None,
) -> Evaluation:
    """Compare `found` with `truth`, both ring id -> account ids; `kinds` gives the kind of each true ring.

    Where there is nothing to be right about (no ring found, or none true) a share is 1 if the other side is empty
    too, else 0.
    """
    found_sets = {ring: frozenset(accounts) for ring, accounts in found.items()}
    true_sets = {ring: frozenset(accounts) for ring, accounts in truth.items()}
    matches = _match(found_sets, true_sets, jaccard)
    found_accounts = frozenset().union(*found_sets.values())
    true_accounts = frozenset().union(*true_sets.values())
    both = len(found_accounts & true_accounts)
    return Evaluation(
        found_rings=len(found_sets),
        true_rings=len(true_sets),
        matches=matches,
        rings=_quality(len(matches), len(found_sets), len(true_sets)),
        accounts=_quality(both, len(found_accounts), len(true_accounts)),
        adjusted_rand=_adjusted_rand(found_sets, true_sets),
        kinds=_kind_recall(matches, true_sets, kinds or {}),
    )


def _match(
    found: Mapping[str, frozenset[str]], truth: Mapping[str, frozenset[str]], threshold: float
) -> tuple[Match, ...]:
    rings_of: dict[str, list[str]] = {}
    for ring, accounts in truth.items():
        for account in accounts:
            rings_of.setdefault(account, []).append(ring)
    candidates: list[Match] = []
    for ring, accounts in found.items():
        shared = Counter(other for account in accounts for other in rings_of.get(account, ()))
        for other, count in shared.items():
            similarity = count / (len(accounts) + len(truth[other]) - count)
            if similarity >= threshold:
                candidates.append(Match(ring, other, similarity))
    candidates.sort(key=lambda match: (-match.jaccard, match.truth, match.found))
    taken_found: set[str] = set()
    taken_truth: set[str] = set()
    matches: list[Match] = []
    for match in candidates:
        if match.found not in taken_found and match.truth not in taken_truth:
            taken_found.add(match.found)
            taken_truth.add(match.truth)
            matches.append(match)
    return tuple(sorted(matches, key=lambda match: match.truth))


def _quality(right: int, claimed: int, true: int) -> Quality:
    return Quality(_share(right, claimed, true), _share(right, true, claimed))


def _share(right: int, total: int, other: int) -> float:
    if total:
        return right / total
    return 0.0 if other else 1.0


def _kind_recall(
    matches: tuple[Match, ...], truth: Mapping[str, frozenset[str]], kinds: Mapping[str, str]
) -> tuple[KindRecall, ...]:
    totals = Counter(kinds[ring] for ring in truth if ring in kinds)
    matched = Counter(kinds[match.truth] for match in matches if match.truth in kinds)
    return tuple(KindRecall(kind, matched[kind], totals[kind]) for kind in sorted(totals))


def _adjusted_rand(found: Mapping[str, frozenset[str]], truth: Mapping[str, frozenset[str]]) -> float:
    """Agreement over all accounts of either side; an account in no ring of a side stands alone there.

    An account in several rings of a side counts in the largest of them (the smaller id where equal).
    """
    found_of, true_of = _partition(found), _partition(truth)
    universe = sorted(found_of.keys() | true_of.keys())
    if len(universe) < 2:
        return 1.0
    # a lone account is its own group: the tuple keeps it apart from ring ids
    left = [(found_of.get(account, ""), "" if account in found_of else account) for account in universe]
    right = [(true_of.get(account, ""), "" if account in true_of else account) for account in universe]
    together = sum(comb(count, 2) for count in Counter(zip(left, right, strict=True)).values())
    in_left = sum(comb(count, 2) for count in Counter(left).values())
    in_right = sum(comb(count, 2) for count in Counter(right).values())
    expected = in_left * in_right / comb(len(universe), 2)
    largest = (in_left + in_right) / 2
    return 1.0 if largest == expected else (together - expected) / (largest - expected)


def _partition(rings: Mapping[str, frozenset[str]]) -> dict[str, str]:
    ring_of: dict[str, str] = {}
    for ring in sorted(rings, key=lambda ring: (-len(rings[ring]), ring)):
        for account in rings[ring]:
            ring_of.setdefault(account, ring)
    return ring_of
