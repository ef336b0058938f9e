"""What the commands print, value by value."""

from __future__ import annotations

import pytest

from service.show import cell


@pytest.mark.parametrize(
    ("column", "value", "shown"),
    [
        ("first_ts", 1_742_632_599_886, "2025-03-22T08:36:39.886Z"),
        ("last_seen", 1_742_632_600_000, "2025-03-22T08:36:40Z"),
        ("sum_cents", 485_694, "4,856.94"),
        ("others", ["a", "b"], "a, b"),
        ("count", 23, "23"),
        ("kind", None, "None"),
    ],
)
def test_a_value_of_a_job_is_shown_as_people_read_it(column: str, value: object, shown: str) -> None:
    assert cell(column, value) == shown
