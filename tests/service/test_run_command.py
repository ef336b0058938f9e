"""`tarrafa run`: a person's own file through the whole path, and what stands in the result files."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.formats import FORMATS
from service.bootstrap import open_service
from service.settings import load_settings
from tests.service.canonical import world_rows, write_csv, write_parquet
from tests.service.command import Tarrafa, bytes_of, rows


def ran(tarrafa: Tarrafa, path: Path, folder: Path) -> tuple[list[dict[str, str]], list[dict[str, str]], Any]:
    """Run `path` into a home of its own; return scores, rings and summary."""
    out = folder / "out"
    tarrafa("run", path, "--out", out, "--no-serve", "--home", folder / "home").well()
    return rows(out / "scores.csv"), rows(out / "rings.csv"), json.loads((out / "summary.json").read_text())


def test_every_payment_gets_a_score_and_the_columns_are_the_promised_ones(tarrafa: Tarrafa, tmp_path: Path) -> None:
    given = world_rows()
    scores, rings, summary = ran(tarrafa, write_csv(tmp_path / "payments.csv", given), tmp_path)
    assert list(scores[0]) == ["tx_id", "ts", "score", "decision"]
    assert {row["tx_id"]: row["ts"] for row in scores} == {row["tx_id"]: row["ts"] for row in given}
    assert all(0 <= float(row["score"]) <= 100 for row in scores)
    assert {row["decision"] for row in scores} <= {"approve", "review", "deny"}
    assert list(rings[0]) == ["ring_id", "kind", "account_id", "role", "score"]
    assert {row["account_id"] for row in rings} <= {row[end] for row in given for end in ("source", "target")}
    assert (summary["rows"], summary["accepted"], summary["repeats"]) == (len(given), len(given), 0)
    assert sum(summary["home"]["decisions"].values()) == len(given)
    assert len({row["ring_id"] for row in rings}) == sum(summary["home"]["rings"].values()) > 0


def test_parquet_comes_to_the_same_as_csv(tarrafa: Tarrafa, tmp_path: Path) -> None:
    given = world_rows()
    one = ran(tarrafa, write_csv(tmp_path / "payments.csv", given), tmp_path / "one")
    other = ran(tarrafa, write_parquet(tmp_path / "payments.parquet", given), tmp_path / "other")
    assert one[:2] == other[:2]
    assert one[2]["state_hash"] == other[2]["state_hash"]


def test_labels_never_change_a_score_or_a_ring(tarrafa: Tarrafa, tmp_path: Path) -> None:
    given = world_rows(2_000)
    plain = ran(tarrafa, write_csv(tmp_path / "plain.csv", given), tmp_path / "plain")
    rng = random.Random(4)
    for name in ("one", "other"):
        labelled = [row | {"label": rng.choice("01"), "ring": rng.choice(["", "r1", "r2"])} for row in given]
        result = ran(tarrafa, write_csv(tmp_path / f"{name}.csv", labelled), tmp_path / name)
        assert result[:2] == plain[:2]
        assert result[2]["state_hash"] == plain[2]["state_hash"]


def test_an_e_mail_as_account_is_answered_as_given_and_kept_only_as_a_hash(tarrafa: Tarrafa, tmp_path: Path) -> None:
    given = world_rows(account=lambda account: f"{account.replace(':', '.').lower()}@mail.example.com")
    _, rings, _ = ran(tarrafa, write_csv(tmp_path / "payments.csv", given), tmp_path)
    assert rings
    assert {row["account_id"] for row in rings} <= {row[end] for row in given for end in ("source", "target")}
    home = tmp_path / "home"
    assert b"mail.example.com" not in bytes_of(home)
    with open_service(load_settings(home=home), work=False) as service:
        (account,) = {member.account for ring in service.ledger.rings(limit=1).items for member in ring.members[:1]}
        assert service.catalog.read(service.store, "read/account", id=account)
        assert account.startswith("acct:")


def test_the_same_file_again_is_all_repeats(tarrafa: Tarrafa, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "payments.csv", world_rows(1_000))
    first, again = (ran(tarrafa, path, tmp_path) for _ in range(2))
    assert (again[2]["accepted"], again[2]["repeats"]) == (0, first[2]["accepted"])
    assert again[:2] == first[:2]
    assert again[2]["state_hash"] == first[2]["state_hash"]


def test_an_unknown_format_names_all_that_were_tried(tarrafa: Tarrafa, tmp_path: Path) -> None:
    path = tmp_path / "[notes].csv"
    path.write_text("dear,diary\n1,2\n")
    result = tarrafa("run", path, "--no-serve", "--home", tmp_path / "home")
    assert result.status == 2
    assert "[notes].csv has none of the known formats" in result.err
    assert all(form.name in result.err for form in FORMATS)
    assert "tx_id, ts, source, target, amount" in result.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nowhere.csv",), "there is no file or folder nowhere.csv"),
        (("nowhere.csv", "--format", "excel"), "choose one of canonical-csv"),
    ],
)
def test_a_path_or_format_that_is_not_there_is_said(
    tarrafa: Tarrafa, home: Path, arguments: tuple[str, ...], words: str
) -> None:
    result = tarrafa("run", *arguments, "--no-serve", "--home", home)
    assert result.status == 2
    assert words in result.err


def test_a_result_folder_that_is_a_file_is_refused_before_any_work(tarrafa: Tarrafa, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "payments.csv", world_rows(1_000))
    result = tarrafa("run", path, "--out", path, "--no-serve", "--home", tmp_path / "home")
    assert result.status == 2
    assert str(path) in result.err
    assert not (tmp_path / "home").exists()


def trouble() -> tuple[bytes, dict[str, int], list[str]]:
    """A file with every kind of trouble, how often each reason must be counted, and the ids of its good rows."""
    next_year = datetime.now(UTC).year + 1
    good = [f"good{number},2024-05-0{1 + number % 9}T10:00:00Z,A{number % 3},B,5.00\n".encode() for number in range(60)]
    bad: list[tuple[bytes, str | None]] = [
        (b"t1,2024-05-01T10:00:00Z,A\n", "wrong_field_count"),
        (b"t2,2024-05-01T10:00:00Z,A,B,5,6,7\n", "wrong_field_count"),
        (b"t3,2024-05-01T10:00:00Z,A,B,five\n", "bad_amount"),
        (b"t4,yesterday,A,B,5\n", "bad_time"),
        (b"t5,2024-05-01T10:00:00Z,A,B,NaN\n", "bad_amount"),
        (b"t6,2024-05-01T10:00:00Z,A,B,-5\n", "negative_amount"),
        (b"t7,2024-05-01T10:00:00Z,A,B,1000000000000000000\n", "amount_out_of_range"),
        (b"t8,1970-01-01T00:00:00Z,A,B,5\n", "time_out_of_range"),
        (f"t9,{next_year}-12-31T00:00:00Z,A,B,5\n".encode(), "time_in_future"),
        (b"t10,2024-05-01T10:00:00,A,B,5\n", "no_time_zone"),
        (b"t11,2024-05-01T10:00:00Z,A," + b"x" * 5_000_000 + b",5\n", "line_too_long"),
        (b"t12,2024-05-01T10:00:00Z,Jo\xe3o,B,5\n", "not_utf8"),
        (b"self,2024-05-01T10:00:00Z,A,A,5\n", None),
        (good[7], None),
        (good[8].replace(b"5.00", b"6.00"), None),
    ]
    counts: dict[str, int] = {}
    for _, reason in bad:
        if reason:
            counts[reason] = counts.get(reason, 0) + 1
    lines = [line for number, row in enumerate(good) for line in (row, *(bad[number][:1] if number < len(bad) else ()))]
    return b"tx_id,ts,source,target,amount\n" + b"".join(lines), counts, [f"good{n}" for n in range(60)] + ["self"]


def test_every_trouble_is_counted_by_its_reason_and_every_good_row_is_there(tarrafa: Tarrafa, tmp_path: Path) -> None:
    content, counts, good = trouble()
    path = tmp_path / "trouble.csv"
    path.write_bytes(content)
    scores, _, summary = ran(tarrafa, path, tmp_path)
    assert summary["set_aside"] == counts
    assert sorted(row["tx_id"] for row in scores) == sorted(good)  # a repeated id has one score, and one row
    assert (summary["accepted"], summary["repeats"], summary["conflicts"]) == (len(good), 1, 1)
    assert summary["rows"] == content.count(b"\n") - 1
    assert summary["notes"]["self_transfer"] == 1
    assert summary["home"]["set_aside"] == counts

    again = ran(tarrafa, path, tmp_path)[2]
    assert again["state_hash"] == summary["state_hash"]
    assert again["home"]["set_aside"] == counts
    said = tarrafa("run", path, "--no-serve", "--home", tmp_path / "home").well().out
    assert "set aside: negative amount" in said
    assert "noted: self transfer" in said


def test_rows_set_aside_stand_in_a_file_with_line_reason_cure_and_raw_text(tarrafa: Tarrafa, home: Path) -> None:
    given = home.parent / "payments.csv"
    given.write_text(
        "tx_id,ts,source,target,amount\nt1,2025-03-01T10:00:00Z,a,b,1.00\nt2,2025-03-01T10:00:00,a,b,2.00\n"
    )
    result = tarrafa("run", given, "--no-serve", "--home", home, "--out", home.parent / "out")
    assert "set aside, line 3: ts: no time zone" in result.out
    (row,) = rows(home.parent / "out" / "set_aside.csv")
    assert (row["line"], row["reason"], row["raw"]) == ("3", "no_time_zone", "t2,2025-03-01T10:00:00,a,b,2.00")
    assert "append Z" in row["message"]
