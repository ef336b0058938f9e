"""What the report about a ring says, and what stands behind each sentence."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest

from graph.codec import content_hash, encode_event
from graph.evidence import EVIDENCE_LIMIT, Evidence, Ring, Signal
from reports.formats import Language
from reports.phrases import known_codes
from reports.record import AnnexFact, AnnexTransaction, ReportRecord, Statement
from reports.ring_report import build_ring_report
from reports.sources import Limits
from tests.reports.case import FakeGraph, FakeLog, as_of, case_of, movement, mule_case, sent
from tests.reports.walk import statements


def report(log: FakeLog, ring: Ring, *others: Ring, position: int | None = None, **more: object) -> ReportRecord:
    facts = case_of(log, ring, *others, **more)  # type: ignore[arg-type]  # passed on as given
    return build_ring_report(ring, facts=facts, language=Language.PT, as_of=as_of(log, position))


@pytest.fixture(scope="module")
def made() -> ReportRecord:
    return report(*mule_case())


def test_every_statement_cites_annexed_events_or_says_why_not(made: ReportRecord) -> None:
    annexed = {row.event_id for row in made.transactions} | {fact.event_id for fact in made.facts}
    found = list(statements(made))
    assert len(found) > 50
    for statement in found:
        assert statement.code in known_codes()
        if statement.evidence_ids:
            assert set(statement.evidence_ids) <= annexed
            assert statement.total_events >= len(statement.evidence_ids)
        else:
            assert statement.basis in known_codes()


def test_a_statement_without_evidence_and_without_reason_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="velocity"):
        Statement("velocity")
    with pytest.raises(ValueError, match="velocity"):
        Statement("velocity", evidence_ids=("tx:1",), basis="basis_graph")


def test_sentences_with_a_number_about_money_cite_events_and_not_a_reason(made: ReportRecord) -> None:
    for statement in statements(made):
        if any(name.endswith("_cents") for name, _ in statement.params):
            assert statement.evidence_ids, statement


def test_the_totals_are_those_of_the_ring_and_the_payers_are_counted(made: ReportRecord) -> None:
    totals = made.summary.totals
    assert (totals.in_cents, totals.out_cents, totals.retained_cents) == (271_296, 207_003, 64_293)
    assert (totals.transactions, totals.accounts, totals.payers) == (24, 14, 9)
    assert totals.moved_cents == sum(row.amount_cents for row in made.transactions)
    assert [answer.question for answer in made.summary.answers] == ["who", "what", "where", "when", "why", "how"]
    assert made.summary.confidence == "high"


def test_the_annex_holds_each_cited_movement_in_order_with_its_place_and_hash(made: ReportRecord) -> None:
    log, _ = mule_case()
    assert [row.ts for row in made.transactions] == sorted(row.ts for row in made.transactions)
    assert [row.number for row in made.transactions] == list(range(1, 25))
    for row in made.transactions:
        entry = log.event(row.event_id)
        assert entry is not None
        assert row.offset == entry.offset
        assert row.learned_at == entry.learned_at
        assert row.content_hash == content_hash(*encode_event(entry.event)).hex()


def test_the_digest_of_cited_events_can_be_made_again_from_the_annex(made: ReportRecord) -> None:
    annexed: list[AnnexTransaction | AnnexFact] = [*made.transactions, *made.facts]
    rows = sorted(annexed, key=lambda row: row.offset)
    text = "".join(f"{row.offset} {row.event_id} {row.content_hash}\n" for row in rows)
    assert made.digests[0].value == sha256(text.encode()).hexdigest()


def test_members_stand_with_the_organiser_first_and_payers_last(made: ReportRecord) -> None:
    assert [member.role for member in made.members[:3]] == ["organiser", "collector", "mule"]
    assert {member.role for member in made.members[5:]} == {"victim"}
    assert made.members[0].listed == ("watch: watch",)
    assert all(member.reasons for member in made.members)


def test_recommendations_spare_the_payers_and_name_who_leads(made: ReportRecord) -> None:
    advice = {item.action: item for item in made.recommendations}
    assert set(advice) == {
        "freeze_accounts",
        "investigate_main",
        "hear_payers",
        "block_domains",
        "preserve_records",
        "break_flow",
        "coordinate_police",
    }
    frozen = {target for _, target in advice["freeze_accounts"].targets}
    assert frozen == {"acc-boss", "acc-collector", "acc-mule-1", "acc-mule-2", "acc-mule-3"}
    assert advice["investigate_main"].targets == (("Account", "acc-boss"),)
    assert advice["block_domains"].targets == (("Domain", "aposta-facil-777.example"),)
    assert "fact:lic" in advice["block_domains"].statement.evidence_ids


def test_a_site_is_not_proposed_for_blocking_only_because_members_used_it() -> None:
    log, ring = mule_case()
    log.events = [event for event in log.events if event.event_id not in ("fact:lic", "list:1")]
    assert "block_domains" not in {item.action for item in report(log, ring).recommendations}


def test_the_technical_part_shows_shared_devices_ports_and_hosting(made: ReportRecord) -> None:
    rows = {row.id: row for row in made.technical.means}
    assert rows["dev-7f3a"].account_count == 4
    assert rows["dev-7f3a"].evidence_ids
    assert rows["100.64.12.7"].ports == tuple(range(40_000, 40_009))
    assert rows["aposta-facil-777.example"].listed == ("block: spa-bloqueados",)
    assert "hosting_ip" in {statement.code for statement in made.technical.statements}


def test_means_that_only_the_graph_knows_are_marked_as_aggregates() -> None:
    log, ring = mule_case()
    row = {"kind": "FROM_IP", "label": "Ip", "id": "192.0.2.4", "count": 7, "first_seen": 1, "last_seen": 2}
    graph = FakeGraph({("read/account_means", "acc-boss"): [row]}, log)
    found = {means.id: means for means in report(log, ring, graph=graph).technical.means}["192.0.2.4"]
    assert (found.basis, found.count, found.evidence_ids) == ("basis_graph", 7, ())


def test_another_ring_that_shares_an_account_is_named_with_its_movements() -> None:
    log, ring = mule_case()
    later = movement(90, "acc-boss", "acc-elsewhere", 5_000)
    log.events.append(later)
    boss = next(member for member in ring.members if member.account == "acc-boss")
    other = replace(ring, ring_id="R-other", members=(boss,), links=sent([later]), evidence=())
    connection = next(item for item in report(log, ring, other).connections if item.label == "Ring")
    assert (connection.id, connection.through) == ("R-other", ("acc-boss",))
    assert connection.statement.evidence_ids == (later.event_id,)


def test_limits_name_hubs_truncation_missing_signals_and_unknown_codes() -> None:
    log, ring = mule_case()
    odd = Signal("moon", 0.0, 0.0, Evidence("moon_phase", (), ring.evidence[0].event_ids), missing="model absent")
    made = report(log, replace(ring, contributions=(*ring.contributions, odd)))
    codes = {statement.code for statement in made.limits}
    assert {"hub_suppressed", "limit_truncated", "limit_signal_missing", "limit_unworded"} <= codes


def test_events_the_log_lacks_or_learned_later_are_counted_not_hidden() -> None:
    log, ring = mule_case()
    made = report(log, ring, position=len(log.events) - 2)
    assert ("count", 2) in next(item for item in made.limits if item.code == "limit_events_later").params
    log.events = [event for event in log.events if event.event_id != "tx:E2E00000"]
    made = report(log, ring)
    missing = next(item for item in made.limits if item.code == "limit_events_unknown")
    assert dict(missing.params) == {"count": 1, "id": "tx:E2E00000"}
    assert "tx:E2E00000" not in {row.event_id for row in made.transactions}


def test_totals_that_the_cited_events_do_not_add_up_to_are_pointed_out() -> None:
    log, ring = mule_case()
    assert "limit_totals_differ" not in {item.code for item in report(log, ring).limits}
    wrong = (replace(ring.links[0], sum_cents=ring.links[0].sum_cents + 1), *ring.links[1:])
    assert "limit_totals_differ" in {item.code for item in report(log, replace(ring, links=wrong)).limits}


def test_caps_on_annex_and_tables_are_said() -> None:
    log, ring = mule_case()
    made = report(log, ring, limits=Limits(transactions=10, hops=3, links=4, means=2, means_accounts=1))
    said = {item.code: dict(item.params) for item in made.limits}
    assert len(made.transactions) == 10
    assert said["limit_annex"] == {"count": 14}
    assert made.flow.listed == 3
    assert said["limit_hops"] == {"shown": 3, "count": 15}
    assert len(made.links) == 4
    assert said["limit_links"] == {"shown": 4, "count": 18}
    assert len(made.technical.means) == 2
    assert "limit_means" in said
    assert "limit_means_accounts" in said


def test_a_ring_of_which_no_event_is_left_still_reports_and_says_so() -> None:
    log, ring = mule_case()
    made = report(FakeLog(), ring)
    assert made.transactions == ()
    assert made.envelope.window_first_ts is None
    assert {item.basis for item in made.summary.answers[0].statements} == {"basis_unavailable"}
    assert log.events


def test_fields_that_authorities_require_and_nobody_gave_are_listed(made: ReportRecord) -> None:
    assert {"gap_reporter", "gap_legal_basis", "gap_holder_names", "gap_bank_details"} <= {
        item.code for item in made.gaps
    }


def test_the_same_inputs_give_the_same_record_and_id_and_others_another_id(made: ReportRecord) -> None:
    log, ring = mule_case()
    assert report(log, ring) == made
    assert report(log, ring, position=30).envelope.report_id != made.envelope.report_id
    assert report(log, replace(ring, score=80.0)).envelope.report_id != made.envelope.report_id
    english = build_ring_report(ring, facts=case_of(log, ring), language=Language.EN, as_of=as_of(log))
    assert english.envelope.report_id != made.envelope.report_id


def test_the_order_in_which_members_links_and_evidence_come_does_not_matter(made: ReportRecord) -> None:
    log, ring = mule_case()
    turned = replace(ring, members=ring.members[::-1], links=ring.links[::-1], contributions=ring.contributions[::-1])
    again = report(log, turned)
    assert again.transactions == made.transactions
    assert again.members == made.members
    assert (again.links, again.flow, again.summary.totals) == (made.links, made.flow, made.summary.totals)


def test_a_statement_cites_at_most_the_evidence_limit_and_says_how_many_there_are() -> None:
    movements = [movement(n, f"p{n}", "hub", 100) for n in range(EVIDENCE_LIMIT + 30)]
    log, ring = FakeLog(list(movements)), mule_case()[1]
    ids = tuple(event.event_id for event in movements)
    evidence = Evidence("ring_fan_in", (("count", len(ids)),), ids, len(ids))
    made = report(log, replace(ring, links=sent(movements), evidence=(evidence,), members=(), contributions=()))
    statement = next(item for item in made.summary.answers[1].statements if item.code == "ring_fan_in")
    assert len(statement.evidence_ids) == EVIDENCE_LIMIT
    assert statement.total_events == EVIDENCE_LIMIT + 30
    assert statement.evidence_ids == ids[:EVIDENCE_LIMIT]
