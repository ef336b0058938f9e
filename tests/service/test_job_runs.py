"""Job runs end to end: findings become rings and signals, twice is once, killed runs go on, cancelled ones stop."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from cypher.job import JobResult
from graph.errors import QueryRefused, RejectedRecord
from graph.events import Movement
from graph.evidence import Evidence
from graph.found import PART
from ledger.records import JobStatus
from service.bootstrap import Service, open_service
from service.job_worker import JobWorker
from service.jobs import JobDesk
from service.settings import load_settings
from tests.service.command import Tarrafa
from tests.service.conftest import PlayedHome

T0, HOUR = 1_750_000_000_000, 3_600_000
OWN = "MATCH (o:Operator)\nRETURN o.id AS id\nORDER BY id\n"


def scatter() -> list[Movement]:
    """`boss` pays six accounts that all pay `end`; too slowly for the window's own patterns."""
    moves = []
    for n in range(6):
        for place, ends in enumerate((("boss", f"m{n}"), (f"m{n}", "end"))):
            ts = T0 + (n * 20 + place * 30) * HOUR
            moves.append(
                Movement(event_id=f"tx:{n}{place}", ts=ts, source=ends[0], target=ends[1], amount_cents=90_000)
            )
    return moves


@pytest.fixture
def service(home: Path) -> Iterator[Service]:
    """A service that knows one slow scatter-gather and nothing else."""
    with open_service(load_settings(home=home), work=True) as opened:
        opened.running.submit(scatter())
        opened.running.flush(settle=True)
        yield opened


def rings(service: Service) -> list[tuple[str, str, int]]:
    return [(ring.ring_id, str(ring.kind), len(ring.members)) for ring in service.ledger.rings(limit=50).items]


def run(service: Service, **more: bool) -> int:
    """Publish what scatter_gather finds; return how many findings were new."""
    given = {"window_ms": 200 * HOUR}
    return JobDesk(service).run_now("scatter_gather", given, caller="ana", publish=True, **more).run.published


def test_a_published_finding_is_a_ring_with_its_evidence_and_a_signal_of_later_movements(service: Service) -> None:
    assert rings(service) == []
    assert run(service) == 1
    ((ring_id, kind, size),) = rings(service)
    assert (kind, size) == ("scatter_gather", 8)
    ring = service.ledger.ring(ring_id)
    assert ring is not None
    assert {event_id for each in ring.evidence for event_id in each.event_ids} == {e.event_id for e in scatter()}
    later = Movement(event_id="tx:later", ts=T0 + 300 * HOUR, source="m1", target="shop", amount_cents=100)
    (score,) = service.running.score([later])
    assert "job_finding" in {signal.name for signal in score.signals}


