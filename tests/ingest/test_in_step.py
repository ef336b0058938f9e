"""Partitions in step: nothing is handed out before what may be earlier, nothing is lost, offsets stay in order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from graph.events import Movement
from graph.set_aside import SetAside
from ingest.in_step import InStep, Message

BASE = 1_760_000_000_000


def message(offset: int, at: int) -> Message:
    event = Movement(event_id=f"tx:{offset}-{at}", ts=BASE + at, source="a", target="b", amount_cents=1)
    return Message(offset, event)


@given(
    st.lists(st.lists(st.integers(0, 50), max_size=12).map(sorted), min_size=1, max_size=4),
    st.integers(1, 7),
    st.integers(1, 5),
)
def test_partitions_in_time_order_come_out_as_one_merged_stream(
    times: list[list[int]], size: int, fetched_at_once: int
) -> None:
    left = {name: [message(offset, at) for offset, at in enumerate(each)] for name, each in enumerate(times)}
    in_step: InStep[int] = InStep()
    out: list[tuple[int, Message]] = []
    polls = 0
    while len(out) < sum(map(len, times)):
        polls += 1
        assert polls < 1_000, "nothing more comes out"
        for name, messages in left.items():
            if not in_step.waiting(name):
                in_step.put(name, messages[:fetched_at_once])
                del messages[:fetched_at_once]
        taken = in_step.take(size, unfinished=[name for name, messages in left.items() if messages])
        assert sum(map(len, taken.values())) <= size
        handed = [(name, each) for name, messages in taken.items() for each in messages]
        assert not out or not handed or max(each.ts for _, each in out) <= min(each.ts for _, each in handed)
        out += handed
    for name, each in enumerate(times):
        assert [got.offset for place, got in out if place == name] == list(range(len(each)))


def test_an_unfinished_partition_with_nothing_waiting_holds_the_others_back() -> None:
    in_step: InStep[str] = InStep()
    in_step.put("one", [message(0, 5), message(1, 6)])
    assert in_step.take(10, unfinished=["other"]) == {}
    in_step.put("other", [message(0, 5)])
    assert [each.offset for each in in_step.take(10, unfinished=["other"])["one"]] == [0]
    assert in_step.waiting("one") == 1
    assert set(in_step.take(10, unfinished=[])) == {"one"}


def test_what_cannot_be_read_waits_for_no_time() -> None:
    in_step: InStep[str] = InStep()
    in_step.put("one", [message(0, 5)])
    in_step.put("other", [Message(0, SetAside("kafka:t/1", 0, "bad_message", "no", "x", raw_length=1))])
    assert set(in_step.take(1, unfinished=[])) == {"other"}


def test_what_is_forgotten_does_not_come_out() -> None:
    in_step: InStep[str] = InStep()
    in_step.put("one", [message(0, 5)])
    in_step.forget("one")
    assert in_step.take(5, unfinished=[]) == {}
