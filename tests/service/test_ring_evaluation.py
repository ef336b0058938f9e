"""`tarrafa rings evaluate` on files whose rings are known by construction, and truth tables in every usual layout."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graph.errors import UnknownFormat
from graph.evidence import Role
from rings.evaluate import Quality
from rings.judgement import Known, judge
from rings.rivals import component_rings, leiden_rings
from service.ring_truth import read_ring_truth
from tests.service.command import Tarrafa

RINGS = {"a": ["a1", "a2", "a3"], "b": ["b1", "b2", "b3", "b4"]}


def payments(path: Path) -> Path:
    """Two cycles of noticeable amounts, and people who pay each other once, nobody what he was paid."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("tx_id", "ts", "source", "target", "amount"))
        number = 0
        for place, names in enumerate(RINGS.values()):
            for step, name in enumerate(names):
                ts = 1_700_000_000_000 + place * 86_400_000 + step * 3_600_000
                writer.writerow((f"t{number}", ts, name, names[(step + 1) % len(names)], "9000.00"))
                number += 1
        for n in range(30):
            writer.writerow((f"t{number}", 1_700_000_000_000 - n * 60_000, f"p{n}", f"p{n + 1}", "12.30"))
            number += 1
    return path


def truth_file(path: Path, header: str, rows: list[str]) -> Path:
    text = "\n".join([header, *rows]) + "\n"
    if path.suffix == ".gz":
        with gzip.open(path, "wt", encoding="utf-8") as file:
            file.write(text)
    else:
        path.write_text(text, encoding="utf-8")
    return path


def test_rings_planted_in_a_file_are_judged_beside_components_and_leiden(tmp_path: Path, tarrafa: Tarrafa) -> None:
    data = payments(tmp_path / "p.csv")
    rows = [f"{ring},{name},cycle" for ring, names in RINGS.items() for name in names]
    truth = truth_file(tmp_path / "t.csv.gz", "Ring ID,Account_ID,kind", rows)
    out = tmp_path / "made" / "figures.json"
    said = tarrafa("rings", "evaluate", data, "--truth", truth, "--out", out).well().out
    told = {one["name"]: one for one in json.loads(out.read_text())["judged"]}
    ours = told["rings, all members"]
    assert ours["rings"]["f1"] == ours["accounts"]["f1"] == 1.0
    assert ours["adjusted_rand"] == ours["homogeneity"] == ours["completeness"] == 1.0
    assert ours["rings"]["recall_by_kind"] == {"cycle": {"matched": 2, "true": 2}}
    components = told["components, hubs out, size >= 3"]
    assert components["rings"]["matched"] == 2
    assert components["rings"]["found"] == 3, "the people who pay each other are a component too"
    assert "Leiden, hubs out, size >= 3" in told
    assert "ring P / R / F1" in said


def test_an_earlier_result_and_a_home_are_judged_too(tmp_path: Path, tarrafa: Tarrafa) -> None:
    data = payments(tmp_path / "p.csv")
    truth = truth_file(
        tmp_path / "t.csv", "ring,account", [f"{r},{name}" for r, names in RINGS.items() for name in names]
    )
    home, results = tmp_path / "home", tmp_path / "results"
    tarrafa("run", data, "--no-serve", "--home", home, "--out", results).well()
    for path in (home, results / "rings.csv"):
        told = json.loads(tarrafa("rings", "evaluate", path, "--truth", truth, "--json").well().out)["judged"]
        assert told[0]["rings"]["f1"] == 1.0, path
        assert len(told) == 2, "no pairs are known here, so there is nothing to run rivals on"


@pytest.mark.parametrize(
    ("header", "rows", "rings", "cleared"),
    [
        ("ring_id;id;eliminated", ["1;7;1", "1;8;1", ";9;0"], {"1": {"7", "8"}}, {"9"}),
        ("modelID,type,accountID,isMain", ["3,fan_in,5,True", "3,fan_in,6,False"], {"3": {"5", "6"}}, set()),
        ("alertID,clientID,reason", ["2,4,cycle", "2,5,cycle"], {"2": {"4", "5"}}, set()),
        ("family\tindicator", ["gang\t1.2.3.4", "gang\tx.net"], {"gang": {"1.2.3.4", "x.net"}}, set()),
        ("tx_id,source,target,ring", ["1,a,b,r", "2,b,c,r", "3,x,y,"], {"r": {"a", "b", "c"}}, set()),
        (
            "ring_id,typology,from_bank,from_acct,to_bank,to_acct",
            ["0,FAN-OUT,012,A,03,B"],
            {"0": {"012_A", "03_B"}},
            set(),
        ),
        ("kind,ring_id,account_id,role", ["x,r,a,mule", "x,r,v,victim"], {"r": {"a"}}, set()),
        ("account,ring,kept", ["a,r,0", "b,,1"], {"r": {"a"}}, {"b"}),
    ],
)
def test_truth_is_read_by_the_usual_names_of_its_columns(
    tmp_path: Path, header: str, rows: list[str], rings: dict[str, set[str]], cleared: set[str]
) -> None:
    truth = read_ring_truth(truth_file(tmp_path / "t.csv", header, rows))
    assert truth.rings == rings
    assert truth.cleared == cleared


