"""Every other format on the smallest file of its layout: what each row becomes."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graph.events import Access, IdentifierHeld, ListKind, MovementKind, NodeKind
from ingest.formats import FORMATS, detect
from ingest.loaders.amlgentex import OUTSIDE_ACCOUNTS
from ingest.loaders.hop import HOP_MS
from ingest.loaders.step_time import HOUR_MS, STEP_BASE_MS
from ingest.validate import DAY_MS
from tests.ingest.reading import KEYS, read

PAYSIM = """\
step,type,amount,nameOrig,oldbalanceOrg,newbalanceOrig,nameDest,oldbalanceDest,newbalanceDest,isFraud,isFlaggedFraud
1,PAYMENT,9839.64,C1,170136.0,160296.36,M1,0.0,0.0,0,0
1,TRANSFER,181.0,C2,181.0,0.0,C3,0.0,0.0,1,0
2,CASH_IN,50.5,C2,0,50.5,C9,100,49.5,0,0
2,CASH_OUT,181.0,C4,181.0,0.0,C5,21182.0,0.0,1,0
3,LOTTERY,1.0,C4,1.0,0.0,C5,0,0.0,0,0
"""
S_FFSD = """\
Time,Source,Target,Amount,Location,Type,Labels
0,S1,T1,13.74,L100,TP100,2
1,S2,T1,73.17,L101,TP101,0
2,S1,T2,5,L101,TP101,1
"""
AMLWORLD = """\
Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving Currency,Amount Paid,Payment Currency,\
Payment Format,Is Laundering
2022/09/01 00:06,021174,800737690,012,80011F990,2848.96,Euro,2848.96,Euro,ACH,1
2022/09/01 00:20,010,8000EBD30,010,8000EBD30,3697.34,US Dollar,3697.34,US Dollar,Reinvestment,0
2022/09/01 00:21,010,8000EBD30,03,B2,0.04,Bitcoin,0.04,Bitcoin,Credit Card,0
2022/09/01 00:22,010,8000EBD30,03,B2,7,Dinar,7,Dinar,Cash,0
"""
PATTERNS = """\
BEGIN LAUNDERING ATTEMPT - FAN-OUT:  Max 16-degree Fan-Out
2022/09/01 00:06,021174,800737690,012,80011F990,2848.96,Euro,2848.96,Euro,ACH,1
2022/09/01 04:33,021174,800737690,020,80020C5B0,8630.40,Euro,8630.40,Euro,ACH,1
END LAUNDERING ATTEMPT - FAN-OUT

