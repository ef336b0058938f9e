"""Labels of movements: their own, or what is known of both accounts, and since when."""

from __future__ import annotations

from gnn.labels import Label, Labels
from graph.events import LabelGiven, Movement


def paid(source: str, target: str, *, ts: int) -> Movement:
    return Movement(event_id=f"tx:{source}{target}{ts}", ts=ts, source=source, target=target, amount_cents=1)


def given(account: str, label: int, *, ts: int) -> LabelGiven:
    return LabelGiven(event_id=f"label:{account}", ts=ts, subject="account", subject_id=account, label=label, ring="")


def test_a_list_of_accounts_that_ends_with_the_stream_still_teaches_what_is_honest() -> None:
    start, end = 1_600_000_000_000, 1_700_000_000_000
    labels = Labels()
    labels.note([given("a", 1, ts=start + 9), given("b", 1, ts=start + 5), given("c", 0, ts=end)])
    assert labels.of(paid("a", "b", ts=start)) == Label(1, "", start + 9)
    assert labels.of(paid("a", "b", ts=start + 20)) == Label(1, "", start + 20), "nobody knows before it happens"
    assert labels.of(paid("a", "c", ts=start)) == Label(0, "", start)
    assert labels.of(paid("a", "unheard of", ts=start)) is None
