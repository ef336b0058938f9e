"""The stream: unknown fields, letters that were sent again, what waits to be published, corrections by late events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]  # what Alembic reads

revision = "0007"
down_revision = "0006"

Id = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
Serial = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "field_drift",
        sa.Column("topic", Id, primary_key=True),
        sa.Column("field", Id, primary_key=True),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("last_source", Id, nullable=False),
        sa.Column("last_offset", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "redrives",
        sa.Column("letter", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("author", Id, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("changes", sa.Text, nullable=False),
        sa.Column("event_id", Id, nullable=False),
    )
    op.create_table(
        "outbox",
        sa.Column("seq", Serial, primary_key=True, autoincrement=True),
        sa.Column("kind", Id, nullable=False),
        sa.Column("subject", Id, nullable=False),
        sa.Column("message_id", Id, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=True),
        sa.UniqueConstraint("message_id", name="outbox_once"),
    )
    op.create_table(
        "corrections",
        sa.Column("seq", Serial, primary_key=True, autoincrement=True),
        sa.Column("tx_id", Id, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("old_score", sa.Double, nullable=False),
        sa.Column("old_decision", Id, nullable=False),
        sa.Column("new_score", sa.Double, nullable=False),
        sa.Column("new_decision", Id, nullable=False),
        sa.Column("causes", sa.Text, nullable=False),
        sa.UniqueConstraint("tx_id", "position", name="corrections_once"),
    )
