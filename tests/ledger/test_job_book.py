"""Runs are asked for, taken by one, watched, cancelled and taken up again; queries and schedules are kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graph.errors import RejectedRecord
from graph.evidence import Evidence
from ledger.job_book import MAX_ATTEMPTS, RunAsked, RunEnded
from ledger.ledger import Ledger
from ledger.records import JobSchedule, JobStatus
from tests.ledger.worlds import START


def asked(name: str, **more: object) -> RunAsked:
    """A run that somebody wants."""
    plain = RunAsked(name=name, version="1", params=(("min", 3),), caller="ana", row_budget=10, time_budget_ms=1_000)
    return replace(plain, **more)  # type: ignore[arg-type]


def test_a_run_is_followed_from_being_asked_for_to_its_end(ledger: Ledger) -> None:
    finding = Evidence("shared_device", (("accounts", 4),), ("tx:1",), 1, (("Device", "d"),))
    run_id = ledger.jobs.ask(asked("shared_device", publish=True), at_ms=START)
    waiting = ledger.jobs.run(run_id)
    assert waiting is not None
    assert (waiting.status, waiting.caller, waiting.params) == (JobStatus.WAITING, "ana", (("min", 3),))
    begun = ledger.jobs.begin(run_id, at_ms=START + 1)
    assert begun is not None
    assert (begun.status, begun.started_at, begun.attempts, begun.publish) == (JobStatus.RUNNING, START + 1, 1, True)
    assert not ledger.jobs.note_progress(run_id, "half way")
    ended = RunEnded(
        status=JobStatus.FINISHED, rows=9, cut=("row_budget",), findings=[finding], published=1, result='{"a": 1}'
    )
    ledger.jobs.end(run_id, ended, at_ms=START + 5)
    done = ledger.jobs.run(run_id)
    assert done is not None
    assert (done.status, done.finished_at, done.rows, done.truncated) == (JobStatus.FINISHED, START + 5, 9, True)
    assert (done.cut, done.findings, done.published) == (("row_budget",), (finding,), 1)
    assert (done.result, done.progress) == ('{"a": 1}', "half way")


def test_a_run_is_taken_by_one_only(ledger: Ledger) -> None:
    run_id = ledger.jobs.ask(asked("a"), at_ms=START)
    assert ledger.jobs.unfinished() == [run_id]
    assert ledger.jobs.begin(run_id, at_ms=START) is not None
    assert ledger.jobs.begin(run_id, at_ms=START) is None
    assert ledger.jobs.unfinished() == []


def test_a_run_that_a_stopped_process_left_is_taken_up_again_and_not_for_ever(ledger: Ledger) -> None:
    run_id = ledger.jobs.ask(asked("a"), at_ms=START)
    for attempt in range(1, MAX_ATTEMPTS + 1):
        begun = ledger.jobs.begin(run_id, at_ms=START)
        assert begun is not None
        assert begun.attempts == attempt
        assert ledger.jobs_abandoned(at_ms=START + 9) == 1
        assert ledger.jobs_abandoned(at_ms=START + 10) == 0
        (left,) = ledger.job_runs().items
        assert (left.status, left.finished_at) == (JobStatus.INTERRUPTED, START + 9)
    assert ledger.jobs.begin(run_id, at_ms=START) is None
    assert ledger.jobs.unfinished() == []


def test_a_waiting_run_is_cancelled_at_once_and_a_running_one_hears_of_it(ledger: Ledger) -> None:
    waiting, running = (ledger.jobs.ask(asked("a"), at_ms=START) for _ in range(2))
    ledger.jobs.begin(running, at_ms=START)
    for run_id in (waiting, running):
        assert ledger.jobs.cancel(run_id, at_ms=START + 1) is not None
    over = ledger.jobs.run(waiting)
    assert over is not None
    assert over.status is JobStatus.CANCELLED
    assert ledger.jobs.begin(waiting, at_ms=START) is None
    assert ledger.jobs.note_progress(running, "")
    assert ledger.jobs.cancel(1 << 40, at_ms=START) is None


def test_runs_come_newest_first_in_pages_and_the_oldest_go(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.job_book.RUNS_KEPT", 3)
    runs = [ledger.jobs.ask(asked("a" if number % 2 else "b"), at_ms=START) for number in range(10)]
    page = ledger.job_runs(limit=4)
    assert [run.run_id for run in (*page.items, *ledger.job_runs(after=page.next, limit=9).items)] == runs[::-1]
    for run_id in runs:
        ledger.jobs.begin(run_id, at_ms=START)
        ledger.jobs.end(run_id, RunEnded(status=JobStatus.FAILED, error="no"), at_ms=START)
    assert [run.run_id for run in ledger.job_runs(name="a").items] == [runs[9], runs[7], runs[5]]
    assert [run.run_id for run in ledger.job_runs(name="b").items] == [runs[8], runs[6], runs[4]]


def test_a_query_saved_again_is_a_new_version_and_a_forgotten_one_is_gone(ledger: Ledger) -> None:
    ledger.jobs.save_query("mine", "RETURN 1 AS x", meaning="one", author="ana", at_ms=START)
    again = ledger.jobs.save_query("mine", "RETURN 2 AS x", meaning="two", author="bia", at_ms=START + 1)
    assert (again.version, again.author) == (2, "bia")
    assert ledger.jobs.queries() == [again]
    assert ledger.jobs.query("mine") == again
    assert ledger.jobs.query("other") is None
    assert ledger.jobs.forget_query("mine")
    assert not ledger.jobs.forget_query("mine")


def schedule(name: str, *, next_at: int = START, every_ms: int = 100) -> JobSchedule:
    """A job that runs by itself."""
    return JobSchedule(name=name, params=(("min", 3),), every_ms=every_ms, next_at=next_at, publish=True, author="ana")


def test_what_is_due_is_taken_once_and_missed_times_are_not_made_up_for(ledger: Ledger) -> None:
    ledger.jobs.schedule(schedule("a"))
    ledger.jobs.schedule(schedule("b", next_at=START + 1_000))
    ledger.jobs.schedule(schedule("a"))
    assert ledger.jobs.take_due(now_ms=START + 250) == [schedule("a")]
    assert ledger.jobs.take_due(now_ms=START + 250) == []
    assert [(each.name, each.next_at) for each in ledger.jobs.schedules()] == [("a", START + 300), ("b", START + 1_000)]
    assert ledger.jobs.unschedule("a")
    assert not ledger.jobs.unschedule("a")
    with pytest.raises(RejectedRecord, match="bad interval"):
        ledger.jobs.schedule(schedule("c", every_ms=0))
