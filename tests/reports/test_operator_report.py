"""What the report about a betting operator says, and what stands behind it."""

from __future__ import annotations

import pytest

from graph.events import DomainObservation, OperatorFact, OperatorFactKind
from graph.evidence import Ring
from reports.formats import Language
from reports.operator_report import build_operator_report
from reports.phrases import known_codes
from reports.record import ReportRecord
from reports.sources import Limits
from tests.reports.case import START, FakeGraph, FakeLog, as_of, case_of, mule_case
from tests.reports.walk import statements


def report(log: FakeLog, *rings: Ring, operator: str = "op-sorte", **more: object) -> ReportRecord:
    facts = case_of(log, *rings, **more)  # type: ignore[arg-type]  # passed on as given
    return build_operator_report(operator, facts=facts, language=Language.PT, as_of=as_of(log))


@pytest.fixture(scope="module")
def made() -> ReportRecord:
    log, ring = mule_case()
    return report(log, ring)


def test_every_statement_cites_annexed_events_or_says_why_not(made: ReportRecord) -> None:
    annexed = {row.event_id for row in made.transactions} | {fact.event_id for fact in made.facts}
    for statement in statements(made):
        assert statement.code in known_codes()
        assert set(statement.evidence_ids) <= annexed
        assert statement.evidence_ids or statement.basis in known_codes()


def test_licence_sites_and_collection_accounts_come_from_facts(made: ReportRecord) -> None:
    section = made.operator
    assert section is not None
    assert section.licensed is False
    assert section.licence.evidence_ids == ("fact:lic",)
    first, second = section.domains
    assert (first.domain, first.age_days, second.age_days) == ("aposta-facil-777.example", 11, None)
    assert first.listed == ("block: spa-bloqueados",)
    (collector,) = section.collectors
    assert (collector.account, collector.count, collector.payers) == ("acc-collector", 18, 9)
    assert collector.collected_cents == 271_296
    assert collector.rings == ("R-3f9ac2d1e0b74c55",)
    assert "domain_rotation" in {statement.code for statement in section.identity}


def test_money_collected_leaves_out_what_collectors_pay_each_other() -> None:
    log, _ = mule_case()
    log.events.append(
        OperatorFact(
            event_id="fact:col2",
            ts=START,
            operator="op-sorte",
            fact=OperatorFactKind.COLLECTS_WITH,
            account="acc-payer-01",
        )
    )
    totals = report(log).summary.totals
    assert totals.in_cents == 271_296 - 24_900
    assert totals.payers == 8


def test_gang_links_name_operators_that_share_collectors_and_hosting(made: ReportRecord) -> None:
    found = {(item.label, item.id, item.through_label): item for item in made.connections}
    assert found["Operator", "op-azar", "Account"].through == ("acc-collector",)
    assert set(found["Operator", "op-azar", "Account"].statement.evidence_ids) == {"fact:col", "fact:col-other"}
    hosting = found["Operator", "op-azar", "Ip"]
    assert hosting.through == ("198.51.100.23",)
    assert {"dns:1", "dns:2", "fact:azar"} <= set(hosting.statement.evidence_ids)
    assert found["Ring", "R-3f9ac2d1e0b74c55", "Account"].statement.evidence_ids


def test_devices_shared_with_another_operators_collector_are_a_gang_link() -> None:
    log, _ = mule_case()
    log.events.append(
        OperatorFact(
            event_id="fact:dev", ts=START, operator="op-lua", fact=OperatorFactKind.COLLECTS_WITH, account="acc-far"
        )
    )
    row = {"label": "Device", "means_id": "dev-1", "other": "acc-far"}
    graph = FakeGraph({("read/shared_means", "acc-collector"): [row]}, log)
    found = {(item.id, item.through_label): item for item in report(log, graph=graph).connections}
    assert found["op-lua", "Device"].through == ("dev-1",)
    assert found["op-lua", "Device"].statement.evidence_ids == ("fact:dev",)


