"""Job runs that can be watched, cancelled and taken up again; saved queries; schedules."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]  # what Alembic reads

revision = "0008"
down_revision = "0007"

Id = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the columns, create the tables."""
    text, number, flag = sa.text("''"), "0", sa.false()
    for column in (
        sa.Column("caller", Id, nullable=False, server_default=text),
        sa.Column("query", sa.Text, nullable=False, server_default=text),
        sa.Column("row_budget", sa.BigInteger, nullable=False, server_default=number),
        sa.Column("time_budget_ms", sa.BigInteger, nullable=False, server_default=number),
        sa.Column("publish", sa.Boolean, nullable=False, server_default=flag),
        sa.Column("progress", sa.Text, nullable=False, server_default=text),
        sa.Column("cut", sa.Text, nullable=False, server_default=text),
        sa.Column("published", sa.BigInteger, nullable=False, server_default=number),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="1"),
        sa.Column("cancel", sa.Boolean, nullable=False, server_default=flag),
        sa.Column("result", sa.Text, nullable=False, server_default=text),
    ):
        op.add_column("job_runs", column)
    op.create_index("job_runs_by_status", "job_runs", ["status", "run_id"])
    op.create_table(
        "saved_queries",
        sa.Column("name", Id, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("meaning", sa.Text, nullable=False),
        sa.Column("author", Id, nullable=False),
        sa.Column("saved_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "job_schedules",
        sa.Column("name", Id, primary_key=True),
        sa.Column("params", sa.LargeBinary, nullable=False),
        sa.Column("every_ms", sa.BigInteger, nullable=False),
        sa.Column("next_at", sa.BigInteger, nullable=False),
        sa.Column("publish", sa.Boolean, nullable=False),
        sa.Column("author", Id, nullable=False),
    )
