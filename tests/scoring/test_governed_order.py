"""What is governed counts by the order of the log: however it is batched, every movement keeps its version."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.events import Event, GovernanceChanged, ListKind, Movement
from graph.evidence import Score
from graph.identity import IdentifierKeys
from graph.listings import ADD, REMOVE, Change, EntryKind, content_of
from graph.log.protocol import LogEntry
from scoring.declared import canonical_text
from scoring.policy import Bands, BandSetting, PolicySetting
from scoring.projection import Projection
from scoring.standard import standard_judging
from tests.window.worlds import START, streams

KEYS = IdentifierKeys("k1", b"0123456789abcdef")


@st.composite
def logs(draw: st.DrawFn) -> list[LogEntry]:
    """A stream with changes of lists and policy anywhere in it, about accounts that are in it."""
    events: list[Event] = list(draw(streams()))
    accounts = sorted({event.source for event in events if isinstance(event, Movement)}) or ["nobody"]
    for number in range(draw(st.integers(1, 5))):
        if draw(st.booleans()):
            action, value = draw(st.sampled_from((ADD, ADD, REMOVE))), draw(st.sampled_from(accounts))
            content = content_of([Change(action, ListKind.BLOCK, EntryKind.ACCOUNT, value)])
            part = "lists"
        else:
            review = float(draw(st.integers(31, 99)))
            part, content = "policy", canonical_text(PolicySetting(default=BandSetting(review=review)))
        change = GovernanceChanged(event_id=f"governance:{number}", ts=START, part=part, content=content, author="ana")
        events.insert(draw(st.integers(0, len(events))), change)
    return [LogEntry(offset, START, event) for offset, event in enumerate(events, start=1)]


def played(log: Sequence[LogEntry], *, batch: int) -> dict[str, Score]:
    """The final score of every movement."""
    projection = Projection(judging=standard_judging(Bands(), KEYS))
    found: dict[str, Score] = {}
    for start in range(0, len(log), batch):
        found.update((score.tx_id, score) for score in projection.apply(log[start : start + batch]).scores)
    return found


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(logs(), st.integers(1, 9))
def test_every_movement_is_judged_by_what_held_when_it_arrived_however_the_log_is_batched(
    log: list[LogEntry], batch: int
) -> None:
    found = played(log, batch=batch)
    assert found == played(log, batch=len(log))
    blocked: set[str] = set()
    review = 70.0
    for entry in log:
        event = entry.event
        if isinstance(event, GovernanceChanged) and event.part == "lists":
            changes = [line for line in ("add", "remove") if f'"action":"{line}"' in event.content]
            value = event.content.split('"value":"')[1].split('"')[0]
            (blocked.add if changes == ["add"] else blocked.discard)(value)
        elif isinstance(event, GovernanceChanged):
            review = float(event.content.split('"review":')[1].split("}")[0])
        elif isinstance(event, Movement):
            score = found[event.tx_id]
            assert any(signal.name == "block_list" for signal in score.signals) == (
                bool({event.source, event.target} & blocked)
            )
            assert score.bands == (30.0, review)
