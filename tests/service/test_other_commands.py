"""Reports, jobs, rebuild, state hash and doctor from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cypher.jobs import JOBS
from service.bootstrap import open_service
from service.settings import load_settings
from tests.service.command import Tarrafa
from tests.service.conftest import PlayedHome


@pytest.mark.parametrize(("subject", "language", "words"), [("ring", "pt-BR", "Rede"), ("operator", "en", "Operator")])
def test_a_report_is_written_in_three_forms(
    tarrafa: Tarrafa, played_home: PlayedHome, tmp_path: Path, subject: str, language: str, words: str
) -> None:
    subject_id = played_home.ring_id if subject == "ring" else played_home.operator_id
    arguments = ("report", subject, subject_id, "--out", tmp_path / "out", "--language", language)
    out = tarrafa(*arguments, "--home", played_home.home).well().out
    written = [Path(line) for line in out.splitlines()]
    forms = {path.suffix: path.read_bytes() for path in written[:3]}
    assert forms[".pdf"].startswith(b"%PDF-")
    assert words.encode() in forms[".html"]
    assert subject_id in json.dumps(json.loads(forms[".json"]), ensure_ascii=False)
    with open_service(load_settings(home=played_home.home), work=False) as service:
        (kept,) = service.ledger.report_list(limit=5).items
        assert (kept.subject_id, kept.language) == (subject_id, language)
        assert service.state_hash() == played_home.state_hash


def test_a_report_about_nobody_says_where_to_look(tarrafa: Tarrafa, played_home: PlayedHome, tmp_path: Path) -> None:
    result = tarrafa("report", "ring", "nobody", "--out", tmp_path / "out", "--home", played_home.home)
    assert result.status == 2
    assert "no ring nobody is known" in result.err
    assert result.err.endswith("lists them at /\n")


def test_jobs_are_listed_with_their_parameters(tarrafa: Tarrafa) -> None:
    out = tarrafa("job", "list").well().out
    assert all(name in out for name in JOBS)
    assert "min_accounts=" in out or "min_sources=" in out


def test_a_job_takes_its_numbers_as_text_and_its_run_is_kept(tarrafa: Tarrafa, played_home: PlayedHome) -> None:
    job = JOBS["shared_device"]
    number = next(param for param in job.params if not param.text and not param.optional)
    run = ("job", "run", job.name, "--home", played_home.home, "--json")
    plain = tarrafa(*run).well()
    found = [json.loads(line) for line in plain.out.splitlines()]
    assert found
    same = tarrafa(*run, "--param", f"{number.name}={number.default}").well()
    assert same.out == plain.out
    one = tarrafa(*run, "--rows", 1).well()
    assert len(one.out.splitlines()) == 1
    assert ("truncated" in one.err) == (len(found) > 1)
    with open_service(load_settings(home=played_home.home), work=False) as service:
        runs = service.ledger.job_runs(limit=10).items
    assert len(runs) == 3
    assert {run.rows for run in runs} == {len(found), 1}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("no_such_job",), "jobs: shared_device"),
        (("shared_device", "--param", "colour=red"), "has no parameter colour"),
        (("shared_device", "--param", "min_accounts"), "is not NAME=VALUE"),
        (("shared_device", "--param", "min_accounts=many"), "must be a whole number from"),
        (("shared_device", "--param", "min_accounts=-4"), "must be a whole number from"),
    ],
)
def test_a_job_that_cannot_run_says_why(
    tarrafa: Tarrafa, played_home: PlayedHome, arguments: tuple[str, ...], words: str
) -> None:
    result = tarrafa("job", "run", *arguments, "--home", played_home.home)
    assert result.status == 2
    assert words in result.err


def test_state_hash_and_rebuild_agree(tarrafa: Tarrafa, played_home: PlayedHome) -> None:
    home = ("--home", played_home.home)
    assert tarrafa("state-hash", *home).well().out == played_home.state_hash + "\n"
    assert played_home.state_hash in tarrafa("rebuild", *home).well().out
    assert tarrafa("state-hash", *home).well().out == played_home.state_hash + "\n"


def test_a_ledger_that_is_gone_is_filled_again_from_the_log(tarrafa: Tarrafa, played_home: PlayedHome) -> None:
    for path in played_home.home.glob("ledger.sqlite*"):
        path.unlink()
    assert tarrafa("state-hash", "--home", played_home.home).well().out == played_home.state_hash + "\n"


def test_a_graph_that_is_gone_or_damaged_is_filled_again_from_the_log(
    tarrafa: Tarrafa, played_home: PlayedHome
) -> None:
    graph = played_home.home / "graph"
    for content in (None, b"not a graph"):
        for path in graph.iterdir():
            path.unlink()
            if content is not None:
                path.write_bytes(content)
        assert tarrafa("state-hash", "--home", played_home.home).well().out == played_home.state_hash + "\n"


def test_doctor_is_content_with_a_sound_home(tarrafa: Tarrafa, played_home: PlayedHome) -> None:
    result = tarrafa("doctor", "--home", played_home.home)
    problems = [line for line in result.out.splitlines() if "PROBLEM" in line]
    assert all("static TLS" in line for line in problems)  # set by the command itself, not by whoever runs the tests
    assert "3,000 events" in result.out


def test_doctor_names_a_damaged_log_and_ends_with_status_1(tarrafa: Tarrafa, played_home: PlayedHome) -> None:
    (played_home.home / "log.sqlite").write_bytes(b"this is no log" * 1000)
    result = tarrafa("doctor", "--home", played_home.home)
    assert result.status == 1
    assert "log.sqlite" in result.out


def test_doctor_names_a_server_that_does_not_answer(
    tarrafa: Tarrafa, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TARRAFA_NEO4J_URI", "bolt://127.0.0.1:9")
    result = tarrafa("doctor", "--home", home, "--store", "neo4j")
    assert result.status == 1
    assert "127.0.0.1:9" in result.out
    assert not home.exists()
