"""The servers that tests rely on are really there, really ours, and can be asked for again and again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from deploy.servers import ServerProblem, kafka, neo4j, packages, place, postgres, process
from tests.conftest import REPOSITORY


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "deploy.servers", *arguments]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)


def test_status_names_every_server_and_starts_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TARRAFA_SERVERS_DIR", str(tmp_path))
    answer = _run("status")
    assert answer.returncode == 0, answer.stderr
    assert [line.split()[0] for line in answer.stdout.splitlines()] == ["neo4j", "kafka", "postgres", "chromium"]
    assert answer.stdout.count("not running") == 3


def test_an_unknown_server_is_refused_with_the_known_names() -> None:
    answer = _run("start", "oracle")
    assert answer.returncode == 2
    assert "kafka" in answer.stderr


def test_a_dead_process_is_not_taken_for_a_running_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TARRAFA_SERVERS_DIR", str(tmp_path))
    pid, mark = process.launch([sys.executable, "-c", ""], log=tmp_path / "log", cwd=tmp_path)
    record = place.Record(pid=pid, mark=mark, port=1, second_port=2, password="x")
    place.write_record(kafka.NAME, record)
    process.stop(record)
    assert kafka.status() is None


def test_a_later_process_with_the_same_id_is_not_taken_for_the_server(tmp_path: Path) -> None:
    pid, mark = process.launch([sys.executable, "-c", "input()"], log=tmp_path / "log", cwd=tmp_path)
    ours = place.Record(pid=pid, mark=mark, port=1, second_port=2, password="x")
    other = place.Record(pid=pid, mark=mark + "0", port=1, second_port=2, password="x")
    try:
        assert not process.is_alive(other)
    finally:
        process.stop(ours)


def test_a_server_that_ends_while_starting_is_reported_with_its_last_words(tmp_path: Path) -> None:
    log = tmp_path / "log"
    pid, mark = process.launch([sys.executable, "-c", "print('no room')"], log=log, cwd=tmp_path)
    record = place.Record(pid=pid, mark=mark, port=1, second_port=2, password="x")
    with pytest.raises(ServerProblem, match="ended while starting: no room"):
        process.wait_ready("it", record, lambda: False, log=log, timeout_s=20)


def test_a_missing_package_manager_names_the_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ServerProblem, match="install maven by hand"):
        packages.need_command("mvn", "maven")


def test_a_port_that_is_asked_for_but_taken_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVERS_TEST_PORT", "not a port")
    with pytest.raises(ServerProblem, match="SERVERS_TEST_PORT=not a port is not a free port"):
        place.choose_port("SERVERS_TEST_PORT", 1)


@pytest.mark.server
def test_starting_again_gives_the_same_neo4j_with_an_empty_database(neo4j_server: neo4j.Neo4jServer) -> None:
    from neo4j import GraphDatabase

    assert neo4j.start() == neo4j_server
    with GraphDatabase.driver(neo4j_server.uri, auth=(neo4j_server.user, neo4j_server.password)) as driver:
        records, _, _ = driver.execute_query("MATCH (n) RETURN count(n) AS nodes", database_="neo4j")
    assert records[0]["nodes"] == 0


@pytest.mark.server
def test_each_postgres_database_is_fresh(postgres_url: str, fresh_postgres: str) -> None:
    assert postgres_url != fresh_postgres
    engine = create_engine(fresh_postgres)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE only_here (id int)"))
        version = connection.execute(text("SHOW server_version_num")).scalar_one()
    engine.dispose()
    assert int(version) >= 150_000
    assert postgres.start().url() == postgres_url.rpartition("/")[0] + "/postgres"


@pytest.mark.server
def test_the_broker_answers(kafka_server: kafka.KafkaServer) -> None:
    from kafka import KafkaAdminClient

    admin = KafkaAdminClient(bootstrap_servers=kafka_server.bootstrap)
    try:
        assert len(admin.describe_cluster()["brokers"]) == 1
    finally:
        admin.close()


@pytest.mark.server
def test_the_browser_runs_scripts(browser: Any) -> None:
    page = browser.new_page()
    try:
        page.set_content("<p id=here></p><script>document.getElementById('here').textContent = 6 * 7</script>")
        assert page.inner_text("#here") == "42"
    finally:
        page.close()


@pytest.mark.server
def test_a_killed_postgres_starts_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TARRAFA_SERVERS_DIR", str(tmp_path))
    server = postgres.start()
    try:
        record = place.read_record(postgres.NAME)
        assert record is not None
        os.kill(record.pid, signal.SIGKILL)
        while process.is_alive(record):
            time.sleep(0.05)
        assert postgres.status() is None
        assert postgres.start().password == server.password
    finally:
        postgres.stop()
        shutil.rmtree(postgres.data_folder())
