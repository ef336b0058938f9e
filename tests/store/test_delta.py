"""Aggregation equals the definition of what one event adds, folded one at a time."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from graph.log.protocol import LogEntry
from graph.store.delta import Delta, aggregate, new_slots
from graph.store.holdings import Holdings
from graph.store.statements import link_statement_name
from tests.store.worlds import World, expected, logs


def replay(batches: list[list[LogEntry]]) -> World:
    """Apply the written rows to a dictionary, refusing to create what is there or to set what is not."""
    slots = new_slots()
    holdings = Holdings(slots)
    world: World = {}
    for batch in batches:
        delta = aggregate(batch, slots)
        for write in holdings.writes(delta):
            for row in write.rows:
                key = _key(delta, write.statement, dict(row))
                values = {name: value for name, value in row.items() if name not in ("id", "source", "target")}
                assert (key in world) == write.statement.endswith("_update"), write.statement
                assert world.get(key) != values, "a row that changes nothing"
                world[key] = values
        holdings.apply(delta)
    labels: dict[str, int] = dict.fromkeys(holdings.totals(), 0)
    for key in world:
        labels[key[0]] += 1
    assert labels == holdings.totals()
    return world


def _key(delta: Delta, statement: str, row: dict[str, object]) -> tuple[str, ...]:
    for kind in delta.nodes:
        if statement in (f"node_{kind.lower()}_create", f"node_{kind.lower()}_update"):
            return (kind.value, str(row["id"]))
    ends = str(row["source"]), str(row["target"])
    for family in delta.links:
        if statement.rpartition("_")[0] == link_statement_name(family.link, family.source):
            return (family.link.name, family.source.value, ends[0], family.target.value, ends[1])
    assert statement == "sent_create"
    return ("SENT", "Account", ends[0], "Account", ends[1], str(row["tx_id"]))


@settings(max_examples=40, deadline=None)
@given(entries=logs(max_size=40), data=st.data())
def test_rows_of_any_batches_add_up_to_what_the_events_say(entries: list[LogEntry], data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(0, len(entries)), max_size=5)))
    bounds = [0, *cuts, len(entries)]
    batches = [entries[a:b] for a, b in pairwise(bounds)]
    assert replay(batches) == expected(entries)


@settings(max_examples=20, deadline=None)
@given(entries=logs(max_size=20), data=st.data())
def test_the_order_of_the_events_does_not_matter(entries: list[LogEntry], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(entries))
    half = len(entries) // 2
    assert replay([shuffled[:half], shuffled[half:]]) == replay([entries])
