"""Broken input: every bad row is set aside with a reason that says what to change, and every good row is there."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.set_aside import RAW_LIMIT
from ingest.loaders.text_rows import MAX_LINE, MAX_QUOTED_LINES
from tests.ingest.reading import read

HEADER = b"tx_id,ts,source,target,amount,ip,domain,currency,kind\n"
GOOD = b"good%d,2024-05-01T10:00:00Z,A,B,5.00,,,,\n"

TROUBLE: dict[str, tuple[bytes, str, str]] = {
    "too few fields": (b"t,2024-05-01T10:00:00Z,A,B\n", "wrong_field_count", "9 fields separated by ','"),
    "too many fields": (b"t,2024-05-01T10:00:00Z,A,B,5,,,,,,,\n", "wrong_field_count", "quote a field"),
    "wrong separator": (b"t;2024-05-01T10:00:00Z;A;B;5;;;;\n", "wrong_field_count", "separated by ','"),
    "no transaction id": (b",2024-05-01T10:00:00Z,A,B,5,,,,\n", "bad_tx_id", "unique per payment"),
    "endless transaction id": (b"t" * 300 + b",2024-05-01T10:00:00Z,A,B,5,,,,\n", "bad_tx_id", "200 characters"),
    "no source": (b"t,2024-05-01T10:00:00Z,,B,5,,,,\n", "bad_identifier", "printable"),
    "text as amount": (b"t,2024-05-01T10:00:00Z,A,B,five,,,,\n", "bad_amount", "1234.56"),
    "NaN": (b"t,2024-05-01T10:00:00Z,A,B,NaN,,,,\n", "bad_amount", "unknown amount"),
    "infinity": (b"t,2024-05-01T10:00:00Z,A,B,inf,,,,\n", "bad_amount", "unknown amount"),
    "negative": (b"t,2024-05-01T10:00:00Z,A,B,-5,,,,\n", "negative_amount", "swap source and target"),
    "10^18": (b"t,2024-05-01T10:00:00Z,A,B,1000000000000000000,,,,\n", "amount_out_of_range", "10^12"),
    "thousandths": (b"t,2024-05-01T10:00:00Z,A,B,5.001,,,,\n", "fraction_of_a_cent", "two decimals"),
    "1970": (b"t,1970-01-01T00:00:00Z,A,B,5,,,,\n", "time_out_of_range", "after 2000"),
    "next year": (b"t,2027-11-01T00:00:00Z,A,B,5,,,,\n", "time_in_future", "has passed"),
    "no time zone": (b"t,2024-05-01T10:00:00,A,B,5,,,,\n", "no_time_zone", "append Z"),
    "no time": (b"t,,A,B,5,,,,\n", "bad_time", "ISO 8601"),
    "bad address": (b"t,2024-05-01T10:00:00Z,A,B,5,1.2.3.999,,,\n", "bad_ip", "leave empty"),
    "bad domain": (b"t,2024-05-01T10:00:00Z,A,B,5,,not a site,,\n", "bad_domain", "host name"),
    "bad currency": (b"t,2024-05-01T10:00:00Z,A,B,5,,,reais,\n", "bad_currency", "ISO 4217"),
    "unknown kind": (b"t,2024-05-01T10:00:00Z,A,B,5,,,,gift\n", "unknown_kind", "card_payment"),
    "not UTF-8": (b"t,2024-05-01T10:00:00Z,Jo\xe3o,B,5,,,,\n", "not_utf8", "save the file as UTF-8"),
    "NUL byte": (b"t,2024-05-01T10:00:00Z,A\0,B,5,,,,\n", "nul_byte", "remove the NUL"),
    "control character": (b"t,2024-05-01T10:00:00Z,A\x07,B,5,,,,\n", "bad_identifier", "printable"),
    "5 MB field": (b"t,2024-05-01T10:00:00Z,A,B,5,,," + b"x" * 5_000_000 + b",\n", "line_too_long", "bytes"),
    "open quote": (b't,2024-05-01T10:00:00Z,"A,B,5,,,,\n', "broken_quotes", "close the quote"),
    "text after quote": (b't,2024-05-01T10:00:00Z,"A"x,B,5,,,,\n', "broken_quotes", "close the quote"),
}


def write(folder: Path, *lines: bytes) -> Path:
    path = folder / "trouble.csv"
    path.write_bytes(HEADER + b"".join(lines))
    return path


@pytest.mark.parametrize("name", TROUBLE)
def test_a_bad_row_says_what_to_change_and_costs_no_other_row(tmp_path: Path, name: str) -> None:
    bad, reason, cure = TROUBLE[name]
    result = read(write(tmp_path, GOOD % 1, bad, GOOD % 2, GOOD % 3))
    assert {movement.tx_id for movement in result.movements} == {"good1", "good2", "good3"}
    (row,) = result.set_aside
    assert (row.line, row.reason) == (3, reason)
    assert cure in row.message
    assert row.raw_length == len(bad) - 1 or name in ("5 MB field", "not UTF-8", "NUL byte")
    assert len(row.raw) <= RAW_LIMIT
    assert result.rows == 4


def test_all_troubles_in_one_file_keep_every_good_row(tmp_path: Path) -> None:
    lines = [line for number, (bad, _, _) in enumerate(TROUBLE.values()) for line in (bad, GOOD % number)]
    result = read(write(tmp_path, *lines))
    assert len(result.movements) == len(TROUBLE)
    assert [reason for _, reason in result.reasons] == [reason for _, reason, _ in TROUBLE.values()]
    assert [line for line, _ in result.reasons] == list(range(2, 2 + 2 * len(TROUBLE), 2))


def test_an_open_quote_at_the_end_of_a_long_file_loses_one_row(tmp_path: Path) -> None:
    rows = [GOOD % number for number in range(3 * MAX_QUOTED_LINES)]
    result = read(write(tmp_path, b't,2024-05-01T10:00:00Z,"A,B,5,,,,\n', *rows))
    assert len(result.movements) == len(rows)
    assert result.reasons == [(2, "broken_quotes")]


def test_a_line_longer_than_any_memory_is_skipped_in_pieces(tmp_path: Path) -> None:
    result = read(write(tmp_path, b"x" * (3 * MAX_LINE), b"\n", GOOD % 1))
    assert [movement.tx_id for movement in result.movements] == ["good1"]
    assert result.set_aside[0].raw_length == 3 * MAX_LINE + 1


def test_blank_lines_are_dropped_and_counted(tmp_path: Path) -> None:
    result = read(write(tmp_path, GOOD % 1, b"\n", b"\r\n", GOOD % 2))
    assert len(result.movements) == 2
    assert result.dropped == {"blank_line": 2}
    assert result.rows == result.source.total_rows == 4


def test_a_last_line_without_line_end_counts(tmp_path: Path) -> None:
    result = read(write(tmp_path, GOOD % 1, (GOOD % 2).rstrip()))
    assert len(result.movements) == result.source.total_rows == 2


def test_personal_data_of_a_bad_row_is_not_kept(tmp_path: Path) -> None:
    row = b"t,2024-05-01T10:00:00Z,maria@example.com,529.982.247-25,five,,,,\n"
    (set_aside,) = read(write(tmp_path, row)).set_aside
    assert "maria" not in repr(set_aside)
    assert "529.982" not in repr(set_aside)
    assert "five" in set_aside.raw


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(garbage=st.lists(st.binary(max_size=80).filter(lambda line: b'"' not in line), max_size=6))
def test_no_garbage_without_quotes_ever_costs_a_good_row(tmp_path: Path, garbage: list[bytes]) -> None:
    lines = [line for number, bad in enumerate(garbage) for line in (bad + b"\n", GOOD % number)]
    result = read(write(tmp_path, *lines, GOOD % 99))
    found = {movement.tx_id for movement in result.movements}
    assert {f"good{number}" for number in (*range(len(garbage)), 99)} <= found
    assert result.rows == result.source.total_rows
    assert all(row.message and row.reason for row in result.set_aside)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(garbage=st.lists(st.binary(max_size=80), max_size=6))
def test_no_bytes_whatever_stop_the_reading(tmp_path: Path, garbage: list[bytes]) -> None:
    result = read(write(tmp_path, *garbage, b"\n", GOOD % 99))
    assert all(row.message and row.reason for row in result.set_aside)
