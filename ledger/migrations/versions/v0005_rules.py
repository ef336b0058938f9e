"""The rule book: versions of rules, their history, and what rules on trial would have said."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]  # what Alembic reads

revision = "0005"
down_revision = "0004"

Id = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
Serial = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "rule_versions",
        sa.Column("rule_id", Id, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("state", Id, nullable=False),
        sa.Column("shadow", sa.Boolean, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("author", Id, nullable=False),
        sa.Column("approver", Id, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "rule_history",
        sa.Column("seq", Serial, primary_key=True, autoincrement=True),
        sa.Column("rule_id", Id, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("action", Id, nullable=False),
        sa.Column("person", Id, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("event_id", Id, nullable=True),
        sa.UniqueConstraint("event_id", "rule_id", "version", "action", name="rule_history_once"),
    )
    op.create_index("rule_history_of", "rule_history", ["rule_id", "seq"])
    op.create_table(
        "shadow_hits",
        sa.Column("rule", Id, primary_key=True),
        sa.Column("tx_id", Id, primary_key=True),
        sa.Column("ts", sa.BigInteger, nullable=False),
    )
    op.create_index("shadow_hits_newest", "shadow_hits", ["rule", "ts", "tx_id"])
    op.create_index("shadow_hits_of_tx", "shadow_hits", ["tx_id"])
