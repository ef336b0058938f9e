"""Set-aside rows, labels, job runs and reports: kept once, listed in order, and not forgotten by a rebuild."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graph.errors import RejectedRecord
from graph.evidence import Evidence
from graph.set_aside import SetAside
from ledger import JobStatus, Ledger, ReportMade
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


def test_a_job_run_is_followed_from_start_to_end(ledger: Ledger) -> None:
    finding = Evidence("shared_device", (("accounts", 4),), ("tx:1",), 1, (("Device", "d"),))
    first = ledger.job_started("shared_device", version="1", at_ms=START, params=(("min", 3), ("share", 0.5)))
    second = ledger.job_started("fan_in", version="2", at_ms=START + 1)
    (newest, oldest) = ledger.job_runs().items
    assert (newest.run_id, newest.status, newest.finished_at) == (second, JobStatus.RUNNING, None)
    ledger.job_finished(first, at_ms=START + 5, rows=9, truncated=True, findings=[finding])
    ledger.job_finished(second, at_ms=START + 6, error="it took too long")
    (newest, oldest) = ledger.job_runs().items
    assert (oldest.name, oldest.version, oldest.params) == ("shared_device", "1", (("min", 3), ("share", 0.5)))
    assert (oldest.status, oldest.started_at, oldest.finished_at) == (JobStatus.FINISHED, START, START + 5)
    assert (oldest.rows, oldest.truncated, oldest.findings, oldest.error) == (9, True, (finding,), "")
    assert (newest.status, newest.error) == (JobStatus.FAILED, "it took too long")


def test_job_runs_come_newest_first_in_pages(ledger: Ledger) -> None:
    runs = [ledger.job_started("a" if number % 2 else "b", version="1", at_ms=START) for number in range(5)]
    page = ledger.job_runs(limit=3)
    rest = ledger.job_runs(after=page.next, limit=3)
    assert [run.run_id for run in (*page.items, *rest.items)] == runs[::-1]
    assert [run.run_id for run in ledger.job_runs(name="a").items] == [runs[3], runs[1]]


def test_runs_that_a_stopped_process_left_are_marked_as_failed(ledger: Ledger) -> None:
    done = ledger.job_started("a", version="1", at_ms=START)
    ledger.job_finished(done, at_ms=START)
    left = ledger.job_started("a", version="1", at_ms=START)
    assert ledger.jobs_abandoned(at_ms=START + 9) == 1
    assert ledger.jobs_abandoned(at_ms=START + 10) == 0
    run = ledger.job_runs(limit=1).items[0]
    assert (run.run_id, run.status, run.finished_at) == (left, JobStatus.FAILED, START + 9)


def test_a_run_that_never_began_cannot_finish(ledger: Ledger) -> None:
    with pytest.raises(RejectedRecord, match="unknown job run"):
        ledger.job_finished(1 << 40, at_ms=START)


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
    run = ledger.job_started("a", version="1", at_ms=START)
    ledger.report_made(REPORT)
    ledger.forget_projections(LOG)
    assert (ledger.summary().transactions, ledger.position(LOG)) == (0, 0)
    assert list(ledger.labels("tx")) == [label(1)]
    assert ledger.set_asides().items == (set_aside(1),)
    assert [one.run_id for one in ledger.job_runs().items] == [run]
    assert ledger.report_list().items == (REPORT,)
