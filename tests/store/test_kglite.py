"""What only the embedded store has: one owner, a canary, a log that survives the process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import kglite
import pytest

import graph.store.kglite as embedded
from graph.errors import HomeInUse, StopWork, StoreMismatch
from graph.store.digest import graph_digest
from graph.store.kglite import DISABLED_PASSES, KgliteStore, check_canary, remove_files
from graph.store.sink import GraphSink
from tests.store.conftest import INGEST, SCHEMA
from tests.store.worlds import expected, stored
from tests.store.writer import BATCH, ENTRIES


@pytest.mark.parametrize("left_on", DISABLED_PASSES)
def test_the_canary_dies_of_each_bad_pass_on_its_own(left_on: str) -> None:
    with pytest.raises(StopWork, match="answers a known question wrongly"):
        check_canary([each for each in DISABLED_PASSES if each != left_on])


def test_the_canary_lives_with_both_passes_off() -> None:
    check_canary()


def test_a_store_refuses_to_open_when_the_canary_dies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def dead() -> None:
        raise StopWork("dead canary")

    monkeypatch.setattr(embedded, "check_canary", dead)
    with pytest.raises(StopWork, match="dead canary"):
        KgliteStore(tmp_path / "graph.kgl")


def test_every_read_has_the_bad_passes_off(tmp_path: Path) -> None:
    store = KgliteStore(tmp_path / "graph.kgl")
    rows = [{"a": account, "d": device} for account, device in ("ax", "bx", "by")]
    for text in (
        "UNWIND $rows AS r MERGE (:Account {id: r.a}) MERGE (:Device {id: r.d})",
        "UNWIND $rows AS r MATCH (a:Account {id: r.a}) MATCH (d:Device {id: r.d}) CREATE (a)-[:USED_DEVICE]->(d)",
    ):
        store.transact(lambda transaction, text=text: transaction.run(text, {"rows": rows}))  # type: ignore[misc]  # default arg
    found = store.read("MATCH (a:Account {id: 'a'})-[:USED_DEVICE]-(d)-[:USED_DEVICE]-(o) RETURN count(o) AS n", {})
    assert found == [{"n": 1}]
    store.close()


def test_a_file_open_in_another_process_is_a_home_in_use(tmp_path: Path) -> None:
    path = tmp_path / "graph.kgl"
    code = (
        f"import kglite, sys; session = kglite.open_session({str(path)!r}, durable='normal'); "
        "print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"open\n"
        with pytest.raises(HomeInUse, match=r"graph\.kgl is open in another process; stop that process"):
            KgliteStore(path)
        other.kill()
    KgliteStore(path).close()


def test_a_file_that_is_no_graph_is_a_mismatch_and_can_be_removed(tmp_path: Path) -> None:
    path = tmp_path / "graph.kgl"
    path.write_bytes(b"not a graph" * 100)
    with pytest.raises(StoreMismatch, match="tarrafa rebuild"):
        KgliteStore(path)
    remove_files(path)
    assert list(tmp_path.iterdir()) == []
    KgliteStore(path).close()


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = KgliteStore(tmp_path / "graph.kgl")
    store.close()
    with pytest.raises(StopWork, match="is closed"):
        store.read("RETURN 1 AS x", {})
    with pytest.raises(StopWork, match="is closed"):
        store.transact(lambda transaction: transaction.run("RETURN 1 AS x", {}))
    assert not store.health().ok


def test_a_query_about_kinds_that_do_not_exist_yet_prints_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    store = KgliteStore(tmp_path / "graph.kgl")
    assert store.read("MATCH (n:Account) RETURN n.id AS id", {}) == []
    store.close()
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
@pytest.mark.parametrize("batches", [1, 40])
def test_a_writer_killed_mid_stream_resumes_to_the_undisturbed_graph(tmp_path: Path, batches: int) -> None:
    path = tmp_path / "killed.kgl"
    command = [sys.executable, "-m", "tests.store.writer", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        acknowledged = [int(writer.stdout.readline()) for _ in range(batches)][-1]
        writer.kill()
        writer.wait()
        acknowledged = max([acknowledged, *(int(line) for line in writer.stdout if line.endswith(b"\n"))])
    assert acknowledged < len(ENTRIES), "killed too late to prove anything"

    store = KgliteStore(path)
    sink = GraphSink(store, INGEST, "log-1")
    assert sink.position() >= acknowledged
    assert sink.position() % BATCH == 0
    assert stored(store) == expected(ENTRIES[: sink.position()])
    sink.prime(ENTRIES)
    sink.check()
    sink.write(ENTRIES[acknowledged - BATCH :])

    calm = KgliteStore(tmp_path / "calm.kgl")
    calm.apply_schema(SCHEMA)
    GraphSink(calm, INGEST, "log-1").write(ENTRIES)
    assert graph_digest(store) == graph_digest(calm)
    store.close()
    calm.close()


@pytest.mark.slow
def test_a_full_disk_is_named_and_the_write_can_be_sent_again_after_it(tmp_path: Path) -> None:
    path = tmp_path / "graph.kgl"
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        f"from tests.store.writer import main; main({str(path)!r})"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "StoreUnavailable: kglite at" in ended.stderr
    assert "free disk space" in ended.stderr
    store = KgliteStore(path)
    sink = GraphSink(store, INGEST, "log-1")
    assert sink.position() == int(ended.stdout.split()[-1]) > 0
    sink.prime(ENTRIES)
    sink.write(ENTRIES)
    assert stored(store) == expected(ENTRIES)
    store.close()


def test_the_engine_is_the_version_whose_faults_are_known() -> None:
    assert kglite.__version__.startswith("0.21.")
