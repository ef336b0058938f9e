"""What Alembic runs: the revisions, on the connection and inside the transaction that `ledger.upgrade` holds open."""

from __future__ import annotations

from alembic import context

from ledger.tables import metadata
from ledger.upgrade import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
