"""Bring a database to the tables this program needs: in one transaction, safe when two processes start at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from graph.errors import ConfigurationError

if TYPE_CHECKING:
    from alembic.config import Config

VERSION_TABLE = "ledger_version"
HEAD = "0008"  # newest revision in ledger/migrations/versions; a test keeps the two equal

_SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(connection: Connection, *, address: str) -> None:
    """Run the missing revisions on `connection`, whose open write transaction the caller commits.

    Raises `ConfigurationError` when the database belongs to a newer program or (SQLite) to something else.
    """
    present = set(inspect(connection).get_table_names())
    if VERSION_TABLE not in present:
        if present and connection.dialect.name == "sqlite":
            raise ConfigurationError(
                f"{address} is a database of something else", cure="name another file; this one was not touched"
            )
    else:
        version = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()
        if version == HEAD:
            return
        if version is not None and str(version) > HEAD:
            raise ConfigurationError(
                f"{address} has ledger revision {version}, this program knows {HEAD}",
                cure="use the program that wrote it, or a newer one",
            )
    from alembic import command  # takes a tenth of a start to import, and nearly every start finds its tables

    command.upgrade(configuration(connection), "head")


def configuration(connection: Connection) -> Config:
    """Return Alembic's settings for the revisions inside this package, run on `connection`."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
