"""Quality figures agree with their definitions, written out the long way."""

from __future__ import annotations

from itertools import combinations, permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rings.evaluate import evaluate, read_truth

ACCOUNTS = "abcdefgh"
groups = st.dictionaries(st.sampled_from(["r1", "r2", "r3", "r4"]), st.sets(st.sampled_from(ACCOUNTS), min_size=1))


def similarity(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other)


def disjoint(rings: dict[str, set[str]]) -> dict[str, set[str]]:
    seen: set[str] = set()
    apart = {}
    for ring, accounts in sorted(rings.items()):
        rest = accounts - seen
        seen |= rest
        if rest:
            apart[ring] = rest
    return apart


@given(groups.map(disjoint), groups)
def test_matching_disjoint_truth_above_one_half_is_the_best_matching(
    truth: dict[str, set[str]], found: dict[str, set[str]]
) -> None:
    """Oracle: try every assignment and take the one that matches most rings."""
    threshold = 0.501
    padded = [*found, *(f"none{i}" for i in range(len(truth)))]
    best = 0
    for assignment in permutations(padded, len(truth)):
        pairs = zip(truth, assignment, strict=True)
        best = max(best, sum(f in found and similarity(truth[t], found[f]) >= threshold for t, f in pairs))
    result = evaluate(found, truth, jaccard=threshold)
    if len({frozenset(accounts) for accounts in found.values()}) == len(found):
        assert len(result.matches) == best
    assert len(result.matches) <= best


@given(groups, groups)
def test_every_match_is_one_to_one_similar_enough_and_no_free_pair_was_more_similar(
    truth: dict[str, set[str]], found: dict[str, set[str]]
) -> None:
    matches = evaluate(found, truth).matches
    assert len({match.found for match in matches}) == len({match.truth for match in matches}) == len(matches)
    taken_found = {match.found: match.jaccard for match in matches}
    taken_truth = {match.truth: match.jaccard for match in matches}
    for match in matches:
        assert match.jaccard == similarity(found[match.found], truth[match.truth]) >= 0.5
    for ring, accounts in found.items():
        for other, members in truth.items():
            value = similarity(accounts, members)
            if value >= 0.5:  # it was matched, or one of the two had a partner at least as good
                assert max(taken_found.get(ring, -1.0), taken_truth.get(other, -1.0)) >= value


def pairwise_adjusted_rand(found: dict[str, set[str]], truth: dict[str, set[str]]) -> float:
    """Oracle: count pairs of accounts that are together on both sides, on one, on the other."""
    everyone = sorted(set().union(*found.values(), *truth.values()))

    def together(rings: dict[str, set[str]], one: str, other: str) -> bool:
        return any(one in accounts and other in accounts for accounts in rings.values())

    pairs = list(combinations(everyone, 2))
    in_found = sum(together(found, *pair) for pair in pairs)
    in_truth = sum(together(truth, *pair) for pair in pairs)
    in_both = sum(together(found, *pair) and together(truth, *pair) for pair in pairs)
    if not pairs:
        return 1.0
    expected = in_found * in_truth / len(pairs)
    largest = (in_found + in_truth) / 2
    return 1.0 if largest == expected else (in_both - expected) / (largest - expected)


@given(groups.map(disjoint), groups.map(disjoint))
def test_the_adjusted_rand_index_counts_pairs(truth: dict[str, set[str]], found: dict[str, set[str]]) -> None:
    assert evaluate(found, truth).adjusted_rand == pytest.approx(pairwise_adjusted_rand(found, truth))


@given(groups, groups)
def test_account_figures_count_accounts_in_any_ring(truth: dict[str, set[str]], found: dict[str, set[str]]) -> None:
    claimed = {account for accounts in found.values() for account in accounts}
    real = {account for accounts in truth.values() for account in accounts}
    quality = evaluate(found, truth).accounts
    if claimed and real:
        assert quality.precision == len(claimed & real) / len(claimed)
        assert quality.recall == len(claimed & real) / len(real)
        if claimed & real:
            assert quality.f1 == pytest.approx(2 * len(claimed & real) / (len(claimed) + len(real)))


def test_a_found_ring_is_spent_on_the_true_ring_it_resembles_most() -> None:
    truth = {"one": {"a", "b", "c", "d"}, "two": {"a", "b", "c", "d", "e", "f"}}
    result = evaluate({"x": {"a", "b", "c", "d", "e"}}, truth)
    assert [(match.found, match.truth) for match in result.matches] == [("x", "two")]
    assert result.rings.precision == 1.0
    assert result.rings.recall == 0.5
    assert result.rings.f1 == pytest.approx(2 / 3)


def test_recall_is_told_by_kind() -> None:
    truth = {"one": {"a", "b"}, "two": {"c", "d"}, "three": {"e", "f"}}
    kinds = {"one": "cycle", "two": "cycle", "three": "fan_in"}
    result = evaluate({"x": {"a", "b"}, "y": {"e", "h"}}, truth, kinds=kinds)
    assert [(kind.kind, kind.matched, kind.total, kind.recall) for kind in result.kinds] == [
        ("cycle", 1, 2, 0.5),
        ("fan_in", 0, 1, 0.0),
    ]


def test_finding_nothing_where_there_is_nothing_is_perfect_and_elsewhere_it_is_not() -> None:
    assert evaluate({}, {}).rings.f1 == 1.0
    assert evaluate({}, {"one": {"a"}}).rings.f1 == 0.0
    assert evaluate({"x": {"a"}}, {}).rings.f1 == 0.0


def test_truth_is_read_with_or_without_victims(tmp_path: Path) -> None:
    path = tmp_path / "truth.csv"
    path.write_text(
        "kind,ring_id,account_id,role,phase,first_ts,last_ts\n"
        "fan_in,r1,a,mule,active,1,2\n"
        "fan_in,r1,a,mule,cash_out,3,4\n"
        "fan_in,r1,b,victim,active,1,2\n"
        "cycle,r2,c,organiser,active,1,2\n",
        encoding="utf-8",
    )
    truth = read_truth(path)
    assert truth.rings == {"r1": {"a"}, "r2": {"c"}}
    assert truth.kinds == {"r1": "fan_in", "r2": "cycle"}
    assert read_truth(path, victims=True).rings["r1"] == {"a", "b"}
