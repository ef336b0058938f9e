"""The canonical file: what its columns become, in CSV and in Parquet, whole or in parts."""

from __future__ import annotations

import gzip
import random
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graph.errors import UnknownFormat
from graph.events import LabelGiven, Movement, MovementKind
from ingest.formats import FORMATS, detect, open_source
from tests.ingest.reading import KEYS, NOW_MS, read

HEADER = "tx_id,ts,source,target,amount,currency,kind,channel,device,ip,domain,operator,label,ring"
ROWS = [
    "t1,2024-05-01T10:00:00-03:00,A,B,12.50,BRL,bet,pix,AA:BB:CC:DD:EE:0F,::ffff:1.2.3.4,Site.BET.br.,op-1,1,r9",
    "t2,1714568400,B,C,3,,,,,200.1.2.3:40123,,,0,",
    "t3,1714568400500,C,A,0.10,usd,Payout,TED,unknown,-,null,,,",
]


def canonical(folder: Path, rows: list[str], *, header: str = HEADER, name: str = "file.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def test_every_column_lands_in_its_place(tmp_path: Path) -> None:
    result = read(canonical(tmp_path, ROWS))
    assert result.movement("t1") == Movement(
        event_id="tx:t1",
        ts=1_714_568_400_000,
        source="A",
        target="B",
        amount_cents=1_250,
        kind=MovementKind.BET,
        channel="pix",
        device="aa-bb-cc-dd-ee-0f",
        ip="1.2.3.4",
        domain="site.bet.br",
        operator="op-1",
    )
    assert (result.movement("t2").ip, result.movement("t2").ip_port) == ("200.1.2.3", 40123)
    third = result.movement("t3")
    assert (third.ts, third.amount_cents, third.currency, third.kind) == (
        1_714_568_400_500, 10, "USD", MovementKind.PAYOUT,
    )  # fmt: skip
    assert (third.device, third.ip, third.domain, third.channel) == (None, None, None, "ted")
    assert not result.set_aside


def test_labels_come_at_the_time_of_their_payment_and_only_where_given(tmp_path: Path) -> None:
    result = read(canonical(tmp_path, ROWS))
    assert {(label.subject_id, label.label, label.ring) for label in result.labels} == {("t1", 1, "r9"), ("t2", 0, "")}
    for label in result.labels:
        assert label.ts == result.movement(label.subject_id).ts


def test_what_a_label_says_changes_nothing_about_the_movements(tmp_path: Path) -> None:
    base = [f"t{number},{1_714_568_400 + number % 3},A{number % 7},B,5" for number in range(50)]
    header = "tx_id,ts,source,target,amount,label,ring"
    plain = read(canonical(tmp_path, [f"{row},," for row in base], header=header))
    labelled = read(canonical(tmp_path, [f"{row},{n % 2},r{n}" for n, row in enumerate(base)], header=header))
    nonsense = read(canonical(tmp_path, [f"{row},perhaps," for row in base], header=header))
    assert plain.movements == labelled.movements == nonsense.movements
    assert [row.reason for row in nonsense.set_aside] == ["bad_label"] * 50
    assert nonsense.rows == 50


def test_the_order_of_the_file_changes_nothing(tmp_path: Path) -> None:
    rows = [f"t{number},{1_714_568_400 + number // 10},A,B,5,{number % 2}" for number in range(200)]
    header = "tx_id,ts,source,target,amount,label"
    expected = read(canonical(tmp_path, rows, header=header)).events
    random.Random(5).shuffle(rows)
    assert read(canonical(tmp_path, rows, header=header)).events == expected


def test_columns_may_stand_in_any_order_and_unknown_ones_are_noted(tmp_path: Path) -> None:
    path = canonical(tmp_path, ["5.00,B,note,A,2024-05-01T10:00:00Z,t1"], header="AMOUNT,Target,memo,source,ts,TX_ID")
    result = read(path)
    assert (result.movement("t1").source, result.movement("t1").amount_cents) == ("A", 500)
    assert result.source.notes == {"column_not_used:memo": 1}


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_separators_are_recognised_by_the_header(tmp_path: Path, delimiter: str) -> None:
    rows = [row.replace(",", delimiter) for row in ROWS]
    result = read(canonical(tmp_path, rows, header=HEADER.replace(",", delimiter)))
    assert result.events == read(canonical(tmp_path, ROWS)).events


def test_a_bom_crlf_line_ends_quotes_and_gzip_change_nothing(tmp_path: Path) -> None:
    plain = read(canonical(tmp_path, ROWS)).events
    text = "\r\n".join([HEADER, *(",".join(f'"{cell}"' for cell in row.split(",")) for row in ROWS)])
    (tmp_path / "file.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert read(tmp_path / "file.csv").events == plain
    (tmp_path / "other.csv").write_bytes(gzip.compress(text.encode()))
    assert read(tmp_path / "other.csv").events == plain


def test_a_quoted_field_may_hold_separators_quotes_and_line_ends(tmp_path: Path) -> None:
    header = "tx_id,ts,source,target,amount,note"
    rows = ['t1,1714568400,"A,1",B,5,"two\nlines"', 't2,1714568400,"say ""hi""",B,5,x', "t3,1714568400,A,B,5,y"]
    result = read(canonical(tmp_path, rows, header=header))
    assert {movement.tx_id: movement.source for movement in result.movements} == {
        "t1": "A,1",
        "t2": 'say "hi"',
        "t3": "A",
    }


def test_parquet_and_csv_of_the_same_rows_are_the_same_events(tmp_path: Path) -> None:
    cells = [row.split(",") for row in ROWS]
    table = pa.table({name: [row[place] or None for row in cells] for place, name in enumerate(HEADER.split(","))})
    pq.write_table(table, tmp_path / "file.parquet")
    assert read(tmp_path / "file.parquet").events == read(canonical(tmp_path, ROWS)).events


def test_parquet_columns_may_have_their_natural_types(tmp_path: Path) -> None:
    moment = datetime(2024, 5, 1, 13, 0, 0, 250_000, tzinfo=UTC)
    table = pa.table(
        {
            "tx_id": pa.array([1, 2], pa.int64()),
            "ts": pa.array([moment, moment], pa.timestamp("us", tz="America/Sao_Paulo")),
            "source": pa.array(["A", "B"]).dictionary_encode(),
            "target": pa.array([7, 8], pa.int32()),
            "amount": pa.array([Decimal("12.50"), Decimal("0.01")], pa.decimal128(18, 2)),
            "label": pa.array([True, None], pa.bool_()),
        }
    )
    pq.write_table(table, tmp_path / "typed.parquet")
    result = read(tmp_path / "typed.parquet")
    assert [(m.ts, m.target) for m in sorted(result.movements, key=lambda m: m.tx_id)] == [
        (1_714_568_400_250, "7"), (1_714_568_400_250, "8"),
    ]  # fmt: skip
    assert result.movement("2").amount_cents == 1
    assert [(label.subject_id, label.label) for label in result.labels] == [("1", 1)]


def test_parquet_floats_are_read_as_written_and_not_rounded(tmp_path: Path) -> None:
    table = pa.table(
        {
            "tx_id": ["good", "sum", "nan", "big"],
            "ts": [1_714_568_400] * 4,
            "source": ["A"] * 4,
            "target": ["B"] * 4,
            "amount": [12.34, 0.1 + 0.2, float("nan"), 1e18],
        }
    )
    pq.write_table(table, tmp_path / "floats.parquet")
    result = read(tmp_path / "floats.parquet")
    assert [movement.amount_cents for movement in result.movements] == [1_234]
    assert result.reasons == [(2, "fraction_of_a_cent"), (3, "bad_amount"), (4, "amount_out_of_range")]


def test_parquet_text_that_is_not_utf8_costs_only_its_row(tmp_path: Path) -> None:
    binary = pa.array([b"A", b"\xff\xfe", b"C"], pa.binary())
    table = pa.table(
        {
            "tx_id": ["t1", "t2", "t3"],
            "ts": [1_714_568_400] * 3,
            "source": pa.StringArray.from_buffers(3, binary.buffers()[1], binary.buffers()[2]),
            "target": ["X"] * 3,
            "amount": ["1"] * 3,
        }
    )
    pq.write_table(table, tmp_path / "bad.parquet")
    result = read(tmp_path / "bad.parquet")
    assert {movement.source for movement in result.movements} == {"A", "C"}
    assert result.reasons == [(2, "not_utf8")]


def test_a_folder_of_parts_is_one_source(tmp_path: Path) -> None:
    whole = read(canonical(tmp_path, ROWS)).events
    parts = tmp_path / "parts"
    parts.mkdir()
    for number, row in enumerate(ROWS):
        canonical(parts, [row], name=f"part{number}.csv")
    assert read(parts).events == whole


def test_a_personal_account_id_is_hashed_and_can_be_shown_again_during_the_run(tmp_path: Path) -> None:
    rows = ["t1,1714568400,maria@example.com,529.982.247-25,5", "t2,1714568400,+5511987654321,B,5"]
    result = read(canonical(tmp_path, rows, header="tx_id,ts,source,target,amount"))
    ids = {account for movement in result.movements for account in (movement.source, movement.target)}
    assert len([account for account in ids if account.startswith("acct:k1:")]) == 3
    assert {result.source.as_given(account) for account in ids} == {
        "maria@example.com", "529.982.247-25", "+5511987654321", "B",
    }  # fmt: skip
    assert "maria" not in repr(result.events)


@pytest.mark.parametrize("size", [1, 3, 7, 1_000])
def test_batch_size_changes_nothing_and_rows_add_up(tmp_path: Path, size: int) -> None:
    rows = [f"t{number},{1_714_568_400 + number},A,B,{'5' if number % 4 else 'x'},1" for number in range(40)]
    path = canonical(tmp_path, rows, header="tx_id,ts,source,target,amount,label")
    result = read(path, size=size)
    assert result.events == read(path).events
    assert result.rows == result.source.total_rows == 40
    assert len(result.set_aside) == 10


def test_reading_goes_on_behind_a_position(tmp_path: Path) -> None:
    rows = [f"t{number},{1_714_568_400 + number},A,B,{'5' if number % 4 else 'x'},1" for number in range(40)]
    source = open_source(
        canonical(tmp_path, rows, header="tx_id,ts,source,target,amount,label"), keys=KEYS, now_ms=NOW_MS
    )
    batches = list(source.batches(7))
    for done, batch in enumerate(batches):
        if batch.events:
            rest = list(source.batches(7, after=batch.position))
            assert rest == batches[done + 1 :]


def test_a_source_can_be_read_again_and_its_name_tells_its_content(tmp_path: Path) -> None:
    path = canonical(tmp_path, ROWS)
    source = open_source(path, keys=KEYS, now_ms=NOW_MS)
    assert list(source.batches(2)) == list(source.batches(2))
    name = source.name
    assert open_source(path, keys=KEYS, now_ms=NOW_MS).name == name
    canonical(tmp_path, ROWS[:2])
    assert open_source(path, keys=KEYS, now_ms=NOW_MS).name != name


def test_a_self_transfer_is_a_fact_and_is_noted(tmp_path: Path) -> None:
    result = read(canonical(tmp_path, ["t1,1714568400,A,A,5"], header="tx_id,ts,source,target,amount"))
    assert len(result.movements) == 1
    assert result.source.notes == {"self_transfer": 1}


def test_repeats_and_conflicts_of_one_id_are_both_passed_on(tmp_path: Path) -> None:
    rows = ["t1,1714568400,A,B,5", "t1,1714568400,A,B,5", "t1,1714568400,A,B,6"]
    result = read(canonical(tmp_path, rows, header="tx_id,ts,source,target,amount"))
    assert sorted(movement.amount_cents for movement in result.movements) == [500, 500, 600]
    assert {movement.tx_id for movement in result.movements} == {"t1"}


def test_an_unknown_file_says_which_formats_were_tried_and_why_each_does_not_fit(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("id,when,source\n1,2,3\n")
    with pytest.raises(UnknownFormat) as refusal:
        detect(path)
    message = str(refusal.value)
    for form in FORMATS:
        assert form.name in message
    assert "canonical-csv (no column tx_id, ts, target, amount)" in message
    assert "amlsim (it is not a folder)" in message


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b"\n\n", "a header is needed"),
        (HEADER.encode("utf-16"), "save the file as UTF-8"),
        (b"tx_id,ts,source,target\n", "no column amount"),
        (b"tx_id,ts,source,target,amount,amount\n", "column amount twice"),
    ],
)
def test_a_file_that_cannot_be_the_canonical_one_says_why(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    with pytest.raises(UnknownFormat, match=reason):
        open_source(path, format="canonical-csv", keys=KEYS, now_ms=NOW_MS)


def test_parquet_times_without_zone_refuse_the_whole_file(tmp_path: Path) -> None:
    table = pa.table({"tx_id": ["t"], "ts": [datetime(2024, 5, 1)], "source": ["A"], "target": ["B"], "amount": ["1"]})
    pq.write_table(table, tmp_path / "naive.parquet")
    with pytest.raises(UnknownFormat, match="timestamp without time zone"):
        open_source(tmp_path / "naive.parquet", format="canonical-parquet", keys=KEYS, now_ms=NOW_MS)


def test_an_absent_path_and_an_unknown_format_name_say_so(tmp_path: Path) -> None:
    with pytest.raises(UnknownFormat, match="no file or folder"):
        detect(tmp_path / "absent.csv")
    with pytest.raises(UnknownFormat, match="no file or folder"):
        open_source(tmp_path / "absent.csv", format="hop", keys=KEYS, now_ms=NOW_MS)
    with pytest.raises(UnknownFormat, match="choose one of canonical-csv"):
        open_source(canonical(tmp_path, []), format="csv", keys=KEYS, now_ms=NOW_MS)


def test_a_file_with_a_header_only_is_an_empty_source(tmp_path: Path) -> None:
    result = read(canonical(tmp_path, []))
    assert (result.events, result.rows, result.source.total_rows) == ([], 0, 0)


def test_labels_never_come_alone(tmp_path: Path) -> None:
    result = read(canonical(tmp_path, ROWS), size=1)
    seen: set[str] = set()
    for event in result.events:
        if isinstance(event, LabelGiven):
            assert event.subject_id in seen
        elif isinstance(event, Movement):
            seen.add(event.tx_id)
