"""`tarrafa score explain`: what is shown is what was decided, and the log gives it again bit for bit."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import create_engine

from ledger.feature_rows import write_features
from service.bootstrap import open_service
from service.settings import load_settings
from tests.service.command import Tarrafa
from tests.service.conftest import PlayedHome


def highest(home: Path) -> str:
    with open_service(load_settings(home=home), work=False) as service:
        return service.ledger.top_scores(1)[0].tx_id


def test_a_decision_is_explained_and_worked_out_again(tarrafa: Tarrafa, played_home: PlayedHome) -> None:
    tx = highest(played_home.home)
    said = tarrafa("score", "explain", tx, "--check", "--home", played_home.home).well().out
    assert "the same, bit for bit" in said
    assert "out_count_24h" in said
    assert "points" in said


def test_a_feature_that_was_changed_afterwards_is_found_out(tarrafa: Tarrafa, played_home: PlayedHome) -> None:
    tx = highest(played_home.home)
    with open_service(load_settings(home=played_home.home), work=False) as service:
        row = service.ledger.features(tx)
    assert row is not None
    row[0] += 1
    engine = create_engine(f"sqlite:///{played_home.home / 'ledger.sqlite'}")
    with engine.begin() as connection:
        write_features(connection, {tx: row}, replace=True)
    engine.dispose()
    ended = tarrafa("score", "explain", tx, "--check", "--home", played_home.home)
    assert ended.status == 1
    assert "not the same" in ended.err


def test_an_unknown_transaction_is_said(tarrafa: Tarrafa, played_home: PlayedHome) -> None:
    ended = tarrafa("score", "explain", "nobody", "--home", played_home.home)
    assert ended.status == 2
    assert "no transaction nobody was scored here" in ended.err
