"""Parts come in time order, hold whole moments, and training knows only labels that were known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gnn.split import parse_shares, split_by_time
from graph.errors import ConfigurationError

DAY = 86_400_000


@given(
    st.lists(st.integers(0, 40), min_size=30, max_size=200),
    st.sampled_from([(60, 20, 20), (34, 33, 33), (80, 10, 10)]),
    st.integers(0, 3),
)
def test_parts_are_whole_in_time_order_and_training_labels_were_known(
    days: list[int], shares: tuple[int, int, int], delay: int
) -> None:
    ts = np.sort(np.array(days, dtype=np.int64)) * DAY
    try:
        split = split_by_time(ts, ts, shares, label_delay_ms=delay * DAY)
    except ConfigurationError:
        return
    parts = split.parts(len(ts))
    assert len(split.train) + split.dropped + len(split.valid) + len(split.test) == len(ts)
    assert ts[split.train].max() < ts[split.valid].min() <= ts[split.valid].max() < ts[split.test].min()
    assert (ts[split.train] + delay * DAY <= ts[split.valid][0]).all()
    assert (ts[split.refit] + delay * DAY <= ts[split.test][0]).all()
    assert [parts.index("valid"), parts.index("test")] == [split.valid[0], split.test[0]]


@pytest.mark.parametrize("text", ["", "60/40", "60/20/30", "a/b/c", "100/0/0", "60/20/20/0"])
def test_shares_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="60/20/20"):
        parse_shares(text)


def test_too_few_rows_or_a_delay_beyond_the_part_is_said() -> None:
    few = np.arange(2, dtype=np.int64) * DAY
    with pytest.raises(ConfigurationError, match="too few"):
        split_by_time(few, few, (60, 20, 20), label_delay_ms=0)
    some = np.arange(20, dtype=np.int64) * DAY
    with pytest.raises(ConfigurationError, match="label delay"):
        split_by_time(some, some, (60, 20, 20), label_delay_ms=40 * DAY)
