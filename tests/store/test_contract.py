"""What `graph.store.protocol` and `graph.store.sink` promise, proved on both engines; test names are the promises."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.errors import ConstraintViolated, QueryRefused, QueryTimeout, StopWork, StoreMismatch
from graph.evidence import RingChanges, Role
from graph.log.protocol import LogEntry
from graph.store.digest import graph_digest
from graph.store.kglite import KgliteStore
from graph.store.protocol import GraphStore, Transaction
from graph.store.sink import GraphSink
from tests.store.conftest import INGEST, SCHEMA
from tests.store.worlds import expected, logs, movement, ring, stored

CREATE = "CREATE (n:Account {id: $id}) RETURN count(*) AS n"
COUNT = "MATCH (n:Account) RETURN count(n) AS n"
SLOW = "UNWIND range(1, 3000) AS a UNWIND range(1, 3000) AS b UNWIND range(1, 3000) AS c WITH a, b, c WHERE a + b + c = 5 RETURN count(*) AS n"  # noqa: E501


def count(store: GraphStore) -> int:
    found: int = store.read(COUNT, {})[0]["n"]
    return found


def sink_of(store: GraphStore, log_id: str = "log-1", *, known: Sequence[LogEntry] = ()) -> GraphSink:
    sink = GraphSink(store, INGEST, log_id)
    sink.prime(known)
    return sink


# --- reading ------------------------------------------------------------------------------------------------------


def test_a_read_returns_its_rows_as_plain_dicts_in_statement_order(store: GraphStore) -> None:
    rows = store.read("UNWIND $xs AS x RETURN x AS x, x * 2 AS twice ORDER BY x DESC", {"xs": [1, 3, 2]})
    assert rows == [{"x": 3, "twice": 6}, {"x": 2, "twice": 4}, {"x": 1, "twice": 2}]
    assert type(rows[0]) is dict


@pytest.mark.parametrize("text", [CREATE, "MATCH (n:Account) SET n.last_seen = 1", "MATCH (n:Account) DETACH DELETE n"])
def test_a_read_never_writes_and_a_writing_text_is_refused(store: GraphStore, text: str) -> None:
    store.transact(lambda transaction: transaction.run(CREATE, {"id": "a"}))
    with pytest.raises(QueryRefused):
        store.read(text, {"id": "b"})
    assert store.read("MATCH (n:Account) RETURN n.id AS id, n.last_seen AS seen", {}) == [{"id": "a", "seen": None}]


@pytest.mark.parametrize("text", ["RETURN $missing AS x", "RETURN RETURN", "MATCH (n:Account RETURN n.id AS id"])
def test_a_missing_parameter_or_bad_syntax_is_refused(store: GraphStore, text: str) -> None:
    with pytest.raises(QueryRefused, match="the question"):
        store.read(text, {}, query="the question")


def test_a_number_beyond_64_bits_is_refused(store: GraphStore) -> None:
    with pytest.raises(QueryRefused):
        store.read("RETURN $x AS x", {"x": 2**63})


def test_a_read_past_its_deadline_stops_and_the_store_goes_on(store: GraphStore) -> None:
    with pytest.raises(QueryTimeout, match="the wide one was stopped after 200 ms"):
        store.read(SLOW, {}, timeout_ms=200, query="the wide one")
    assert store.read("RETURN 1 AS x", {}) == [{"x": 1}]


def test_a_bounded_read_gives_no_more_rows_than_asked_for_and_says_whether_there_were_more(store: GraphStore) -> None:
    text = "UNWIND range(1, $n) AS x RETURN x ORDER BY x"
    assert store.read_some(text, {"n": 3}, timeout_ms=2_000, rows=3) == ([{"x": 1}, {"x": 2}, {"x": 3}], False)
    assert store.read_some(text, {"n": 4}, timeout_ms=2_000, rows=3) == ([{"x": 1}, {"x": 2}, {"x": 3}], True)


def test_a_bounded_read_never_writes_and_stops_at_its_deadline(store: GraphStore) -> None:
    with pytest.raises(QueryRefused):
        store.read_some(CREATE, {"id": "a"}, timeout_ms=2_000, rows=1)
    assert count(store) == 0
    with pytest.raises((QueryTimeout, QueryRefused)):  # KGLite may find the work too large before the time is over
        store.read_some(SLOW, {}, timeout_ms=200, rows=1, query="the wide one")
    assert store.read("RETURN 1 AS x", {}) == [{"x": 1}]


def test_ten_million_rows_are_cut_or_refused_and_the_store_goes_on(store: GraphStore) -> None:
    text = "UNWIND range(1, 10000000) AS x RETURN x"
    try:
        rows, more = store.read_some(text, {}, timeout_ms=20_000, rows=10)
    except QueryRefused:
        rows, more = [], True
    assert (len(rows) in (0, 10), more) == (True, True)
    assert store.read("RETURN 1 AS x", {}) == [{"x": 1}]


def test_health_says_that_the_store_answers(store: GraphStore) -> None:
    health = store.health()
    assert health.ok
    assert health.store == store.name
    assert health.version


# --- writing ------------------------------------------------------------------------------------------------------


def test_a_transaction_applies_whole_or_not_at_all(store: GraphStore) -> None:
    def work(transaction: Transaction) -> None:
        transaction.run(CREATE, {"id": "a"})
        raise LookupError("on the way")

    with pytest.raises(LookupError, match="on the way"):
        store.transact(work)
    assert count(store) == 0


def test_a_transaction_sees_its_own_writes_and_other_readers_only_after_it(store: GraphStore) -> None:
    def work(transaction: Transaction) -> tuple[int, int]:
        transaction.run(CREATE, {"id": "a"})
        return transaction.run(COUNT, {})[0]["n"], count(store)

    assert store.transact(work) == (1, 0)
    assert count(store) == 1


def test_a_repeated_unique_key_is_refused_and_its_transaction_leaves_nothing(store: GraphStore) -> None:
    def work(transaction: Transaction) -> None:
        transaction.run(CREATE, {"id": "fresh"})
        transaction.run(CREATE, {"id": "taken"})

    store.transact(lambda transaction: transaction.run(CREATE, {"id": "taken"}))
    with pytest.raises(ConstraintViolated):
        store.transact(work)
    assert store.read("MATCH (n:Account) RETURN n.id AS id", {}) == [{"id": "taken"}]


def test_a_transaction_id_is_unique_among_money_movements(store: GraphStore) -> None:
    sink_of(store).write([movement(1)])
    row = {"source": "b", "target": "a", "tx_id": "1", "ts": 1, "amount_cents": 1}
    rows = [row | {"currency": "BRL", "kind": "bet", "channel": ""}]
    with pytest.raises(ConstraintViolated):
        store.transact(lambda transaction: transaction.run(INGEST["sent_create"], {"rows": rows}))
    assert stored(store) == expected([movement(1)])


def test_applying_the_schema_twice_changes_nothing(store: GraphStore) -> None:
    store.transact(lambda transaction: transaction.run(CREATE, {"id": "a"}))
    store.apply_schema(SCHEMA)
    assert count(store) == 1


def test_what_transact_returned_survives_closing_and_opening_again(open_store: Callable[[], GraphStore]) -> None:
    first = open_store()
    first.apply_schema(SCHEMA)
    sink_of(first).write([movement(1, device="d"), movement(2)], RingChanges(changed=(ring("r", "ab"),)))
    held = stored(first)
    first.close()
    again = open_store()
    assert stored(again) == held == expected([movement(1, device="d"), movement(2)], [ring("r", "ab")])
    with pytest.raises(ConstraintViolated):
        again.transact(lambda transaction: transaction.run(CREATE, {"id": "a"}))
    again.close()


def test_clear_empties_the_store_and_leaves_it_usable(store: GraphStore) -> None:
    sink_of(store).write([movement(1, "a", "a"), movement(2, device="d")], RingChanges(changed=(ring("r", "ab"),)))
    store.clear()
    assert stored(store) == {}
    assert graph_digest(store) == 0
    sink_of(store, "another log").write([movement(1)])
    assert stored(store) == expected([movement(1)])


def test_closing_twice_is_harmless(open_store: Callable[[], GraphStore]) -> None:
    opened = open_store()
    opened.close()
    opened.close()


# --- the sink -----------------------------------------------------------------------------------------------------


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_batches_and_any_repeats_of_them_give_exactly_what_the_events_say(
    store: GraphStore, data: st.DataObject
) -> None:
    entries = data.draw(logs())
    cuts = sorted(data.draw(st.sets(st.integers(1, len(entries)), max_size=4)) | {len(entries)})
    store.clear()
    sink = sink_of(store)
    done = 0
    for cut in cuts:
        back = data.draw(st.integers(0, done))  # how much of what was written is sent again
        sink.write(entries[done - back : cut])
        if data.draw(st.booleans()):
            sink.write(entries[:cut])
        if data.draw(st.booleans()):  # a new process: knows only what it is primed with
            sink = sink_of(store, known=entries)
        done = cut
    assert sink.position() == len(entries)
    assert stored(store) == expected(entries)
    sink.check()


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entries=logs(max_size=15))
def test_the_digest_is_equal_on_both_engines_and_for_any_batches(
    store: GraphStore, tmp_path_factory: pytest.TempPathFactory, entries: list[LogEntry]
) -> None:
    store.clear()
    sink = sink_of(store)
    for entry in entries:
        sink.add([entry])
        if entry.offset % 4 == 0:
            sink.flush()
    sink.flush()
    sink.reconcile([ring("r", [])])
    other = KgliteStore(tmp_path_factory.mktemp("other") / "graph.kgl")
    sink_of(other).write(entries, RingChanges(changed=(ring("r", []),)))
    assert graph_digest(store) == graph_digest(other) != 0
    other.close()


def test_the_digest_changes_with_any_property_and_any_repeated_link(store: GraphStore) -> None:
    sink_of(store).write([movement(1, device="d")], RingChanges(changed=(ring("r", "ab"),)))
    seen = {graph_digest(store)}
    for text in (
        "MATCH (:Account)-[k:USED_DEVICE]->(:Device) SET k.count = 2",
        "MATCH (:Account)-[k:SENT]->(:Account) SET k.channel = 'card'",
        "MATCH (n:Ring {id: 'r'}) SET n.score = 50.00000000000001",
        "MATCH (a:Account {id: 'a'}) MATCH (d:Device {id: 'd'}) CREATE (a)-[:USED_DEVICE {count: 2}]->(d)",
        "MATCH (a:Account)-[k:MEMBER_OF]->(:Ring) SET k.role = 'victim'",
        "MATCH (d:Device {id: 'd'}) DETACH DELETE d",
    ):
        store.transact(lambda transaction, text=text: transaction.run(text, {}))  # type: ignore[misc]  # default arg
        digest = graph_digest(store)
        assert digest not in seen, text
        seen.add(digest)


def test_a_crash_between_two_writes_leaves_the_first_whole_and_the_second_absent(store: GraphStore) -> None:
    entries = [movement(1, device="d"), movement(2, device="d"), movement(3, ip="10.0.0.1")]
    broken = GraphSink(store, INGEST | {"source_advance": "MATCH (w:Source) RETURN broken"}, "log-1")
    with pytest.raises(QueryRefused):
        broken.write(entries[:2])
    assert stored(store) == {}
    assert broken.position() == 0
    assert broken.pending == 2
    sink = sink_of(store)
    sink.write(entries[:2])
    assert stored(store) == expected(entries[:2])
    sink.write(entries)
    assert stored(store) == expected(entries)


def test_a_commit_whose_acknowledgement_was_lost_is_recognised_when_sent_again(store: GraphStore) -> None:
    class Deaf:
        """Commits, then runs the work again, as an adapter does that never heard the answer."""

        name = store.name
        read = store.read

        def transact(self, work: Callable[[Transaction], Any]) -> Any:
            store.transact(work)
            return store.transact(work)

    entries = [movement(1, device="d"), movement(2, "b", "b", device="d")]
    sink = GraphSink(Deaf(), INGEST, "log-1")  # type: ignore[arg-type]  # the sink uses only these
    sink.write(entries, RingChanges(changed=(ring("r", "ab"),)))
    sink.write([], RingChanges(changed=(ring("r", "a"),), gone=(("q", None),)))
    assert stored(store) == expected(entries, [ring("r", "a")])


def test_a_row_that_its_statement_did_not_reach_is_an_error_and_leaves_nothing(store: GraphStore) -> None:
    entries = [movement(1, device="d"), movement(2, device="d")]
    sink = sink_of(store)
    sink.write(entries[:1])
    store.transact(lambda transaction: transaction.run("MATCH (d:Device {id: 'd'}) DETACH DELETE d", {}))
    before = stored(store)
    with pytest.raises(StoreMismatch, match=r"node_device_update reached 0 of 1 rows.*tarrafa rebuild"):
        sink.write(entries)
    assert stored(store) == before


def test_a_known_link_that_is_gone_from_the_store_is_an_error_and_is_not_made_anew(store: GraphStore) -> None:
    sink = sink_of(store)
    sink.write([movement(1, device="d")])
    store.transact(lambda transaction: transaction.run("MATCH (:Account)-[k:USED_DEVICE]->(:Device) DELETE k", {}))
    before = stored(store)
    with pytest.raises(StoreMismatch, match="used_device_update reached 0 of 1 rows"):
        sink.write([movement(2, device="d")])
    assert stored(store) == before


def test_totals_that_differ_from_the_log_are_a_mismatch(store: GraphStore) -> None:
    entries = [movement(1), movement(2)]
    sink_of(store).write(entries)
    sink_of(store, known=entries).check()
    store.transact(lambda transaction: transaction.run("MATCH (:Account)-[k:SENT {tx_id: '2'}]->() DELETE k", {}))
    with pytest.raises(StoreMismatch, match="holds 1 SENT and the log says 2"):
        sink_of(store, known=entries).check()


def test_a_store_of_another_log_is_a_mismatch_that_names_the_cure(store: GraphStore) -> None:
    sink_of(store, "log-1").write([movement(1)])
    with pytest.raises(StoreMismatch, match=r"the graph of log log-1, not of log log-2.*tarrafa rebuild"):
        sink_of(store, "log-2")


def test_a_graph_that_no_log_claims_is_a_mismatch(store: GraphStore) -> None:
    store.transact(lambda transaction: transaction.run(CREATE, {"id": "a"}))
    with pytest.raises(StoreMismatch, match="no log claims"):
        sink_of(store)


def test_entries_with_a_gap_are_refused(store: GraphStore) -> None:
    sink = sink_of(store)
    sink.write([movement(1)])
    with pytest.raises(StopWork, match="log entry 2 is missing before 3"):
        sink.write([movement(3)])
    assert stored(store) == expected([movement(1)])


def test_an_unprimed_sink_on_a_filled_store_refuses_to_write(store: GraphStore) -> None:
    sink_of(store).write([movement(1), movement(2)])
    with pytest.raises(StopWork, match=r"the store is at entry 2 and the sink knows the log up to 1.*rebuild"):
        sink_of(store, known=[movement(1)]).write([movement(3)])


def test_another_writer_that_moved_the_watermark_is_a_mismatch(store: GraphStore) -> None:
    one, other = sink_of(store), sink_of(store)
    one.write([movement(1), movement(2)])
    with pytest.raises(StoreMismatch, match="moved from entry 0 to 2"):
        other.write([movement(1)])
    assert stored(store) == expected([movement(1), movement(2)])


# --- rings --------------------------------------------------------------------------------------------------------


def test_a_ring_is_written_absolutely_with_its_members(store: GraphStore) -> None:
    entries = [movement(1), movement(2, "c", "d")]
    sink = sink_of(store)
    sink.write(entries, RingChanges(changed=(ring("r", "abc"), ring("s", "d"))))
    assert stored(store) == expected(entries, [ring("r", "abc"), ring("s", "d")])
    newer = ring("r", "ad", score=60.5, role=Role.COLLECTOR)
    sink.write([], RingChanges(changed=(newer,)))
    assert stored(store) == expected(entries, [newer, ring("s", "d")])
    sink.write([], RingChanges(changed=(), gone=(("s", "r"), ("never was", None))))
    assert stored(store) == expected(entries, [newer])


def test_an_old_batch_sent_again_does_not_bring_its_older_rings_back(store: GraphStore) -> None:
    sink = sink_of(store)
    sink.write([movement(1)], RingChanges(changed=(ring("r", "a"),)))
    sink.write([movement(2)], RingChanges(changed=(ring("r", "ab"),)))
    sink.write([movement(1)], RingChanges(changed=(ring("r", "a"),)))
    assert stored(store) == expected([movement(1), movement(2)], [ring("r", "ab")])


def test_reconcile_writes_every_ring_and_removes_unknown_ones(store: GraphStore) -> None:
    entries = [movement(1), movement(2, "c", "d")]
    sink_of(store).write(entries, RingChanges(changed=(ring("old", "ab"), ring("kept", "abc"))))
    sink = sink_of(store, known=entries)
    sink.reconcile([ring("kept", "bd", score=1.25), ring("new", "c")])
    assert stored(store) == expected(entries, [ring("kept", "bd", score=1.25), ring("new", "c")])


def test_ring_changes_after_a_restart_need_no_reconcile(store: GraphStore) -> None:
    entries = [movement(1), movement(2, "c", "d")]
    sink_of(store).write(entries, RingChanges(changed=(ring("r", "abc"),)))
    sink_of(store, known=entries).write([], RingChanges(changed=(ring("r", "bd"),)))
    assert stored(store) == expected(entries, [ring("r", "bd")])


def test_a_ring_member_that_the_store_lacks_is_an_error(store: GraphStore) -> None:
    with pytest.raises(StoreMismatch, match="member_upsert reached 1 of 2 rows"):
        sink_of(store).write([movement(1)], RingChanges(changed=(ring("r", ["a", "stranger"]),)))
    assert stored(store) == {}
