"""Settings from the environment: a slip of the pen never runs with a default, and every complaint names its cure."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.settings import known_variables, load_settings
from tests.service.command import Tarrafa


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("TARRAFA_NEO4J_URL", "x", "did you mean TARRAFA_NEO4J_URI?"),
        ("TARRAFA_SCORING_APROVE", "x", "did you mean TARRAFA_SCORING_APPROVE?"),
        ("TARRAFA_HOMES", "x", "did you mean TARRAFA_HOME?"),
        ("TARRAFA_API", "x", "unknown setting TARRAFA_API"),
        ("TARRAFA_STORE", "oracle", "TARRAFA_STORE: "),
        ("TARRAFA_WINDOW_HORIZON_DAYS", "a month", "TARRAFA_WINDOW_HORIZON_DAYS: "),
        ("TARRAFA_WINDOW_HORIZON_DAYS", "3", "greater than or equal to 31"),
        ("TARRAFA_SCORING_APPROVE", "101", "TARRAFA_SCORING_APPROVE: "),
        ("TARRAFA_SCORING_APPROVE", "80", "approve must be below review"),
        ("TARRAFA_PIPELINE_FLUSH_SECONDS", "0", "TARRAFA_PIPELINE_FLUSH_SECONDS: "),
        ("TARRAFA_API_PORT", "70000", "TARRAFA_API_PORT: "),
        ("TARRAFA_API_ALLOWED_HOSTS", "fraud.example", "TARRAFA_API_ALLOWED_HOSTS is not a list"),
        ("TARRAFA_IDENTITY_SECRET", "short", "at least 16"),
        ("TARRAFA_LEDGER_URL", "mysql://db/x", "ledger"),
    ],
)
def test_a_wrong_setting_is_named_and_nothing_is_made(
    tarrafa: Tarrafa, home: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)
    result = tarrafa("state-hash", "--home", home)
    assert result.status == 2, result.out + result.err
    assert words in result.err
    assert "Traceback" not in result.err
    assert not (home / "clean.json").exists()


def test_a_refused_secret_is_not_repeated(tarrafa: Tarrafa, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARRAFA_IDENTITY_SECRET", "tiny-secret")
    assert "tiny-secret" not in tarrafa("state-hash", "--home", home).err


def test_every_setting_is_described_and_read_from_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    variables = known_variables()
    assert all(variables.values())
    monkeypatch.setenv("TARRAFA_API_MAX_BODY_BYTES", "77")
    monkeypatch.setenv("TARRAFA_NEO4J_URI", "bolt://elsewhere:7687")
    monkeypatch.setenv("TARRAFA_IDENTITY_KEY_FILE", "somewhere")
    settings = load_settings()
    assert settings.api.max_body_bytes == 77
    assert settings.neo4j.uri == "bolt://elsewhere:7687"
    assert settings.identity.key_file == Path("somewhere")
    assert settings.home == Path.home() / ".tarrafa"


def test_the_command_line_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TARRAFA_HOME", str(tmp_path / "environment"))
    monkeypatch.setenv("TARRAFA_STORE", "neo4j")
    assert load_settings().home == tmp_path / "environment"
    settings = load_settings(home=tmp_path / "given", store="kglite")
    assert (settings.home, settings.store) == (tmp_path / "given", "kglite")
