"""What people decided about rings is kept in log order, with who approved it and what took it back."""

from __future__ import annotations

from graph.events import GovernanceChanged, LabelGiven
from graph.verdicts import GIVEN_BY, PART, Act, Verdict, content_of
from ledger import Ledger
from tests.ledger.worlds import LOG, NOTHING, START


def decided(name: str, verdict: Verdict, *, author: str = "ana", ts: int = START) -> GovernanceChanged:
    return GovernanceChanged(
        event_id=name, ts=ts, part=PART, content=content_of(verdict), author=author, reason=f"because {name}"
    )


def keep(ledger: Ledger, position: int, *events: GovernanceChanged, labels: tuple[LabelGiven, ...] = ()) -> None:
    ledger.record(log_id=LOG, position=position, scores=[], rings=NOTHING, governed=events, labels=labels)


def test_verdicts_are_read_back_newest_first_and_by_ring(ledger: Ledger) -> None:
    first = Verdict(Act.CONFIRM, "R-1", ("a", "b"))
    second = Verdict(Act.SPLIT, "R-2", ("a",), ("b", "c"))
    keep(ledger, 1, decided("v1", first), decided("v2", second))
    keep(ledger, 1, decided("v1", first), decided("v2", second))
    found = ledger.ring_verdicts().items
    assert [(one.event_id, one.verdict, one.author, one.reason) for one in found] == [
        ("v2", second, "ana", "because v2"),
        ("v1", first, "ana", "because v1"),
    ]
    assert [one.event_id for one in ledger.ring_verdicts("R-1").items] == ["v1"]
    page = ledger.ring_verdicts(limit=1)
    assert [one.event_id for one in ledger.ring_verdicts(limit=1, after=page.next).items] == ["v1"]
    assert ledger.ring_verdict("v9") is None


def test_only_another_person_approves_and_only_the_first_undoing_counts(ledger: Ledger) -> None:
    keep(ledger, 1, decided("v1", Verdict(Act.DISMISS, "R-1", ("a",))))
    keep(ledger, 2, decided("v2", Verdict(Act.APPROVE, "R-1", of="v1")))
    found = ledger.ring_verdict("v1")
    assert found is not None
    assert found.approver == ""
    keep(ledger, 3, decided("v3", Verdict(Act.APPROVE, "R-1", of="v1"), author="bia"))
    keep(ledger, 4, decided("v4", Verdict(Act.UNDO, "R-1", of="v1")), decided("v5", Verdict(Act.UNDO, "R-1", of="v1")))
    found = ledger.ring_verdict("v1")
    assert found is not None
    assert (found.approver, found.undone_by) == ("bia", "v4")


def test_labels_of_a_verdict_that_was_undone_are_left_out_from_then_on(ledger: Ledger) -> None:
    given = [
        LabelGiven(
            event_id=f"label:{name}", ts=START, subject="account", subject_id=name, label=1, given_by=GIVEN_BY + by
        )
        for name, by in (("a", "v1"), ("b", "v2"))
    ]
    keep(
        ledger,
        1,
        decided("v1", Verdict(Act.CONFIRM, "R-1", ("a",))),
        decided("v2", Verdict(Act.CONFIRM, "R-2", ("b",))),
        labels=tuple(given),
    )
    assert list(ledger.labels("account")) == given
    keep(ledger, 2, decided("v3", Verdict(Act.UNDO, "R-1", of="v1"), ts=START + 10))
    assert list(ledger.labels("account")) == given[1:]
    assert list(ledger.labels("account", known_by=START + 9)) == given
    assert list(ledger.labels("account", known_by=START + 10)) == given[1:]


def test_forgetting_the_projections_forgets_verdicts(ledger: Ledger) -> None:
    keep(ledger, 1, decided("v1", Verdict(Act.PIN, "R-1", ("a",))))
    ledger.forget_projections(LOG)
    assert ledger.ring_verdicts().items == ()
