"""The life of rings: versions at steps of the log, ties between rings, verdicts of people.

Versions were cut by batches before and cannot be told apart from steps: the log is read once more to make them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]  # what Alembic reads

revision = "0006"
down_revision = "0005"

Id = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
Serial = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables, and let the next start record everything from the log again."""
    op.drop_table("ring_versions")
    op.create_table(
        "ring_versions",
        sa.Column("ring_id", Id, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("ts", sa.BigInteger, nullable=False),
        sa.Column("learned_at", sa.BigInteger, nullable=False),
        sa.Column("closed", sa.Boolean, nullable=False),
        sa.Column("note", sa.LargeBinary, nullable=False),
        sa.Column("record", sa.LargeBinary, nullable=True),
    )
    op.drop_column("rings", "version")
    op.add_column("rings", sa.Column("standing", Id, nullable=False, server_default=sa.text("'open'")))
    op.create_table(
        "ring_ties",
        sa.Column("source", Id, primary_key=True),
        sa.Column("target", Id, primary_key=True),
        sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("kind", Id, nullable=False),
        sa.Column("ts", sa.BigInteger, nullable=False),
        sa.Column("shared", sa.Integer, nullable=False),
        sa.Column("source_size", sa.Integer, nullable=False),
        sa.Column("target_size", sa.Integer, nullable=False),
    )
    op.create_index("ring_ties_into", "ring_ties", ["target", "position"])
    op.create_table(
        "ring_verdicts",
        sa.Column("seq", Serial, primary_key=True, autoincrement=True),
        sa.Column("event_id", Id, nullable=False),
        sa.Column("ring_id", Id, nullable=False),
        sa.Column("act", Id, nullable=False),
        sa.Column("ts", sa.BigInteger, nullable=False),
        sa.Column("author", Id, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("approver", Id, nullable=False),
        sa.Column("undone_by", Id, nullable=False),
        sa.Column("undone_ts", sa.BigInteger, nullable=True),
        sa.UniqueConstraint("event_id", name="ring_verdicts_once"),
    )
    op.create_index("ring_verdicts_of", "ring_verdicts", ["ring_id", "seq"])
    op.execute("UPDATE progress SET position = 0")
