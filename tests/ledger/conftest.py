"""One suite, two databases: every test that asks for `ledger` runs on SQLite and on Postgres."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ledger import Ledger
from ledger.engine import Database
from ledger.tables import metadata


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.server)])
def ledger_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """URL of a database of this test module."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path_factory.mktemp('ledger') / 'ledger.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture(scope="module")
def opened(ledger_url: str) -> Iterator[Ledger]:
    """The module's ledger, with whatever earlier tests left in it."""
    ledger = Ledger.open(ledger_url)
    yield ledger
    ledger.close()


@pytest.fixture
def ledger(opened: Ledger, ledger_url: str) -> Ledger:
    """The module's ledger, empty."""
    database = Database(ledger_url)
    with database.writing() as connection:
        for table in metadata.sorted_tables:
            connection.execute(table.delete())
    database.close()
    return opened
