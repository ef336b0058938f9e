"""Set-aside rows, labels, job runs and reports: kept once, listed in order, and not forgotten by a rebuild."""

from __future__ import annotations

from dataclasses import replace

from graph.set_aside import SetAside
from ledger import Ledger, ReportMade
from tests.ledger.test_job_book import asked
from tests.ledger.worlds import LOG, NOTHING, START, label, record, score, set_aside

REPORT = ReportMade(
    report_id="rep1",
    subject_kind="ring",
    subject_id="r1",
    as_of=10,
    language="pt-BR",
    sha256="ab" * 32,
    paths=(("pdf", "reports/r1.pdf"), ("json", "reports/r1.json")),
    made_at=START,
)


def test_a_row_set_aside_comes_back_and_reading_its_file_again_does_not_double_it(ledger: Ledger) -> None:
    rows = [set_aside(2), set_aside(3, reason="bad_amount"), set_aside(3), set_aside(3, raw="other")]
    for _ in range(2):
        ledger.set_aside(rows)
    ledger.set_aside([])
    page = ledger.set_asides(limit=3)
    assert [*page.items, *ledger.set_asides(after=page.next, limit=3).items] == rows
    assert ledger.set_asides(after=page.next, limit=3).next is None
    assert ledger.summary().set_aside == {"bad_amount": 1, "bad_time": 3}


def test_raw_text_that_no_database_holds_is_kept_as_escapes(ledger: Ledger) -> None:
    ledger.set_aside([SetAside("f\x00.csv", 1, "not_utf8", "m\ud800", "a\x00b\udcff é 漢", 7)])
    (row,) = ledger.set_asides(limit=1).items
    assert row == SetAside("f\\x00.csv", 1, "not_utf8", "m\\ud800", "a\\x00b\\udcff é 漢", 7)


def test_labels_are_kept_once_and_read_as_known_by_a_time(ledger: Ledger) -> None:
    given = [label(1), label(2, value=0), label(1, value=0, ts=START + 10), label(3, subject="account")]
    for position in (4, 4, 2):
        ledger.record(log_id=LOG, position=position, scores=[], rings=NOTHING, labels=given)
    assert list(ledger.labels("tx")) == [given[0], given[2], given[1]]
    assert list(ledger.labels("tx", known_by=START)) == given[:2]
    assert list(ledger.labels("account")) == [given[3]]


def test_reports_come_newest_first_and_one_made_again_stands_once(ledger: Ledger) -> None:
    others = [replace(REPORT, report_id=f"rep{n}", subject_id="r2", made_at=START + n // 2) for n in range(2, 6)]
    for report in (replace(REPORT, language="en"), *others, REPORT):
        ledger.report_made(report)
    expected = [others[3], others[2], others[1], others[0], REPORT]
    expected.sort(key=lambda one: (one.made_at, one.report_id), reverse=True)
    page = ledger.report_list(limit=2)
    assert [*page.items, *ledger.report_list(after=page.next, limit=9).items] == expected
    assert ledger.report_list(subject_kind="ring", subject_id="r1").items == (REPORT,)
    assert ledger.report_list(subject_kind="operator").items == ()
    assert ledger.report_list(subject_id="\x00").items == ()


def test_forgetting_the_projections_keeps_what_the_log_cannot_give_back(ledger: Ledger) -> None:
    record(ledger, 1, [score(1)])
    ledger.record(log_id=LOG, position=2, scores=[], rings=NOTHING, labels=[label(1)])
    ledger.set_aside([set_aside(1)])
    run = ledger.jobs.ask(asked("a"), at_ms=START)
    ledger.report_made(REPORT)
    ledger.forget_projections(LOG)
    assert (ledger.summary().transactions, ledger.position(LOG)) == (0, 0)
    assert list(ledger.labels("tx")) == [label(1)]
    assert ledger.set_asides().items == (set_aside(1),)
    assert [one.run_id for one in ledger.job_runs().items] == [run]
    assert ledger.report_list().items == (REPORT,)
