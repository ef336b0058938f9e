"""Files of entries: every line gives its entry or its own error, however the columns stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import ConfigurationError, RejectedRecord
from graph.events import ListKind
from graph.identity import IdentifierKeys
from graph.listings import Change, EntryKind
from scoring.list_file import COLUMNS, read_list_file

KEYS = IdentifierKeys("k1", b"0123456789abcdef")


def read(text: str, *, kind: EntryKind | None = None, reason: str = "") -> list[tuple[int, Change | RejectedRecord]]:
    return list(read_list_file(text.splitlines(), ListKind.BLOCK, keys=KEYS, kind=kind, reason=reason))


def values(found: list[tuple[int, Change | RejectedRecord]]) -> list[tuple[int, str]]:
    return [(number, one.value if isinstance(one, Change) else one.code) for number, one in found]


@given(st.permutations(COLUMNS))
def test_columns_stand_in_any_order(order: list[str]) -> None:
    said = {"kind": "ip", "value": "203.0.113.7", "reason": "a, b", "expires": "2027-01-01T00:00:00Z"}
    line = ",".join(f'"{said[name]}"' for name in order)
    ((number, change),) = read(f"{','.join(order).upper()}\n{line}\n")
    assert number == 2
    assert change == Change("add", ListKind.BLOCK, EntryKind.IP, "203.0.113.7", "a, b", 1_798_761_600_000)


def test_what_a_line_leaves_out_is_taken_from_the_call() -> None:
    found = read("\ufeffvalue,kind\na.example\n203.0.113.7,ip\n", kind=EntryKind.DOMAIN, reason="why")
    assert values(found) == [(2, "a.example"), (3, "203.0.113.7")]
    assert [one.reason for _, one in found if isinstance(one, Change)] == ["why", "why"]


def test_a_file_of_values_needs_no_header_and_keeps_commas() -> None:
    found = read("# comment\n\n one, two\nthree\n", kind=EntryKind.ACCOUNT)
    assert values(found) == [(3, "one, two"), (4, "three")]


@given(st.lists(st.sampled_from(("a.example", "com.br", "203.0.113.7", '"open', "", "b.example")), max_size=8))
def test_a_bad_line_is_told_with_its_number_and_the_others_stand(lines: list[str]) -> None:
    found = read("value,kind\n" + "\n".join(f"{line},domain" if line else "" for line in lines), kind=EntryKind.DOMAIN)
    assert [number for number, _ in found] == [number for number, line in enumerate(lines, start=2) if line]
    for number, one in found:
        assert isinstance(one, Change) == lines[number - 2].endswith(".example")


@pytest.mark.parametrize(
    ("text", "says"),
    [("value,colour\n", "unknown column colour"), ("value\na\n", "nothing says what kind"), ("a\n", "nothing says")],
)
def test_a_file_that_nobody_can_read_is_refused_whole(text: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        read(text)