def test_running_again_or_twice_at_once_adds_nothing(service: Service) -> None:
    results: list[int] = []
    threads = [threading.Thread(target=lambda: results.append(run(service))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(results) == 1
    first = rings(service)
    assert run(service) == 0
    assert rings(service) == first
    assert len(first) == 1


def test_withdrawn_findings_take_their_rings_with_them_and_do_not_come_back(service: Service) -> None:
    run(service)
    assert JobDesk(service).withdraw("scatter_gather", caller="bia", reason="a charity") == 1
    assert rings(service) == []
    assert run(service) == 0
    assert rings(service) == []
    assert [event.author for event in service.ledger.documents(PART, limit=9)] == ["bia", "job:scatter_gather"]


def test_a_run_that_was_killed_midway_is_done_again_under_its_number(service: Service) -> None:
    desk = JobDesk(service)
    run_id = desk.ask("scatter_gather", {"window_ms": 200 * HOUR}, caller="ana", publish=True)
    assert service.ledger.jobs.begin(run_id, at_ms=1) is not None  # and here its process was killed
    service.ledger.jobs_abandoned(at_ms=2)
    assert desk.run(run_id).status is JobStatus.INTERRUPTED
    assert rings(service) == []
    assert desk.unfinished() == [run_id]
    done = desk.do(run_id)
    assert done is not None
    assert (done.run.status, done.run.attempts, done.run.published) == (JobStatus.FINISHED, 2, 1)
    assert desk.do(run_id) is None
    assert len(rings(service)) == 1


def test_a_cancelled_run_stops_and_publishes_nothing(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = JobDesk(service)
    run_id = desk.ask("scatter_gather", {}, caller="ana", publish=True)

    def cancelled_midway(*_: object, watch: Any, **__: object) -> JobResult:
        desk.cancel(run_id)
        watch._next = 0.0  # looks now, not in half a second
        assert watch.cancelled()
        return JobResult("scatter_gather", 1, (), ({"id": "x"},), (Evidence("scatter_gather"),), (), ("cancelled",))

    monkeypatch.setattr("service.jobs.run_job", cancelled_midway)
    done = desk.do(run_id)
    assert done is not None
    assert (done.run.status, done.run.cut, done.run.published) == (JobStatus.CANCELLED, ("cancelled",), 0)


def test_what_is_scheduled_runs_by_itself_and_once(service: Service) -> None:
    desk = JobDesk(service)
    desk.schedule("scatter_gather", {"window_ms": 200 * HOUR}, every_ms=3_600_000, author="ana", publish=True)
    with JobWorker(desk, pause_seconds=0.05):
        for _ in range(200):
            done = desk.runs(name="scatter_gather")
            if done and done[0].status is JobStatus.FINISHED:
                break
            threading.Event().wait(0.05)
    (only,) = desk.runs(name="scatter_gather")
    assert (only.status, only.caller, only.published) == (JobStatus.FINISHED, "ana", 1)
    assert len(rings(service)) == 1
    desk.unschedule("scatter_gather")
    with pytest.raises(QueryRefused, match="is not scheduled"):
        desk.unschedule("scatter_gather")


def test_a_saved_query_runs_within_its_limits_and_every_run_is_kept(service: Service) -> None:
    desk = JobDesk(service)
    desk.save("accounts", "MATCH (a:Account)\nWHERE a.id >= $from\nRETURN a.id AS id\nORDER BY id", author="ana")
    done = desk.run_now("accounts", {"from": "m0"}, caller="bia", rows=2)
    assert [row["id"] for row in done.result.rows] == ["m0", "m1"]
    assert (done.run.caller, done.run.rows, done.run.cut) == ("bia", 2, ("row_budget",))
    assert done.run.query.startswith("MATCH (a:Account)")
    assert done.run.result.splitlines() == ['{"id": "m0"}', '{"id": "m1"}']
    with pytest.raises(QueryRefused, match="the query needs from"):
        desk.run_now("accounts", {}, caller="bia")
    with pytest.raises(QueryRefused, match="findings of accounts are hints only"):
        desk.ask("accounts", {"from": "a"}, caller="bia", publish=True)


def test_a_saved_query_that_never_ends_is_stopped_with_clear_words_and_kept_as_failed(service: Service) -> None:
    desk = JobDesk(service)
    text = "UNWIND range(1, 3000) AS x\nUNWIND range(1, 3000) AS y\nUNWIND range(1, 3000) AS z\n"
    desk.save("endless", text + "RETURN count(x + y + z) AS n\nORDER BY n", author="ana")
    with pytest.raises(Exception, match=r"stopped after 300 ms|refused"):
        desk.run_now("endless", {}, caller="ana", time_ms=300)
    (failed,) = desk.runs(name="endless")
    assert failed.status is JobStatus.FAILED
    assert failed.error
    desk.save("wide", "UNWIND range(1, 10000000) AS x\nRETURN x\nORDER BY x", author="ana")
    with suppress(QueryRefused):  # KGLite finds the work too large, Neo4j hands out the first rows
        done = desk.run_now("wide", {}, caller="ana", rows=10, time_ms=20_000)
        assert (done.run.rows, done.run.cut) == (10, ("row_budget",))
    assert desk.runs(name="wide")[0].finished_at is not None


def test_an_engine_refuses_a_write_that_got_past_the_reading_of_its_text(service: Service) -> None:
    desk = JobDesk(service)
    desk.save("mine", OWN, author="ana")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("service.jobs.check_query", lambda _: type("Q", (), {"text": WRITE, "params": ()})())
        with pytest.raises(QueryRefused):
            desk.run_now("mine", {}, caller="mallory")
    assert service.store.read("MATCH (n:Account {id: 'evil'}) RETURN n.id AS id", {}) == []


WRITE = "CREATE (n:Account {id: 'evil'}) RETURN n.id AS id"


def test_unknown_runs_budgets_and_names_are_refused(service: Service) -> None:
    desk = JobDesk(service)
    with pytest.raises(RejectedRecord, match="unknown job run"):
        desk.run(77)
    with pytest.raises(QueryRefused, match="rows must be from 1 to"):
        desk.ask("fan_in", {}, caller="ana", rows=10_000_000)
    with pytest.raises(QueryRefused, match="there is no job nothing"):
        desk.ask("nothing", {}, caller="ana")
    with pytest.raises(QueryRefused, match="is a job of the catalogue"):
        desk.save("fan_in", OWN, author="ana")
    with pytest.raises(QueryRefused, match="findings of shared_ip are hints only"):
        desk.ask("shared_ip", {}, caller="ana", publish=True)


def test_the_command_line_saves_runs_schedules_and_lists(
    tarrafa: Tarrafa, played_home: PlayedHome, tmp_path: Path
) -> None:
    home = ("--home", played_home.home)
    file = tmp_path / "own.cypher"
    file.write_text(OWN, encoding="utf-8")
    assert "operators_known version 1" in tarrafa("job", "save", "operators_known", file, *home).well().out
    rows = tarrafa("job", "run", "operators_known", "--json", "--author", "ana", *home).well().out
    assert f'{{"id": "{played_home.operator_id}"}}' in rows.splitlines()
    file.write_text("MATCH (a:Account {id: 'x'})\nSET a.first_seen = 1\nRETURN a.id AS id\nORDER BY id\n")
    refused = tarrafa("job", "save", "evil", file, *home)
    assert refused.status == 2
    assert "line 2: SET writes, and a saved query only reads" in refused.err
    tarrafa("job", "schedule", "fan_in", "--every", "6h", "--publish", *home).well()
    assert "21600 s" in tarrafa("job", "schedules", *home).well().out
    assert "is not a time" in tarrafa("job", "schedule", "fan_in", "--every", "often", *home).err
    assert "operators_known" in tarrafa("job", "saved", *home).well().out
    runs = tarrafa("job", "runs", *home).well().out
    assert "operators_known@1" in runs
    assert "ana" in runs
    published = tarrafa("job", "run", "fan_in", "--publish", "--json", *home).well()
    assert "new findings published" in published.err
    again = tarrafa("job", "run", "fan_in", "--publish", "--json", *home).well()
    assert "0 new findings published" in again.err
    assert again.out == published.out
    tarrafa("job", "findings", *home).well()
    assert "withdrawn" in tarrafa("job", "withdraw", "fan_in", *home).well().out
    tarrafa("job", "unschedule", "fan_in", *home).well()
    tarrafa("job", "forget", "operators_known", *home).well()
    assert "there is no job operators_known" in tarrafa("job", "run", "operators_known", *home).err


def test_findings_in_the_log_survive_a_rebuild_unchanged(tarrafa: Tarrafa, played_home: PlayedHome) -> None:
    home = ("--home", played_home.home)
    tarrafa("job", "run", "scatter_gather", "--publish", "--json", *home).well()
    before = tarrafa("state-hash", *home).well().out
    assert before.strip() in tarrafa("rebuild", *home).well().out