def test_recommendations_of_an_unlicensed_operator_cover_sites_accounts_operator_and_police(made: ReportRecord) -> None:
    advice = {item.action: item for item in made.recommendations}
    assert {"block_domains", "freeze_accounts", "investigate_main", "coordinate_police"} <= set(advice)
    assert [target for _, target in advice["block_domains"].targets] == [
        "aposta-facil-777.example",
        "aposta-facil-778.example",
    ]
    assert advice["investigate_main"].targets == (("Operator", "op-sorte"),)


def test_an_operator_whose_licence_nobody_states_is_to_be_verified_before_blocking() -> None:
    log, _ = mule_case()
    log.events = [event for event in log.events if event.event_id not in ("fact:lic", "list:1")]
    made = report(log)
    assert made.operator is not None
    assert made.operator.licensed is None
    actions = {item.action for item in made.recommendations}
    assert "verify_domains" in actions
    assert "block_domains" not in actions
    assert "freeze_accounts" not in actions
    assert "unknown_licence" in {statement.code for statement in made.summary.unknown}


def test_sources_that_disagree_on_the_licence_are_shown_as_disagreeing() -> None:
    log, _ = mule_case()
    log.events.append(
        OperatorFact(event_id="fact:yes", ts=START, operator="op-sorte", fact=OperatorFactKind.LICENCE, licensed=True)
    )
    section = report(log).operator
    assert section is not None
    assert section.licensed is False
    assert "licence_conflict" in {statement.code for statement in section.identity}


def test_a_licensed_operator_in_no_ring_gets_no_measures_against_it() -> None:
    log, _ = mule_case()
    log.events = [event for event in log.events if event.event_id not in ("fact:lic", "list:1")]
    log.events.append(
        OperatorFact(event_id="fact:yes", ts=START, operator="op-sorte", fact=OperatorFactKind.LICENCE, licensed=True)
    )
    actions = {item.action for item in report(log).recommendations}
    assert actions <= {"preserve_records"}


def test_what_only_the_graph_knows_is_marked_as_an_aggregate() -> None:
    row = {
        "label": "Domain",
        "id": "so-grafo.example",
        "count": 3,
        "sum_cents": 9,
        "first_seen": START,
        "last_seen": START,
    }
    graph = FakeGraph(
        {
            ("read/operator_footprint", "op-x"): [row | {"kind": "OWNS"}],
            ("read/operator", "op-x"): [{"id": "op-x", "licensed": False, "first_seen": START, "last_seen": START}],
        }
    )
    made = report(FakeLog(), operator="op-x", graph=graph)
    assert made.operator is not None
    assert made.operator.licensed is False
    assert made.operator.licence.basis == "basis_graph"
    assert made.operator.domains[0].source.basis == "basis_graph"


def test_an_operator_nobody_has_heard_of_gives_a_report_that_says_so() -> None:
    made = report(FakeLog(), operator="op-nobody")
    assert made.operator is not None
    assert "operator_unknown" in {statement.code for statement in made.operator.identity}
    assert made.summary.totals.in_cents is None
    assert made.recommendations == ()


def test_a_read_that_comes_back_full_is_said_to_be_truncated() -> None:
    log, _ = mule_case()
    made = report(log, limits=Limits(rows_per_read=5))
    cut = [dict(item.params)["id"] for item in made.limits if item.code == "limit_truncated"]
    assert cut == ["read/account_transactions acc-collector"]
    assert len(made.transactions) == 5


def test_many_addresses_of_one_site_are_each_named() -> None:
    log, _ = mule_case()
    log.events += [
        DomainObservation(event_id=f"dns:x{n}", ts=START + n, domain="aposta-facil-777.example", ip=f"198.51.100.{n}")
        for n in (40, 41)
    ]
    named = [item for item in report(log).technical.statements if item.code == "hosting_ip"]
    assert [dict(item.params)["id"] for item in named] == ["198.51.100.23", "198.51.100.40", "198.51.100.41"]
