"""Feature rows come back bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import CorruptLog
from ledger.feature_rows import pack_row, unpack_row


@given(st.lists(st.one_of(st.just(0.0), st.just(-0.0), st.floats(allow_nan=False)), max_size=300))
def test_a_row_comes_back_bit_for_bit(values: list[float]) -> None:
    row = np.array(values, dtype=np.float64)
    assert unpack_row(pack_row(row)).tobytes() == row.tobytes()


def test_a_row_that_was_cut_off_is_refused() -> None:
    with pytest.raises(CorruptLog, match="cut off"):
        unpack_row(pack_row(np.arange(20, dtype=np.float64))[:-3])