BEGIN LAUNDERING ATTEMPT - STACK
2022/09/02 10:00,1,A,2,B,5.00,Yuan,5.00,Yuan,ACH,1
END LAUNDERING ATTEMPT - STACK
"""


def text_file(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def parquet_file(folder: Path, name: str, columns: dict[str, list[Any]]) -> Path:
    path = folder / name
    pq.write_table(pa.table(columns), path)
    return path


def test_paysim_rows_move_money_the_way_their_type_says(tmp_path: Path) -> None:
    result = read(text_file(tmp_path, "paysim.csv", PAYSIM))
    assert result.source.form.name == "paysim"
    by_kind = {movement.channel: movement for movement in result.movements}
    assert (by_kind["cash_in"].source, by_kind["cash_in"].target) == ("C9", "C2")
    assert (by_kind["cash_out"].source, by_kind["cash_out"].kind) == ("C4", MovementKind.WITHDRAWAL)
    assert by_kind["payment"].amount_cents == 983_964
    for movement in result.movements:
        step = 1 if movement.channel in ("payment", "transfer") else 2
        assert 0 <= movement.ts - (STEP_BASE_MS + step * HOUR_MS) < HOUR_MS
    assert sorted(label.label for label in result.labels) == [0, 0, 1, 1]
    assert result.reasons == [(6, "unknown_kind")]


def test_s_ffsd_leaves_unlabelled_rows_unlabelled_and_keeps_the_order_of_time(tmp_path: Path) -> None:
    result = read(text_file(tmp_path, "any.csv", S_FFSD))
    assert [movement.source for movement in result.movements] == ["S1", "S2", "S1"]
    assert [movement.kind for movement in result.movements] == [MovementKind.CARD_PAYMENT] * 3
    assert [label.label for label in result.labels] == [0, 1]
    assert dict(result.movements[0].attributes) == {"location": "L100"}


def test_amlworld_accounts_are_named_by_bank_and_currencies_by_code(tmp_path: Path) -> None:
    result = read(text_file(tmp_path, "HI-Tiny_Trans.csv", AMLWORLD))
    assert result.source.form.name == "amlworld"
    assert [(m.source, m.target, m.amount_cents, m.currency, m.channel) for m in result.movements] == [
        ("021174_800737690", "012_80011F990", 284_896, "EUR", "ach"),
        ("010_8000EBD30", "010_8000EBD30", 369_734, "USD", "reinvestment"),
        ("010_8000EBD30", "03_B2", 4, "XBT", "credit card"),
    ]
    assert result.movements[2].kind is MovementKind.CARD_PAYMENT
    assert {(label.label, label.ring) for label in result.labels} == {(1, ""), (0, "")}
    assert result.reasons == [(5, "bad_currency")]


def test_amlworld_rings_come_from_the_patterns_file_beside_it(tmp_path: Path) -> None:
    text_file(tmp_path, "HI-Tiny_Patterns.txt", PATTERNS)
    result = read(text_file(tmp_path, "HI-Tiny_Trans.csv", AMLWORLD))
    assert {label.ring for label in result.labels if label.label} == {"fan_out-0"}


def test_amlworld_patterns_are_positives_with_their_ring(tmp_path: Path) -> None:
    result = read(text_file(tmp_path, "HI-Tiny_Patterns.txt", PATTERNS))
    assert result.source.form.name == "amlworld-patterns"
    assert sorted((label.label, label.ring) for label in result.labels) == [
        (1, "fan_out-0"), (1, "fan_out-0"), (1, "stack-1"),
    ]  # fmt: skip
    trans = read(text_file(tmp_path, "T.csv", AMLWORLD))
    assert trans.movements[0] in result.movements, "one payment has one id in both files"
    assert result.rows == result.source.total_rows == 3


def amlsim(folder: Path) -> Path:
    text_file(folder, "nodes.csv", "nodeid,isFraud,init_balance,fraudStep\n0,0,184.44,-1\n1,1,5,2\n2,1,5,-1\n")
    text_file(
        folder,
        "transactions.csv",
        "sourceNodeId,targetNodeId,value,time\n0,1,103.55,1\n0,1,103.55,1\n1,2,7.5,4\n1,2,-7,4\n2,0,1,x\n",
    )
    return folder


def test_amlsim_equal_rows_are_separate_payments_and_labels_wait_for_their_day(tmp_path: Path) -> None:
    result = read(amlsim(tmp_path))
    assert len({movement.event_id for movement in result.movements}) == len(result.movements) == 3
    known = {label.subject_id: (label.label, (label.ts - STEP_BASE_MS) // DAY_MS) for label in result.labels}
    assert known == {"0": (0, 4), "1": (1, 2), "2": (1, 4)}
    assert result.reasons == [(5, "negative_amount"), (6, "bad_step")]
    assert result.rows == result.source.total_rows == 8


AMLSIM_OUTPUT = """\
tran_id,orig_acct,bene_acct,tx_type,base_amt,tran_timestamp,is_sar,alert_id
1,10,11,TRANSFER,695.66,2017-01-01T00:00:00Z,False,-1
2,11,12,TRANSFER,100.5,2017-01-02T00:00:00Z,True,7
3,12,13,TRANSFER,99,2017-01-02T15:00:00Z,True,8
4,12,13,TRANSFER,99,3,,
5,,13,TRANSFER,99,3,0,
"""
ALERTS = "alert_id,alert_type,is_sar,tran_id\n7,fan_in,True,2\n"


def test_amlsims_own_output_has_labels_per_payment_and_rings_from_its_alerts(tmp_path: Path) -> None:
    text_file(tmp_path, "transactions.csv", AMLSIM_OUTPUT)
    text_file(tmp_path, "alert_transactions.csv", ALERTS)
    text_file(tmp_path, "accounts.csv", "acct_id,dsply_nm\n10,n\n")
    result = read(tmp_path)
    assert result.source.form.name == "amlsim-output"
    assert {m.tx_id: (m.source, m.target, m.amount_cents) for m in result.movements} == {
        "amlsim-1": ("10", "11", 69_566),
        "amlsim-2": ("11", "12", 10_050),
        "amlsim-3": ("12", "13", 9_900),
        "amlsim-4": ("12", "13", 9_900),
    }
    assert {(label.subject_id, label.label, label.ring) for label in result.labels} == {
        ("amlsim-1", 0, ""), ("amlsim-2", 1, "fan_in-7"), ("amlsim-3", 1, "alert-8"),
    }  # fmt: skip
    assert result.reasons == [(6, "empty_field")]
    days = {m.tx_id: (m.ts // DAY_MS, m.ts % DAY_MS) for m in result.movements}
    assert days["amlsim-2"][0] == days["amlsim-3"][0]
    assert days["amlsim-2"][1] != 0, "a day alone says nothing of the moment: it comes from the row"
    assert days["amlsim-3"][1] == 15 * HOUR_MS
    assert days["amlsim-4"][0] == STEP_BASE_MS // DAY_MS + 3


def test_several_amlsim_outputs_in_one_folder_do_not_share_accounts(tmp_path: Path) -> None:
    for name in ("first", "second"):
        amlsim(tmp_path / name)
    result = read(tmp_path)
    assert {movement.source for movement in result.movements} == {"first/0", "first/1", "second/0", "second/1"}
    assert len({event.event_id for event in result.events}) == len(result.events) == 12


def gentex_columns() -> dict[str, list[Any]]:
    return {
        "step": [0, 0, 3, 3, 3],
        "type": ["INITALBALANCE", "TRANSFER", "TRANSFER", "CASH", "TRANSFER"],
        "amount": [100.0, 50.559, 12.344, 9.0, 77.0],
        "nameOrig": [-2, -2, 1, 1, 2],
        "nameDest": [1, 1, 2, -1, 1],
        "oldbalanceOrig": [0.0] * 5,
        "newbalanceOrig": [0.0] * 5,
        "oldbalanceDest": [0.0] * 5,
        "newbalanceDest": [0.0] * 5,
        "isSAR": [0, 0, 0, 0, 1],
        "patternID": [-1, -1, 17, -1, 5],
    }


def test_amlgentex_outside_rows_are_kept_unlabelled_and_outside_is_a_service(tmp_path: Path) -> None:
    result = read(parquet_file(tmp_path, "log.parquet", gentex_columns()))
    assert {(m.source, m.target, m.amount_cents, str(m.kind)) for m in result.movements} == {
        ("outside:opening_balance", "1", 10_000, "deposit"),
        ("outside:income", "1", 5_056, "deposit"),
        ("1", "2", 1_234, "transfer"),
        ("1", "outside:cash", 900, "withdrawal"),
        ("2", "1", 7_700, "transfer"),
    }
    assert {(label.label, label.ring) for label in result.labels} == {(0, ""), (1, "5")}
    assert {listed.entity_id for listed in result.listed} == set(OUTSIDE_ACCOUNTS)
    assert {listed.list_kind for listed in result.listed} == {ListKind.SERVICE}
    assert result.rows == result.source.total_rows


def test_amlgentex_time_and_id_do_not_depend_on_place_or_label(tmp_path: Path) -> None:
    columns = gentex_columns()
    expected = read(parquet_file(tmp_path, "log.parquet", columns))
    order = list(range(5))
    random.Random(3).shuffle(order)
    shuffled = {name: [values[place] for place in order] for name, values in columns.items()}
    assert read(parquet_file(tmp_path, "log.parquet", shuffled)).events == expected.events
    relabelled = {**columns, "isSAR": [1 - value for value in columns["isSAR"]], "patternID": [9] * 5}
    assert read(parquet_file(tmp_path, "log.parquet", relabelled)).movements == expected.movements


def test_amlgentex_saved_as_csv_gives_the_same_events(tmp_path: Path) -> None:
    columns = gentex_columns()
    expected = read(parquet_file(tmp_path, "log.parquet", columns))
    rows = [",".join(columns), *(",".join(map(str, row)) for row in zip(*columns.values(), strict=True))]
    assert read(text_file(tmp_path, "as_text/log.csv", "\n".join(rows) + "\n")).events == expected.events


def test_amlgentex_rows_without_a_label_stay_unlabelled(tmp_path: Path) -> None:
    labels = [float("nan") if value else value for value in gentex_columns()["isSAR"]]
    result = read(parquet_file(tmp_path, "log.parquet", {**gentex_columns(), "isSAR": labels}))
    assert {label.label for label in result.labels} == {0}
    assert len(result.movements) == 5


def test_amlgentex_rows_with_empty_fields_are_set_aside(tmp_path: Path) -> None:
    columns = {**gentex_columns(), "nameDest": [1, None, 2, -1, 1], "amount": [100.0, 1.0, float("nan"), 9.0, None]}
    result = read(parquet_file(tmp_path, "log.parquet", columns))
    assert result.reasons == [(2, "empty_field"), (3, "bad_amount"), (5, "bad_amount")]


def hop(folder: Path, *, rings: bool = True) -> Path:
    parquet_file(
        folder,
        "edges.parquet",
        {"kind": ["erc20", "hop"], "chain": ["polygon", "MATIC"], "src": [0, 1], "dst": [1, 99], "n": [3, 1]},
    )
    parquet_file(folder, "nodes.parquet", {"id": [0, 1, 2, 3], "eliminated": [1, 0, None, None]})
    parquet_file(folder, "known_services.parquet", {"id": [99, 1], "kind": ["exchange", "contract"]})
    if rings:
        parquet_file(folder, "rings.parquet", {"ring_id": [7, 7], "id": [0, 2]})
    return folder


def test_hop_edges_are_links_without_amount_and_services_are_listed(tmp_path: Path) -> None:
    result = read(hop(tmp_path))
    assert {(m.source, m.target, m.amount_cents, str(m.kind), m.channel) for m in result.movements} == {
        ("0", "1", 0, "link", "erc20/polygon"),
        ("1", "address:99", 0, "link", "hop/matic"),
    }
    assert {(listed.entity_id, listed.entry, listed.list_kind) for listed in result.listed} == {
        ("address:99", "exchange", ListKind.SERVICE),
        ("1", "contract", ListKind.SERVICE),
    }
    assert {(label.subject_id, label.label, label.ring) for label in result.labels} == {
        ("0", 1, "7"), ("1", 0, ""), ("2", 1, "7"),
    }  # fmt: skip
    assert {event.ts for event in (*result.movements, *result.labels)} == {HOP_MS}
    assert {listed.ts for listed in result.listed} == {HOP_MS - 1}, "services are known before the links"
    assert result.dropped == {"account_without_label": 1}
    assert result.rows == result.source.total_rows == 8


def test_hop_without_published_rings_is_read_too(tmp_path: Path) -> None:
    result = read(hop(tmp_path, rings=False))
    assert {label.ring for label in result.labels} == {""}


def test_maltrail_lists_addresses_and_domains_and_counts_the_rest(tmp_path: Path) -> None:
    path = parquet_file(
        tmp_path,
        "i.parquet",
        {
            "category": ["malware", "suspicious", "malicious", "malware", "malware"],
            "family": ["emotet", "dyndns", "gang", "emotet", "emotet"],
            "indicator": ["51.210.1.239", "Bad.Example.com", "http://1.2.3.4", "/x.php", "no domain"],
            "kind": ["ip", "domain", "other", "url", "domain"],
        },
    )
    result = read(path)
    assert {(e.entity_kind, e.entity_id, e.indicator_id, e.list_kind) for e in result.listed} == {
        (NodeKind.IP, "51.210.1.239", "maltrail-malware:emotet", ListKind.BLOCK),
        (NodeKind.DOMAIN, "bad.example.com", "maltrail-suspicious:dyndns", ListKind.WATCH),
    }
    assert result.dropped == {"indicator_kind_not_used:other": 1, "indicator_kind_not_used:url": 1}
    assert result.reasons == [(5, "bad_domain")]


def finbench(folder: Path) -> Path:
    day = "2020-05-03 12:48:47.305"
    for name, content in {
        "snapshot/Person.csv": f"personId|personName|isBlocked|createTime\n1|Ann|true|{day}\n2|Bob|false|{day}\n",
        "snapshot/Account.csv": f"accountId|createTime|isBlocked|accoutType\n10|{day}|true|debit\n11|{day}|false|x\n",
        "snapshot/Medium.csv": f"mediumId|mediumType|isBlocked|createTime\n7|IPv4|false|{day}\n8|POS|true|{day}\n",
        "snapshot/PersonOwnAccount.csv": f"personId|accountId|createTime\n1|10|{day}\n1|11|{day}\n",
        "snapshot/MediumSignInAccount.csv": f"mediumId|accountId|createTime\n7|10|{day}\n8|11|{day}\n",
        "snapshot/AccountTransferAccount.csv": (
            f"fromId|toId|amount|createTime\n10|11|544595.7886430753|{day}\n10|11|nan|{day}\n10|11|{day}\n"
        ),
        "snapshot/AccountWithdrawAccount.csv": f"fromId|toId|amount|createTime\n11|10|5.5|{day}\n",
        "snapshot/Loan.csv": f"loanId|loanAmount|balance|createTime\n1|2|3|{day}\n",
        "incremental/AddAccountTransferAccountWrite12.csv": (
            "createTime|dependencyTime|fromId|toId|amount|orderNum|comment|payType|goodsType\n"
            '1669691328406|1640639964923|11|10|7839934.76|00142|"straight into|Mobile Billing|x\n'
        ),
    }.items():
        text_file(folder, name, content)
    return folder


def test_finbench_tables_become_the_events_they_record(tmp_path: Path) -> None:
    result = read(finbench(tmp_path))
    assert [(m.source, m.target, m.amount_cents, str(m.kind), m.channel) for m in result.movements[-1:]] == [
        ("11", "10", 783_993_476, "transfer", "mobile billing")
    ]
    assert {(m.amount_cents, str(m.kind)) for m in result.movements[:-1]} == {
        (54_459_579, "transfer"), (550, "withdrawal"),
    }  # fmt: skip
    held = [event for event in result.events if isinstance(event, IdentifierHeld)]
    assert {event.account for event in held} == {"10", "11"}
    (owner,) = {event.identifier.id for event in held}
    assert owner == KEYS.hash("document", "finbench:person:1")
    accesses = {(e.account, e.device, e.ip) for e in result.events if isinstance(e, Access)}
    assert accesses == {("10", None, "medium:7"), ("11", "medium:8", None)}
    assert {(e.entity_kind, e.entity_id) for e in result.listed} == {
        (NodeKind.ACCOUNT, "10"), (NodeKind.DEVICE, "medium:8"), (NodeKind.IDENTIFIER, owner),
    }  # fmt: skip
    assert result.dropped == {
        "not_blocked:Person": 1, "not_blocked:Account": 1, "not_blocked:Medium": 1, "table_not_used:Loan": 1,
    }  # fmt: skip
    assert result.reasons == [(3, "bad_amount"), (4, "wrong_field_count")]
    assert result.rows == result.source.total_rows


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_no_format_takes_an_empty_folder_or_a_stray_file_for_its_own(tmp_path: Path, form: Any) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    stray = text_file(tmp_path, "notes.txt", "hello\n")
    for path in (folder, stray):
        reason = form.why_not(path)
        assert isinstance(reason, str)
        assert reason


@pytest.mark.parametrize(
    ("name", "content", "form"),
    [("a.csv", PAYSIM, "paysim"), ("b", S_FFSD, "s-ffsd"), ("c.txt", PATTERNS, "amlworld-patterns")],
)
def test_a_format_is_known_by_content_and_not_by_name(tmp_path: Path, name: str, content: str, form: str) -> None:
    assert detect(text_file(tmp_path, name, content)).name == form
    folder = tmp_path / "folder"
    text_file(folder, name, content)
    assert detect(folder).name == form
