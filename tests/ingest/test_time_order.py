"""Canonical order: the same whatever the order of arrival and however little is held in memory."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ingest.loaders.time_order as time_order
from graph.events import IndicatorListed, LabelGiven, ListKind, Movement, NodeKind, tie_of
from ingest.loaders.time_order import Group, TimeOrder

BASE = 1_700_000_000_000


def group(name: str, ts: int, *, amount: int = 100, label: int | None = None) -> Group:
    movement = Movement(event_id=f"tx:{name}", ts=BASE + ts, source="a", target="b", amount_cents=amount)
    if label is None:
        return (movement,)
    given = LabelGiven(
        event_id=f"label:tx:{name}", ts=movement.ts, subject="tx", subject_id=name, label=label, ring="r"
    )
    return movement, given


def drained(groups: list[Group], *, run_rows: int, number_repeats: bool = False) -> list[Group]:
    with TimeOrder(run_rows=run_rows) as order:
        for one in groups:
            order.add(one)
        return list(order.drain(number_repeats=number_repeats))


GROUPS = st.lists(
    st.builds(
        group,
        st.sampled_from([f"t{number}" for number in range(12)]),
        st.integers(0, 5),
        amount=st.integers(0, 3),
        label=st.sampled_from([None, 0, 1]),
    ),
    max_size=40,
)


@settings(max_examples=60)
@given(GROUPS, st.integers(1, 50), st.randoms(use_true_random=False))
def test_any_arrival_order_and_any_memory_give_one_order(
    groups: list[Group], run_rows: int, shuffler: random.Random
) -> None:
    in_memory = drained(groups, run_rows=1_000)
    keys = [(one[0].ts, tie_of(one[0].event_id)) for one in in_memory]
    assert keys == sorted(keys)
    assert sorted(map(repr, in_memory)) == sorted(map(repr, groups))
    shuffled = groups.copy()
    shuffler.shuffle(shuffled)
    assert drained(shuffled, run_rows=run_rows) == in_memory
    assert drained(shuffled, run_rows=run_rows, number_repeats=True) == drained(
        groups, run_rows=1_000, number_repeats=True
    )


def test_spilled_runs_are_read_back_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time_order, "BLOCK_ROWS", 7)
    listed = IndicatorListed(
        event_id="list:x",
        ts=BASE,
        list_name="l",
        list_kind=ListKind.SERVICE,
        entity_kind=NodeKind.IP,
        entity_id="1.1.1.1",
    )
    groups: list[Group] = [group(f"t{number}", (number * 37) % 101, label=number % 2) for number in range(100)]
    groups.append((listed,))
    assert drained(groups, run_rows=20) == drained(groups, run_rows=1_000)


def test_equal_rows_are_numbered_and_keep_their_own_label() -> None:
    groups = [group("same", 1, label=0), group("same", 1, label=1), group("other", 1)]
    numbered = drained(groups, run_rows=10, number_repeats=True)
    names = {one[0].event_id for one in numbered}
    assert names == {"tx:same", "tx:same-2", "tx:other"}
    for one in numbered:
        if len(one) == 2:
            label = one[1]
            assert isinstance(label, LabelGiven)
            assert f"tx:{label.subject_id}" == one[0].event_id
            assert label.event_id == f"label:{one[0].event_id}"


def test_the_number_of_a_repeat_does_not_tell_its_label() -> None:
    firsts = 0
    for number in range(400):
        one, other = drained(
            [group(f"n{number}", 1, label=0), group(f"n{number}", 1, label=1)], run_rows=10, number_repeats=True
        )
        label = one[1]
        assert isinstance(label, LabelGiven)
        firsts += label.label
        assert other[0].event_id.endswith("-2")
    assert 150 < firsts < 250


def test_the_temporary_file_is_gone_afterwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    drained([group(f"t{number}", number) for number in range(50)], run_rows=10)
    assert list(tmp_path.iterdir()) == []