def test_parquet_attempts_and_flags_without_rings_are_read_too(tmp_path: Path) -> None:
    table = tmp_path / "rings.parquet"
    pq.write_table(pa.table({"ring_id": [1, 1, 2], "id": [3.0, 4.0, 5.0]}), table)
    pq.write_table(pa.table({"id": [3, 9], "eliminated": pa.array([1, 0], pa.int8())}), tmp_path / "nodes.parquet")
    truth = read_ring_truth(tmp_path)
    assert truth.rings == {"1": {"3", "4"}, "2": {"5"}}
    assert truth.cleared == {"9"}, "found in the nodes beside it"
    attempts = tmp_path / "Patterns.txt"
    attempts.write_text(
        "BEGIN LAUNDERING ATTEMPT - CYCLE:  Max 2 hops\n2022/09/01 00:06,01,A,02,B,1,Euro,1,Euro,ACH,1\n"
        "END LAUNDERING ATTEMPT - CYCLE\n"
    )
    truth = read_ring_truth(attempts)
    assert (truth.rings, truth.kinds) == ({"cycle-0": {"01_A", "02_B"}}, {"cycle-0": "cycle"})
    (tmp_path / "apart").mkdir()
    flags = read_ring_truth(truth_file(tmp_path / "apart" / "nodes.csv", "nodeid,isFraud", ["1,1", "2,0"]))
    assert (flags.rings, flags.members, flags.cleared) == ({}, {"1"}, {"2"})


@pytest.mark.parametrize(
    ("header", "rows", "words"),
    [
        ("colour,shape_of", ["red,round"], "it has colour, shape_of"),
        ("ring_id,account_id", [], "names no member"),
        ("ring_id,account_id", [",a"], "names no member"),
    ],
)
def test_a_truth_that_says_nothing_is_refused_with_what_to_change(
    tmp_path: Path, header: str, rows: list[str], words: str
) -> None:
    with pytest.raises(UnknownFormat, match=words) as refusal:
        read_ring_truth(truth_file(tmp_path / "t.csv", header, rows))
    assert refusal.value.cure


def test_a_truth_file_that_is_not_there_ends_the_command_with_a_word(tmp_path: Path, tarrafa: Tarrafa) -> None:
    ended = tarrafa("rings", "evaluate", payments(tmp_path / "p.csv"), "--truth", tmp_path / "absent.csv")
    assert ended.status == 2
    assert "there is no truth file" in ended.err


def test_only_accounts_known_either_way_count_for_precision() -> None:
    known = Known({"r": {"a", "b", "kept"}}, {}, {"a", "b", "kept"}, cleared={"kept", "other"})
    told = judge("x", {"f": {"a", "unknown", "other"}}, known)
    assert told.accounts == Quality(0.5, 0.5)
    assert told.cleared_flagged == 0.5


def test_roles_are_judged_among_members_of_matched_rings() -> None:
    known = Known(
        {"r": {"a", "b", "c"}}, {}, {"a", "b", "c"}, roles={("r", "a"): Role.MULE, ("r", "b"): Role.COLLECTOR}
    )
    found = {("f", "a"): Role.MULE, ("f", "b"): Role.VICTIM, ("f", "c"): Role.MULE}
    told = judge("x", {"f": {"a", "b", "c"}}, known, roles=found)
    assert (told.roles, told.roles_known) == (0.5, 2)


def test_rivals_leave_hubs_and_services_out() -> None:
    pairs = {(f"n{one}", f"n{two}"): 1 for two in range(5) for one in range(two)}
    pairs |= {("hub", f"n{n}"): 1 for n in range(200)}
    pairs |= {("service", "n0"): 1, ("service", "z"): 1}
    expected = [{f"n{n}" for n in range(5)}]
    assert list(component_rings(pairs, services={"service"}, smallest=3).values()) == expected
    assert list(leiden_rings(pairs, services={"service"}, smallest=3).values()) == expected
