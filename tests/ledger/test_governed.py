"""List entries, documents and alerts in the ledger: what stands, who said so, and only the best of a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.days import day_of, parse_day
from graph.errors import RejectedRecord
from graph.events import GovernanceChanged, ListKind
from graph.evidence import Decision, Score
from graph.listings import ADD, REMOVE, Change, EntryKind, content_of
from graph.listings import PART as LISTS
from ledger import Ledger
from ledger.records import Alert, ListEntry
from tests.ledger.worlds import LOG, NOTHING, START, record, score

DAY = 86_400_000


def changed(number: int, *changes: Change, author: str = "ana") -> GovernanceChanged:
    return GovernanceChanged(
        event_id=f"governance:{number}", ts=START + number, part=LISTS, content=content_of(changes), author=author
    )


def entry(value: str, *, action: str = ADD, listed: ListKind = ListKind.BLOCK, reason: str = "") -> Change:
    return Change(action, listed, EntryKind.ACCOUNT, value, reason)


def govern(ledger: Ledger, position: int, events: Sequence[GovernanceChanged]) -> None:
    ledger.record(log_id=LOG, position=position, scores=[], rings=NOTHING, governed=events)


def standing(ledger: Ledger, listed: ListKind = ListKind.BLOCK, *, limit: int = 2) -> list[ListEntry]:
    """Every entry of a list, two to a page."""
    found: list[ListEntry] = []
    after: str | None = None
    while True:
        page = ledger.list_entries(listed, after=after, limit=limit)
        found += page.items
        after = page.next
        if after is None:
            return found


# --- lists ------------------------------------------------------------------------------------------------------------


def test_an_entry_comes_back_with_who_said_so_and_until_when(ledger: Ledger) -> None:
    expiring = Change(ADD, ListKind.WATCH, EntryKind.IP, "203.0.113.0/24", "é 漢", START + 9)
    govern(ledger, 1, [changed(1, expiring, entry("a"))])
    expected = ListEntry(
        ListKind.WATCH, EntryKind.IP, "203.0.113.0/24", "é 漢", "ana", START + 1, START + 9, "governance:1"
    )
    assert standing(ledger, ListKind.WATCH) == [expected]
    assert ledger.list_entry(ListKind.WATCH, EntryKind.IP, "203.0.113.0/24") == expected
    assert ledger.list_entry(ListKind.BLOCK, EntryKind.IP, "203.0.113.0/24") is None
    assert ledger.list_entry(ListKind.BLOCK, EntryKind.ACCOUNT, "\x00\ud800") is None
    assert ledger.list_counts() == {"block": 1, "watch": 1}


def test_entries_come_by_kind_and_value_in_pages_and_one_kind_alone(ledger: Ledger) -> None:
    values = ["b", "a", "é", "B", "z"]
    devices = [Change(ADD, ListKind.BLOCK, EntryKind.DEVICE, value) for value in values]
    govern(ledger, 1, [changed(1, *(entry(value) for value in values), *devices)])
    expected = sorted(values, key=lambda value: value.encode())
    assert [one.value for one in standing(ledger)] == expected * 2
    only = ledger.list_entries(ListKind.BLOCK, kind=EntryKind.DEVICE, limit=10).items
    assert [(one.kind, one.value) for one in only] == [(EntryKind.DEVICE, value) for value in expected]
    with pytest.raises(RejectedRecord):
        ledger.list_entries(ListKind.BLOCK, after="nonsense")


CHANGES = st.builds(
    lambda value, action, listed: entry(value, action=action, listed=listed, reason=f"{action} {value}"),
    st.sampled_from("abc"),
    st.sampled_from((ADD, ADD, REMOVE)),
    st.sampled_from((ListKind.BLOCK, ListKind.ALLOW)),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(CHANGES, min_size=1, max_size=3), min_size=1, max_size=5), st.data())
def test_what_stands_is_what_the_changes_leave_however_batches_overlap_and_repeat(
    ledger: Ledger, groups: list[list[Change]], data: st.DataObject
) -> None:
    ledger.forget_projections(LOG)
    events = [changed(number, *group) for number, group in enumerate(groups, start=1)]
    done = 0
    while done < len(events):
        first = data.draw(st.integers(0, done), label="batch begins")
        last = data.draw(st.integers(done + 1, len(events)), label="batch ends")
        govern(ledger, last, events[first:last])
        done = last
        old = data.draw(st.integers(0, done), label="an old batch again, up to")
        if old < done:
            govern(ledger, old, events[:old])
    held: dict[tuple[ListKind, str], str] = {}
    for number, group in enumerate(groups, start=1):
        for change in group:
            held.pop((change.list, change.value), None)
            if change.action == ADD:
                held[change.list, change.value] = f"governance:{number}"
    found = [*standing(ledger), *standing(ledger, ListKind.ALLOW)]
    assert {(one.list, one.value): one.event_id for one in found} == held


# --- documents --------------------------------------------------------------------------------------------------------


def document(number: int, part: str = "policy", *, reason: str = "") -> GovernanceChanged:
    return GovernanceChanged(
        event_id=f"document:{number}",
        ts=START + number,
        part=part,
        content=f'{{"n":{number}}}',
        author="ana",
        reason=reason,
    )


def test_every_state_of_a_document_is_kept_once_newest_first_and_gone_after_forgetting(ledger: Ledger) -> None:
    policies = [document(1, reason="a"), document(3)]
    for position in (3, 3, 2):
        govern(ledger, position, [policies[0], document(2, "typologies"), policies[1], changed(9, entry("a"))])
    assert ledger.documents("policy") == policies[1:]
    assert ledger.documents("policy", limit=9) == policies[::-1]
    assert ledger.documents("lists") == []
    ledger.forget_projections(LOG)
    assert ledger.documents("policy") == []
    assert standing(ledger) == []


def test_a_reason_that_no_database_holds_is_kept_without_what_it_cannot_hold(ledger: Ledger) -> None:
    govern(ledger, 1, [document(1, reason="a\x00b\ud800")])
    assert ledger.documents("policy")[0].reason == "ab\\ud800"


# --- alerts -----------------------------------------------------------------------------------------------------------


def decided(number: int, value: float, *, budget: int, tenant: str = "", day: int = 0) -> Score:
    return replace(
        score(number, value=value, decision=Decision.DENY), ts=START + day * DAY, tenant=tenant, alert_budget=budget
    )


def alerts(ledger: Ledger, day: date, *, tenant: str = "") -> list[Alert]:
    """Every alert of a day, two to a page."""
    found: list[Alert] = []
    after: str | None = None
    while True:
        page = ledger.alerts(tenant=tenant, day=day, after=after, limit=2)
        found += page.items
        after = page.next
        if after is None:
            return found


SCORES = st.lists(
    st.builds(
        lambda value, budget, tenant, day: decided(0, value, budget=budget, tenant=tenant, day=day),
        st.sampled_from((40.0, 50.5, 75.0, 100.0)),
        st.integers(0, 4),
        st.sampled_from(("", "shop", "Shop")),
        st.integers(0, 1),
    ),
    max_size=12,
).map(lambda found: [replace(one, tx_id=f"t{number:02}") for number, one in enumerate(found)])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SCORES, SCORES)
def test_the_alerts_of_a_day_are_its_best_within_the_budget_also_after_scores_changed(
    ledger: Ledger, before: list[Score], after: list[Score]
) -> None:
    ledger.forget_projections(LOG)
    record(ledger, 1, before)
    record(ledger, 2, after)
    now = {one.tx_id: one for one in (*before, *after)}
    for tenant in ("", "shop", "Shop", "other"):
        for day in {day_of(START), day_of(START + DAY)}:
            mine = [one for one in now.values() if (one.tenant, day_of(one.ts)) == (tenant, day) and one.alert_budget]
            mine.sort(key=lambda one: (-one.value, one.tx_id))
            expected = [Alert(rank, day, tenant, one) for rank, one in enumerate(mine, 1) if rank <= one.alert_budget]
            assert alerts(ledger, day, tenant=tenant) == expected
        days = {day_of(one.ts) for one in now.values() if one.tenant == tenant and one.alert_budget}
        assert ledger.alert_days(tenant=tenant) == sorted(days, reverse=True)


def test_days_are_those_of_sao_paulo() -> None:
    assert day_of(1_767_236_399_999) == parse_day("2025-12-31")
    assert day_of(1_767_236_400_000) == parse_day("2026-01-01")  # 03:00 UTC
    with pytest.raises(RejectedRecord, match="2026-01-31"):
        parse_day("31/01/2026")
