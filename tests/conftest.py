"""What any test may ask for: real servers, a browser, and the shared data sets.

Servers are started when first asked for, shared with other runs on the machine, and left running (`make servers-stop`
ends them). A server that cannot be had fails the test where `CI` is true and skips it elsewhere, naming the cure.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import settings
from sqlalchemy import create_engine, text

from deploy.servers import ServerProblem, chromium, kafka, neo4j, place, postgres

REPOSITORY = Path(__file__).resolve().parents[1]

T = TypeVar("T")

# The same examples on every run, and no deadline: a shared machine is slow now and then.
settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")


@pytest.fixture(scope="module")
def neo4j_server() -> Iterator[neo4j.Neo4jServer]:
    """A running Neo4j (`uri`, `user`, `password`), its one database empty, and ours alone for this test module."""
    with ExitStack() as stack:
        server = _had(neo4j.start)
        stack.enter_context(place.held(neo4j.NAME, "database"))
        _empty(server)
        yield server


@pytest.fixture(scope="session")
def kafka_server() -> kafka.KafkaServer:
    """A running broker (`bootstrap`), shared: give every topic and group a name of your own."""
    return _had(kafka.start)


@pytest.fixture(scope="session")
def postgres_server() -> postgres.PostgresServer:
    """A running cluster, shared; `postgres_url` and `fresh_postgres` give databases on it."""
    return _had(postgres.start)


@pytest.fixture(scope="module")
def postgres_url(postgres_server: postgres.PostgresServer) -> Iterator[str]:
    """SQLAlchemy URL of a database that is empty when the test module starts and dropped when it ends."""
    with _database(postgres_server) as url:
        yield url


@pytest.fixture
def fresh_postgres(postgres_server: postgres.PostgresServer) -> Iterator[str]:
    """SQLAlchemy URL of an empty database for one test."""
    with _database(postgres_server) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Headless Chromium as a Playwright `Browser`.

    One per module: Playwright's synchronous interface keeps an event loop on this thread, and `asyncio.run` in another
    module would meet it.
    """
    from playwright.sync_api import sync_playwright

    found = _had(chromium.start)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found.executable, args=list(found.flags))
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """Return `find(name) -> Path` of a shared data set; skips the test where the data is absent."""
    base = Path(os.environ.get("TARRAFA_DATA") or REPOSITORY.parent / "shared" / "data")

    def find(name: str) -> Path:
        path = base / name
        if not path.exists():
            pytest.skip(f"data set {name} is absent: set TARRAFA_DATA to the folder that holds it")
        return path

    return find


def _had(start: Callable[[], T]) -> T:
    """Return what `start` gives; a server that cannot be had fails the test in CI and skips it elsewhere."""
    try:
        return start()
    except ServerProblem as problem:
        if os.environ.get("CI") == "true":
            pytest.fail(str(problem), pytrace=False)
        pytest.skip(str(problem))


def _empty(server: neo4j.Neo4jServer) -> None:
    """Remove every node, constraint and index."""
    from neo4j import GraphDatabase

    with (
        GraphDatabase.driver(server.uri, auth=(server.user, server.password)) as driver,
        driver.session(database="neo4j") as session,
    ):
        session.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS").consume()
        for kind, condition in (("CONSTRAINT", ""), ("INDEX", "WHERE type <> 'LOOKUP'")):
            names = session.run(f"SHOW {kind} YIELD * {condition} RETURN name").value("name")
            for name in names:
                session.run(f"DROP {kind} `{name}` IF EXISTS").consume()


@contextmanager
def _database(server: postgres.PostgresServer) -> Iterator[str]:
    """Create a database, give its URL, drop it with whoever is still connected."""
    name = f"test_{uuid.uuid4().hex}"
    engine = create_engine(server.url(), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        yield server.url(name)
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    finally:
        engine.dispose()
