"""What people govern (documents, list entries), and what alerts are read from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]  # what Alembic reads

revision = "0003"
down_revision = "0002"

Id = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
Serial = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create every table and column of this revision; decisions made before it raise no alerts until a rebuild."""
    op.create_table(
        "list_entries",
        sa.Column("list_name", Id, primary_key=True),
        sa.Column("kind", Id, primary_key=True),
        sa.Column("value", Id, primary_key=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("author", Id, nullable=False),
        sa.Column("added_ts", sa.BigInteger, nullable=False),
        sa.Column("expires_ts", sa.BigInteger, nullable=True),
        sa.Column("event_id", Id, nullable=False),
    )
    op.create_table(
        "documents",
        sa.Column("seq", Serial, primary_key=True, autoincrement=True),
        sa.Column("event_id", Id, nullable=False),
        sa.Column("part", Id, nullable=False),
        sa.Column("ts", sa.BigInteger, nullable=False),
        sa.Column("author", Id, nullable=False),
        sa.Column("approver", Id, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.UniqueConstraint("event_id", name="documents_once"),
    )
    op.create_index("documents_newest", "documents", ["part", "seq"])
    op.add_column("decisions", sa.Column("tenant", Id, nullable=False, server_default=sa.text("''")))
    op.add_column("decisions", sa.Column("day", sa.Integer, nullable=False, server_default="0"))
    op.add_column("decisions", sa.Column("alert_budget", sa.Integer, nullable=False, server_default="0"))
    op.create_index(
        "decisions_alerts",
        "decisions",
        ["tenant", "day", "score", "tx_id", "alert_budget"],
        sqlite_where=sa.text("alert_budget > 0"),
        postgresql_where=sa.text("alert_budget > 0"),
    )
