"""Facts about operators, sites and lists read straight from a log."""

from __future__ import annotations

from pathlib import Path

from graph.log.sqlite import SqliteEventLog
from reports.formats import Language
from reports.log_facts import LogFacts
from reports.operator_report import build_operator_report
from reports.record import AsOf
from reports.sources import CaseFacts
from tests.reports.case import VERSIONS, FakeGraph, FakeLog, FakeRings, as_of, case_of, mule_case


def test_facts_are_found_by_every_node_they_mention() -> None:
    log, _ = mule_case()
    facts = LogFacts(log, position=len(log.events))
    assert [entry.event.event_id for entry in facts.about("Account", "acc-collector")] == ["fact:col", "fact:col-other"]
    assert [entry.event.event_id for entry in facts.about("Ip", "198.51.100.23")] == ["dns:1", "dns:2"]
    assert [entry.event.event_id for entry in facts.about("Account", "acc-boss")] == ["list:2"]
    assert facts.about("Account", "acc-payer-01") == ()


def test_facts_past_the_position_are_not_known() -> None:
    log, _ = mule_case()
    assert len(LogFacts(log, position=3).about("Operator", "op-sorte")) == 3
    assert LogFacts(log, position=0).about("Operator", "op-sorte") == ()


def test_the_log_is_read_once_however_many_questions_come() -> None:
    class Counted(FakeLog):
        reads = 0

        def read(self, *, after: int = 0, limit: int | None = None):  # type: ignore[no-untyped-def]  # as FakeLog
            Counted.reads += 1
            return super().read(after=after, limit=limit)

    facts = LogFacts(Counted(mule_case()[0].events), position=99)
    for _ in range(3):
        facts.about("Operator", "op-sorte")
    assert Counted.reads == 1


def test_a_report_from_the_sqlite_log_equals_one_from_memory(tmp_path: Path) -> None:
    fake, _ = mule_case()
    log = SqliteEventLog(tmp_path / "log.db")
    for event in fake.events:
        log.append([event], learned_at=event.ts + 5_000)
    facts = CaseFacts(
        events=log,
        rings=FakeRings(),
        graph=FakeGraph(log=fake),
        facts=LogFacts(log, position=log.head()),
        versions=VERSIONS,
    )
    where: AsOf = as_of(fake)
    made = build_operator_report("op-sorte", facts=facts, language=Language.EN, as_of=where)
    log.close()
    assert made == build_operator_report("op-sorte", facts=case_of(fake), language=Language.EN, as_of=where)
