"""The feature row behind each decision."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]  # what Alembic reads

revision = "0002"
down_revision = "0001"

Id = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "decision_features",
        sa.Column("tx_id", Id, primary_key=True),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
