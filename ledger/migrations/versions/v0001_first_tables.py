"""The first tables: progress, decisions, rings, labels, set-aside rows, job runs, reports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]  # what Alembic reads

revision = "0001"
down_revision = None

Id = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
Serial = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create every table of this revision."""
    op.create_table(
        "progress", sa.Column("log_id", Id, primary_key=True), sa.Column("position", sa.BigInteger, nullable=False)
    )
    op.create_table(
        "decisions",
        sa.Column("tx_id", Id, primary_key=True),
        sa.Column("ts", sa.BigInteger, nullable=False),
        sa.Column("score", sa.Double, nullable=False),
        sa.Column("decision", Id, nullable=False),
        sa.Column("degraded", sa.Boolean, nullable=False),
        sa.Column("record", sa.LargeBinary, nullable=False),
    )
    op.create_index("decisions_newest", "decisions", ["ts", "tx_id"])
    op.create_index("decisions_newest_of_kind", "decisions", ["decision", "ts", "tx_id"])
    op.create_index("decisions_highest", "decisions", ["score", "tx_id"])
    op.create_table(
        "decision_counts", sa.Column("name", Id, primary_key=True), sa.Column("count", sa.BigInteger, nullable=False)
    )
    op.create_table(
        "rings",
        sa.Column("ring_id", Id, primary_key=True),
        sa.Column("kind", Id, nullable=False),
        sa.Column("score", sa.Double, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("in_cents", sa.BigInteger, nullable=False),
        sa.Column("out_cents", sa.BigInteger, nullable=False),
        sa.Column("retained_cents", sa.BigInteger, nullable=False),
        sa.Column("first_ts", sa.BigInteger, nullable=False),
        sa.Column("last_ts", sa.BigInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("record", sa.LargeBinary, nullable=False),
    )
    op.create_index("rings_highest", "rings", ["score", "ring_id"])
    op.create_index("rings_highest_of_kind", "rings", ["kind", "score", "ring_id"])
    op.create_table(
        "ring_members",
        sa.Column("ring_id", Id, primary_key=True),
        sa.Column("account", Id, primary_key=True),
        sa.Column("role", Id, nullable=False),
        sa.Column("score", sa.Double, nullable=False),
    )
    op.create_index("ring_members_by_account", "ring_members", ["account", "ring_id"])
    op.create_table(
        "ring_versions",
        sa.Column("ring_id", Id, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("record", sa.LargeBinary, nullable=False),
    )
    op.create_table("ring_aliases", sa.Column("gone", Id, primary_key=True), sa.Column("survivor", Id, nullable=True))
    op.create_table(
        "labels",
        sa.Column("event_id", Id, primary_key=True),
        sa.Column("subject", Id, nullable=False),
        sa.Column("subject_id", Id, nullable=False),
        sa.Column("label", sa.Integer, nullable=False),
        sa.Column("ring", Id, nullable=False),
        sa.Column("known_ts", sa.BigInteger, nullable=False),
        sa.Column("given_by", Id, nullable=False),
    )
    op.create_index("labels_by_subject", "labels", ["subject", "subject_id"])
    op.create_table(
        "set_aside",
        sa.Column("seq", Serial, primary_key=True, autoincrement=True),
        sa.Column("source", Id, nullable=False),
        sa.Column("line", sa.BigInteger, nullable=False),
        sa.Column("reason", Id, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("raw", sa.Text, nullable=False),
        sa.Column("raw_length", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("source", "line", "reason", "hash", name="set_aside_once"),
    )
    op.create_index("set_aside_by_reason", "set_aside", ["reason"])
    op.create_table(
        "job_runs",
        sa.Column("run_id", Serial, primary_key=True, autoincrement=True),
        sa.Column("name", Id, nullable=False),
        sa.Column("version", Id, nullable=False),
        sa.Column("params", sa.LargeBinary, nullable=False),
        sa.Column("status", Id, nullable=False),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("finished_at", sa.BigInteger, nullable=True),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("truncated", sa.Boolean, nullable=False),
        sa.Column("findings", sa.LargeBinary, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
    )
    op.create_index("job_runs_by_name", "job_runs", ["name", "run_id"])
    op.create_table(
        "reports",
        sa.Column("report_id", Id, primary_key=True),
        sa.Column("subject_kind", Id, nullable=False),
        sa.Column("subject_id", Id, nullable=False),
        sa.Column("as_of", sa.BigInteger, nullable=False),
        sa.Column("language", Id, nullable=False),
        sa.Column("sha256", Id, nullable=False),
        sa.Column("paths", sa.LargeBinary, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
    )
    op.create_index("reports_newest", "reports", ["made_at", "report_id"])
    op.create_index("reports_by_subject", "reports", ["subject_kind", "subject_id"])
